import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.calc.paths import (
    InvalidPath,
    expected_on_milestones,
    expected_pct,
    observed_pct_per_year,
    observed_pp_per_year,
    required_pct_per_year,
    required_pp_per_year,
    share_elapsed,
)

# Closed forms evaluated in R 4.2.2: baseline, target, time asked, straight, constant rate, and both speeds.
R_PATHS = [
    (2018, 14.7, 2030, 5, 2023, 10.6583333333333, 9.37934722352694, -0.808333333333333, -8.5947678934812),
    (
        2022.75,
        11.9,
        2030,
        5,
        2023.5,
        11.1862068965517,
        10.8790437796703,
        -0.951724137931034,
        -11.2724783829114,
    ),
    (2022, 12.7, 2024.25, 10, 2023.5, 10.9, 10.82932132832, -1.2, -10.0781956201765),
    (2015, 18.8, 2035, 5, 2024, 12.59, 10.3591308549803, -0.69, -6.40759489806547),
]
# Expectations of the tests of WHO's Triple Billion scenarios (billionaiRe 0.8.1), relative 1.5e-8.
WHO_PATHS = [
    ("constant_rate", "ge", 2018, 68, 2025, 99, 2025, 99),
    ("constant_rate", "le", 2018, 68, 2025, 3, 2019, 43.539366367487865),
    ("constant_rate", "le", 2018, 68, 2025, 3, 2021, 17.849599983761735),
    ("constant_rate", "le", 2018, 68, 2025, 3, 2023, 7.31770455479621),
    ("constant_rate", "ge", 2018, 68, 2025, 68 * 1.03, 2025, 70.04),
    ("straight", "ge", 2010, 50, 2030, 70, 2018, 58),
    ("straight", "ge", 2010, 50, 2030, 70, 2025, 65),
    ("straight", "le", 2018, 58, 2030, 30, 2025, 41.66666666666667),
    ("straight", "le", 2018, 68, 2030, 0, 2025, 28.333333333333332),
    ("straight", "le", 2018, 68, 2025, 60 * 0.7, 2025, 42),
    ("straight", "le", 2018, 68, 2025, 60 * 0.7, 2019, 64.28571428571429),
    ("straight", "le", 2018, 68, 2025, 60 * 0.7, 2023, 49.42857142857143),
]
FALL = {"baseline_time": 2018, "baseline_pct": 14.7, "target_time": 2030, "target_pct": 5}
percentages = st.floats(0.5, 100)


@pytest.mark.parametrize("row", R_PATHS)
def test_paths_and_speeds_match_r(row):
    start, base, end, goal, time, straight, rate, points, percent = row
    path = {"baseline_time": start, "baseline_pct": base, "target_time": end, "target_pct": goal}
    whole = {"reading_time": start, "reading_pct": base, "target_time": end, "target_pct": goal}

    assert expected_pct(time=time, **path) == pytest.approx(straight, rel=1e-7)
    assert expected_pct(time=time, shape="constant_rate", **path) == pytest.approx(rate, rel=1e-7)
    assert required_pp_per_year(**whole) == pytest.approx(points, rel=1e-7)
    assert required_pct_per_year(**whole) == pytest.approx(percent, rel=1e-7)


@pytest.mark.parametrize(("shape", "comparator", "start", "base", "end", "goal", "time", "value"), WHO_PATHS)
def test_paths_match_who(shape, comparator, start, base, end, goal, time, value):
    asked = expected_pct(
        time=time,
        baseline_time=start,
        baseline_pct=base,
        target_time=end,
        target_pct=goal,
        shape=shape,
        comparator=comparator,
    )

    assert asked == pytest.approx(value, rel=1.5e-8)


def test_a_path_is_flat_outside_its_two_ends():
    assert expected_pct(time=[2010, 2018, 2030, 2040], **FALL).tolist() == [14.7, 14.7, 5, 5]


@pytest.mark.parametrize(
    ("comparator", "base", "goal"), [("le", 4, 5), ("lt", 4, 5), ("ge", 70, 60), ("le", 5, 5)]
)
def test_a_baseline_that_meets_the_target_is_to_be_maintained(comparator, base, goal):
    asked = expected_pct(
        time=[2010, 2020, 2031],
        baseline_time=2018,
        baseline_pct=base,
        target_time=2030,
        target_pct=goal,
        comparator=comparator,
    )

    assert asked.tolist() == [goal] * 3


@pytest.mark.parametrize(
    "change",
    [
        {"baseline_pct": math.nan},
        {"target_pct": math.nan},
        {"baseline_time": math.nan},
        {"target_time": math.nan},
        {"target_time": 2018, "time": 2017},
        {"shape": "constant_rate", "target_pct": 0},
        {"shape": "constant_rate", "baseline_pct": 0},
        {"time": math.nan},
        {"time": math.nan, "baseline_pct": 1},
    ],
)
def test_a_path_without_what_it_needs_does_not_exist(change):
    assert math.isnan(expected_pct(**({"time": 2023, **FALL} | change)))


def test_from_the_deadline_on_the_target_needs_no_baseline():
    path = FALL | {"baseline_pct": math.nan, "baseline_time": math.nan}

    assert expected_pct(time=2030, **path) == 5
    assert math.isnan(expected_pct(time=2029, **path))


@given(percentages, percentages, st.floats(2000, 2050), st.sampled_from(["straight", "constant_rate"]))
def test_a_path_stays_between_its_ends(base, goal, time, shape):
    asked = expected_pct(
        time=time, baseline_time=2018, baseline_pct=base, target_time=2030, target_pct=goal, shape=shape
    )

    assert min(base, goal) - 1e-9 <= asked <= max(base, goal) + 1e-9


@given(percentages, percentages, st.floats(2018, 2030))
def test_a_constant_rate_never_asks_for_more_than_the_straight_line(base, goal, time):
    path = {"baseline_time": 2018, "baseline_pct": base, "target_time": 2030, "target_pct": goal}

    assert expected_pct(time=time, shape="constant_rate", **path) <= expected_pct(time=time, **path) + 1e-9


def test_words_and_numbers_broadcast():
    asked = expected_pct(time=[[2023], [2030]], shape=["straight", "constant_rate"], **FALL)

    assert asked == pytest.approx(np.array([[10.65833333, 9.37934722], [5, 5]]))


def test_an_unknown_shape_is_refused():
    with pytest.raises(ValueError, match="curved"):
        expected_pct(time=2023, shape="curved", **FALL)


@pytest.mark.parametrize(
    ("time", "value"), [(2019, 12), (2020, 12), (2022.5, 11), (2025, 10), (2026, 9), (2030, 5), (2031, 5)]
)
def test_milestones_are_joined_piece_by_piece(time, value):
    points = [(2020, 12), (2025, 10), (2030, 5)]

    assert expected_on_milestones(time=time, milestones=points) == pytest.approx(value, abs=1e-12)


def test_milestones_may_be_joined_at_a_constant_rate():
    points = [(2020, 16.0), (2022, 4.0), (2024, 1.0)]
    asked = [
        expected_on_milestones(time=time, milestones=points, shape="constant_rate") for time in (2021, 2023)
    ]

    assert asked == pytest.approx([8, 2])


def test_milestones_may_rise_on_the_way_down():
    assert expected_on_milestones(time=2021, milestones=[(2020, 10), (2022, 12), (2030, 5)]) == 11


def test_a_baseline_that_meets_the_target_sets_milestones_aside():
    points = [(2020, 4.0), (2025, 4.5), (2030, 5.0)]

    assert expected_on_milestones(time=2024, milestones=points, comparator="le") == 5
    assert expected_on_milestones(time=2025, milestones=points) == 4.5


@pytest.mark.parametrize(
    "points",
    [
        [],
        [(2020, 12)],
        [(2020, 12), (2020, 10)],
        [(2020, 12), (2030, 5), (2025, 8)],
        [(2020, 12), (math.nan, 8), (2030, 5)],
        [(2020, math.nan), (2030, 5)],
    ],
)
def test_milestones_that_make_no_path_are_refused(points):
    with pytest.raises(InvalidPath):
        expected_on_milestones(time=2024, milestones=points)


def test_speeds_of_the_worked_example():
    seen = {"baseline_time": 2018, "baseline_pct": 14.7, "reading_time": 2023, "reading_pct": 11.6}
    left = {"reading_time": 2023, "reading_pct": 11.6, "target_time": 2030, "target_pct": 5}

    assert observed_pp_per_year(**seen) == pytest.approx(-0.62)
    assert observed_pct_per_year(**seen) == pytest.approx(-4.626, abs=5e-4)
    assert required_pp_per_year(**left) == pytest.approx(-0.942857142857143)
    assert required_pct_per_year(**left) == pytest.approx(-11.328, abs=5e-4)


@pytest.mark.parametrize(("time", "value"), [(2030, 11.6), (2031, 11.6), (2023, 0), (2023, math.nan)])
def test_a_required_rate_ends_with_the_deadline_and_needs_a_rate(time, value):
    left = {"reading_time": time, "reading_pct": value, "target_time": 2030, "target_pct": 5}

    assert math.isnan(required_pct_per_year(**left))
    assert math.isnan(required_pp_per_year(**left)) == (time >= 2030 or math.isnan(value))


def test_share_elapsed_runs_from_0_to_1():
    shares = share_elapsed(time=[2010, 2018, 2024, 2030, 2040], baseline_time=2018, target_time=2030)

    assert shares.tolist() == [0, 0, 0.5, 1, 1]
    assert math.isnan(share_elapsed(time=2017, baseline_time=2018, target_time=2018))
    assert share_elapsed(time=2019, baseline_time=math.nan, target_time=2018) == 1
