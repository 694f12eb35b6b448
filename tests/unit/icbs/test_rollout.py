from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from icbs.calc.rollout import Status, Verdict, is_off_track, judge_rollout, missed_deadline

DEADLINE = date(2024, 3, 31)
EARLY, SOON, AFTER = date(2023, 6, 1), date(2024, 2, 1), date(2024, 9, 1)
BEFORE_DEADLINE, LATER = date(2024, 3, 1), date(2024, 5, 12)


def judge(*entries, on=AFTER):
    return judge_rollout(history=entries, deadline=DEADLINE, on=on)


@pytest.mark.parametrize(
    ("status", "on", "verdict"),
    [
        ("full", SOON, "in_place"),
        ("confident", SOON, "on_track"),
        ("not_confident", EARLY, "off_track"),
        ("not_started", EARLY, "at_risk"),
        ("planned", EARLY, "at_risk"),
        ("not_started", SOON, "off_track"),
        ("planned", SOON, "off_track"),
        ("planned", DEADLINE - timedelta(days=90), "at_risk"),
        ("planned", DEADLINE - timedelta(days=89), "off_track"),
        ("partial", SOON, "at_risk"),
        ("partial", DEADLINE, "at_risk"),
        ("decommissioned", SOON, "decommissioned"),
        ("dont_know", SOON, "dont_know"),
    ],
)
def test_before_the_deadline(status, on, verdict):
    found = judge((date(2023, 5, 1), status), on=on)

    assert found.verdict == verdict
    assert found.missed == (verdict == "off_track")
    assert (found.status, found.since) == (status, date(2023, 5, 1))


@pytest.mark.parametrize(
    ("entries", "verdict", "missed", "late", "overdue"),
    [
        ([(BEFORE_DEADLINE, "full")], "in_place", False, None, None),
        ([(DEADLINE, "full")], "in_place", False, None, None),
        ([(BEFORE_DEADLINE, "full"), (LATER, "confident")], "in_place", False, None, None),
        ([(BEFORE_DEADLINE, "full"), (LATER, "decommissioned")], "decommissioned", False, None, None),
        ([(BEFORE_DEADLINE, "full"), (LATER, "partial")], "partly", False, None, None),
        ([(BEFORE_DEADLINE, "full"), (LATER, "dont_know")], "dont_know", False, None, None),
        ([(BEFORE_DEADLINE, "partial"), (LATER, "full")], "in_place_late", True, 42, None),
        ([(BEFORE_DEADLINE, "confident"), (LATER, "full")], "in_place_late", True, 42, None),
        ([(LATER, "full")], "in_place_late", True, 42, None),
        ([(BEFORE_DEADLINE, "partial")], "partly", True, None, 154),
        ([(BEFORE_DEADLINE, "planned")], "not_in_place", True, None, 154),
        ([(BEFORE_DEADLINE, "not_started")], "not_in_place", True, None, 154),
        ([(BEFORE_DEADLINE, "not_confident")], "dont_know", False, None, None),
        ([(BEFORE_DEADLINE, "confident"), (LATER, "partial")], "partly", True, None, 154),
        ([(BEFORE_DEADLINE, "decommissioned")], "decommissioned", True, None, None),
        ([(BEFORE_DEADLINE, "confident")], "dont_know", False, None, None),
        ([(BEFORE_DEADLINE, "dont_know")], "dont_know", False, None, None),
        ([(BEFORE_DEADLINE, "planned"), (LATER, "dont_know")], "dont_know", True, None, None),
        ([], "no_report", False, None, None),
    ],
)
def test_after_the_deadline(entries, verdict, missed, late, overdue):
    found = judge(*entries)

    assert (found.verdict, found.missed) == (verdict, missed)
    assert (found.days_late, found.days_overdue) == (late, overdue)
    assert missed_deadline(history=entries, deadline=DEADLINE, on=AFTER) == missed


def test_the_state_as_known_for_the_deadline_is_kept_apart_from_todays():
    cut_and_restored = [(BEFORE_DEADLINE, "full"), (LATER, "partial"), (date(2024, 8, 1), "full")]

    found = judge(*cut_and_restored)

    assert (found.verdict, found.since, found.missed) == ("in_place", date(2024, 8, 1), False)


def test_since_is_the_first_day_of_the_unbroken_run():
    found = judge((EARLY, "partial"), (SOON, "partial"), (LATER, "partial"))

    assert found.since == EARLY


def test_entries_after_the_day_are_ignored_and_of_one_day_the_last_stands():
    assert judge((LATER, "full"), on=SOON).verdict == "no_report"
    assert judge((SOON, "partial"), (SOON, "full")).verdict == "in_place"
    assert judge((LATER, "full"), (SOON, "partial")).verdict == "in_place_late"


def test_an_unknown_status_is_refused():
    with pytest.raises(ValueError, match="nearly"):
        judge((SOON, "nearly"))


histories = st.lists(
    st.tuples(st.dates(date(2023, 1, 1), date(2025, 1, 1)), st.sampled_from(Status)), max_size=6
)


@given(histories, st.dates(date(2023, 1, 1), date(2025, 1, 1)))
def test_unknown_is_never_missed_and_days_are_whole(history, on):
    found = judge_rollout(history=history, deadline=DEADLINE, on=on)

    assert (found.verdict == Verdict.NO_REPORT) == (not any(day <= on for day, _ in history))
    assert found.verdict != Verdict.NO_REPORT or not found.missed
    assert found.days_late is None or (found.days_late > 0 and found.verdict == Verdict.IN_PLACE_LATE)
    assert found.days_overdue is None or (found.days_overdue > 0 and is_off_track(found.verdict))
    if on <= DEADLINE:
        assert found.missed == (found.verdict == Verdict.OFF_TRACK)
