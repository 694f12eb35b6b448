from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.calc.rules import AlertState, Decision, Reading, Tell, decide

P1, P2, P3 = (date(year, 12, 31) for year in (2021, 2022, 2023))
GREEN = Reading(position="on_track", p_above=0.4, gap_pp=-0.2, period_end=P1)
NEAR = Reading(position="behind_within_error", p_above=0.9, gap_pp=0.5, period_end=P1)
AMBER = Reading(position="off_track", flag="amber", p_above=0.98, gap_pp=1.5, period_end=P1)
RED = Reading(position="off_track", flag="red", p_above=0.9999, gap_pp=2.0, period_end=P1)
MISSED = Reading(position="missed", flag="amber", p_above=0.98, gap_pp=1.5, period_end=P1)
MET = Reading(position="achieved_confirmed", p_above=0.01, gap_pp=-1.0, period_end=P1)
POINT = Reading(position="behind_point", gap_pp=1.5, period_end=P1)
BLIND = Reading(position="cannot_assess")
AWAITING = Reading(position="awaiting_deadline_reading", period_end=P1)


def follow(state, before, after, **change):
    decision = decide(state=AlertState(state), before=before, after=replace(after, **change))
    return decision.state.value, decision.tell.value


TABLE = [
    ("ok", GREEN, AMBER, "pending", "admins"),
    ("ok", GREEN, RED, "firing", "subscribers_slipped"),
    ("ok", GREEN, MISSED, "firing", "subscribers_slipped"),
    ("ok", GREEN, NEAR, "ok", "nobody"),
    ("ok", GREEN, POINT, "ok", "nobody"),
    ("ok", GREEN, MET, "achieved", "subscribers_achieved"),
    ("pending", AMBER, AMBER, "firing", "subscribers_slipped"),
    ("pending", AMBER, RED, "firing", "subscribers_slipped"),
    ("pending", AMBER, MISSED, "firing", "subscribers_slipped"),
    ("pending", AMBER, GREEN, "ok", "nobody"),
    ("pending", AMBER, NEAR, "pending", "nobody"),
    ("pending", NEAR, AMBER, "pending", "nobody"),
    ("pending", AMBER, MET, "achieved", "subscribers_achieved"),
    ("firing", RED, RED, "firing", "nobody"),
    ("firing", RED, NEAR, "firing", "nobody"),
    ("firing", RED, POINT, "firing", "nobody"),
    ("firing", RED, GREEN, "recovering", "nobody"),
    ("firing", RED, MISSED, "firing", "subscribers_worse"),
    ("firing", MISSED, MISSED, "firing", "nobody"),
    ("firing", RED, MET, "achieved", "subscribers_achieved"),
    ("recovering", GREEN, GREEN, "ok", "subscribers_recovered"),
    ("recovering", GREEN, NEAR, "firing", "nobody"),
    ("recovering", GREEN, RED, "firing", "nobody"),
    ("recovering", GREEN, POINT, "recovering", "nobody"),
    ("recovering", GREEN, MISSED, "firing", "subscribers_worse"),
    ("achieved", MET, MET, "achieved", "nobody"),
    ("achieved", MET, GREEN, "achieved", "nobody"),
    ("achieved", MET, NEAR, "achieved", "nobody"),
    ("achieved", MET, AMBER, "firing", "subscribers_lost"),
    ("achieved", MET, MISSED, "firing", "subscribers_lost"),
]
TABLE += [(state, GREEN, BLIND, state, "admins") for state in AlertState]
TABLE += [(state, BLIND, BLIND, state, "nobody") for state in AlertState]
TABLE += [(state, GREEN, AWAITING, state, "nobody") for state in AlertState]


@pytest.mark.parametrize(("state", "before", "after", "expected", "tell"), TABLE)
def test_each_row_of_the_table(state, before, after, expected, tell):
    assert follow(state, before, after, period_end=P2) == (expected, tell)


@pytest.mark.parametrize(
    ("state", "before", "after", "expected"),
    [
        ("pending", AMBER, AMBER, "pending"),
        ("firing", RED, GREEN, "firing"),
        ("recovering", GREEN, GREEN, "recovering"),
        ("recovering", GREEN, NEAR, "recovering"),
    ],
)
def test_another_edition_of_the_same_period_does_not_count_twice(state, before, after, expected):
    assert follow(state, before, after) == (expected, "nobody")


@pytest.mark.parametrize(("gap", "tell"), [(2.9, "nobody"), (3.0, "subscribers_worse"), (None, "nobody")])
def test_a_firing_alert_tells_again_when_materially_worse(gap, tell):
    assert follow("firing", RED, RED, period_end=P2, gap_pp=gap) == ("firing", tell)


def test_a_firing_alert_that_leaves_and_comes_back_tells_nobody():
    assert follow("firing", NEAR, RED, period_end=P2, gap_pp=3.0) == ("firing", "nobody")


def test_a_met_target_is_lost_when_its_interval_lies_above_it():
    assert follow("achieved", MET, GREEN, period_end=P2, above_target=True) == ("firing", "subscribers_lost")


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (RED, "firing"),
        (MISSED, "firing"),
        (AMBER, "pending"),
        (MET, "achieved"),
        (GREEN, "ok"),
        (POINT, "ok"),
    ],
)
def test_the_first_load_is_silent(after, state):
    assert follow("ok", None, after) == (state, "nobody")
    assert follow("firing", GREEN, after, cause="target_changed") == (state, "nobody")


@pytest.mark.parametrize("mark", [{"basis": "indicative"}, {"stale": True}])
@pytest.mark.parametrize("state", list(AlertState))
@pytest.mark.parametrize("before", [None, GREEN, RED])
@pytest.mark.parametrize("after", [RED, MISSED, MET, GREEN])
def test_indicative_and_stale_verdicts_move_nothing(mark, state, before, after):
    assert follow(state, before, after, period_end=P2, **mark) == (state, "nobody")


@pytest.mark.parametrize("cause", ["restated_figures", "method_changed", "correction"])
@pytest.mark.parametrize(
    ("state", "before", "after", "expected", "tell"),
    [
        ("ok", GREEN, RED, "firing", "subscribers_revised"),
        ("ok", GREEN, AMBER, "pending", "subscribers_revised"),
        ("ok", GREEN, MISSED, "firing", "subscribers_revised"),
        ("ok", GREEN, MET, "achieved", "subscribers_revised"),
        ("firing", RED, AMBER, "firing", "nobody"),
        ("firing", RED, NEAR, "firing", "subscribers_revised"),
        ("firing", RED, GREEN, "ok", "subscribers_revised"),
        ("pending", AMBER, GREEN, "ok", "subscribers_revised"),
        ("recovering", GREEN, AMBER, "firing", "subscribers_revised"),
        ("achieved", MET, GREEN, "ok", "subscribers_revised"),
        ("ok", GREEN, GREEN, "ok", "nobody"),
    ],
)
def test_a_restatement_is_told_as_one(cause, state, before, after, expected, tell):
    assert follow(state, before, after, cause=cause) == (expected, tell)


def run(*readings):
    """Who was told what along a series of verdicts, one a period unless it says otherwise."""
    state, before, told = AlertState.OK, None, []
    for after in readings:
        decision = decide(state=state, before=before, after=after)
        state, before = decision.state, after
        told.append(decision.tell.value)
    return told


def at(reading, year):
    return replace(reading, period_end=date(year, 12, 31))


def test_recover_and_relapse_gives_two_slips_and_one_recovery():
    told = run(at(GREEN, 2015), at(RED, 2016), at(GREEN, 2017), at(GREEN, 2018), at(RED, 2019))

    assert told.count("subscribers_slipped") == 2
    assert told.count("subscribers_recovered") == 1


def test_flapping_around_the_path_sends_nothing_more():
    told = run(at(GREEN, 2015), at(RED, 2016), at(NEAR, 2017), at(GREEN, 2018), at(NEAR, 2019), at(RED, 2020))

    assert [tell for tell in told if tell != "nobody"] == ["subscribers_slipped"]


def test_an_edition_that_revises_and_adds_slips_only_by_the_new_period():
    revised = replace(at(RED, 2022), cause="restated_figures")
    told = run(at(GREEN, 2022), revised, at(RED, 2023))

    assert told == ["nobody", "subscribers_revised", "nobody"]


flags = st.sampled_from(["none", "amber", "red"])
positions = st.sampled_from(
    [
        "on_track",
        "off_track",
        "behind_within_error",
        "behind_point",
        "missed",
        "achieved_confirmed",
        "cannot_assess",
    ]
)
readings = st.builds(
    Reading,
    position=positions,
    flag=flags,
    basis=st.sampled_from(["firm", "firm", "indicative"]),
    stale=st.booleans(),
    p_above=st.none() | st.floats(0, 1),
    gap_pp=st.none() | st.floats(-20, 20),
    period_end=st.none() | st.sampled_from([P1, P2, P3]),
    cause=st.sampled_from(["new_reading", "deadline_passed", "restated_figures", "target_changed"]),
)


@example(
    AlertState.PENDING,
    Reading(position="on_track"),
    Reading(position="on_track", flag="amber", p_above=0.0),
)
@given(st.sampled_from(AlertState), st.none() | readings, readings)
def test_the_same_verdict_twice_tells_nobody_the_second_time(state, before, after):
    first = decide(state=state, before=before, after=after)

    second = decide(state=first.state, before=after, after=after)

    assert second.tell == Tell.NOBODY
    assert decide(state=state, before=before, after=after) == first


@given(st.sampled_from(AlertState), readings, readings)
def test_slips_are_told_on_firm_fresh_evidence_only(state, before, after):
    decision = decide(state=state, before=before, after=after)

    assert isinstance(decision, Decision)
    if decision.tell in {Tell.SUBSCRIBERS_SLIPPED, Tell.SUBSCRIBERS_WORSE, Tell.SUBSCRIBERS_LOST}:
        assert decision.state == AlertState.FIRING
        assert after.basis == "firm"
        assert not after.stale
        assert after.cause not in {"restated_figures", "target_changed"}
