"""Numbers and days as readers see them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.calc.formats import (
    NOT_PUBLISHED,
    format_day,
    format_interval,
    format_pct,
    format_people,
    format_pp,
    join_words,
    round_half_up,
)


@pytest.mark.parametrize(
    ("value", "words"),
    [(12.4, "12.4%"), (12.45, "12.5%"), (12.44, "12.4%"), (0.0, "0.0%"), (100.0, "100.0%"), (5, "5.0%")],
)
def test_percentage_has_one_decimal(value, words):
    assert format_pct(value) == words


def test_what_is_missing_is_said_in_words():
    assert format_pct(None) == format_interval(None, 1.0, 2.0) == NOT_PUBLISHED
    assert format_pp(None) == format_day(None) == format_people(None) == "not known"


def test_interval_stands_behind_its_value_where_both_limits_are_held():
    assert format_interval(12.4, 11.3, 13.6) == "12.4% (11.3% to 13.6%)"
    assert format_interval(12.4, None, 13.6) == "12.4%"


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (2.06, "2.1 percentage points above"),
        (-0.42, "0.4 percentage points below"),
        (0.04, "less than 0.1 percentage points above"),
        (-0.04, "less than 0.1 percentage points below"),
        (0.0, "exactly on the path"),
        (1e-12, "exactly on the path"),
    ],
)
def test_gap_says_how_far_and_on_which_side(gap, words):
    assert format_pp(gap) == words


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (0.058, "0.06 percentage points above"),
        (-0.004, "less than 0.01 percentage points below"),
        (0.0, "exactly on the path"),
    ],
)
def test_gap_has_as_many_decimals_as_its_figure(gap, words):
    assert format_pp(gap, 2) == words


@pytest.mark.parametrize(
    ("value", "places", "rounded"),
    [(10.45, 1, 10.5), (10.049999999, 1, 10.0), (-0.25, 1, -0.3), (2.675, 2, 2.68), (0.5, 0, 1.0)],
)
def test_halves_round_away_from_zero(value, places, rounded):
    assert round_half_up(value, places) == rounded


@given(st.floats(min_value=0, max_value=100))
def test_rounding_moves_a_percentage_by_half_a_tenth_at_most(value):
    assert abs(round_half_up(value) - value) <= 0.05 + 1e-6


def test_day_is_written_without_a_leading_zero():
    assert format_day(date(2024, 3, 1)) == "1 March 2024"


def test_people_are_rounded_to_hundreds():
    assert format_people(12_345) == "about 12,300 people"


@pytest.mark.parametrize(
    ("words", "joined"),
    [
        ([], ""),
        (["Devon"], "Devon"),
        (["Devon", "Kent"], "Devon and Kent"),
        (["Devon", "Dorset", "Kent"], "Devon, Dorset and Kent"),
    ],
)
def test_words_are_joined_as_in_a_sentence(words, joined):
    assert join_words(words) == joined
