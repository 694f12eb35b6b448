"""The working that a reader can do again gives what the verdict says."""

import re

import pytest

from targets.calc.judging import judge_one
from targets.calc.types import Comparator, Flag, Position
from targets.calc.workings import FLAGS, RULES, Numbers, list_steps

CASE = {
    "comparator": "le",
    "shape": "straight",
    "target_pct": 5.0,
    "target_time": 2030.5,
    "baseline_pct": 14.7,
    "baseline_time": 2018.5,
    "reading_pct": 12.8,
    "reading_time": 2023.5,
}
LIMITS = {"lower95_pct": 11.6, "upper95_pct": 14.0}


def judge_numbers(**changes) -> Numbers:
    """Numbers with the position, the flag and the path that the calculation core finds for them."""
    numbers = {**CASE, **changes}
    renamed = {
        "lower95_pct": "lower95",
        "upper95_pct": "upper95",
        "lower998_pct": "lower998",
        "upper998_pct": "upper998",
    }
    given = {renamed.get(name, name): value for name, value in numbers.items() if value is not None}
    given.pop("interval_words", None)
    verdict = judge_one(**given)
    return Numbers(
        position=verdict.positions()[0].value,
        flag=verdict.flags()[0].value,
        expected_pct=float(verdict.expected_pct[0]),
        **numbers,
    )


def results(numbers: Numbers) -> dict[str, str]:
    return {step.what: step.result or step.working for step in list_steps(numbers)}


def number_in(words: str) -> float:
    return float(re.search(r"−?\d+(?:\.\d+)?", words)[0].replace("−", "-"))


def test_both_shapes_are_worked_out_and_the_own_one_comes_first():
    steps = list_steps(judge_numbers())

    assert [step.what for step in steps[:3]] == [
        "Share of the way that has passed",
        "Equal steps (its path)",
        "Equal percentage a year (the other shape)",
    ]
    assert (steps[1].working, steps[1].result) == ("14.7 + (5 − 14.7) × 0.4167", "10.6583%")
    assert (steps[2].working, steps[2].result) == ("14.7 × (5 ÷ 14.7)^0.4167", "9.3793%")


def test_stated_shape_leads():
    steps = list_steps(judge_numbers(shape="constant_rate"))

    assert steps[1].what == "Equal percentage a year (its path)"


def test_interval_error_and_chance_follow_the_core():
    numbers = judge_numbers(**LIMITS)
    found = results(numbers)
    verdict = judge_one(**CASE, lower95=11.6, upper95=14.0)

    assert found["Standard error"] == "0.6123 points"
    assert number_in(found["Chance that the truth is above the path"]) == pytest.approx(
        float(verdict.p_above[0]), abs=1e-4
    )
    assert found["Position"] == RULES[Position.OFF_TRACK].format(near="lower", worse="above")
    assert found["Flag"] == FLAGS[Flag.RED]


def test_error_of_a_measured_baseline_widens_the_limits():
    numbers = judge_numbers(**LIMITS, baseline_se=0.6)
    found = results(numbers)

    assert number_in(found["Part of the baseline's error"]) == pytest.approx(0.35)
    assert number_in(found["Both errors together"]) == pytest.approx((0.6123**2 + 0.35**2) ** 0.5, abs=1e-4)
    assert found["Limits held against the path"] == "11.4178% to 14.1822%"


def test_reading_that_decides_is_held_against_the_target_itself():
    numbers = judge_numbers(**LIMITS, reading_time=2030.5, decides=True)

    assert results(numbers)["What is needed"] == "5%"
    assert "Share of the way that has passed" not in results(numbers)


def test_without_an_interval_nothing_is_said_of_chance():
    found = results(judge_numbers(indicative=True))

    assert found["95% interval"] == "none"
    assert not any("Chance" in what for what in found)
    assert "never makes a target met, missed or red" in found["Position"]


def test_higher_is_better_turns_the_sides_round():
    numbers = judge_numbers(comparator="ge", target_pct=20.0, reading_pct=12.8, **LIMITS)
    found = results(numbers)

    assert "Chance that the truth is below the path" in found
    assert "Upper 99.8% limit" in found
    assert found["Position"] == "Even the upper limit is below the path."


def test_published_998_limit_is_used_as_published():
    numbers = judge_numbers(**LIMITS, lower998_pct=10.9, interval_words="As published")
    step = next(step for step in list_steps(numbers) if step.what == "Lower 99.8% limit")

    assert (step.working, step.result) == ("As published", "10.9%")


def test_baseline_that_meets_the_target_keeps_the_target():
    steps = list_steps(judge_numbers(baseline_pct=4.0, reading_pct=4.5))

    assert steps[1].working == "The baseline already meets the target, so the target itself counts"


def test_path_that_is_not_defined_says_so():
    found = results(judge_numbers(target_pct=0.0))

    assert found["Equal percentage a year (the other shape)"] == "not defined"


@pytest.mark.parametrize(
    "position", sorted(set(Position) - {Position.CANNOT_ASSESS, Position.AWAITING_DEADLINE_READING})
)
@pytest.mark.parametrize("comparator", list(Comparator))
def test_every_position_has_its_rule_in_words(position, comparator):
    numbers = Numbers(position=position, flag="none", expected_pct=10.0, **{**CASE, "comparator": comparator})
    rule = results(numbers)["Position"]

    assert "{" not in rule
    assert rule[0].isupper()


def test_stated_steps_are_named():
    numbers = Numbers(position="on_track", flag="none", expected_pct=9.0, has_milestones=True, **CASE)

    assert results(numbers)["Its path"] == "9%"
