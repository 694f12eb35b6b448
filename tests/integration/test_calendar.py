"""When the next edition is due: announced, by the usual lag, or never again."""

from datetime import date

import pytest

from targets.admin.figures import find_overdue
from targets.models import AnnouncedEdition, Indicator
from targets.selectors.calendar import Due, describe_next_due, find_next_due
from tests.factories.rows import make_indicator, make_observation, make_release, make_series

pytestmark = pytest.mark.django_db

KNOWN = date(2023, 9, 5)
TODAY = date(2024, 1, 1)
BY_LAG = date(2024, 9, 6)
"""250 days after 31 December 2023, the end of the year after the one held."""


def make_held(**changes) -> Indicator:
    """An indicator whose newest figure is for 2022."""
    indicator = make_indicator(**{"publication_lag_days": 250, **changes})
    make_observation(series=make_series(indicator=indicator), release=make_release(indicator=indicator))
    return indicator


def announce(indicator: Indicator, year: int, due_on: date) -> None:
    AnnouncedEdition.objects.create(
        indicator=indicator,
        period_end=date(year, 12, 31),
        due_on=due_on,
        source_title="The publisher's calendar",
    )


def due_of(indicator: Indicator, on: date = TODAY) -> Due | None:
    return find_next_due([indicator], on)[indicator.pk]


def test_usual_lag_counts_from_the_end_of_the_next_period():
    assert due_of(make_held()) == Due(BY_LAG, False)


def test_announced_day_goes_before_the_usual_lag_and_names_its_source():
    indicator = make_held()
    announce(indicator, 2022, date(2023, 9, 5))
    announce(indicator, 2024, date(2025, 8, 1))
    announce(indicator, 2023, date(2024, 8, 1))

    due = due_of(indicator)

    assert due == Due(date(2024, 8, 1), True, "The publisher's calendar")
    assert describe_next_due(indicator, due, TODAY) == "1 August 2024, announced by the publisher."


def test_announced_day_serves_an_indicator_without_figures():
    indicator = make_indicator()
    announce(indicator, 2023, date(2024, 8, 1))

    assert due_of(indicator) == Due(date(2024, 8, 1), True, "The publisher's calendar")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"publication_lag_days": None}, "No publication calendar is known."),
        ({"ended_note": "The survey stopped."}, "No further edition comes. The survey stopped."),
    ],
)
def test_no_day_without_a_calendar_or_after_the_end(changes, words):
    indicator = make_held(**changes)

    assert due_of(indicator, date(2030, 1, 1)) is None
    assert describe_next_due(indicator, None, TODAY) == words


def test_ended_indicator_is_never_overdue_though_one_was_announced():
    indicator = make_held(ended_note="The survey stopped.")
    announce(indicator, 2023, date(2024, 8, 1))

    assert due_of(indicator) is None
    assert find_overdue(date(2030, 1, 1)) == {}


def test_past_day_counts_from_the_figures_known_on_it():
    indicator = make_held()
    make_observation(
        series=indicator.series.get(),
        release=make_release(indicator=indicator, known_from=date(2024, 9, 1)),
        period_label="2023",
        period_start=date(2023, 1, 1),
        period_end=date(2023, 12, 31),
        known_from=date(2024, 9, 1),
    )

    assert due_of(indicator, date(2024, 8, 31)) == Due(BY_LAG, False)
    assert due_of(indicator, date(2024, 9, 1)) == Due(date(2025, 9, 7), False)
    before = due_of(indicator, date(2023, 1, 1))
    assert before is None
    assert "no figure is held" in describe_next_due(indicator, before, date(2023, 1, 1))


def test_figures_of_other_lengths_of_period_and_our_estimates_do_not_count():
    indicator = make_held()
    later = {"period_start": date(2023, 7, 1), "period_end": date(2023, 12, 31), "known_from": KNOWN}
    half_year = make_series(indicator=indicator, period_months=6)
    make_observation(series=half_year, release=make_release(indicator=indicator), **later)
    make_observation(
        series=indicator.series.get(period_months=12),
        release=make_release(indicator=indicator),
        estimated=True,
        **later,
    )

    assert due_of(indicator) == Due(BY_LAG, False)


def test_overdue_from_the_day_after_and_said_in_words():
    indicator = make_held()

    assert find_overdue(BY_LAG) == {}
    assert find_overdue(date(2024, 9, 7)) == {indicator: BY_LAG}
    words = describe_next_due(indicator, due_of(indicator), date(2024, 9, 7))
    assert words.startswith("Overdue: it was due on 6 September 2024 (worked out from the usual time")
    assert "1 day before 7 September 2024" in words


def test_every_indicator_is_asked_in_two_queries(django_assert_num_queries):
    indicators = [make_held() for _ in range(5)]

    with django_assert_num_queries(2):
        assert set(find_next_due(indicators, TODAY).values()) == {Due(BY_LAG, False)}
