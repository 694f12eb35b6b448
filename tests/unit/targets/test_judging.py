import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.calc.intervals import Z95, Z998
from targets.calc.judging import ROWS_AT_ONCE, Cases, Verdicts, judge, judge_one
from targets.calc.types import POSITION_RANK, Basis, Flag, Position, find_direction, is_worse

# 12% in mid-2020 to 5% in mid-2030: 10.6% asked in mid-2022.
PATH = {"baseline_time": 2020.5, "baseline_pct": 12.0, "target_time": 2030.5, "target_pct": 5.0}
EARLY, LATE = 2022.5, 2030.5


def verdict(**given):
    return judge_one(**(PATH | given))


def position(**given):
    return verdict(**given).positions()[0].value


def flag(**given):
    return verdict(**given).flags()[0].value


POSITIONS_WITH_INTERVAL = [
    (EARLY, "le", 4.0, 3.0, 5.0, "achieved_confirmed"),
    (EARLY, "le", 4.8, 4.0, 5.6, "achieved_unconfirmed"),
    (EARLY, "le", 9.0, 8.0, 10.6, "on_track_clear"),
    (EARLY, "le", 10.0, 9.0, 11.0, "on_track"),
    (EARLY, "le", 10.6, 9.6, 11.6, "on_track"),
    (EARLY, "le", 11.0, 10.6, 12.0, "behind_within_error"),
    (EARLY, "le", 12.0, 11.0, 13.0, "off_track"),
    (LATE, "le", 5.0, 4.0, 5.0, "achieved_confirmed"),
    (LATE, "le", 5.0, 4.0, 6.0, "achieved_unconfirmed"),
    (LATE, "le", 5.5, 5.0, 6.0, "missed_within_error"),
    (LATE, "le", 6.0, 5.1, 7.0, "missed"),
    (LATE, "lt", 4.0, 3.0, 5.0, "achieved_unconfirmed"),
    (LATE, "lt", 4.0, 3.0, 4.9, "achieved_confirmed"),
    (LATE, "lt", 5.0, 4.0, 6.0, "missed_within_error"),
    (LATE, "lt", 5.5, 5.0, 6.0, "missed_within_error"),
    (LATE, "le", 10.0, 10.0, 10.0, "missed"),
]


@pytest.mark.parametrize(
    ("time", "comparator", "value", "lower", "upper", "expected"), POSITIONS_WITH_INTERVAL
)
def test_the_first_matching_row_wins(time, comparator, value, lower, upper, expected):
    given = {"reading_time": time, "reading_pct": value, "lower95": lower, "upper95": upper}

    assert position(comparator=comparator, **given) == expected


@pytest.mark.parametrize(
    ("time", "comparator", "value", "expected"),
    [
        (EARLY, "le", 5.0, "achieved_point"),
        (EARLY, "lt", 5.0, "on_track_point"),
        (EARLY, "le", 10.6, "on_track_point"),
        (EARLY, "le", 10.7, "behind_point"),
        (LATE, "le", 5.0, "achieved_point"),
        (LATE, "lt", 5.0, "missed_point"),
        (LATE, "le", 5.1, "missed_point"),
    ],
)
@pytest.mark.parametrize(
    "half", [{}, {"lower95": 1.0}, {"upper95": 90.0}, {"lower998": 1.0, "upper998": 90.0}]
)
def test_without_both_95_limits_only_points_are_compared(time, comparator, value, expected, half):
    found = verdict(comparator=comparator, reading_time=time, reading_pct=value, **half)

    assert found.positions() == [expected]
    assert found.flags() == [Flag.NONE]
    assert math.isnan(found.p_above[0])


@pytest.mark.parametrize(
    "change",
    [
        {"reading_pct": math.nan},
        {"reading_pct": math.inf},
        {"baseline_pct": math.nan},
        {"target_pct": math.nan},
        {"target_time": 2019.0, "decides": False, "reading_time": 2018.0},
        {"shape": "constant_rate", "target_pct": 0.0},
    ],
)
def test_without_a_reading_or_a_path_nothing_can_be_said(change):
    given = {"reading_time": EARLY, "reading_pct": 20.0, "lower95": 18.0, "upper95": 22.0}
    found = verdict(**(given | change))

    assert found.positions() == [Position.CANNOT_ASSESS]
    assert found.flags() == [Flag.NONE]
    assert math.isnan(found.gap_pp[0])
    assert math.isnan(found.p_above[0])


def test_a_deciding_reading_needs_no_baseline_and_is_held_against_the_target():
    early = {"reading_time": 2030.0, "reading_pct": 5.2, "lower95": 4.9, "upper95": 5.5}
    found = verdict(decides=True, baseline_pct=math.nan, baseline_se=1.0, **early)

    assert found.positions() == [Position.MISSED_WITHIN_ERROR]
    assert found.expected_pct[0] == 5
    assert verdict(**early).positions() == [Position.ON_TRACK]


def test_a_later_reading_that_does_not_decide_is_held_against_the_target_without_missing_it():
    late = {"reading_time": 2031.5, "reading_pct": 6.0, "lower95": 5.5, "upper95": 6.5}

    assert position(decides=False, **late) == "off_track"


@pytest.mark.parametrize(
    ("lower", "limits998", "expected"),
    [
        (10.6, {}, "none"),
        (10.7, {}, "amber"),
        (10.7, {"lower998": 10.65, "upper998": 13}, "red"),
        (11.4, {"lower998": 10.6, "upper998": 13}, "amber"),
        (11.4, {}, "red"),
        (11.4, {"lower998": 11.9, "upper998": 13}, "red"),
    ],
)
def test_two_levels_of_flags(lower, limits998, expected):
    given = {"reading_time": EARLY, "reading_pct": 12.0, "lower95": lower, "upper95": 24 - lower}

    assert flag(**given, **limits998) == expected


def test_without_published_limits_red_starts_3_09_standard_errors_above_the_path():
    for error, expected in ((1.4 / Z998 + 1e-6, "amber"), (1.4 / Z998 - 1e-6, "red")):
        limits = {"lower95": 12 - Z95 * error, "upper95": 12 + Z95 * error}

        assert flag(reading_time=EARLY, reading_pct=12.0, **limits) == expected


@pytest.mark.parametrize(
    ("value", "error", "path", "expected"),
    [
        (11.6, 0.6, 11, 0.841344746068543),
        (10.2, 0.8, 11, 0.158655253931457),
        (11.6, 1.5, 11, 0.655421741610324),
    ],
)
def test_p_above_matches_r(value, error, path, expected):
    limits = {"lower95": value - Z95 * error, "upper95": value + Z95 * error}
    found = verdict(reading_time=EARLY, reading_pct=value, expected_override=path, **limits)

    assert found.p_above[0] == pytest.approx(expected, rel=1e-7)
    assert found.standard_error[0] == pytest.approx(error)


@pytest.mark.parametrize(("value", "expected"), [(10.0, 0.0), (10.6, 0.5), (11.0, 1.0)])
def test_p_above_of_a_value_without_error_is_certain(value, expected):
    found = verdict(reading_time=EARLY, reading_pct=value, lower95=value, upper95=value)

    assert found.p_above[0] == expected
    assert found.standard_error[0] == 0


def test_a_measured_baseline_widens_what_is_held_against_the_path():
    given = {"reading_time": EARLY, "reading_pct": 12.0, "lower95": 11.0, "upper95": 13.0}
    found = verdict(baseline_se=0.8, **given)
    total = math.hypot(1 / Z95, 0.8 * 0.8)

    assert (position(**given), found.positions()[0]) == ("off_track", "behind_within_error")
    assert found.p_above[0] == pytest.approx(0.5 * (1 + math.erf(1.4 / total / math.sqrt(2))))
    assert found.standard_error[0] == pytest.approx(1 / Z95)


def test_a_measured_baseline_does_not_widen_what_is_held_against_the_target():
    met = {"reading_time": EARLY, "reading_pct": 4.0, "lower95": 3.0, "upper95": 5.0}
    late = {"reading_time": LATE, "reading_pct": 6.0, "lower95": 5.1, "upper95": 6.9}

    assert position(baseline_se=9.0, **met) == "achieved_confirmed"
    assert position(baseline_se=9.0, **late) == "missed"


INDICATIVE = {
    "achieved_confirmed": "on_track_point",
    "achieved_unconfirmed": "on_track_point",
    "missed": "behind_point",
    "missed_within_error": "behind_within_error",
}


@pytest.mark.parametrize(("time", "comparator", "value", "lower", "upper", "firm"), POSITIONS_WITH_INTERVAL)
def test_an_indicative_reading_is_never_final_or_red(time, comparator, value, lower, upper, firm):
    given = {"reading_time": time, "reading_pct": value, "lower95": lower, "upper95": upper}
    found = verdict(indicative=True, comparator=comparator, **given)

    assert found.positions()[0] == INDICATIVE.get(firm, firm)
    assert found.flags()[0] in ("none", "amber")


@pytest.mark.parametrize(
    ("time", "value", "expected"),
    [(LATE, 4.0, "on_track_point"), (LATE, 6.0, "behind_point"), (EARLY, 11.0, "behind_point")],
)
def test_an_indicative_point_is_a_point(time, value, expected):
    assert position(indicative=True, reading_time=time, reading_pct=value) == expected


def test_limits_that_do_not_enclose_their_value_are_widened():
    above = {"reading_time": EARLY, "reading_pct": 10.0, "lower95": 10.8, "upper95": 12.0}
    below = {"reading_time": EARLY, "reading_pct": 11.0, "lower95": 9.0, "upper95": 10.0}

    assert (position(**above), flag(**above)) == ("on_track", "none")
    assert position(**below) == "behind_within_error"


def test_at_least_is_the_mirror_image():
    rise = {"baseline_pct": 40.0, "target_pct": 60.0, "comparator": "ge", "reading_time": EARLY}
    ahead = verdict(**rise, reading_pct=46.0, lower95=45.0, upper95=47.0)
    behind = verdict(**rise, reading_pct=41.0, lower95=39.0, upper95=42.0, upper998=43.0)

    assert (ahead.positions()[0], ahead.gap_pp[0]) == ("on_track_clear", pytest.approx(2.0))
    assert (behind.positions()[0], behind.flags()[0]) == ("off_track", "red")
    assert behind.gap_pp[0] == pytest.approx(-3.0)
    assert behind.p_above[0] > 0.99


times = st.sampled_from([2020.5, 2022.5, 2026.25, 2030.0, 2030.5, 2031.5])
percentages = st.integers(0, 400).map(lambda quarter: quarter / 4)
spans = st.integers(0, 40).map(lambda quarter: quarter / 4)


@st.composite
def cases(draw):
    """A case with or without its parts, on a coarse grid so that equalities happen."""
    value, below, above = draw(percentages), draw(spans), draw(spans)
    case = {
        "baseline_time": 2020.5,
        "baseline_pct": draw(percentages | st.just(math.nan)),
        "baseline_se": draw(st.sampled_from([math.nan, 0.0, 0.75])),
        "target_time": 2030.5,
        "target_pct": draw(percentages),
        "comparator": draw(st.sampled_from(["le", "lt", "ge"])),
        "shape": draw(st.sampled_from(["straight", "constant_rate"])),
        "reading_time": draw(times),
        "reading_pct": draw(st.just(value) | st.just(math.nan)),
        "lower95": draw(st.just(value - below) | st.just(math.nan)),
        "upper95": draw(st.just(value + above) | st.just(math.nan)),
        "lower998": draw(st.just(value - below * 1.75) | st.just(math.nan)),
        "upper998": draw(st.just(value + above * 1.75) | st.just(math.nan)),
        "indicative": draw(st.booleans()),
        "expected_override": draw(st.sampled_from([math.nan, math.nan, 10.0])),
    }
    if draw(st.booleans()):
        case["decides"] = draw(st.booleans())
    return case


def spell(verdicts: Verdicts, place: int) -> list[float]:
    return [getattr(verdicts, field.name)[place] for field in fields(Verdicts)]


@given(st.lists(cases(), min_size=1, max_size=8))
def test_a_row_of_an_array_is_judged_as_if_alone(rows):
    for row in rows:
        row.setdefault("decides", row["reading_time"] >= row["target_time"] - 1e-9)
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    together = judge(Cases.build(**columns))

    for place, row in enumerate(rows):
        assert spell(together, place) == pytest.approx(spell(judge_one(**row), 0), nan_ok=True, abs=0, rel=0)


@given(cases())
def test_red_implies_amber_and_no_number_is_infinite(case):
    found = judge_one(**case)
    numbers = np.concatenate([found.expected_pct, found.gap_pp, found.p_above, found.standard_error])

    assert not np.isinf(numbers).any()
    assert found.flags()[0] in set(Flag)
    if found.flags()[0] == Flag.RED:
        unpublished = case | {"lower998": -1e9, "upper998": 1e9}
        assert judge_one(**unpublished).flags()[0] == Flag.AMBER


@given(cases())
def test_off_track_and_the_flag_say_the_same(case):
    found = judge_one(**case)

    if found.positions()[0] == Position.OFF_TRACK:
        assert found.flags()[0] != Flag.NONE
    if found.positions()[0] in {Position.ON_TRACK, Position.ON_TRACK_CLEAR, Position.BEHIND_WITHIN_ERROR}:
        assert found.flags()[0] == Flag.NONE


@given(cases(), spans)
def test_a_higher_reading_is_never_a_better_one(case, more):
    sign = -1 if case["comparator"] == "ge" else 1
    moved = ("reading_pct", "lower95", "upper95", "lower998", "upper998")
    higher = case | {name: case[name] + sign * more for name in moved}
    before, after = judge_one(**case), judge_one(**higher)

    assert not is_worse(after.positions()[0], before.positions()[0])
    assert not after.flag[0] < before.flag[0]
    assert not after.p_above[0] < before.p_above[0]


FIRM_POSITIONS = {
    Position.ACHIEVED_CONFIRMED,
    Position.MISSED,
    Position.ON_TRACK_CLEAR,
    Position.OFF_TRACK,
}


@given(cases(), spans, spans)
def test_widening_an_interval_never_makes_a_position_firmer(case, below, above):
    wider = case | {
        "lower95": case["lower95"] - below,
        "lower998": case["lower998"] - below,
        "upper95": case["upper95"] + above,
        "upper998": case["upper998"] + above,
    }
    before, after = judge_one(**case), judge_one(**wider)

    assert after.positions()[0] not in FIRM_POSITIONS or after.positions() == before.positions()


@given(cases())
def test_a_reading_on_its_path_is_on_track(case):
    expected = judge_one(**case).expected_pct[0]
    on_path = case | {
        "reading_pct": expected,
        "decides": False,
        "lower95": expected - 1,
        "upper95": expected + 1,
    }

    if not math.isnan(expected):
        on_path["expected_override"] = expected
        assert POSITION_RANK[judge_one(**on_path).positions()[0]] in (0, 1)


@given(cases())
def test_at_most_and_at_least_mirror_each_other(case):
    def turn(value):
        return 100 - value

    le = case | {"comparator": "le", "shape": "straight"}
    ge = case | {
        "comparator": "ge",
        "shape": "straight",
        "baseline_pct": turn(case["baseline_pct"]),
        "target_pct": turn(case["target_pct"]),
        "reading_pct": turn(case["reading_pct"]),
        "lower95": turn(case["upper95"]),
        "upper95": turn(case["lower95"]),
        "lower998": turn(case["upper998"]),
        "upper998": turn(case["lower998"]),
        "expected_override": turn(case["expected_override"]),
    }
    one, other = judge_one(**le), judge_one(**ge)

    assert (one.positions(), one.flags()) == (other.positions(), other.flags())
    assert one.p_above == pytest.approx(other.p_above, nan_ok=True, abs=1e-9)
    assert one.gap_pp == pytest.approx(-other.gap_pp, nan_ok=True, abs=1e-9)


def test_more_rows_than_one_pass_takes():
    size = ROWS_AT_ONCE + 5
    values = np.linspace(3, 20, size)
    found = judge(
        Cases.build(**PATH, reading_time=EARLY, reading_pct=values, lower95=values - 1, upper95=values + 1)
    )

    assert len(found) == len(found.positions()) == size
    assert found.gap_pp == pytest.approx(values - 10.6)
    assert found.positions()[-1] == Position.OFF_TRACK


def test_no_rows_give_no_verdicts():
    assert judge(Cases.build(**PATH, reading_time=[], reading_pct=[])).positions() == []


def test_the_other_shape_of_the_same_cases():
    straight = Cases.build(**PATH, reading_time=EARLY, reading_pct=10.5)
    rate = straight.with_shape("constant_rate")

    assert judge(straight).positions() == [Position.ON_TRACK_POINT]
    assert judge(rate).positions() == [Position.BEHIND_POINT]


def test_cases_refuse_what_they_do_not_know():
    with pytest.raises(TypeError, match="lower90"):
        Cases.build(**PATH, reading_time=EARLY, reading_pct=10, lower90=9)
    with pytest.raises(ValueError, match="about"):
        Cases.build(**PATH, reading_time=EARLY, reading_pct=10, comparator="about")


def test_ranks_put_every_position_in_a_group_or_aside():
    assert set(POSITION_RANK) == set(Position)
    assert is_worse(Position.ON_TRACK_POINT, Position.BEHIND_WITHIN_ERROR)
    assert not is_worse(Position.BEHIND_POINT, Position.OFF_TRACK)
    assert not is_worse(Position.CANNOT_ASSESS, Position.MISSED)
    assert not is_worse(Position.ON_TRACK, Position.AWAITING_DEADLINE_READING)


@pytest.mark.parametrize(
    ("before", "after", "same_measure", "direction"),
    [
        (Position.ON_TRACK, Position.OFF_TRACK, True, "worse"),
        (Position.OFF_TRACK, Position.ON_TRACK, True, "better"),
        (Position.OFF_TRACK, Position.ON_TRACK, False, ""),
        (Position.BEHIND_POINT, Position.OFF_TRACK, True, ""),
        (Position.CANNOT_ASSESS, Position.ON_TRACK, True, ""),
    ],
)
def test_a_change_of_measure_or_of_words_only_is_neither_better_nor_worse(
    before, after, same_measure, direction
):
    assert find_direction(before, after, same_measure=same_measure) == direction
    assert Basis("firm") is Basis.FIRM


def test_a_met_target_is_not_flagged_though_a_milestone_lies_below_it():
    found = verdict(
        reading_time=2024.0, reading_pct=4.0, lower95=3.8, upper95=4.2, target_pct=5.0, expected_override=2.0
    )

    assert (found.positions()[0], found.flags()[0]) == ("achieved_confirmed", "none")
