"""The interval of a figure: as published, else ours where a sample's size is held (design rule 5.3)."""

from dataclasses import dataclass

from kit.calc.intervals import Z95, standard_error_from_limits, wilson_interval_pct
from targets.models import Collection, Indicator, Observation

ASSUMED_DESIGN_EFFECT = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in percent and who made them: published, ours or none."""

    lower95_pct: float | None = None
    upper95_pct: float | None = None
    lower998_pct: float | None = None
    upper998_pct: float | None = None
    source: str = "none"

    @property
    def is_ours(self) -> bool:
        return self.source == "ours"

    @property
    def error_pp(self) -> float | None:
        """The standard error in points that the 95% limits imply."""
        if self.lower95_pct is None or self.upper95_pct is None:
            return None
        return float(standard_error_from_limits(self.lower95_pct, self.upper95_pct, z=Z95))


def find_limits(reading: Observation, indicator: Indicator) -> Limits:
    """Published limits as published; ours only for a sample with its denominator (design rule 5.3)."""
    if reading.lower95_pct is not None:
        return Limits(
            reading.lower95_pct,
            reading.upper95_pct,
            reading.lower998_pct,
            reading.upper998_pct,
            "published",
        )
    if indicator.collection != Collection.SAMPLE or not reading.denominator or reading.value_pct is None:
        return Limits()
    design_effect = indicator.design_effect or ASSUMED_DESIGN_EFFECT
    (lower95, upper95), (lower998, upper998) = (
        wilson_interval_pct(
            reading.value_pct, reading.denominator, design_effect=design_effect, confidence=confidence
        )
        for confidence in (0.95, 0.998)
    )
    return Limits(float(lower95), float(upper95), float(lower998), float(upper998), "ours")


def describe_design_effect(indicator: Indicator) -> str:
    if indicator.design_effect:
        return f"with the published design effect of {indicator.design_effect:g}"
    return f"with a design effect of {ASSUMED_DESIGN_EFFECT:g} assumed, since none is published"


def describe_interval(limits: Limits, reading: Observation, indicator: Indicator) -> str:
    """Where the 95% interval comes from, with the numbers to do it again where it is ours."""
    if limits.source == "published":
        return "As published"
    if limits.source == "none" or not reading.denominator:
        return "No interval is held"
    design_effect = indicator.design_effect or ASSUMED_DESIGN_EFFECT
    size = (
        f"{reading.denominator:,.1f} people ÷ {design_effect:g} = {reading.denominator / design_effect:,.1f}"
    )
    return f"Ours: Wilson's formula for {size}, {describe_design_effect(indicator)}"
