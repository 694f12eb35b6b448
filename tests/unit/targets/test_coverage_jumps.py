"""Jumps in an area's share of England's denominator: where they are, where they are not, how they are said."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from targets.calc.coverage_jumps import Jump, Totals, describe_jump, find_coverage_jumps

PEOPLE = st.floats(min_value=1, max_value=1e7)


def year(number: int) -> tuple[date, date]:
    return date(number, 1, 1), date(number, 12, 31)


YEARS = [year(number) for number in range(2015, 2023)]


def find_years(denominators: list[float | None], totals: Totals) -> list[int]:
    jumps = find_coverage_jumps(YEARS[: len(denominators)], denominators, totals)
    return [jump.after[0].year for jump in jumps]


def make_england(*people: float) -> Totals:
    return Totals(england=dict(zip(YEARS, people, strict=False)))


@pytest.mark.parametrize(
    ("second", "found"),
    [
        pytest.param(110.0, [], id="exactly-10%-more"),
        pytest.param(90.0, [], id="exactly-10%-less"),
        pytest.param(110.1, [2016], id="more-than-10%-more"),
        pytest.param(89.9, [2016], id="more-than-10%-less"),
    ],
)
def test_only_a_change_of_more_than_a_tenth_is_a_jump(second, found):
    assert find_years([100.0, second], make_england(1000, 1000)) == found


@pytest.mark.parametrize("small", [0.05, 0.0033, 0.07, 1 / 3, 0.9])
def test_exactly_a_tenth_is_none_whatever_the_rounding_of_the_shares(small):
    assert find_years([small * 1000, small * 1.1 * 1000], make_england(1000, 1000)) == []


def test_a_share_is_held_against_england_and_not_the_number_of_people():
    assert find_years([100.0, 50.0, 200.0], make_england(1000, 500, 2000)) == []


def test_a_period_without_a_denominator_hides_no_jump():
    assert find_years([100.0, None, 130.0], make_england(1000, 1000, 1000)) == [2017]
    assert find_years([100.0, 0.0, float("nan"), 105.0], make_england(1000, 1000, 1000, 1000)) == []


def test_without_englands_denominator_nothing_is_said():
    assert find_years([100.0, 200.0], Totals()) == []
    assert find_years([100.0, 200.0], Totals(england={YEARS[0]: 1000.0})) == []
    assert find_years([100.0, 200.0], make_england(0, 1000)) == []


def test_the_boards_make_up_england_where_it_has_no_denominator():
    boards = {YEARS[0]: {"N": 100.0, "S": 900.0}, YEARS[1]: {"N": 200.0, "S": 900.0}}

    jumps = find_coverage_jumps(YEARS[:2], [100.0, 200.0], Totals(boards=boards))

    assert [(jump.share_before, jump.of_england) for jump in jumps] == [(0.1, False)]
    assert jumps[0].share_after == pytest.approx(2 / 11)


def test_boards_that_are_not_the_same_in_both_periods_make_no_total():
    boards = {YEARS[0]: {"N": 100.0, "S": 900.0}, YEARS[1]: {"N": 100.0}}

    assert find_years([100.0, 100.0], Totals(boards=boards)) == []


def test_england_goes_before_the_boards():
    boards = {YEARS[0]: {"N": 100.0}, YEARS[1]: {"N": 200.0}}
    totals = Totals(england={YEARS[0]: 1000.0, YEARS[1]: 1000.0}, boards=boards)

    assert find_years([100.0, 200.0], totals) == [2016]


def test_lists_of_two_lengths_are_refused():
    with pytest.raises(ValueError, match="zip"):
        find_coverage_jumps(YEARS[:2], [1.0], Totals())


@given(st.lists(st.tuples(PEOPLE, PEOPLE), min_size=2, max_size=8), st.floats(min_value=0.01, max_value=100))
def test_more_people_everywhere_change_nothing(pairs, factor):
    own, england = zip(*pairs, strict=True)
    shares = [mine / total for mine, total in pairs]
    changes = [abs(after / before - 1) for before, after in pairwise(shares)]
    assume(all(abs(change - 0.1) > 1e-6 for change in changes))

    found = find_years(list(own), make_england(*england))

    assert found == find_years([mine * factor for mine in own], make_england(*england))
    assert found == [2016 + place for place, change in enumerate(changes) if change > 0.1]


@given(st.lists(PEOPLE, min_size=2, max_size=8))
def test_england_itself_never_jumps(people):
    assert find_years(people, make_england(*people)) == []


@given(st.lists(PEOPLE, min_size=2, max_size=8))
def test_jumps_are_in_order_and_between_neighbours(people):
    jumps = find_coverage_jumps(YEARS[: len(people)], people, make_england(*[1e8] * len(people)))

    assert [jump.after for jump in jumps] == sorted(jump.after for jump in jumps)
    assert all(jump.after[0].year == jump.before[0].year + 1 for jump in jumps)


def test_a_jump_reads_as_a_sentence():
    jump = Jump(YEARS[0], YEARS[1], 0.00402, 0.03154, of_england=False)

    words = describe_jump(jump, area="Hampshire", full_count=False, before="2019", after="2020")

    assert words == (
        "Hampshire's share of the people surveyed in all boards together went from 0.4% in 2019 to 3.2% in 2020"
    )


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (0.01657, 0.01837, "from 1.66% in 2018/19 to 1.84% in 2019/20"),
        (0.00010, 0.00012, "from 0.010% in 2018/19 to 0.012% in 2019/20"),
        (0.000001234, 0.000002346, "from 0.000123% in 2018/19 to 0.000235% in 2019/20"),
    ],
)
def test_the_numbers_written_show_the_jump(before, after, words):
    jump = Jump(YEARS[0], YEARS[1], before, after, of_england=True)

    told = describe_jump(jump, area="Rutland", full_count=True, before="2018/19", after="2019/20")

    assert told == f"Rutland's share of the people counted in England went {words}"
