"""Which reading decides, which is the baseline, and what stands in the way of a verdict."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum

from kit.calc.dates import time_at_end_of

DECIDES_WITHIN_YEARS = 0.5
STALE_AFTER_DAYS = 60
EQUAL_YEARS = 1e-9


class Reason(StrEnum):
    """Why a target cannot be judged, or not for this area."""

    NO_BASELINE = "no_baseline"
    NO_READING = "no_reading"
    NO_READING_AFTER_BASELINE = "no_reading_after_baseline"
    SUPPRESSED = "suppressed"
    SERIES_BREAK = "series_break"
    NO_INDICATOR = "no_indicator"
    WORDS_ONLY = "words_only"
    RELATIVE_FORM = "relative_form"
    GAP_FORM = "gap_form"
    EVERY_GROUP_FORM = "every_group_form"
    NO_ESTIMATE = "no_estimate"
    PATH_UNDEFINED = "path_undefined"


def deadline_time(*, deadline: date, precision: str, year_type: str) -> float:
    """Decimal year at which a deadline falls.

    Args:
        deadline: its last day (31 December for a year).
        precision: day, month, quarter, financial_year or calendar_year.
        year_type: calendar or financial, the year of the indicator's editions.

    Returns:
        For a calendar year the middle of the indicator's edition for that year (for financial editions
        the one that starts in it); otherwise the end of the day.

    Raises:
        ValueError: for another precision or kind of year.

    Source: design section 5 rule 4.

    >>> deadline_time(deadline=date(2030, 12, 31), precision="calendar_year", year_type="calendar")
    2030.5
    >>> deadline_time(deadline=date(2024, 3, 31), precision="month", year_type="calendar")
    2024.25
    """
    if precision not in {"day", "month", "quarter", "financial_year", "calendar_year"}:
        raise ValueError(f"A deadline is not exact to a {precision!r}.")
    if year_type not in {"calendar", "financial"}:
        raise ValueError(f"An edition covers a calendar or a financial year, not a {year_type!r} one.")
    if precision == "calendar_year":
        return deadline.year + (0.5 if year_type == "calendar" else 0.75)
    return time_at_end_of(deadline)


def has_passed(deadline: date, on: date) -> bool:
    """Whether a day comes after the deadline's last day."""
    return on > deadline


def deciding_reading(times: Sequence[float], deadline: float) -> int | None:
    """Place of the reading that decides a deadline, or None when no reading is within half a year.

    Args:
        times: middles of the readings' periods, decimal years, in any order; NaN is passed over.
        deadline: decimal year.

    Returns:
        The nearest within six months; of two equally near the earlier.

    Source: design section 5 rule 4.

    >>> deciding_reading([2022.5, 2023.75, 2024.75], 2024.25)
    1
    """
    chosen: int | None = None
    for place, time in enumerate(times):
        if not abs(time - deadline) <= DECIDES_WITHIN_YEARS + EQUAL_YEARS:
            continue
        if chosen is None:
            chosen = place
            continue
        nearer = abs(times[chosen] - deadline) - abs(time - deadline)
        if nearer > EQUAL_YEARS or (abs(nearer) <= EQUAL_YEARS and time < times[chosen]):
            chosen = place
    return chosen


def baseline_reading(periods: Sequence[tuple[date, date]], stated_on: date) -> int | None:
    """Place of the reading that a target started from when it named no baseline.

    Args:
        periods: first and last day of each reading's period, in any order.
        stated_on: the day the target was stated.

    Returns:
        The reading whose period holds that day (the latest to start, if periods overlap), else the last
        one that ended before it, else None.

    Source: design section 5 rule 5.

    >>> years = [(date(2018, 1, 1), date(2018, 12, 31)), (date(2019, 1, 1), date(2019, 12, 31))]
    >>> baseline_reading(years, date(2019, 7, 22)), baseline_reading(years, date(2022, 7, 1))
    (1, 1)
    """
    places = range(len(periods))
    holding = [place for place in places if periods[place][0] <= stated_on <= periods[place][1]]
    if holding:
        return max(holding, key=lambda place: periods[place][0])
    earlier = [place for place in places if periods[place][1] < stated_on]
    return max(earlier, key=lambda place: periods[place][1], default=None)


def reading_for_period(periods: Sequence[tuple[date, date]], start: date, end: date) -> int | None:
    """Place of the reading for a period that another indicator's baseline names.

    Args:
        periods: first and last day of each reading's period, in any order.
        start, end: first and last day of the period wanted.

    Returns:
        The reading for exactly that period, else the one whose period holds its middle (the latest to start,
        if periods overlap), else None: a stand-in starts in no other year than the target does.

    Source: design section 5 rules 2 and 5.

    >>> surveys = [(date(2019, 1, 1), date(2019, 12, 31)), (date(2020, 1, 1), date(2020, 12, 31))]
    >>> reading_for_period(surveys, date(2019, 4, 1), date(2020, 3, 31))
    0
    """
    if (start, end) in periods:
        return list(periods).index((start, end))
    middle = start + (end - start) / 2
    holding = [place for place, (first, last) in enumerate(periods) if first <= middle <= last]
    return max(holding, key=lambda place: periods[place][0], default=None)


def next_edition_due(period_end: date, period_months: int, lag_days: int | None) -> date | None:
    """Day on which the next edition is due: the end of the next period and the usual lag after it.

    Args:
        period_end: last day of the reading's period; a month's last day stays one.
        period_months: length of a period, 1 or more.
        lag_days: days from a period's end to its publication; None where no calendar is known.

    Returns:
        The day, or None without a lag.

    Raises:
        ValueError: for a period of less than a month.

    >>> next_edition_due(date(2022, 12, 31), 12, 275)
    datetime.date(2024, 10, 1)
    """
    if period_months < 1:
        raise ValueError("A period lasts one month or more.")
    if lag_days is None:
        return None
    months = period_end.year * 12 + period_end.month - 1 + period_months
    year, month = months // 12, months % 12 + 1
    at_month_end = period_end.day == monthrange(period_end.year, period_end.month)[1]
    last = monthrange(year, month)[1]
    end = date(year, month, last if at_month_end else min(period_end.day, last))
    return end + timedelta(days=lag_days)


def is_stale(
    *, period_end: date, next_due: date | None, on: date, grace_days: int = STALE_AFTER_DAYS
) -> bool:
    """Whether a newer edition than the reading's is overdue by more than the days of grace.

    Never without a publication calendar (`next_due` None), nor before the reading's own period is over.

    >>> is_stale(period_end=date(2022, 12, 31), next_due=date(2024, 10, 1), on=date(2024, 12, 1))
    True
    """
    if next_due is None:
        return False
    return on > max(next_due, period_end) + timedelta(days=grace_days)


def crosses_break(baseline_day: date, reading_day: date, breaks: Sequence[date]) -> bool:
    """Whether a break lies after the baseline's day and not after the reading's (middles of periods).

    >>> crosses_break(date(2019, 7, 2), date(2020, 7, 1), [date(2020, 1, 1)])
    True
    """
    return any(baseline_day < day <= reading_day for day in breaks)
