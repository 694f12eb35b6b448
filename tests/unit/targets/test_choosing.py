import math
from datetime import date

import pytest

from targets.calc.choosing import (
    baseline_reading,
    crosses_break,
    deadline_time,
    deciding_reading,
    has_passed,
    is_stale,
    next_edition_due,
    reading_for_period,
)

YEARS = [(date(year, 1, 1), date(year, 12, 31)) for year in (2017, 2018, 2019)]


@pytest.mark.parametrize(
    ("deadline", "precision", "year_type", "time"),
    [
        (date(2030, 12, 31), "calendar_year", "calendar", 2030.5),
        (date(2030, 12, 31), "calendar_year", "financial", 2030.75),
        (date(2024, 3, 31), "month", "calendar", 2024.25),
        (date(2024, 3, 31), "financial_year", "financial", 2024.25),
        (date(2025, 6, 30), "quarter", "calendar", 2025.5),
        (date(2024, 3, 31), "day", "financial", 2024.25),
    ],
)
def test_a_deadline_falls_where_its_precision_says(deadline, precision, year_type, time):
    assert deadline_time(deadline=deadline, precision=precision, year_type=year_type) == time


@pytest.mark.parametrize(("precision", "year_type"), [("week", "calendar"), ("day", "academic")])
def test_an_unknown_precision_is_refused(precision, year_type):
    with pytest.raises(ValueError, match="week|academic"):
        deadline_time(deadline=date(2024, 3, 31), precision=precision, year_type=year_type)


def test_the_last_day_still_belongs_to_the_deadline():
    assert not has_passed(date(2024, 3, 31), date(2024, 3, 31))
    assert has_passed(date(2024, 3, 31), date(2024, 4, 1))


@pytest.mark.parametrize(
    ("times", "place"),
    [
        ([], None),
        ([2023.5], None),
        ([2023.74], None),
        ([2023.75], 0),
        ([2024.75], 0),
        ([2023.5, 2024.5, 2025.5], 1),
        ([2024.5, 2024.0], 1),
        ([2024.0, 2024.5], 0),
        ([math.nan, 2024.25], 1),
    ],
)
def test_the_nearest_reading_within_half_a_year_decides(times, place):
    assert deciding_reading(times, 2024.25) == place


@pytest.mark.parametrize(
    ("stated_on", "place"),
    [
        (date(2018, 6, 1), 1),
        (date(2019, 12, 31), 2),
        (date(2022, 7, 1), 2),
        (date(2016, 12, 31), None),
    ],
)
def test_the_baseline_is_the_reading_of_the_time_it_was_stated(stated_on, place):
    assert baseline_reading(YEARS, stated_on) == place


def test_of_overlapping_periods_the_latest_to_start_is_the_baseline():
    periods = [(date(2018, 1, 1), date(2018, 12, 31)), (date(2018, 7, 1), date(2019, 6, 30))]

    assert baseline_reading(periods, date(2018, 8, 1)) == 1
    assert baseline_reading([], date(2018, 8, 1)) is None


@pytest.mark.parametrize(
    ("period_end", "months", "lag", "due"),
    [
        (date(2022, 12, 31), 12, 275, date(2024, 10, 1)),
        (date(2023, 3, 31), 3, 0, date(2023, 6, 30)),
        (date(2023, 2, 28), 12, 0, date(2024, 2, 29)),
        (date(2023, 1, 30), 1, 1, date(2023, 3, 1)),
        (date(2022, 12, 31), 12, None, None),
    ],
)
def test_the_next_edition_is_due_after_its_period_and_the_usual_lag(period_end, months, lag, due):
    assert next_edition_due(period_end, months, lag) == due


def test_a_period_lasts_at_least_a_month():
    with pytest.raises(ValueError, match="one month"):
        next_edition_due(date(2022, 12, 31), 0, 1)


@pytest.mark.parametrize(
    ("due", "on", "stale"),
    [
        (date(2024, 10, 1), date(2024, 11, 30), False),
        (date(2024, 10, 1), date(2024, 12, 1), True),
        (None, date(2054, 1, 1), False),
        (date(2020, 1, 1), date(2023, 1, 31), False),
    ],
)
def test_a_reading_is_stale_when_the_next_one_is_overdue(due, on, stale):
    assert is_stale(period_end=date(2022, 12, 31), next_due=due, on=on) == stale


@pytest.mark.parametrize(
    ("day", "crossed"),
    [
        (date(2019, 7, 2), False),
        (date(2019, 7, 3), True),
        (date(2020, 7, 1), True),
        (date(2020, 7, 2), False),
    ],
)
def test_a_break_lies_after_the_baseline_and_not_after_the_reading(day, crossed):
    assert crosses_break(date(2019, 7, 2), date(2020, 7, 1), [day]) == crossed


@pytest.mark.parametrize(
    ("start", "end", "place"),
    [
        pytest.param(date(2018, 1, 1), date(2018, 12, 31), 1, id="exactly"),
        pytest.param(date(2018, 4, 1), date(2019, 3, 31), 1, id="a-financial-year-by-its-middle"),
        pytest.param(date(2016, 1, 1), date(2016, 12, 31), None, id="too-early"),
        pytest.param(date(2020, 1, 1), date(2020, 12, 31), None, id="too-late"),
    ],
)
def test_a_stand_in_starts_in_the_year_the_target_does(start, end, place):
    assert reading_for_period(YEARS, start, end) == place


def test_of_two_overlapping_periods_the_later_one_is_taken():
    halves = [(date(2018, 1, 1), date(2018, 12, 31)), (date(2018, 6, 1), date(2019, 5, 31))]

    assert reading_for_period(halves, date(2018, 4, 1), date(2019, 3, 31)) == 1
    assert reading_for_period([], date(2018, 1, 1), date(2018, 12, 31)) is None
