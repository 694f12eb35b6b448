"""Deadlines, what a target needs now, and what would make it one that can be judged: in words."""

from datetime import date
from math import isnan

from kit.calc.formats import format_day, format_pct, round_half_up
from targets.calc.choosing import Reason
from targets.calc.paths import EQUAL_PP, observed_pp_per_year, required_pct_per_year, required_pp_per_year
from targets.calc.types import Comparator

NEEDED: dict[Reason, str] = {
    Reason.NO_BASELINE: "A published figure for the year the target starts from would make it one to judge.",
    Reason.NO_READING: "A published figure for this area would make it one to judge.",
    Reason.NO_READING_AFTER_BASELINE: "The next published figure will be judged.",
    Reason.SUPPRESSED: "The next figure that the publisher does not withhold will be judged.",
    Reason.SERIES_BREAK: "It needs a baseline from after the change.",
    Reason.NO_INDICATOR: "It needs published figures for the body on exactly what the target measures.",
    Reason.WORDS_ONLY: "It needs a figure, a measure and a date from the body that stated it.",
    Reason.RELATIVE_FORM: "It needs the baseline as a published figure and a rule for targets of this form.",
    Reason.GAP_FORM: "It needs the size of the gap to reach, and figures for both groups.",
    Reason.EVERY_GROUP_FORM: "It needs published figures for each group it names.",
    Reason.NO_ESTIMATE: "A figure published for the board itself, or figures for all its councils, would do.",
    Reason.PATH_UNDEFINED: "It needs a baseline and a deadline that a path can join.",
}


def describe_deadline(deadline: date | None, precision: str) -> str:
    """A deadline as exactly as it was stated.

    >>> describe_deadline(date(2030, 12, 31), "calendar_year"), describe_deadline(date(2024, 3, 31), "month")
    ('2030', 'March 2024')
    >>> describe_deadline(date(2024, 3, 31), "financial_year"), describe_deadline(None, "")
    ('2023/24', 'no date stated')
    """
    if deadline is None:
        return "no date stated"
    return {
        "calendar_year": f"{deadline.year}",
        "financial_year": f"{deadline.year - 1}/{deadline.year % 100:02}",
        "quarter": f"the quarter to {format_day(deadline)}",
        "month": f"{deadline:%B %Y}",
    }.get(precision, format_day(deadline))


def describe_no_edition(on: date, first: date, *, demonstration: bool = False) -> str:
    """Why nothing can be judged on a day before the first edition held.

    >>> describe_no_edition(date(2023, 6, 1), date(2023, 9, 5), demonstration=True)
    'The tracker holds no edition of figures known by 1 June 2023. The first edition held was known from 5 September 2023.'
    """
    start = f"The tracker holds no edition of figures known by {format_day(on)}."
    held = f"he first edition held was known from {format_day(first)}."
    return f"{start} T{held}" if demonstration else f"{start} Earlier figures were published; t{held}"


def describe_pace(
    *,
    comparator: str,
    target_pct: float,
    target_time: float,
    reading_pct: float,
    reading_time: float,
    baseline_pct: float | None,
    baseline_time: float | None,
    baseline_label: str = "",
    is_stated: bool = False,
) -> str:
    """What the target needs from its latest reading on, beside what has been managed since the baseline.

    Args:
        target_pct, reading_pct, baseline_pct: percent 0-100.
        target_time, reading_time, baseline_time: decimal years.
        is_stated: the baseline is a value that the target names, not a figure held.

    Returns:
        One sentence or two; empty from the deadline on.

    >>> describe_pace(comparator="le", target_pct=5, target_time=2030.5, reading_pct=11.6,
    ...               reading_time=2023.5, baseline_pct=14.7, baseline_time=2018.5, baseline_label="2018")
    'It needs a fall of 0.9 points a year from here (11.3% a year). Since 2018 it has fallen by 0.6 points a year.'
    """
    if reading_time >= target_time:
        return ""
    higher = comparator == Comparator.GE
    ahead = reading_pct - target_pct if higher else target_pct - reading_pct
    if ahead > EQUAL_PP or (abs(ahead) <= EQUAL_PP and comparator != Comparator.LT):
        needs = "The latest figure already meets the target: holding it there is enough."
    else:
        needs = _describe_need(target_pct, target_time, reading_pct, reading_time, higher=higher)
    if baseline_pct is None or baseline_time is None:
        return needs
    pace = float(
        observed_pp_per_year(
            baseline_time=baseline_time,
            baseline_pct=baseline_pct,
            reading_time=reading_time,
            reading_pct=reading_pct,
        )
    )
    start = _describe_start(baseline_pct, baseline_label, is_stated=is_stated)
    return needs if isnan(pace) else f"{needs} {start} {_describe_change(pace)}"


def _describe_need(
    target_pct: float, target_time: float, reading_pct: float, reading_time: float, *, higher: bool
) -> str:
    ends = {
        "reading_time": reading_time,
        "reading_pct": reading_pct,
        "target_time": target_time,
        "target_pct": target_pct,
    }
    points = abs(float(required_pp_per_year(**ends)))
    rate = abs(float(required_pct_per_year(**ends)))
    share = "" if isnan(rate) else f" ({round_half_up(rate):.1f}% a year)"
    return f"It needs a {'rise' if higher else 'fall'} of {_points(points)} a year from here{share}."


def _describe_start(baseline_pct: float, since: str, *, is_stated: bool) -> str:
    """A stated value may come from an edition since revised, so the change is not the area's own since then."""
    if is_stated:
        return f"From the {format_pct(baseline_pct)} stated{f' for {since}' if since else ''} it has"
    return f"Since {since} it has" if since else "So far it has"


def _describe_change(pace: float) -> str:
    if abs(pace) < 0.05:
        return "hardly changed."
    return f"{'risen' if pace > 0 else 'fallen'} by {_points(abs(pace))} a year."


def _points(size: float) -> str:
    return f"{round_half_up(size):.1f} points"
