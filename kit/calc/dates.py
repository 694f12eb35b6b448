"""Days as decimal years of twelve equal months, so that a year later is exactly 1 more."""

from calendar import monthrange
from datetime import date


def _time_after_days(day: date, days: int) -> float:
    length = monthrange(day.year, day.month)[1]
    return day.year + (day.month - 1 + days / length) / 12


def time_at_start_of(day: date) -> float:
    """Decimal year at the first moment of a day; every month counts a twelfth of a year.

    >>> time_at_start_of(date(2022, 4, 1))
    2022.25
    """
    return _time_after_days(day, day.day - 1)


def time_at_end_of(day: date) -> float:
    """Decimal year at the last moment of a day; every month counts a twelfth of a year.

    >>> time_at_end_of(date(2024, 3, 31))
    2024.25
    """
    return _time_after_days(day, day.day)


def middle_of(start: date, end: date) -> float:
    """Decimal year half-way through a period, both days included.

    Raises:
        ValueError: if the period ends before it starts.

    >>> middle_of(date(2022, 1, 1), date(2022, 12, 31))
    2022.5
    >>> middle_of(date(2022, 4, 1), date(2023, 3, 31))
    2022.75
    """
    if end < start:
        raise ValueError(f"A period cannot end on {end}, before it starts on {start}.")
    return (time_at_start_of(start) + time_at_end_of(end)) / 2
