from dataclasses import replace
from datetime import date

import pytest

from targets.calc.causes import Inputs, cause_of_change

BEFORE = Inputs(
    version_id=1,
    method_version=1,
    reading_period_end=date(2022, 12, 31),
    reading_pct=12.0,
    lower95_pct=11.0,
    upper95_pct=13.0,
    baseline_period_end=date(2019, 12, 31),
    baseline_pct=14.0,
)


def test_the_first_verdict_has_no_other_cause():
    assert cause_of_change(None, BEFORE) == "first_verdict"


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"version_id": 2}, "target_changed"),
        ({"method_version": 2}, "method_changed"),
        ({"reading_period_end": date(2023, 12, 31)}, "new_reading"),
        ({"reading_pct": 12.1}, "restated_figures"),
        ({"upper95_pct": None}, "restated_figures"),
        ({"lower998_pct": 10.0}, "restated_figures"),
        ({"baseline_pct": 14.2}, "restated_figures"),
        ({"baseline_period_end": date(2018, 12, 31)}, "restated_figures"),
        ({"decided": True}, "deadline_passed"),
        ({"awaiting": True}, "deadline_passed"),
        ({"reading_period_end": date(2021, 12, 31)}, "correction"),
        ({"reading_period_end": None, "reading_pct": None}, "correction"),
        ({}, "correction"),
        ({"version_id": 2, "method_version": 2}, "target_changed"),
        ({"method_version": 2, "reading_period_end": date(2023, 12, 31)}, "method_changed"),
        ({"reading_period_end": date(2023, 12, 31), "baseline_pct": 14.2, "decided": True}, "new_reading"),
        ({"reading_pct": 12.1, "decided": True}, "restated_figures"),
        ({"reading_pct": 12.1, "is_estimate": True}, "estimate_remade"),
        ({"reading_pct": 12.1, "is_estimate": True, "awaiting": True}, "deadline_passed"),
        ({"reading_pct": 12.1, "is_estimate": True, "edition_id": 2}, "correction"),
        ({"reading_period_end": date(2023, 12, 31), "newest_period_end": date(2022, 12, 31)}, "new_reading"),
    ],
)
def test_the_first_cause_that_applies_is_named(change, cause):
    assert cause_of_change(BEFORE, replace(BEFORE, **change)) == cause


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="the-same-figure-from-elsewhere"),
        pytest.param({"reading_pct": 12.1}, id="another-figure"),
        pytest.param({"baseline_pct": 14.2}, id="another-baseline"),
        pytest.param({"reading_period_end": date(2021, 12, 31)}, id="an-older-period"),
        pytest.param({"reading_period_end": date(2023, 12, 31)}, id="a-newer-period"),
        pytest.param({"reading_period_end": None, "reading_pct": None}, id="no-figure"),
        pytest.param({"reading_pct": 12.1, "is_estimate": True}, id="our-estimate"),
    ],
)
def test_what_follows_a_withdrawn_edition_is_a_correction(change):
    before = replace(BEFORE, withdrawn=True)

    assert cause_of_change(before, replace(BEFORE, **change)) == "correction"
    assert cause_of_change(before, replace(BEFORE, version_id=2, **change)) == "target_changed"
    assert cause_of_change(before, replace(BEFORE, method_version=2, **change)) == "method_changed"


@pytest.mark.parametrize("year", [2021, 2022, 2023])
@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 1)])
def test_another_indicator_is_a_correction_and_never_a_new_figure(one, other, year):
    before = replace(BEFORE, indicator_id=one)
    after = replace(BEFORE, indicator_id=other, reading_period_end=date(year, 12, 31), reading_pct=19.0)

    assert cause_of_change(before, after) == "correction"


def test_the_first_figure_is_a_new_one_whichever_indicator_it_comes_from():
    nothing = Inputs(version_id=1, method_version=1, indicator_id=None)

    assert cause_of_change(nothing, replace(BEFORE, indicator_id=2)) == "new_reading"


def test_a_verdict_from_before_indicators_were_kept_is_no_change_of_indicator():
    after = replace(BEFORE, indicator_id=1, reading_period_end=date(2023, 12, 31))

    assert cause_of_change(BEFORE, after) == "new_reading"


def test_the_first_reading_is_a_new_one():
    assert cause_of_change(Inputs(version_id=1, method_version=1), BEFORE) == "new_reading"


def test_a_period_that_was_read_before_and_comes_back_is_no_new_reading():
    fallen_back = replace(BEFORE, newest_period_end=date(2023, 12, 31))
    back = replace(BEFORE, reading_period_end=date(2023, 12, 31), reading_pct=12.4)

    assert cause_of_change(fallen_back, back) == "correction"
    assert cause_of_change(fallen_back, replace(back, reading_period_end=date(2024, 12, 31))) == "new_reading"
