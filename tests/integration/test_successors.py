"""Boards that merged, split or changed their boundary: pages, sums, promises left behind, on small worlds."""

import csv
import io
from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from icbs.models import Area
from targets.models import Indicator
from targets.services.assess import assess_targets
from tests.factories.rows import (
    make_area,
    make_break,
    make_follow_up,
    make_indicator,
    make_link,
    make_observation,
    make_release,
    make_series,
    make_service,
    make_target,
    make_version,
)
from tests.integration.pages import NOW, read_words, stay_in_november

__all__ = ["stay_in_november"]

BEGAN, MERGED = date(2022, 7, 1), date(2026, 4, 1)
BUDGET = 12

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stay_in_november")]


def make_old(name: str) -> Area:
    return make_area(code=name.upper(), short_name=name, opened=BEGAN, closed=MERGED)


def make_new(name: str = "Union", **changes) -> Area:
    area = make_area(code=name.upper(), short_name=name, **{"opened": MERGED, **changes})
    make_link(from_area=area, to_area=make_area(kind="nhs_region", short_name="Region"), valid_from=MERGED)
    return area


def hand_over(old: Area, new: Area, share: float | None = 1.0, on: date = MERGED, **changes) -> None:
    make_link(kind="succeeded_by", from_area=old, to_area=new, valid_from=on, share=share, **changes)


def make_survey(**changes) -> Indicator:
    values = {"slug": "survey", "short_name": "Smokers asked", "name": "Smokers asked by a survey"}
    return make_indicator(**{**values, **changes})


def publish(
    indicator: Indicator, area: Area, year: int, value: float, *, size: float | None = None, **changes
):
    """A figure for a year, with its counts where `size` people were asked."""
    release = changes.pop("release", None) or make_release(indicator=indicator, known_from=date(2024, 10, 31))
    held = indicator.series.filter(area=area).first() or make_series(indicator=indicator, area=area)
    counted = {"count": value * size / 100, "denominator": size} if size else {}
    return make_observation(
        series=held,
        release=release,
        period_label=str(year),
        period_start=date(year, 1, 1),
        period_end=date(year, 12, 31),
        value_text=str(value),
        value_pct=value,
        known_from=release.known_from,
        **counted,
        **changes,
    )


@pytest.fixture
def merged() -> tuple[Area, Area, Area]:
    """Alder and Beech became Union, both whole."""
    alder, beech, union = make_old("Alder"), make_old("Beech"), make_new()
    hand_over(alder, union)
    hand_over(beech, union)
    return alder, beech, union


def promise(body: Area, **changes):
    return make_version(
        target=make_target(body=body, title=f"4% in {body.short_name}"), status="published", **changes
    )


class TestFigures:
    def test_whole_predecessors_are_shown_each_by_itself_and_added_up(self, merged, client: Client) -> None:
        alder, beech, _ = merged
        survey = make_survey()
        publish(survey, alder, 2023, 10.0, size=1000)
        publish(survey, beech, 2023, 20.0, size=3000)

        words = read_words(client, "/icbs/UNION/")

        assert "Figures of the boards it was made from" in words
        assert (
            "each for the whole of that board as it was. They are not joined to the figures of Union" in words
        )
        assert "2023: (100 + 600) ÷ (1,000 + 3,000) = 17.5%" in words
        assert "Our sum of whole predecessors: (100 + 600) ÷ (1,000 + 3,000)" in words
        assert "cannot be added up" not in words

    def test_a_period_that_one_lacks_has_no_sum(self, merged, client: Client) -> None:
        alder, beech, _ = merged
        survey = make_survey()
        publish(survey, alder, 2022, 12.0, size=1000)
        for area in (alder, beech):
            publish(survey, area, 2023, 10.0, size=1000)

        download = client.get("/icbs/UNION/?predecessors-survey-_export=csv").content.decode()

        rows = list(csv.DictReader(io.StringIO(download)))
        assert [(row["Period"], row["Board"]) for row in rows] == [
            ("2022", "Alder"),
            ("2023", "Alder"),
            ("2023", "Beech"),
            ("2023", "Alder and Beech"),
        ]
        assert {row["demonstration"] for row in rows} == {"no"}

    def test_estimates_and_bare_percentages_are_never_averaged(self, merged, client: Client) -> None:
        alder, beech, _ = merged
        survey = make_survey()
        published = make_release(indicator=survey)
        estimates = make_release(indicator=survey, kind="estimate", derived_from=published)
        for area in (alder, beech):
            publish(survey, area, 2022, 10.0)
            publish(survey, area, 2023, 11.0, size=1000, release=estimates, estimated=True)

        words = read_words(client, "/icbs/UNION/")

        assert (
            "No sum of ours: for no year was a figure with its count and its denominator published" in words
        )
        assert "Our estimate from council figures" in words
        assert "10.0%" in words

    def test_a_divided_predecessor_is_named_and_nothing_is_added(self, merged, client: Client) -> None:
        alder, beech, union = merged
        cedar = make_old("Cedar")
        hand_over(cedar, union, share=None, lsoa_count=1206, note="The north of it")
        hand_over(cedar, make_new("Other"), share=None)
        survey = make_survey()
        for area in (alder, beech, cedar):
            publish(survey, area, 2023, 10.0, size=1000)

        words = read_words(client, "/icbs/UNION/")

        assert (
            "They cannot be added up to a figure for this board: only a part of Cedar (1,206 neighbourhoods) came"
            in words
        )
        assert "Our sum" not in words

    def test_a_board_that_took_in_a_part_had_an_area_before(self, client: Client) -> None:
        elder, grown = make_old("Elder"), make_new("Grown", opened=BEGAN)
        hand_over(elder, grown)
        publish(make_survey(), elder, 2023, 10.0, size=1000)

        words = read_words(client, "/icbs/GROWN/")

        assert (
            "They cannot be added up to a figure for this board: it had an area of its own before." in words
        )

    def test_revised_and_later_figures_follow_the_day(self, merged, client: Client) -> None:
        alder, beech, _ = merged
        survey = make_survey()
        late = make_release(indicator=survey, known_from=date(2026, 9, 7))
        for area in (alder, beech):
            publish(survey, area, 2023, 10.0, size=1000)
            publish(survey, area, 2024, 9.0, size=1000, release=late)

        early = read_words(client, "/icbs/UNION/?as_at=2026-06-01")

        assert "2023: (100 + 100) ÷ (1,000 + 1,000) = 10.0%" in early
        assert "9.0%" not in early
        assert "2024: (90 + 90)" in read_words(client, "/icbs/UNION/")

    def test_breaks_between_the_figures_are_named_those_of_other_areas_are_not(
        self, merged, client: Client
    ) -> None:
        alder, _, union = merged
        survey = make_survey()
        for year in (2019, 2023):
            publish(survey, alder, year, 10.0, size=1000)
        make_break(indicator=survey, on=date(2020, 3, 1), what="By telephone")
        make_break(indicator=survey, on=date(2021, 1, 1), what="Only in Union", area=union)
        make_break(indicator=survey, on=date(2025, 1, 1), what="After the last figure")

        words = read_words(client, "/icbs/UNION/")

        assert "Break, March 2020: By telephone" in words
        assert "Only in Union" not in words
        assert "After the last figure" not in words

    def test_without_a_figure_the_page_says_so(self, merged, client: Client) -> None:
        assert "No figure of Alder and Beech was known by 21 November 2026." in read_words(
            client, "/icbs/UNION/"
        )

    def test_before_its_first_day_the_board_did_not_exist(self, merged, client: Client) -> None:
        publish(make_survey(), merged[0], 2023, 10.0, size=1000)

        words = read_words(client, "/icbs/UNION/?as_at=2026-03-31")

        assert "Union did not exist on 31 March 2026. Its first day is 1 April 2026." in words
        assert "Figures of the boards it was made from" not in words

    def test_fiction_is_marked(self, client: Client) -> None:
        old, new = make_old("Dream"), make_new("Fable", demonstration=True)
        Area.objects.filter(pk=old.pk).update(demonstration=True)
        hand_over(old, new)
        publish(make_survey(), old, 2023, 10.0, size=1000)

        assert "Fictitious figures." in read_words(client, "/icbs/FABLE/")


class TestVerdicts:
    def test_none_is_inherited(self, merged, client: Client) -> None:
        alder, beech, _ = merged
        survey = make_survey()
        for area in (alder, beech):
            publish(survey, area, 2021, 15.0, lower95_pct=14.9, upper95_pct=15.1)
            publish(survey, area, 2024, 14.0, lower95_pct=13.9, upper95_pct=14.1)
            promise(area, indicator=survey, stated_on=date(2022, 7, 1), known_from=date(2022, 7, 1))
        assess_targets(now=NOW.replace(month=3, year=2026))

        before, now = read_words(client, "/icbs/ALDER/?as_at=2026-03-31"), read_words(client, "/icbs/UNION/")

        assert "Alder has set itself 1 target (1 behind)" in before
        assert "Union has set itself no target that we found and has no published report" in now
        assert "Alder" not in read_words(client, "/")
        assert "1 boards: 0 with a target of their own that we found, 1 without" in read_words(
            client, "/icbs/"
        )


class TestBoundary:
    def test_a_change_under_the_same_code_is_told_at_the_figures(self, client: Client) -> None:
        elder, grown = make_old("Elder"), make_new("Grown", opened=BEGAN)
        hand_over(elder, grown, share=None)
        grown.boundary_notes.create(on=MERGED, detail="It took in the west of Elder", source_title="ONS")
        grown.boundary_notes.create(on=BEGAN, detail="Two wards had left", source_title="ONS")
        survey = make_survey()
        publish(survey, grown, 2021, 12.0, size=1000)
        publish(survey, grown, 2023, 10.0, size=1000)
        promise(grown, indicator=survey)

        words = read_words(client, "/icbs/GROWN/")
        early = read_words(client, "/icbs/GROWN/?as_at=2026-03-31")

        assert "1 April 2026: It took in the west of Elder. Source: ONS" in words
        assert (
            "Its boundary changed on 1 April 2026. Of these figures 2 were known before that day and are for the old"
            in words
        )
        assert "1 July 2022: Two wards had left. Source: ONS" in early
        assert "took in the west" not in early
        assert "Its boundary changed on" not in early

    def test_both_ends_of_an_exchange_are_told_where_there_is_no_note(self, client: Client) -> None:
        giver, taker = (
            make_area(code=name.upper(), short_name=name, opened=BEGAN) for name in ("Giver", "Taker")
        )
        hand_over(giver, taker, share=None, on=date(2023, 4, 1), note="Four neighbourhoods")

        assert "1 April 2023: A part of it went to Taker. Four neighbourhoods. Source" in read_words(
            client, "/icbs/GIVER/"
        )
        words = read_words(client, "/icbs/TAKER/")
        assert "1 April 2023: A part of Giver came to it. Four neighbourhoods. Source" in words
        assert "Figures of the boards it was made from" not in words


class TestPromises:
    def test_nobody_knows(self, merged, client: Client) -> None:
        promise(merged[0])

        for address in ("/icbs/UNION/", "/icbs/ALDER/"):
            words = read_words(client, address)
            assert "Alder: 4% in Alder" in words
            assert "Has Union restated it? We do not know. If you do, tell us: " in words

    def test_one_question_for_each_successor(self, client: Client) -> None:
        old, north, south = make_old("Whole"), make_new("North"), make_new("South")
        for successor in (north, south):
            hand_over(old, successor, share=None)
        version = promise(old)
        own = promise(south)
        make_follow_up(target=version.target, successor=south, answer="restated", restated_as=own.target)

        closed = read_words(client, "/icbs/WHOLE/")

        assert "What it had promised" in closed
        assert "Has North restated it? We do not know." in closed
        assert "Has South restated it? Yes: 4% in South" in closed
        assert f'href="/targets/{own.target_id}/"' in client.get("/icbs/WHOLE/").content.decode()
        assert "Has South" not in read_words(client, "/icbs/NORTH/")

    def test_an_answer_counts_from_the_day_it_was_known(self, merged, client: Client) -> None:
        make_follow_up(target=promise(merged[0]).target, successor=merged[2], known_from=date(2026, 7, 1))

        assert "We do not know" in read_words(client, "/icbs/UNION/?as_at=2026-06-30")
        words = read_words(client, "/icbs/UNION/?as_at=2026-07-01")
        assert "Has Union restated it? No, it has not. Source: A report, known from 1 July 2026." in words

    def test_a_board_that_gave_a_part_and_went_on_keeps_its_promise(self, client: Client) -> None:
        giver, taker = make_area(code="GIVER", short_name="Giver", opened=BEGAN), make_new("Taker")
        hand_over(giver, taker, share=None, on=date(2026, 5, 1))
        promise(giver)

        assert "restated it?" not in read_words(client, "/icbs/TAKER/")
        assert "restated it?" not in read_words(client, "/icbs/GIVER/")


@pytest.mark.parametrize("day", ["", "?as_at=2026-06-01"])
def test_a_successor_costs_the_same_for_1_predecessor_and_6(
    client: Client, day: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    survey, union = make_survey(), make_new()
    england = make_area(kind="england", short_name="England")
    make_service()
    publish(survey, england, 2021, 13.0)
    publish(survey, union, 2021, 13.0)
    publish(survey, union, 2024, 11.0)
    promise(union, indicator=survey)
    union.boundary_notes.create(on=date(2026, 5, 1), detail="A ward left", source_title="ONS")

    def add(number: int) -> int:
        old = make_old(f"Old{number}")
        hand_over(old, union)
        for name in ("survey", "count"):
            measure = Indicator.objects.filter(slug=name).first() or make_survey(slug=name)
            for year in (2022, 2023):
                publish(measure, old, year, 10.0, size=1000)
        promise(old)
        assess_targets(now=NOW)
        with django_assert_max_num_queries(BUDGET) as queries:
            assert client.get(f"/icbs/UNION/{day}").status_code == 200
        return len(queries)

    few = add(0)
    assert [add(number) for number in range(1, 6)][-1] == few
