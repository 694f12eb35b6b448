"""Any order of taking editions in and withdrawing them answers as the right order would have."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.editions import (
    CELLS,
    LOOKUP_DAYS,
    PLACES,
    SmallEdition,
    answer_all,
    build_england,
    take_in,
    withdraw,
)

EDITION_DAYS = (date(2023, 9, 5), date(2024, 10, 1), date(2026, 4, 30))
COUNT = len(EDITION_DAYS)

Step = tuple[str, int]


@st.composite
def draw_editions(draw: st.DrawFn) -> list[SmallEdition]:
    """Three editions of the same places, now and then two on one day."""
    days = draw(
        st.one_of(
            st.just(list(EDITION_DAYS)), st.lists(st.sampled_from(EDITION_DAYS), min_size=3, max_size=3)
        )
    )
    cells = st.tuples(*[st.sampled_from(sorted(CELLS))] * len(PLACES))
    return [SmallEdition(number, day, draw(cells), draw(st.booleans())) for number, day in enumerate(days)]


steps = st.lists(
    st.tuples(st.sampled_from(["take in", "withdraw"]), st.integers(0, COUNT - 1)), min_size=2, max_size=9
)


def days_to_ask(editions: list[SmallEdition]) -> list[date]:
    turns = {edition.known_from for edition in editions} | {LOOKUP_DAYS[-1]}
    return sorted({day + timedelta(days=shift) for day in turns for shift in (-1, 0)} | {date(2029, 1, 1)})


def do_steps(editions: list[SmallEdition], todo: list[Step]) -> list[SmallEdition]:
    """The editions that are in force at the end, in the order in which they were known."""
    live: dict[int, SmallEdition] = {}
    for what, number in todo:
        if what == "take in":
            take_in(editions[number])
            live.setdefault(number, editions[number])
        else:
            withdraw(editions[number])
            live.pop(number, None)
    return sorted(live.values(), key=lambda edition: edition.known_from)


def answer_after(editions: list[SmallEdition], todo: list[Step]) -> tuple[dict, list[SmallEdition]]:
    """Rolled back, so that the next case starts from the same empty England."""
    with transaction.atomic():
        live = do_steps(editions, todo)
        answers = answer_all(days_to_ask(editions))
        transaction.set_rollback(True)
    return answers, live


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(editions=draw_editions(), todo=steps)
def test_any_order_answers_as_the_right_order(england, editions, todo):
    answers, live = answer_after(editions, todo)

    in_order, _ = answer_after(editions, [("take in", edition.number) for edition in live])

    assert answers == in_order


@pytest.fixture
def england(db):
    return build_england()
