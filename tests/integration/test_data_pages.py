"""What is held, edition by edition, on the bundled data with the fictitious boards beside it."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from icbs.models import Area
from kit.as_at import AsAt
from targets.models import Observation, Release, Target
from targets.selectors.edition_verdicts import find_edition_verdicts
from targets.selectors.editions import find_edition
from targets.selectors.judging import judge_as_at
from tests.integration.pages import read_words
from tracker.selectors.data_page import DataPage, describe_span, find_data_page
from tracker.services.load_demonstration import load_demonstration
from tracker.services.purge_demo import purge_demonstration

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("data_pages")]

APS = "adults-smoking-aps-18"
APRIL_2026 = date(2026, 4, 30)
PAST = date(2024, 4, 30)
MOST_QUERIES = 12


@pytest.fixture(scope="module")
def world(reference_data, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        load_demonstration(clock=timezone.now, progress=lambda step: None, folder=None)
        try:
            yield
        finally:
            purge_demonstration()


@pytest.fixture(autouse=True)
def with_demonstration(world, settings) -> None:
    settings.DEMONSTRATION = True


def page_on(day: date | None = None, *, demonstration: bool = False) -> DataPage:
    today = timezone.localdate()
    return find_data_page(AsAt(day or today, today), demonstration=demonstration)


def find_release(**wanted) -> Release:
    return Release.objects.get(**{"indicator__slug": APS, "kind": "published", "withdrawn_at": None} | wanted)


def address_of(release: Release, query: str = "") -> str:
    return reverse("release_detail", kwargs={"pk": release.pk}) + query


def address_of_april(query: str = "") -> str:
    return address_of(find_release(known_from=APRIL_2026), query)


def read_csv(client: Client, address: str) -> list[dict[str, str]]:
    response = client.get(address)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return list(csv.DictReader(io.StringIO(content.decode())))


def count_queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        assert response.status_code == 200
        if response.streaming:
            assert b"".join(response.streaming_content)
    return len(queries)


class TestData:
    def test_first_sentence_counts_what_is_held(self, client):
        real = Release.objects.filter(kind="published").exclude(indicator__publisher="Fictitious")
        sentence = page_on().sentence

        held = real.values("indicator").distinct().count()
        assert f"{held} indicators from 1 publisher in {real.count()} editions" in sentence
        assert "“Recorded as smokers (QOF, indicator 91547)" in sentence
        assert f" Data {sentence}" in read_words(client, reverse("data"))

    def test_indicators_of_a_past_day_are_those_of_the_editions_known_then(self, client):
        words = read_words(client, f"{reverse('data')}?as_at={PAST}")

        assert "1 indicator from 1 publisher in 1 edition" in words
        assert "edition with figures to 2022" in words
        assert "edition with figures to 2023" not in words

    def test_day_before_the_first_edition_says_so(self, client):
        words = read_words(client, f"{reverse('data')}?as_at=2015-01-01")

        assert "No edition of any indicator was known on 1 January 2015." in words
        assert "the first one held was known from 5 September 2023." in words
        assert "Indicator by indicator" not in words

    def test_indicator_without_an_edition_says_so(self, client):
        words = read_words(client, reverse("data"))

        assert [entry.slug for entry in page_on().empty] == [
            "adults-smoking-gpps-18",
            "adults-smoking-qof-15-gp-profile",
            "routine-manual-smoking-aps",
        ]
        assert words.count("No edition has been taken in yet.") == 9

    def test_every_edition_break_and_source_is_there(self, client):
        html = client.get(reverse("data")).text

        for release in Release.objects.filter(withdrawn_at=None):
            assert address_of(release) in html
        for entry in page_on().held:
            assert all(title in html for title, _ in entry.sources)
        words = read_words(client, reverse("data"))
        assert "Caution, 1 March 2020: In March 2020" in words
        assert "Break, 1 January 2018: New questionnaire" in words
        assert "Open Government Licence v3.0" in words

    def test_areas_periods_and_our_estimates_are_told_apart(self):
        by_slug = {entry.slug: entry for entry in page_on().entries}
        real = Observation.objects.known_on(timezone.localdate()).filter(series__indicator__slug=APS)

        assert by_slug[APS].areas.startswith("England and 336 councils; our estimates for ")
        assert by_slug[APS].periods == "2011 to 2024"
        assert by_slug[APS].figure_count == real.count()
        assert by_slug["adults-smoking-gpps-16"].areas == "42 boards (12 of them closed)"
        assert by_slug["adults-smoking-qof-15"].periods == "2013/14 to 2022/23"

    def test_next_edition_overdue_ended_or_without_a_calendar_is_said(self, client):
        by_slug = {entry.slug: entry for entry in page_on(date(2026, 11, 21)).entries}

        assert by_slug[APS].due_words == "27 October 2026 (overdue)"
        assert by_slug["smoking-at-delivery"].due_words == "Ended"
        assert by_slug["routine-manual-smoking-aps"].due_words == "No calendar known"
        note = by_slug["smoking-at-delivery"].indicator.ended_note
        assert f"No further edition comes. {note}" in read_words(client, reverse("data"))

    def test_stand_in_is_said_on_both_sides(self, client):
        words = read_words(client, reverse("data"))

        assert "It may stand in for “Adults who smoke” where a board has no figure" in words
        assert "“Adults who smoke (GP Patient Survey)” may stand in, marked as a stand-in" in words

    def test_fictitious_indicators_are_in_no_count_badged_and_hidden_when_switched_off(
        self, client, settings
    ):
        shown = client.get(reverse("data")).text
        assert page_on(demonstration=True).sentence == page_on().sentence
        assert shown.count("tracker-tag--demonstration") == 4

        settings.DEMONSTRATION = False
        assert "fictitious" not in client.get(reverse("data")).text.lower().split("<main", 1)[1]

    def test_table_downloads_without_an_empty_cell(self, client):
        rows = read_csv(client, f"{reverse('data')}?_export=csv")

        assert len(rows) == len(page_on(demonstration=True).entries)
        assert {row["demonstration"] for row in rows} == {"yes", "no"}
        assert all(row["Newest known from"] for row in rows)

    @pytest.mark.parametrize(
        ("first", "last", "words"),
        [
            (date(2011, 1, 1), date(2011, 12, 31), "2011"),
            (date(2013, 4, 1), date(2023, 3, 31), "2013/14 to 2022/23"),
            (date(1998, 4, 1), date(2000, 3, 31), "1998/99 to 1999/00"),
            (date(2013, 1, 1), date(2023, 3, 31), "1 January 2013 to 31 March 2023"),
        ],
    )
    def test_span_of_periods(self, first, last, words):
        assert describe_span(first, last) == words


class TestDownloads:
    def address(self, slug: str, wanted: str, query: str = "") -> str:
        return reverse("figures_download", kwargs={"slug": slug, "wanted": wanted}) + query

    def test_csv_holds_every_figure_as_published(self, client):
        rows = read_csv(client, self.address(APS, "csv"))
        [england] = [row for row in rows if row["area"] == "England" and row["period"] == "2023"]

        held = Observation.objects.known_on(timezone.localdate()).filter(series__indicator__slug=APS)
        assert len(rows) == held.count()
        assert rows[0]["area"] == "England"
        assert (england["value_text"], england["known_from"]) == ("10.9", "2026-04-30")
        assert england["our_estimate"] == "no"
        assert {row["area_kind"] for row in rows if row["our_estimate"] == "yes"} == {"icb"}

    def test_csv_of_a_past_day_holds_the_figures_of_that_day(self, client):
        response = client.get(self.address(APS, "csv", f"?as_at={PAST}"))
        rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))

        assert "as-known-on-2024-04-30.csv" in response["Content-Disposition"]
        assert {row["period"] for row in rows if row["area"] == "England"} == {
            str(year) for year in range(2011, 2023)
        }

    @pytest.mark.parametrize("slug", ["smoking-at-delivery", "adults-smoking-gpps-18"])
    def test_json_and_sheet_hold_the_same_rows(self, client, slug):
        rows = json.loads(b"".join(client.get(self.address(slug, "json")).streaming_content))
        sheet = b"".join(client.get(self.address(slug, "xlsx")).streaming_content)
        cells = load_workbook(io.BytesIO(sheet)).active

        assert cells.max_row == len(rows) + 1
        assert all(row["denominator"] is None or row["denominator"] > 0 for row in rows)

    def test_fictitious_figures_are_marked_and_hidden_when_switched_off(self, client, settings):
        rows = read_csv(client, self.address("demonstration-survey", "csv"))
        assert {row["demonstration"] for row in rows} == {"yes"}

        settings.DEMONSTRATION = False
        assert client.get(self.address("demonstration-survey", "csv")).status_code == 404

    def test_unknown_indicator_and_format_are_answered_with_what_to_do(self, client):
        assert "No indicator has the short name “nowhere”" in read_words(
            client, self.address("nowhere", "csv"), 404
        )
        assert "Choose csv, xlsx or json." in read_words(client, self.address(APS, "pdf"), 400)

    @pytest.mark.parametrize(("wanted", "queries"), [("csv", 2), ("json", 2), ("xlsx", 3)])
    def test_download_costs_the_same_for_any_number_of_figures(self, client, wanted, queries):
        for slug in (APS, "smoking-at-delivery"):
            assert count_queries(client, self.address(slug, wanted)) == queries


class TestEdition:
    def test_april_2026_revised_england(self, client):
        words = read_words(client, address_of_april())

        assert (
            "The edition of 30 April 2026 revised 1,247 figures, added 352 and no longer gives 4; England's 2023 "
            "figure went from 11.6% to 10.9% and its 2024 figure, 10.4%, is new." in words
        )

    def test_rows_read_are_all_accounted_for(self):
        for release in Release.objects.all():
            edition = find_edition(release.pk, demonstration=True)
            parts = release.new_count + release.unchanged_count + release.revised_count
            assert edition.read_count == parts + release.duplicate_count + len(release.rejected)
            assert edition.by_what["new"] == release.new_count
            assert edition.by_what["revised"] + edition.by_what["limits"] == release.revised_count
            assert edition.by_what["dropped"] == release.dropped_count

    def test_largest_revisions_come_first_and_what_is_no_longer_given_last(self, client):
        rows = read_csv(client, address_of_april("?changes-_export=csv"))
        sizes = [abs(float(row["difference_pp"])) for row in rows if row["difference_pp"]]

        assert len(rows) == 1251
        assert sizes == sorted(sizes, reverse=True)
        assert [row["what"] for row in rows[-4:]] == ["No longer given"] * 4
        assert all(row["before_text"] and not row["after_text"] for row in rows[-4:])
        assert (rows[0]["area"], rows[0]["before_text"], rows[0]["after_text"]) == (
            "Mid Devon",
            "25.1",
            "23.1",
        )

    def test_filters_and_sorting(self, client):
        england = read_words(client, address_of_april("?kind=england"))
        new = read_csv(client, address_of_april("?what=new&period=2024&changes-_export=csv"))
        lowest = read_words(client, address_of_april("?changes-sort=difference_pp"))

        assert "England 2023 Figure revised 11.6% 10.9% 0.7 points lower" in england
        assert "Showing 4 of 1,251 changed figures" in england
        assert len(new) == 322
        assert {row["period"] for row in new} == {"2024"}
        assert lowest.index("Mid Devon") < lowest.index("Hastings")
        for name in ("area", "period", "what", "before", "after"):
            assert client.get(address_of_april(f"?changes-sort=-{name}&changes-page=2")).status_code == 200

    def test_filter_without_a_result_and_a_choice_not_offered_say_so(self, client):
        assert "No figure matches" in read_words(client, address_of_april("?what=dropped&kind=england"))
        assert "not one of the available choices" in read_words(client, address_of_april("?kind=trust"))

    def test_first_edition_has_nothing_to_revise(self, client):
        words = read_words(client, address_of(find_release(known_from=date(2023, 9, 5))))

        assert "is the first one held: it gave 3,930 figures; England's 2022 figure, 12.7%, is new." in words
        assert "It changed no figure that was known before." in words

    def test_estimates_have_a_page_that_leads_to_their_edition(self, client):
        made = find_release(kind="estimate", known_from=APRIL_2026)
        page = client.get(address_of(made)).text

        assert "Our board estimates of 30 April 2026 revised 129 figures" in page
        assert address_of_april() in page
        assert address_of(made) in client.get(address_of_april()).text

    def test_verdicts_read_otherwise_are_those_that_an_as_at_comparison_finds(self):
        """No target was stated and no board opened on that day, so two as-at days differ in figures only."""
        edition = find_edition(find_release(known_from=APRIL_2026).pk, demonstration=False)
        found = {
            (row.body_code, row.target_id): (row.position_before, row.position_after)
            for row in find_edition_verdicts(edition, demonstration=False).changes
        }
        before, after = (
            {row.pair.key: row for row in judge_as_at(day)} for day in (date(2026, 4, 29), APRIL_2026)
        )
        expected = {
            (row.pair.area.code, row.pair.version.target_id): (
                before[key].assessment.position,
                row.assessment.position,
            )
            for key, row in after.items()
            if not row.pair.area.demonstration
        }

        assert found
        for key, positions in found.items():
            assert expected[key] == positions
        unlisted = {key for key, (old, new) in expected.items() if old != new} - set(found)
        assert not unlisted

    def test_verdicts_are_listed_with_both_positions_and_counted(self, client):
        words = read_words(client, address_of_april("#verdicts"))
        rows = read_csv(client, address_of_april("?verdicts-_export=csv"))

        assert f"{len(rows)} read otherwise with it:" in words
        assert "was judged twice as on that day" in words
        assert all(row["Without it"] != row["With it"] for row in rows)
        [derby] = [row for row in rows if row["Body"] == "Derby and Derbyshire"]
        assert (derby["Without it"], derby["With it"]) == ("Above its path", "On track")
        assert derby["Better or worse"] == "Better"

    def test_edition_of_an_indicator_without_targets_says_so(self, client):
        delivery = find_release(indicator__slug="smoking-at-delivery")

        assert "so no verdict could change" in read_words(client, address_of(delivery))

    def test_edition_before_it_was_known_says_so(self, client):
        words = read_words(client, address_of_april("?as_at=2026-04-29"))

        assert "This edition was not known yet on 29 April 2026" in words
        assert "It could be known from 30 April 2026." in words
        assert "10.9%" not in words
        assert "was not known yet" not in read_words(client, address_of_april("?as_at=2026-04-30"))

    def test_source_ground_hash_and_licence_are_given(self, client):
        release = find_release(known_from=APRIL_2026)
        words = read_words(client, address_of(release))

        for text in (release.source_title, release.known_from_basis, release.file_name, release.file_sha256):
            assert text in words
        assert "Open Government Licence v3.0" in words

    def test_fictitious_edition_is_badged_and_not_found_when_switched_off(self, client, settings):
        address = address_of(
            find_release(indicator__slug="demonstration-survey", known_from=date(2025, 9, 9))
        )
        assert "tracker-tag--demonstration" in client.get(address).text
        assert {row["demonstration"] for row in read_csv(client, address + "?changes-_export=csv")} == {"yes"}

        settings.DEMONSTRATION = False
        assert client.get(address).status_code == 404

    def test_unknown_edition_is_not_found(self, client):
        words = read_words(client, reverse("release_detail", kwargs={"pk": 999_999}), 404)

        assert "No edition has the number 999999." in words
        assert "Every indicator and edition held" in words


def leave_two_boards() -> None:
    kept = Area.objects.boards().real().in_being(timezone.localdate()).order_by("code")[:2]
    Area.objects.boards().real().exclude(pk__in=[board.pk for board in kept]).update(
        opened="2022-07-01", closed="2023-01-01"
    )


@pytest.mark.parametrize("query", ["", f"?as_at={PAST}", "?as_at=2026-06-01"])
@pytest.mark.parametrize("name", ["data", "april", "first", "estimates"])
def test_page_costs_the_same_for_2_boards_and_for_all(client, name, query):
    address = {
        "data": reverse("data"),
        "april": address_of_april(),
        "first": address_of(find_release(known_from=date(2023, 9, 5))),
        "estimates": address_of(find_release(kind="estimate", known_from=APRIL_2026)),
    }[name] + query
    many = count_queries(client, address)

    leave_two_boards()
    cache.clear()

    assert count_queries(client, address) == many <= MOST_QUERIES


def test_second_look_costs_less(client):
    first = count_queries(client, address_of_april())

    assert count_queries(client, address_of_april()) <= first - 8


def test_pages_link_to_the_edition_of_a_figure(client):
    target = Target.objects.get(slug="england-adults-2030")

    assert address_of_april() in client.get(reverse("home")).text
    assert address_of_april() in client.get(reverse("target_detail", kwargs={"pk": target.pk})).text


@pytest.mark.parametrize("name", ["data", "release_detail", "figures_download"])
def test_pages_are_only_read(client, name):
    arguments = {"release_detail": {"pk": 1}, "figures_download": {"slug": APS, "wanted": "csv"}}

    assert client.post(reverse(name, kwargs=arguments.get(name, {}))).status_code == 405
