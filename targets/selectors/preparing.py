"""Chooses, for one target in one area, the reading, the baseline and the path's ends; or says why not."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from typing import TypedDict

from kit.calc.dates import middle_of
from kit.calc.intervals import Z95, standard_error_from_limits, wilson_interval_pct
from targets.calc.choosing import (
    Reason,
    baseline_reading,
    crosses_break,
    deadline_time,
    deciding_reading,
    has_passed,
)
from targets.calc.judging import METHOD_VERSION
from targets.calc.types import Basis
from targets.calc.wording import describe_missing_estimate
from targets.models import Collection, Form, Indicator, MissingEstimate, Observation, TargetVersion
from targets.selectors.evidence import Evidence, Pair, is_estimate

ASSUMED_DESIGN_EFFECT = 2.0
REASON_OF_FORM = {
    Form.WORDS_ONLY: Reason.WORDS_ONLY,
    Form.RELATIVE: Reason.RELATIVE_FORM,
    Form.GAP: Reason.GAP_FORM,
    Form.EVERY_GROUP: Reason.EVERY_GROUP_FORM,
}


class Obstacle(TypedDict):
    """Fields of `Prepared` that say why it cannot be judged."""

    reason: Reason
    reason_detail: str
    obstacle_known_from: date | None


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in percent and who made them: published, ours or none."""

    lower95_pct: float | None = None
    upper95_pct: float | None = None
    lower998_pct: float | None = None
    upper998_pct: float | None = None
    source: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Where a path starts: as stated, or the area's own `figure` with its standard error in points."""

    figure: Observation | None = None
    label: str = ""
    time: float | None = None
    pct: float | None = None
    error_pp: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a verdict is made of. `reason` set: it cannot be judged. Times in decimal years."""

    pair: Pair
    reason: Reason | None = None
    reason_detail: str = ""
    obstacle_known_from: date | None = None
    awaiting: bool = False
    decides: bool = False
    target_time: float | None = None
    reading: Observation | None = None
    reading_time: float | None = None
    limits: Limits = field(default_factory=Limits)
    baseline: Baseline = field(default_factory=Baseline)
    basis: Basis = Basis.INDICATIVE
    basis_reason: str = ""

    @property
    def can_be_judged(self) -> bool:
        return self.reason is None and not self.awaiting

    def digest(self) -> str:
        """The same inputs, breaks and method give the same text."""
        inputs = {
            "method": METHOD_VERSION,
            "version": self.pair.version.pk,
            "area": self.pair.area.pk,
            "reason": [self.reason, self.reason_detail],
            "deadline": [self.target_time, self.awaiting, self.decides],
            "reading": [self.reading and self.reading.pk, self.reading_time, asdict(self.limits)],
            "value": self.reading and self.reading.value_pct,
            "baseline": [
                self.baseline.figure and self.baseline.figure.pk,
                self.baseline.time,
                self.baseline.pct,
                self.baseline.error_pp,
            ],
            "basis": [self.basis, self.basis_reason],
        }
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def prepare(pair: Pair, evidence: Evidence, on: date, *, until: date | None = None) -> Prepared:
    """`until` leaves out readings whose period ends later: the old period judged anew."""
    version = pair.version
    if version.form in REASON_OF_FORM:
        return Prepared(
            pair=pair, reason=REASON_OF_FORM[Form(version.form)], reason_detail=version.cannot_judge
        )
    indicator = version.indicator
    if indicator is None or version.deadline is None:
        return Prepared(pair=pair, reason=Reason.NO_INDICATOR, reason_detail=version.cannot_judge)
    held = evidence.readings.get((indicator.pk, pair.area.pk), [])
    held = [row for row in held if until is None or row.period_end <= until]
    readings = [row for row in held if row.value_pct is not None]
    target_time = deadline_time(
        deadline=version.deadline, precision=version.deadline_precision, year_type=indicator.year_type
    )
    if not readings:
        return _without_reading(pair, evidence, held)
    times = [middle_of(row.period_start, row.period_end) for row in readings]
    latest = len(readings) - 1
    if has_passed(version.deadline, on):
        deciding = deciding_reading(times, target_time)
        if deciding is None:
            past = _describe(pair, readings[latest], times[latest], target_time, awaiting=True)
        else:
            reading, time = readings[deciding], times[deciding]
            decides = not is_estimate(reading)  # an estimate of ours is shown and decides nothing
            past = _describe(pair, reading, time, target_time, decides=decides, awaiting=not decides)
        return _with_baseline(past, readings, evidence)
    prepared = _describe(pair, readings[latest], times[latest], target_time)
    withheld = _withheld_since(pair, readings[latest], held, evidence, until)
    if withheld:
        return replace(prepared, **withheld)
    return _with_baseline(prepared, readings, evidence)


def _without_reading(pair: Pair, evidence: Evidence, held: Sequence[Observation]) -> Prepared:
    if any(row.value_pct is None for row in held):
        return Prepared(pair=pair, reason=Reason.SUPPRESSED)
    gap = evidence.latest_missing.get(pair.area.pk)
    if gap:
        return replace(Prepared(pair=pair), **_because_of(Reason.NO_ESTIMATE, gap))
    return Prepared(pair=pair, reason=Reason.NO_READING)


def _withheld_since(
    pair: Pair,
    latest: Observation,
    held: Sequence[Observation],
    evidence: Evidence,
    until: date | None,
) -> Obstacle | None:
    """Why the newest edition has no figure for this area, where it has one for others."""
    if any(row.value_pct is None and row.period_start > latest.period_start for row in held):
        return _because_of(Reason.SUPPRESSED)
    gap = evidence.latest_missing.get(pair.area.pk)
    if gap and gap.period_start > latest.period_start and (until is None or gap.period_start <= until):
        return _because_of(Reason.NO_ESTIMATE, gap)
    return None


def _describe(
    pair: Pair,
    reading: Observation,
    reading_time: float,
    target_time: float,
    *,
    awaiting: bool = False,
    decides: bool = False,
) -> Prepared:
    assert pair.version.indicator is not None
    limits = find_limits(reading, pair.version.indicator)
    reasons = _indicative_because(pair, reading, limits)
    return Prepared(
        pair=pair,
        awaiting=awaiting,
        decides=decides,
        target_time=target_time,
        reading=reading,
        reading_time=reading_time,
        limits=limits,
        basis=Basis.INDICATIVE if reasons else Basis.FIRM,
        basis_reason="; ".join(reasons),
    )


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


def _indicative_because(pair: Pair, reading: Observation, limits: Limits) -> list[str]:
    reasons = []
    if is_estimate(reading):
        reasons.append("our estimate from council figures")
    elif limits.source == "none":
        reasons.append("published without an interval in the edition held")
    if limits.source == "ours":
        reasons.append(f"the interval is computed by us, {_design_effect_words(pair)}")
    if pair.version.footprint_note:
        reasons.append("the target was stated for another footprint")
    return reasons


def _design_effect_words(pair: Pair) -> str:
    indicator = pair.version.indicator
    if indicator and indicator.design_effect:
        return f"with the published design effect of {indicator.design_effect:g}"
    return f"with a design effect of {ASSUMED_DESIGN_EFFECT:g} assumed, since none is published"


def _with_baseline(prepared: Prepared, readings: Sequence[Observation], evidence: Evidence) -> Prepared:
    baseline = _find_baseline(prepared.pair.version, readings)
    if prepared.decides or prepared.awaiting:
        return replace(prepared, baseline=baseline)
    obstacle = _find_obstacle(prepared, baseline, evidence)
    prepared = replace(prepared, baseline=baseline)
    return replace(prepared, **obstacle) if obstacle else prepared


def _find_baseline(version: TargetVersion, readings: Sequence[Observation]) -> Baseline:
    start, end = version.baseline_period_start, version.baseline_period_end
    if version.baseline_pct is not None and start and end:
        return Baseline(
            label=f"{_period_words(start, end)}, as stated",
            time=middle_of(start, end),
            pct=version.baseline_pct,
        )
    own = _own_baseline(readings, start, end, version.stated_on)
    if own is None:
        return Baseline()
    return Baseline(
        figure=own,
        label=own.period_label,
        time=middle_of(own.period_start, own.period_end),
        pct=own.value_pct,
        error_pp=_standard_error(own),
    )


def _own_baseline(
    readings: Sequence[Observation], start: date | None, end: date | None, stated_on: date
) -> Observation | None:
    """The area's own figure for the period that was named, else for the time of the statement."""
    if start:
        return next((row for row in readings if (row.period_start, row.period_end) == (start, end)), None)
    place = baseline_reading([(row.period_start, row.period_end) for row in readings], stated_on)
    return None if place is None else readings[place]


def _find_obstacle(prepared: Prepared, baseline: Baseline, evidence: Evidence) -> Obstacle | None:
    pair, reading = prepared.pair, prepared.reading
    if baseline.time is None:
        wanted = pair.version.baseline_period_start or date(pair.version.stated_on.year, 1, 1)
        return _because_of(Reason.NO_BASELINE, evidence.missing.get((pair.area.pk, wanted)))
    if reading is None or prepared.reading_time is None:
        return _because_of(Reason.NO_READING)
    if prepared.reading_time <= baseline.time + 1e-9:
        return _because_of(Reason.NO_READING_AFTER_BASELINE)
    days = [
        row.on
        for row in evidence.breaks.get(pair.version.indicator_id or 0, [])
        if row.area_id in (None, pair.area.pk)
    ]
    middle = reading.period_start + (reading.period_end - reading.period_start) / 2
    if crosses_break(_day_of(baseline.time), middle, days):
        return _because_of(Reason.SERIES_BREAK)
    return None


def _day_of(time: float) -> date:
    start = date(int(time), 1, 1)
    return start + timedelta(days=(time - int(time)) * 365.25)


def _standard_error(row: Observation) -> float | None:
    if row.lower95_pct is None or row.upper95_pct is None:
        return None
    return float(standard_error_from_limits(row.lower95_pct, row.upper95_pct, z=Z95))


def _because_of(reason: Reason, gap: MissingEstimate | None = None) -> Obstacle:
    """What stands in the way, in words where a missing estimate does, and the day that was known."""
    if gap is None:
        return {"reason": reason, "reason_detail": "", "obstacle_known_from": None}
    detail = describe_missing_estimate(
        reason=gap.reason,
        councils=gap.councils,
        period=gap.period_label,
        baseline=reason is Reason.NO_BASELINE,
    )
    return {"reason": reason, "reason_detail": detail, "obstacle_known_from": gap.release.known_from}


def _period_words(start: date, end: date) -> str:
    return str(start.year) if (start.month, end.month) == (1, 12) else f"{start.year}/{end.year % 100:02}"
