"""Numbers as publishers print them: values, confidence limits, counts."""

from collections.abc import Sequence
from math import isfinite

NOISE = 1e-9
VALUE_LENGTH = 40
MOST_DECIMALS = 20

Limits = tuple[float | None, float | None, float | None, float | None]
NO_LIMITS: Limits = (None, None, None, None)
LIMIT_NAMES = ("lower 95% limit", "upper 95% limit", "lower 99.8% limit", "upper 99.8% limit")


def read_number(text: str, what: str) -> float | None:
    """None for an empty text. `1E-05` and `1946158.0` are numbers; `1,000`, `13.9%` and `1_000` are not.

    Raises:
        ValueError: no finite number.
    """
    if not text or text.isspace():
        return None
    try:
        number = float(text)
    except ValueError:
        raise _refuse_number(text, what) from None
    if not isfinite(number) or "_" in text or not text.isascii():
        raise _refuse_number(text, what)
    return number


def _refuse_number(text: str, what: str) -> ValueError:
    text = text.strip()
    advice = "write one such as 13.9, or leave the cell empty if none was published"
    if text.startswith("="):
        advice = "paste the values instead of formulas"
    elif text.endswith("%"):
        advice = "write 13.9 for 13.9%, as plain numbers without the percent format"
    elif "," in text:
        advice = "write it without commas"
    return ValueError(f"The {what} {text[:40]!r} is not a number: {advice}.")


def read_value(text: str) -> float | None:
    """A percentage; None for an empty text.

    Raises:
        ValueError: no number, or outside 0 to 100.
    """
    value = read_number(text, "value")
    if value is None:
        return None
    if not 0 <= value <= 100:
        raise ValueError(f"{text[:40]} is not a percentage from 0 to 100: correct the value.")
    if len(text) > VALUE_LENGTH:
        raise ValueError(
            f"The value has {len(text)} characters, and at most {VALUE_LENGTH} are kept: round it."
        )
    return value


def check_count(count: float, denominator: float | None) -> None:
    """
    Raises:
        ValueError: a count below 0, or above its denominator by more than the error of floating numbers.
    """
    if count < 0:
        raise ValueError(
            f"The count {count:g} is below 0: correct it, or leave it empty if none was published."
        )
    if denominator is not None and count > denominator * (1 + NOISE):
        raise ValueError(
            f"The count {count:.15g} is above the denominator {denominator:.15g}: correct one of them."
        )


def read_limits(value: float | None, value_text: str, texts: Sequence[str]) -> Limits:
    """Lower and upper 95%, lower and upper 99.8% limit from their texts in that order.

    Publishers round a value and its limits apart: a limit that misses what it should enclose by no more than
    half a unit of that number's last printed decimal is set equal to it.

    Raises:
        ValueError: a limit without its partner, its value or the 95% limits, outside 0 to 100, or that does
            not enclose what it should.
    """
    joined = "".join(texts)
    if not joined:
        return NO_LIMITS
    limits = _read_ordered(value, texts) if joined.isascii() and "_" not in joined else None
    return limits or _settle_limits(value, value_text, texts)


def _read_ordered(value: float | None, texts: Sequence[str]) -> Limits | None:
    """The quick way, for limits that are all numbers and stand in order; None for others."""
    lower_text, upper_text, outer_lower_text, outer_upper_text = texts
    try:
        lower, upper = float(lower_text), float(upper_text)
        if value is None or not 0 <= lower <= value <= upper <= 100:
            return None
        if not outer_lower_text and not outer_upper_text:
            return lower, upper, None, None
        outer_lower, outer_upper = float(outer_lower_text), float(outer_upper_text)
    except ValueError:
        return None
    if 0 <= outer_lower <= lower and upper <= outer_upper <= 100:
        return lower, upper, outer_lower, outer_upper
    return None


def _settle_limits(value: float | None, value_text: str, texts: Sequence[str]) -> Limits:
    """The slow way, for limits that are missing, misprinted or do not stand in order."""
    lower, upper, outer_lower, outer_upper = (
        read_number(text, name) for text, name in zip(texts, LIMIT_NAMES, strict=True)
    )
    for name, one, other in (("95%", lower, upper), ("99.8%", outer_lower, outer_upper)):
        if (one is None) != (other is None):
            raise ValueError(f"Only one of the two {name} limits is filled in: fill in both, or neither.")
    if lower is None or upper is None:
        if outer_lower is None:
            return NO_LIMITS
        raise ValueError("The 99.8% limits are filled in, but the 95% limits are not: fill those in too.")
    if value is None:
        raise ValueError("Limits are filled in, but the value is not: fill it in, or leave the limits empty.")
    given = ("value", value, value_text)
    near_lower = _enclose("lower 95% limit", _within_0_to_100(lower), *given, sign=-1)
    near_upper = _enclose("upper 95% limit", _within_0_to_100(upper), *given, sign=1)
    if outer_lower is None or outer_upper is None:
        return near_lower, near_upper, None, None
    far_lower = _enclose(
        "lower 99.8% limit", _within_0_to_100(outer_lower), "lower 95% limit", lower, texts[0], sign=-1
    )
    far_upper = _enclose(
        "upper 99.8% limit", _within_0_to_100(outer_upper), "upper 95% limit", upper, texts[1], sign=1
    )
    return near_lower, near_upper, min(far_lower, near_lower), max(far_upper, near_upper)


def _within_0_to_100(limit: float) -> float:
    if not -NOISE <= limit <= 100 + NOISE:
        raise ValueError(f"The limit {limit:.15g} is not a percentage from 0 to 100: correct it.")
    return min(max(limit, 0.0), 100.0)


def _enclose(name: str, limit: float, inner_name: str, inner: float, inner_text: str, *, sign: int) -> float:
    """The limit, moved out to `inner` where rounding explains that it lies on its wrong side."""
    miss = (inner - limit) * sign
    if miss <= 0:
        return limit
    if miss > half_unit(inner_text) + NOISE:
        side = "above" if sign < 0 else "below"
        raise ValueError(
            f"The {name} {limit:.15g} lies {side} the {inner_name} {inner:.15g}, by more than rounding explains: "
            "correct one of them."
        )
    return inner


def half_unit(text: str) -> float:
    """Half a unit of the last decimal of a printed number: 0.05 for 13.9."""
    mantissa, _, exponent = text.strip().lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return 0.5 * 10.0 ** -min(max(decimals, 0), MOST_DECIMALS)
