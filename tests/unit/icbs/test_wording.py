"""The words of every state of a service against its deadline."""

from datetime import date

import pytest

from icbs.calc.rollout import Verdict
from icbs.calc.wording import TAGS, describe_days, describe_rollout, tag_for

DEADLINE = date(2024, 3, 31)


@pytest.mark.parametrize(
    ("verdict", "word", "sign", "colour"),
    [
        ("in_place", "In place", "✓", "green"),
        ("in_place_late", "In place, late", "✓", "blue"),
        ("partly", "Partly", "◐", "yellow"),
        ("not_in_place", "Not in place", "✕", "red"),
        ("decommissioned", "Decommissioned", "↓", "red"),
        ("dont_know", "Don't know", "?", "grey"),
        ("no_report", "No report", "–", "white"),
        ("on_track", "On track", "✓", "green"),
        ("at_risk", "At risk", "◐", "yellow"),
        ("off_track", "Off track", "✕", "red"),
    ],
)
def test_each_state_has_its_word_sign_and_colour(verdict, word, sign, colour):
    tag = tag_for(verdict)

    assert (tag.word, tag.sign, tag.colour) == (word, sign, colour)


def test_no_state_is_without_a_tag_and_no_two_look_alike():
    assert set(TAGS) == set(Verdict)
    assert len({(tag.word, tag.sign) for tag in TAGS.values()}) == len(Verdict)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_each_sentence_opens_with_the_service(verdict):
    sentence = describe_rollout(verdict=verdict.value, service="Maternity", deadline=DEADLINE)

    assert sentence.startswith("Maternity: ")
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("verdict", "days", "sentence"),
    [
        ("in_place", {}, "Maternity: in place by the deadline of 31 March 2024."),
        (
            "in_place_late",
            {"days_late": 42},
            "Maternity: in place, 42 days late against the deadline of 31 March 2024.",
        ),
        (
            "not_in_place",
            {"days_overdue": 1},
            "Maternity: not in place, 1 day overdue against the deadline of 31 March 2024.",
        ),
        ("partly", {}, "Maternity: partly in place, against the deadline of 31 March 2024."),
        ("no_report", {}, "Maternity: no report has been published."),
        ("dont_know", {}, "Maternity: whether it is in place is not known."),
    ],
)
def test_sentence_counts_the_days(verdict, days, sentence):
    assert describe_rollout(verdict=verdict, service="Maternity", deadline=DEADLINE, **days) == sentence


@pytest.mark.parametrize(
    ("late", "overdue", "words"),
    [
        (42, None, "42 days late"),
        (None, 1, "1 day overdue"),
        (None, 1200, "1,200 days overdue"),
        (None, None, ""),
    ],
)
def test_days_in_words(late, overdue, words):
    assert describe_days(days_late=late, days_overdue=overdue) == words
