import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.calc.estimates import Estimate, Piece, choose_lookup, estimate_board

WHOLE = Piece("A", 300, 1.0, 0.75)
MOST = Piece("B", 90, 0.9, 0.225)
SLIVER = Piece("C", 10, 0.05, 0.025)


def test_councils_are_weighted_by_their_lsoas_and_slivers_left_out():
    estimate = estimate_board([WHOLE, MOST, SLIVER], {"A": 10.0, "B": 14.0, "C": 90.0})

    assert estimate.value_pct == pytest.approx((300 * 10 + 90 * 14) / 390)
    assert (estimate.counted, estimate.left_out) == (("A", "B"), ("C",))
    assert estimate.covered_share == pytest.approx(0.975)
    assert (estimate.reason, estimate.named) == (None, ())


@pytest.mark.parametrize(("share", "reason"), [(0.05, None), (0.0501, "split_council")])
def test_a_smaller_piece_is_left_out_up_to_5_per_cent_of_the_board(share, reason):
    estimate = estimate_board([WHOLE, Piece("D", 20, 0.4, share)], {"A": 10.0})

    assert estimate.reason == reason
    assert (estimate.value_pct is None) == (reason is not None)


@pytest.mark.parametrize(("share", "counted"), [(0.9, ("A", "D")), (0.8999, ("A",))])
def test_a_council_counts_from_90_per_cent_of_its_lsoas(share, counted):
    assert estimate_board([WHOLE, Piece("D", 20, share, 0.05)], {"A": 10.0, "D": 11.0}).counted == counted


@pytest.mark.parametrize(
    ("values", "reason", "named"),
    [
        ({"A": 10.0}, "not_published", ("B",)),
        ({"A": None}, "not_published", ("B",)),
        ({"A": None, "B": 12.0}, "suppressed", ("A",)),
        ({"A": math.nan, "B": 12.0}, "suppressed", ("A",)),
        ({}, "not_published", ("A", "B")),
    ],
)
def test_a_missing_council_is_named(values, reason, named):
    estimate = estimate_board([WHOLE, MOST], values)

    assert (estimate.value_pct, estimate.reason, estimate.named) == (None, reason, named)


def test_a_split_council_is_named_before_a_missing_one():
    estimate = estimate_board([WHOLE, Piece("S", 60, 0.5, 0.15)], {})

    assert (estimate.reason, estimate.named) == ("split_council", ("S",))


def test_the_parts_of_one_council_are_taken_together():
    estimate = estimate_board(
        [WHOLE, Piece("E", 40, 0.4, 0.1), Piece("E", 60, 0.6, 0.15)], {"A": 10.0, "E": 14.0}
    )

    assert estimate.value_pct == pytest.approx(11.0)
    assert estimate.counted == ("A", "E")


def test_a_board_without_councils_has_no_estimate():
    assert estimate_board([], {}).reason == "no_council"


@pytest.mark.parametrize("wrong", [(0, 0.5, 0.5), (5, 1.1, 0.5), (5, 0.5, -0.1)])
def test_a_piece_has_lsoas_and_shares(wrong):
    with pytest.raises(ValueError, match="A"):
        Piece("A", *wrong)


@given(st.lists(st.tuples(st.integers(1, 500), st.floats(0, 100)), min_size=1, max_size=9))
def test_an_estimate_lies_among_its_councils(councils):
    pieces = [Piece(str(place), count, 1.0, 0.1) for place, (count, _) in enumerate(councils)]
    values = {str(place): value for place, (_, value) in enumerate(councils)}

    estimate = estimate_board(pieces, values).value_pct

    assert min(values.values()) - 1e-9 <= estimate <= max(values.values()) + 1e-9


def held(value):
    return Estimate(value_pct=value, reason=None, named=(), counted=(), left_out=(), covered_share=1.0)


Y1, Y2, Y3 = (date(year, 12, 31) for year in (2021, 2022, 2023))


@pytest.mark.parametrize(
    ("candidates", "place"),
    [
        ([{Y1: held(9.0), Y2: held(9.0), Y3: held(None)}, {Y3: held(9.0)}], 1),
        ([{Y3: held(9.0)}, {Y2: held(9.0), Y3: held(9.0)}], 1),
        ([{Y3: held(9.0)}, {Y3: held(8.0)}], 0),
        ([{Y1: held(None)}, {Y1: held(None), Y2: held(None)}], 0),
        ([{Y1: held(9.0)}, {Y1: held(9.0), Y2: held(None)}], 0),
        ([{}, {}], 0),
    ],
)
def test_the_lookup_that_serves_the_latest_period_is_chosen(candidates, place):
    assert choose_lookup(candidates) == place


def test_there_must_be_a_lookup():
    with pytest.raises(ValueError, match="no lookup"):
        choose_lookup([])
