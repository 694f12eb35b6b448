"""The words of every position, reason and basis, as pages, mails and downloads say them."""

from datetime import date

import pytest

from targets.calc.choosing import Reason
from targets.calc.estimates import Obstacle
from targets.calc.statements import NEEDED, describe_deadline, describe_no_edition, describe_pace
from targets.calc.types import Position
from targets.calc.wording import (
    GROUP_WORDS,
    GROUPS,
    REASONS,
    TAGS,
    describe_basis,
    describe_goal,
    describe_missing_estimate,
    describe_people,
    describe_stand_in,
    describe_verdict,
    group_of,
    tag_for,
)

NUMBERS = {
    "comparator": "lt",
    "target_pct": 10.0,
    "value_pct": 12.8,
    "expected_pct": 10.9,
    "deadline": date(2024, 3, 31),
}
INTERVAL = {"lower95_pct": 11.6, "upper95_pct": 14.0}


@pytest.mark.parametrize(
    ("position", "word", "sign", "colour"),
    [
        ("on_track_clear", "On track", "✓", "green"),
        ("on_track", "On track", "✓", "green"),
        ("on_track_point", "On track", "✓", "green"),
        ("behind_within_error", "Too close to call", "≈", "yellow"),
        ("off_track", "Behind", "↑", "red"),
        ("behind_point", "Above its path", "↑", "orange"),
        ("achieved_confirmed", "Met", "★", "blue"),
        ("achieved_unconfirmed", "Met, not yet certain", "★", "blue"),
        ("achieved_point", "Met", "★", "blue"),
        ("missed", "Missed", "✕", "red"),
        ("missed_point", "Missed", "✕", "red"),
        ("missed_within_error", "Not shown to have been met", "≈", "yellow"),
        ("awaiting_deadline_reading", "Result not published yet", "…", "grey"),
        ("cannot_assess", "Cannot be judged", "–", "grey"),
    ],
)
def test_each_position_has_its_word_sign_and_colour(position, word, sign, colour):
    tag = tag_for(position)

    assert (tag.word, tag.sign, tag.colour) == (word, sign, colour)


def test_no_position_is_without_a_tag_and_a_headline():
    assert set(TAGS) == set(Position)
    assert {group_of(position) for position in Position} == set(GROUPS) == set(GROUP_WORDS)


@pytest.mark.parametrize(
    ("position", "numbers", "sentence"),
    [
        ("on_track_point", {"value_pct": 10.4}, "10.4%, at or below the 10.9% its path needs by now."),
        (
            "behind_within_error",
            {"value_pct": 11.2},
            "11.2%, above the 10.9% its path needs, but a survey of this size cannot tell the difference.",
        ),
        ("off_track", {}, "12.8%, above the 10.9% its path needs by now."),
        ("behind_point", {}, "12.8%, above the 10.9% its path needs by now."),
        ("off_track", INTERVAL, "12.8% (11.6% to 14.0%), above the 10.9% its path needs by now."),
        ("missed", {}, "12.8% at the deadline of 31 March 2024; the target was below 10%."),
        (
            "missed_within_error",
            {},
            (
                "12.8% at the deadline of 31 March 2024; the target was below 10%. "
                "A survey of this size cannot tell whether it was met."
            ),
        ),
        ("achieved_confirmed", {"value_pct": 9.0}, "9.0%; the target of below 10% is met."),
        (
            "achieved_unconfirmed",
            {"value_pct": 9.0},
            "9.0%; the target is below 10%, but a survey of this size cannot make it certain yet.",
        ),
        (
            "awaiting_deadline_reading",
            {},
            "The figure that decides this target has not been published (its deadline was 31 March 2024; the target is below 10%).",
        ),
    ],
)
def test_sentence_of_a_position(position, numbers, sentence):
    assert describe_verdict(position=position, **{**NUMBERS, **numbers}) == sentence


def test_indicative_figure_at_the_deadline_decides_nothing():
    sentence = describe_verdict(position="behind_point", decides=True, indicative=True, **NUMBERS)

    assert sentence.endswith("the target was below 10%. Only a published figure can decide it.")


def test_higher_is_better_turns_the_sentence_round():
    behind = describe_verdict(position="off_track", **{**NUMBERS, "comparator": "ge", "value_pct": 9.0})
    ahead = describe_verdict(position="on_track", **{**NUMBERS, "comparator": "ge"})

    assert "below the 10.9% its path needs" in behind
    assert "at or above the 10.9% its path needs" in ahead


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_says_why_and_what_would_help(reason):
    sentence = describe_verdict(position="cannot_assess", comparator="", target_pct=None, reason=reason.value)

    assert sentence == REASONS[reason]
    for words in (sentence, NEEDED[reason]):
        assert words[0].isupper()
        assert words.endswith(".")


def test_reason_in_detail_replaces_the_general_one():
    assert (
        describe_verdict(
            position="cannot_assess",
            comparator="",
            target_pct=None,
            reason="no_estimate",
            reason_detail="Council X was split.",
        )
        == "Council X was split."
    )


@pytest.mark.parametrize("obstacle", list(Obstacle))
def test_missing_estimate_names_the_period_and_the_obstacle(obstacle):
    words = describe_missing_estimate(reason=obstacle.value, councils="Cumberland", period="2024")

    assert "for 2024 from its councils" in words
    assert obstacle is Obstacle.NO_COUNCIL or "Cumberland" in words


def test_missing_baseline_estimate_says_that_it_is_the_baseline_year():
    words = describe_missing_estimate(reason="suppressed", councils="Rutland", period="2019", baseline=True)

    assert "for 2019, the baseline year," in words


@pytest.mark.parametrize(
    ("comparator", "value", "words"),
    [
        ("lt", 10.0, "below 10%"),
        ("le", 5.0, "5% or less"),
        ("ge", 60.0, "60% or more"),
        ("le", 4.5, "4.5% or less"),
        ("", None, "no figure stated"),
    ],
)
def test_goal_in_words(comparator, value, words):
    assert describe_goal(comparator, value) == words


def test_basis_in_words():
    assert (describe_basis("firm"), describe_basis("indicative")) == ("Firm", "Indicative")


@pytest.mark.parametrize(
    ("precision", "words"),
    [
        ("calendar_year", "2024"),
        ("financial_year", "2023/24"),
        ("quarter", "the quarter to 31 March 2024"),
        ("month", "March 2024"),
        ("day", "31 March 2024"),
    ],
)
def test_deadline_is_as_exact_as_it_was_stated(precision, words):
    assert describe_deadline(date(2024, 3, 31), precision) == words


PACE = {
    "comparator": "le",
    "target_pct": 5.0,
    "target_time": 2030.5,
    "reading_pct": 11.0,
    "reading_time": 2024.5,
    "baseline_pct": 13.5,
    "baseline_time": 2019.5,
    "baseline_label": "2019",
}


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        (
            {},
            "It needs a fall of 1.0 points a year from here (12.3% a year). Since 2019 it has fallen by 0.5 points",
        ),
        ({"reading_pct": 14.5}, "Since 2019 it has risen by 0.2 points a year."),
        ({"reading_pct": 13.5}, "Since 2019 it has hardly changed."),
        ({"reading_pct": 4.9}, "The latest figure already meets the target: holding it there is enough."),
        ({"reading_pct": 5.0}, "The latest figure already meets the target"),
        ({"reading_pct": 5.0, "comparator": "lt"}, "It needs a fall of 0.0 points a year"),
        ({"comparator": "ge", "reading_pct": 2.0}, "It needs a rise of 0.5 points a year"),
        ({"target_pct": 0.0}, "It needs a fall of 1.8 points a year from here. Since"),
        ({"baseline_pct": None}, "It needs a fall of 1.0 points a year from here (12.3% a year)."),
    ],
)
def test_pace_says_what_is_needed_and_what_was_managed(numbers, words):
    assert words in describe_pace(**{**PACE, **numbers})


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({}, "From the 13.5% stated for 2019 it has fallen by 0.5 points a year."),
        ({"reading_pct": 13.5}, "From the 13.5% stated for 2019 it has hardly changed."),
        ({"baseline_label": ""}, "From the 13.5% stated it has fallen"),
    ],
)
def test_pace_from_a_stated_baseline_is_no_change_since_its_year(numbers, words):
    told = describe_pace(**{**PACE, **numbers}, is_stated=True)

    assert words in told
    assert "Since" not in told


def test_day_before_the_first_edition_held_is_explained():
    told = describe_no_edition(date(2023, 6, 1), date(2023, 9, 5))

    assert "holds no edition of figures known by 1 June 2023. Earlier figures were published" in told
    assert told.endswith("the first edition held was known from 5 September 2023.")


def test_pace_is_silent_from_the_deadline_on():
    assert describe_pace(**{**PACE, "reading_time": 2030.5}) == ""


def test_a_figure_held_while_another_is_awaited_says_what_kind_it_is():
    sentence = describe_verdict(
        position="awaiting_deadline_reading",
        comparator="lt",
        target_pct=10.0,
        value_pct=12.7,
        period="2024",
        deadline=date(2024, 3, 31),
        indicative=True,
        basis_reason="our estimate from council figures",
    )

    assert sentence.endswith("The latest figure held is 12.7%, for 2024 (our estimate from council figures).")


@pytest.mark.parametrize(
    ("reason", "because"),
    [
        ("no_reading", "the tracker holds no figure of the Annual Population Survey for this area"),
        ("no_estimate", "no figure for this board and none can be estimated from its councils"),
        ("no_baseline", "no figure for this board in the year its path starts from"),
    ],
)
def test_a_stand_in_says_which_survey_whom_it_asks_and_why(reason, because):
    words = describe_stand_in(
        survey="GP Patient Survey",
        people=describe_people("16+"),
        stated="the Annual Population Survey",
        reason=reason,
    )

    assert words.startswith("a stand-in: GP Patient Survey, people aged 16 and over, because the")
    assert because in words


@pytest.mark.parametrize(
    ("age", "people"),
    [
        ("18+", "people aged 18 and over"),
        ("18-64", "people aged 18 to 64"),
        ("All ages", "mothers"),
        ("", "mothers"),
    ],
)
def test_people_are_named_by_their_age_or_else_as_the_indicator_does(age, people):
    assert describe_people(age, "Mothers") == people
