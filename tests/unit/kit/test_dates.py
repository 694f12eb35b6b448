from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.calc.dates import middle_of, time_at_end_of, time_at_start_of

days = st.dates(date(1990, 1, 1), date(2089, 12, 31))


def test_the_end_of_march_is_a_quarter_of_the_year():
    assert time_at_end_of(date(2024, 3, 31)) == 2024.25
    assert time_at_start_of(date(2024, 4, 1)) == 2024.25


def test_a_calendar_year_runs_from_one_number_to_the_next():
    assert (time_at_start_of(date(2022, 1, 1)), time_at_end_of(date(2022, 12, 31))) == (2022.0, 2023.0)


@pytest.mark.parametrize(
    ("start", "end", "middle"),
    [
        (date(2022, 1, 1), date(2022, 12, 31), 2022.5),
        (date(2022, 4, 1), date(2023, 3, 31), 2022.75),
        (date(2024, 1, 1), date(2024, 12, 31), 2024.5),
        (date(2024, 2, 1), date(2024, 2, 29), 2024.125),
    ],
)
def test_the_middle_of_a_period_needs_no_calendar(start, end, middle):
    assert middle_of(start, end) == middle


def test_a_period_cannot_end_before_it_starts():
    with pytest.raises(ValueError, match="before it starts"):
        middle_of(date(2022, 2, 1), date(2022, 1, 31))


@given(days.filter(lambda day: day.month != 2))
def test_a_year_later_is_exactly_one_more(day):
    later = day.replace(year=day.year + 1)

    assert time_at_end_of(later) - time_at_end_of(day) == pytest.approx(1, abs=1e-12)
    assert time_at_start_of(later) - time_at_start_of(day) == pytest.approx(1, abs=1e-12)


@given(days, days)
def test_time_keeps_the_order_of_days(one, other):
    assert (time_at_end_of(one) < time_at_end_of(other)) == (one < other)
    assert time_at_start_of(one) < time_at_end_of(one)
