from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.calc.sums import Handover, Hindrance, Part, find_union, sum_counts

DAY, BEFORE, AFTER = date(2026, 4, 1), date(2023, 4, 1), date(2027, 4, 1)
BOTH = [Handover("QMJ", "Z9B2Z", DAY, True), Handover("QRV", "Z9B2Z", DAY, True)]


def part(count, denominator):
    return Part(100 * count / denominator, count, denominator)


def test_whole_predecessors_add_up():
    union = find_union("Z9B2Z", DAY, BOTH)

    assert (union.predecessors, union.hindrance, union.named) == (("QMJ", "QRV"), None, ())


@pytest.mark.parametrize(
    ("handovers", "opened", "hindrance", "named"),
    [
        ([], DAY, Hindrance.NO_PREDECESSOR, ()),
        ([*BOTH, Handover("QNQ", "Z9B2Z", DAY, False)], DAY, Hindrance.DIVIDED, ("QNQ",)),
        ([*BOTH, Handover("QRV", "QOP", DAY, False)], DAY, Hindrance.DIVIDED, ("QRV",)),
        (BOTH, BEFORE, Hindrance.OWN_AREA, ("Z9B2Z",)),
        (BOTH, None, Hindrance.OWN_AREA, ("Z9B2Z",)),
        ([*BOTH, Handover("QRV", "QOP", BEFORE, False)], DAY, Hindrance.BOUNDARY_MOVED, ("QRV",)),
        ([*BOTH, Handover("QOP", "QMJ", BEFORE, False)], DAY, Hindrance.BOUNDARY_MOVED, ("QMJ",)),
        ([*BOTH, Handover("Z9B2Z", "QOP", AFTER, False)], DAY, Hindrance.BOUNDARY_MOVED, ("Z9B2Z",)),
        ([*BOTH, Handover("QOP", "Z9B2Z", AFTER, True)], DAY, Hindrance.OWN_AREA, ("Z9B2Z",)),
    ],
)
def test_nothing_adds_up_where_the_area_is_not_that_of_whole_bodies(handovers, opened, hindrance, named):
    union = find_union("Z9B2Z", opened, handovers)

    assert (union.hindrance, union.named) == (hindrance, named)


def test_an_exchange_between_two_predecessors_leaves_their_union_as_it_was():
    assert find_union("Z9B2Z", DAY, [*BOTH, Handover("QMJ", "QRV", BEFORE, False)]).hindrance is None


def test_counts_are_added_not_percentages():
    total = sum_counts([part(10, 100), part(300, 1000)])

    assert total is not None
    assert total.value_pct == pytest.approx(100 * 310 / 1100)
    assert total.value_pct != pytest.approx((10 + 30) / 2)


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [part(10, 100)],
        [part(10, 100), Part(12.0, None, None)],
        [part(10, 100), Part(12.0, 12, None)],
        [part(10, 100), Part(None, 12, 100)],
        [part(10, 100), Part(14.2, 12, 100)],
    ],
)
def test_there_is_no_sum_where_a_part_lacks_its_counts_or_is_not_of_them(parts):
    assert sum_counts(parts) is None


def test_a_percentage_published_to_one_decimal_is_still_that_of_its_counts():
    assert sum_counts([Part(14.2, 175, 1236), part(10, 100)]) is not None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Part(10.0, -1, 100), "below 0"),
        (Part(10.0, 1, 0), "not above 0"),
        (Part(10.0, 101, 100), "101 people counted among 100 asked"),
        (Part(10.0, float("nan"), 100), "finite"),
        (Part(10.0, 1, float("inf")), "finite"),
    ],
)
def test_impossible_counts_are_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        sum_counts([part(1, 2), wrong])


denominators = st.floats(1, 1e7)
shares = st.floats(0, 1)


@given(st.lists(st.tuples(shares, denominators), min_size=2, max_size=6))
def test_a_sum_lies_between_its_parts_and_does_not_depend_on_their_order(rows):
    parts = [part(share * denominator, denominator) for share, denominator in rows]

    total, reverse = sum_counts(parts), sum_counts(parts[::-1])

    assert total is not None
    assert total == reverse
    values = [row.value_pct or 0 for row in parts]
    assert min(values) - 1e-9 <= total.value_pct <= max(values) + 1e-9


@given(shares, denominators, st.integers(2, 5))
def test_equal_parts_have_the_percentage_of_each(share, denominator, times):
    total = sum_counts([part(share * denominator, denominator)] * times)

    assert total is not None
    assert total.value_pct == pytest.approx(100 * share, abs=1e-9)
