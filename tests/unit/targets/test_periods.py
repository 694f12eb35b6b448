from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from targets.calc.periods import FIRST_YEAR, LAST_YEAR, Period, count_months, name_period, parse_period


@pytest.mark.parametrize(
    ("text", "sortable", "first", "last", "months"),
    [
        ("2023", "20230000", "2023-01-01", "2023-12-31", 12),
        ("2022/23", "20220000", "2022-04-01", "2023-03-31", 12),
        ("1999/00", "19990000", "1999-04-01", "2000-03-31", 12),
        ("2021 - 23", "20210000", "2021-01-01", "2023-12-31", 36),
        ("1999 - 01", "19990000", "1999-01-01", "2001-12-31", 36),
        ("2021/22 - 23/24", "20210000", "2021-04-01", "2024-03-31", 36),
        ("2023 Q1", "20230100", "2023-01-01", "2023-03-31", 3),
        ("2023 Q4", "20230400", "2023-10-01", "2023-12-31", 3),
        ("2023/24 Q1", "20230100", "2023-04-01", "2023-06-30", 3),
        ("2023/24 Q4", "20230400", "2024-01-01", "2024-03-31", 3),
        ("2023/24 Q1-Q3", "20230300", "2023-04-01", "2023-12-31", 9),
        ("2023 Q1-Q2", "20230200", "2023-01-01", "2023-06-30", 6),
        ("2022/23 Q2 - 2023/24 Q1", "20220200", "2022-07-01", "2023-06-30", 12),
        ("2022 Q2 - 2023 Q1", "20220200", "2022-04-01", "2023-03-31", 12),
        ("Apr 2009", "20090004", "2009-04-01", "2009-04-30", 1),
        ("Apr 2009", "20090001", "2009-04-01", "2009-04-30", 1),
        ("Feb 2012", "20110011", "2012-02-01", "2012-02-29", 1),
        ("Jan 2009 - Dec 2009", "20090001", "2009-01-01", "2009-12-31", 12),
        ("Jul 2019 - Jun 2020", "20190000", "2019-07-01", "2020-06-30", 12),
        ("Aug 2019 - Jul 2020", "20190000", "2019-08-01", "2020-07-31", 12),
        ("Mar 2019 - Feb 2020", "20190000", "2019-03-01", "2020-02-29", 12),
        ("Year ending June 2022", "", "2021-07-01", "2022-06-30", 12),
        ("Year ending December 2022", "", "2022-01-01", "2022-12-31", 12),
        ("2023-24", "", "2023-04-01", "2024-03-31", 12),
        ("2023-24 Q2", "20230200", "2023-07-01", "2023-09-30", 3),
        ("Sept 2023", "20230009", "2023-09-01", "2023-09-30", 1),
    ],
)
def test_every_form_publishers_write_is_understood(text, sortable, first, last, months):
    period = parse_period(text, sortable=sortable)

    assert (period.start.isoformat(), period.end.isoformat(), period.months) == (first, last, months)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("2021 - 23", "2021 - 23"),
        ("2021-23", "2021 - 23"),
        ("  2021 \u2013\u00a02023 ", "2021 - 2023"),
        ("2021/22\u201423/24", "2021/22 - 23/24"),
        ("2021/22 - 2023/24", "2021/22 - 2023/24"),
        ("2022 / 2023", "2022/2023"),
        ("2023/24Q1", "2023/24 Q1"),
        ("2023/24 Q1 \u2212 Q3", "2023/24 Q1-Q3"),
        ("Jan  2009-Dec 2009", "Jan 2009 - Dec 2009"),
        ("year  ending June 2022", "year ending June 2022"),
    ],
)
def test_spaces_and_kinds_of_dash_do_not_matter(text, label):
    assert parse_period(text).label == label


def test_two_years_that_follow_each_other_are_told_apart_by_spaces_and_range():
    """NHS England writes a financial year 2021-22; Fingertips writes two calendar years 2021 - 22."""
    financial = Period("2021-22", date(2021, 4, 1), date(2022, 3, 31))
    pooled = Period("2021 - 22", date(2021, 1, 1), date(2022, 12, 31))

    assert parse_period("2021-22") == financial
    assert parse_period("2021 - 22") == pooled
    assert parse_period("2021-22", period_range="2y") == pooled
    assert parse_period("2021 - 22", period_range="1y") == financial


def test_one_start_can_belong_to_two_periods_that_the_range_tells_apart():
    one = parse_period("2019", sortable="20190000", period_range="1y")
    three = parse_period("2019 - 21", sortable="20190000", period_range="3y")

    assert (one.months, three.months) == (12, 36)


def test_a_bare_year_is_a_financial_one_where_the_indicator_counts_so():
    assert parse_period("2018", year_type="financial") == parse_period("2018/19")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("2022/24", "follow each other: write 2022/23"),
        ("2022/22", "follow each other"),
        ("2021/22 - 22/24", "in order"),
        ("2021/22 - 21/22", "in order"),
        ("2023 - 23", "ends before"),
        ("2023 - 2021", "ends before"),
        ("2023 - 21", "ten years"),
        ("2000 - 2023", "ten years"),
        ("2023 Q5", "Q5 is no quarter"),
        ("2023 Q0", "Q0 is no quarter"),
        ("2023/24 Q2-Q3", "from the first on"),
        ("2023/24 Q1-Q5", "Q5 is no quarter"),
        ("2022/23 Q2 - 2023 Q1", "mixes"),
        ("2022/23 Q2 - 2021/22 Q1", "does not end after"),
        ("Foo 2022", "'Foo' is no month"),
        ("Junes 2022", "is no month"),
        ("Jun 2022 - May 2021", "does not end after"),
        ("1899", "1899 is not from 1900 to 2100"),
        ("2101", "2101 is not from"),
        ("2100/01", "2101 is not from"),
        ("0000", "is not from"),
        ("2009-04-01", "is no period"),
        ("last year", "is no period"),
        ("\u0662\u0660\u0662\u0663", "is no period"),
    ],
)
def test_what_is_no_period_is_refused_with_the_reason(text, words):
    with pytest.raises(ValueError, match=words):
        parse_period(text)


@pytest.mark.parametrize(
    ("text", "sortable"),
    [
        ("2023", "20220000"),
        ("2023", "20230100"),
        ("2023/24 Q1", "20230200"),
        ("2023/24 Q1-Q3", "20230100"),
        ("Apr 2009", "20090005"),
        ("2023", "2023"),
        ("2023", "x"),
    ],
)
def test_a_sortable_form_that_contradicts_the_text_is_refused(text, sortable):
    with pytest.raises(ValueError, match="contradicts its sortable form"):
        parse_period(text, sortable=sortable)


@pytest.mark.parametrize(("text", "period_range"), [("2023", "3y"), ("2021 - 23", "1y"), ("2023 Q1", "2q")])
def test_a_range_that_contradicts_the_text_is_refused(text, period_range):
    with pytest.raises(ValueError, match=f"does not last {period_range}"):
        parse_period(text, period_range=period_range)


def test_a_range_nobody_knows_is_refused_for_years_only():
    with pytest.raises(ValueError, match="not one such as 1y"):
        parse_period("2023", period_range="annual")
    assert parse_period("2023/24 Q1", period_range="quarterly").months == 3
    assert parse_period("2023/24 Q1", period_range="1y").months == 3


def test_a_sortable_form_that_passed_through_a_spreadsheet_program_is_accepted():
    assert parse_period("2023", sortable="20230000.0") == parse_period("2023")


@given(st.text(max_size=30))
@example("2023 - 2\u00b3")
@example("\u00b2023")
def test_any_text_is_a_period_or_a_plain_refusal(text):
    with suppress(ValueError):
        period = parse_period(text)
        assert FIRST_YEAR <= period.start.year <= period.end.year <= LAST_YEAR
        assert period.months >= 1


@given(st.integers(FIRST_YEAR, LAST_YEAR - 10), st.integers(1, 10), st.booleans())
def test_whole_years_read_back_from_the_label_given_to_their_days(year, years, financial):
    start = date(year, 4 if financial else 1, 1)
    end = date(year + years, start.month, 1) - timedelta(days=1)

    named = name_period(start, end)

    # "1999 - 00" with one year between is written with spaces, so it is not taken for a financial year.
    assert parse_period(named.label, sortable=f"{year}0000", period_range=f"{years}y") == named


@pytest.mark.parametrize(
    ("start", "end", "label"),
    [
        (date(2023, 1, 1), date(2023, 3, 31), "2023-01-01 to 2023-03-31"),
        (date(2023, 7, 1), date(2024, 6, 30), "2023-07-01 to 2024-06-30"),
        (date(2023, 1, 2), date(2024, 1, 1), "2023-01-02 to 2024-01-01"),
        (date(2023, 12, 31), date(2024, 12, 30), "2023-12-31 to 2024-12-30"),
    ],
)
def test_other_spans_are_named_by_their_days(start, end, label):
    assert name_period(start, end).label == label


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2023, 2, 1), date(2023, 1, 1), "before it starts"),
        (date(1850, 1, 1), date(1850, 12, 31), "1850 is not from"),
        (date(2023, 1, 1), date(2023, 1, 7), "shorter than a month"),
    ],
)
def test_days_that_are_no_period_are_refused(start, end, words):
    with pytest.raises(ValueError, match=words):
        name_period(start, end)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.integers(0, 3650))
def test_months_are_within_half_a_month_of_the_days(start, days):
    end = start + timedelta(days=days)

    assert abs(count_months(start, end) - (days + 1) / 30.436875) < 0.62
