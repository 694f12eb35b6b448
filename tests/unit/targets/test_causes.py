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
        ({"reading_pct": 12.1, "is_estimate": True, "edition_id": 2}, "restated_figures"),
    ],
)
def test_the_first_cause_that_applies_is_named(change, cause):
    assert cause_of_change(BEFORE, replace(BEFORE, **change)) == cause


def test_the_first_reading_is_a_new_one():
    assert cause_of_change(Inputs(version_id=1, method_version=1), BEFORE) == "new_reading"
