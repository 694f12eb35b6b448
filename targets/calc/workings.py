"""A verdict recomputed step by step, with its numbers put in, so that a reader can do it again by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot, isfinite, nan

from scipy.special import ndtr

from kit.calc.intervals import Z95, Z998
from targets.calc.paths import EQUAL_PP, expected_pct, share_elapsed
from targets.calc.types import Comparator, Flag, Position, Shape

PLACES = 4

RULES: dict[Position, str] = {
    Position.ON_TRACK_CLEAR: "The {far} limit, too, is {better} the path.",
    Position.ON_TRACK: "The figure is {better} the path; its {far} limit is not.",
    Position.BEHIND_WITHIN_ERROR: "The figure is {worse} the path, but its {near} limit is {better} it.",
    Position.OFF_TRACK: "Even the {near} limit is {worse} the path.",
    Position.ON_TRACK_POINT: "Only the figure can be compared, and it is {better} the path.",
    Position.BEHIND_POINT: "Only the figure can be compared, and it is {worse} the path.",
    Position.ACHIEVED_CONFIRMED: "The figure and its {far} limit meet the target.",
    Position.ACHIEVED_UNCONFIRMED: "The figure meets the target; its {far} limit does not.",
    Position.ACHIEVED_POINT: "The figure meets the target; no interval is held.",
    Position.MISSED: "The deadline is decided, and even the {near} limit is {worse} the target.",
    Position.MISSED_WITHIN_ERROR: "The deadline is decided; the figure does not meet the target, but its {near} limit may.",
    Position.MISSED_POINT: "The deadline is decided, and the figure does not meet the target; no interval is held.",
}
FLAGS: dict[Flag, str] = {
    Flag.NONE: "No flag: the 95% interval reaches the path or its better side, or no interval is held.",
    Flag.AMBER: "Amber: the 95% interval lies wholly on the wrong side of the path. If the truth were on the path, "
    "sampling alone would put a figure this far beyond it less than 1 time in 40.",
    Flag.RED: "Red: the 99.8% interval lies wholly on the wrong side of the path. If the truth were on the path, "
    "sampling alone would put a figure this far beyond it less than 1 time in 1,000.",
}
NEVER_FINAL = " An indicative figure never makes a target met, missed or red."


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What a verdict was made of. Percent 0-100, times in decimal years, `baseline_se` in points."""

    position: str
    flag: str
    comparator: str
    shape: str
    target_pct: float
    target_time: float
    reading_pct: float
    reading_time: float
    baseline_pct: float | None = None
    baseline_time: float | None = None
    baseline_se: float | None = None
    lower95_pct: float | None = None
    upper95_pct: float | None = None
    lower998_pct: float | None = None
    upper998_pct: float | None = None
    interval_words: str = ""
    expected_pct: float | None = None
    decides: bool = False
    indicative: bool = False
    has_milestones: bool = False

    @property
    def has_interval(self) -> bool:
        return self.lower95_pct is not None and self.upper95_pct is not None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the working: what, the sum with its numbers, what comes out."""

    what: str
    working: str
    result: str


def list_steps(numbers: Numbers) -> list[Step]:
    """The working of a verdict, from the path to the flag.

    >>> steps = list_steps(Numbers(
    ...     position="behind_point", flag="none", comparator="le", shape="straight", target_pct=5,
    ...     target_time=2030.5, reading_pct=10.4, reading_time=2024.5, baseline_pct=13.9,
    ...     baseline_time=2019.5, expected_pct=9.854545))
    >>> steps[0].working, steps[0].result
    ('(2024.5 − 2019.5) ÷ (2030.5 − 2019.5)', '0.4545')
    >>> steps[1].result
    '9.8545%'
    """
    return [*_path_steps(numbers), *_gap_steps(numbers), *_interval_steps(numbers), *_verdict_steps(numbers)]


def _path_steps(given: Numbers) -> Iterator[Step]:
    if given.decides:
        yield Step(
            "What is needed",
            "The figure decides the deadline, so the target itself counts",
            _pct(given.target_pct),
        )
        return
    if given.baseline_pct is None or given.baseline_time is None:
        return
    t, t0, end = _n(given.reading_time), _n(given.baseline_time), _n(given.target_time)
    share = _share(given)
    yield Step("Share of the way that has passed", f"({t} − {t0}) ÷ ({end} − {t0})", _n(share))
    if given.has_milestones:
        yield Step("Its path", "The stated steps, joined one by one", _pct(given.expected_pct))
        return
    base, goal, f = _n(given.baseline_pct), _n(given.target_pct), _n(share)
    sums = {
        Shape.STRAIGHT: f"{base} + ({goal} − {base}) × {f}",
        Shape.CONSTANT_RATE: f"{base} × ({goal} ÷ {base})^{f}",
    }
    for shape in (Shape(given.shape), *(other for other in Shape if other != given.shape)):
        name = "Equal steps" if shape is Shape.STRAIGHT else "Equal percentage a year"
        role = "its path" if shape == given.shape else "the other shape"
        value = _expect(given, shape)
        working = sums[shape]
        if abs(value - given.target_pct) <= EQUAL_PP:
            working = "The baseline already meets the target, so the target itself counts"
        yield Step(f"{name} ({role})", working, _pct(value) if isfinite(value) else "not defined")


def _gap_steps(given: Numbers) -> Iterator[Step]:
    if given.expected_pct is None:
        return
    gap = given.reading_pct - given.expected_pct
    yield Step("Gap", f"{_n(given.reading_pct)} − {_n(given.expected_pct)}", _gap_words(gap))


def _interval_steps(given: Numbers) -> Iterator[Step]:
    if given.lower95_pct is None or given.upper95_pct is None:
        yield Step("95% interval", given.interval_words or "No interval is held", "none")
        return
    low, high, y = given.lower95_pct, given.upper95_pct, given.reading_pct
    yield Step("95% interval", given.interval_words, f"{_pct(low)} to {_pct(high)}")
    error = (high - low) / (2 * Z95)
    yield Step("Standard error", f"({_n(high)} − {_n(low)}) ÷ (2 × {Z95:.6f})", f"{_n(error)} points")
    extra = _baseline_part(given)
    total = hypot(error, extra)
    if extra:
        f, se = _n(_share(given)), _n(given.baseline_se)
        yield Step("Part of the baseline's error", f"(1 − {f}) × {se}", f"{_n(extra)} points")
        yield Step("Both errors together", f"√({_n(error)}² + {_n(extra)}²)", f"{_n(total)} points")
        widened = _n(Z95 * extra)
        yield Step(
            "Limits held against the path",
            f"{_n(y)} − √(({_n(y)} − {_n(low)})² + {widened}²) and {_n(y)} + √(({_n(high)} − {_n(y)})² + {widened}²)",
            f"{_pct(y - hypot(y - low, Z95 * extra))} to {_pct(y + hypot(high - y, Z95 * extra))}",
        )
    if given.expected_pct is not None and total > 0:
        yield _chance_step(given, total)
    yield _outer_limit_step(given, error, extra)


def _chance_step(given: Numbers, total: float) -> Step:
    assert given.expected_pct is not None
    ends = (given.reading_pct, given.expected_pct)
    if given.comparator == Comparator.GE:
        ends = ends[::-1]
    chance = float(ndtr((ends[0] - ends[1]) / total))
    return Step(
        f"Chance that the truth is {_sides(given)['worse']} the path",
        f"Normal distribution function of ({_n(ends[0])} − {_n(ends[1])}) ÷ {_n(total)}",
        f"{_chance_words(chance)} (the limits decide)",
    )


def _outer_limit_step(given: Numbers, error: float, extra: float) -> Step:
    """The 99.8% limit that faces the path: published or ours where held, else from the standard error."""
    higher = given.comparator == Comparator.GE
    held = given.upper998_pct if higher else given.lower998_pct
    near = given.upper95_pct if higher else given.lower95_pct
    y, sign = given.reading_pct, "+" if higher else "−"
    working = given.interval_words if held is not None else f"{_n(y)} {sign} {Z998:.6f} × {_n(error)}"
    reach = Z998 * error if held is None else abs(y - held)
    reach = max(reach, abs(y - near)) if near is not None else reach
    if extra:
        working += ", widened by the baseline's error in the same way"
    reach = hypot(reach, Z998 * extra)
    name = "Upper" if higher else "Lower"
    return Step(f"{name} 99.8% limit", working, _pct(y + reach if higher else y - reach))


def _verdict_steps(given: Numbers) -> Iterator[Step]:
    position = Position(given.position)
    if position not in RULES:
        return
    rule = RULES[position].format(**_sides(given))
    if given.indicative and not given.has_interval:
        rule += NEVER_FINAL
    yield Step("Position", rule, "")
    yield Step("Flag", FLAGS[Flag(given.flag)], "")


def _sides(given: Numbers) -> dict[str, str]:
    if given.comparator == Comparator.GE:
        return {"better": "at or above", "worse": "below", "near": "upper", "far": "lower"}
    return {"better": "at or below", "worse": "above", "near": "lower", "far": "upper"}


def _share(given: Numbers) -> float:
    if given.baseline_time is None:
        return nan
    times = {"time": given.reading_time, "target_time": given.target_time}
    return float(share_elapsed(baseline_time=given.baseline_time, **times))


def _baseline_part(given: Numbers) -> float:
    if not given.baseline_se or given.decides:
        return 0.0
    return (1 - _share(given)) * given.baseline_se


def _expect(given: Numbers, shape: Shape) -> float:
    if given.baseline_time is None or given.baseline_pct is None:
        return nan
    return float(
        expected_pct(
            time=given.reading_time,
            baseline_time=given.baseline_time,
            baseline_pct=given.baseline_pct,
            target_time=given.target_time,
            target_pct=given.target_pct,
            shape=shape,
            comparator=given.comparator,
        )
    )


def _gap_words(gap: float) -> str:
    """
    >>> _gap_words(0.54546), _gap_words(-0.1), _gap_words(0.0)
    ('0.5455 points above', '0.1 points below', 'exactly on the path')
    """
    if abs(gap) <= EQUAL_PP:
        return "exactly on the path"
    return f"{_n(abs(gap))} points {'above' if gap > 0 else 'below'}"


def _chance_words(chance: float) -> str:
    """
    >>> _chance_words(0.841344), _chance_words(0.99999), _chance_words(0.00001)
    ('0.8413', 'more than 0.9999', 'less than 0.0001')
    """
    if chance > 0.9999:
        return "more than 0.9999"
    return "less than 0.0001" if chance < 0.0001 else _n(chance)


def _n(value: float | None) -> str:
    """Up to four decimals.

    >>> _n(9.85454), _n(5.0), _n(-0.12345)
    ('9.8545', '5', '−0.1235')
    """
    if value is None or not isfinite(value):
        return "not defined"
    text = f"{abs(value):.{PLACES}f}".rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 and text != "0" else text


def _pct(value: float | None) -> str:
    return f"{_n(value)}%"
