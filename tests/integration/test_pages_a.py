"""The summary, the boards, a board, the methods, errors and health, on the bundled data and on small worlds."""

import csv
import io
import json
import re

import pytest
import time_machine
from django.test import Client
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from targets.models import Observation, Target
from targets.services.assess import assess_targets
from tests.integration.pages import NOW, read_words, stay_in_november
from tracker.selectors import worked_examples

__all__ = ["stay_in_november"]

PAST = "?as_at=2024-04-30"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("stay_in_november"),
    pytest.mark.xdist_group("pages_a"),
]


@pytest.fixture(scope="module")
def boards(reference_data: None, django_db_blocker) -> None:
    """The bundled data, judged as on 21 November 2026."""
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False):
        assess_targets(now=NOW)


class TestSummary:
    def test_first_sentence_counts_the_boards_own_targets(self, boards: None, client: Client) -> None:
        words = read_words(client, "/")

        assert (
            "Of the 10 targets that boards set themselves, 2 are on track, 0 too close to call, 3 behind, "
            "0 missed, 5 cannot be judged." in words
        )
        assert "None of the 5 verdicts is firm: all are indicative." in words

    def test_ambition_is_counted_apart_and_england_comes_first(self, boards: None, client: Client) -> None:
        words = read_words(client, "/")

        assert "Of 36 boards, 10 are on track, 0 too close to call, 24 behind" in words
        assert words.index("10.4%, above the 9.9% its path needs by now.") < words.index("Of 36 boards, 10")

    def test_counts_of_a_past_day_are_those_of_its_42_boards(self, boards: None, client: Client) -> None:
        words = read_words(client, f"/{PAST}")

        assert "As known on 30 April 2024." in words
        assert "Of 42 boards, 9 are on track, 0 too close to call, 23 behind, 0 missed, 10 cannot" in words
        assert "It is the first edition held" in words

    @pytest.mark.parametrize("address", ["/", "/icbs/QHM/"])
    def test_before_the_first_edition_held_the_page_says_so(
        self, boards: None, client: Client, address: str
    ) -> None:
        words = read_words(client, f"{address}?as_at=2023-06-01")

        assert "The tracker holds no edition of figures known by 1 June 2023." in words
        assert "the first edition held was known from 5 September 2023." in words
        assert "The figure is for" not in words
        assert "What the tracker recorded after that day is reconstructed from its source." in words

    def test_services_without_a_report_are_no_verdict(self, boards: None, client: Client) -> None:
        words = read_words(client, "/")

        assert "0 report all services in place, 0 report that they are not, and 36 have no published" in words

    def test_what_changed_is_at_most_five_links(self, boards: None, client: Client) -> None:
        page = client.get("/")

        changes = page.context["summary"].changes if page.context else None
        assert changes is None or len(changes.shown) == 5
        assert page.content.decode().count("its own target, ") == 3
        words = read_words(client, "/")
        assert "13 verdicts read otherwise: 6 for the better, 2 for the worse, 5 neither (one" in words
        assert "The edition also revised figures for earlier years" in words

    def test_boards_without_a_target_are_named_and_linked(self, boards: None, client: Client) -> None:
        text = client.get("/").content.decode()

        assert "30 of 36 boards." in text
        assert '<a class="nhsuk-link" href="/icbs/QJK/">Devon</a>' in text
        assert '<a class="nhsuk-link" href="/icbs/QYG/">Cheshire' not in text.split('id="map-heading"')[0]

    @pytest.mark.parametrize(
        ("view", "tag"),
        [
            ("promise", "No target found"),
            ("ambition", "On track"),
            ("services", "No report"),
            ("x", "No target"),
        ],
    )
    def test_map_shows_every_board_in_each_view(
        self, boards: None, client: Client, view: str, tag: str
    ) -> None:
        text = client.get(f"/?map={view}").content.decode()

        assert text.count("<polygon") == 36
        assert f": {tag}" in text

    def test_before_the_first_board_the_page_says_so(self, boards: None, client: Client) -> None:
        words = read_words(client, "/?as_at=2015-01-01")

        assert "On 1 January 2015 there was no Integrated Care Board" in words
        assert "The first boards began on 1 July 2022." in words


class TestBoardList:
    def test_list_says_who_set_a_target(self, boards: None, client: Client) -> None:
        words = read_words(client, "/icbs/")

        assert (
            "36 boards: 6 with a target of their own that we found, 30 without; 0 with a published" in words
        )
        assert "9.9% in 2024, our estimate" in words
        assert "13.6% in 2023, a stand-in: GP Patient Survey; newer ones are overdue" in words
        assert "Not published, and no estimate is possible" in read_words(client, "/icbs/?as_at=2023-06-01")

    @pytest.mark.parametrize(
        ("query", "shown"),
        [
            ("position=behind", "Showing 3 of 36 boards"),
            ("position=none", "Showing 30 of 36 boards"),
            ("has_target=yes&region=North West", "Showing 3 of 36 boards"),
            ("position=missed", "No board fits all these filters"),
            ("off_track=on", "No board fits all these filters"),
            ("region=Nowhere", "Select a valid choice"),
        ],
    )
    def test_filters(self, boards: None, client: Client, query: str, shown: str) -> None:
        assert shown in read_words(client, f"/icbs/?{query}")

    def test_sort_and_page_by_the_address(self, boards: None, client: Client) -> None:
        text = client.get("/icbs/?sort=-figure&page=1").content.decode()

        assert text.index("Lincolnshire") < text.index("Black Country") < text.index("South Yorkshire")
        assert "Devon" not in client.get("/icbs/?page=2").content.decode().split("<tbody")[1]
        assert client.get("/icbs/?page=999&per_page=0&sort=bogus").status_code == 200

    def test_downloads_hold_every_row_and_the_mark_of_fiction(self, boards: None, client: Client) -> None:
        sheet = client.get(f"/icbs/{PAST}&_export=csv")
        rows = list(csv.DictReader(io.StringIO(sheet.content.decode())))
        book = load_workbook(io.BytesIO(client.get("/icbs/?_export=xlsx").content))
        records = json.loads(client.get("/icbs/?_export=json&position=behind").content)

        assert "boards-as-known-on-2024-04-30.csv" in sheet["Content-Disposition"]
        assert (len(rows), rows[0]["demonstration"]) == (42, "no")
        assert book.active.max_row == 37
        assert [row["code"] for row in records] == ["QOP", "QHM", "QT1"]
        assert {row["basis"] for row in records} == {"Indicative"}

    def test_unknown_format_is_refused_in_words(self, boards: None, client: Client) -> None:
        assert "Choose csv, xlsx or json" in read_words(client, "/icbs/?_export=pdf", 400)

    def test_before_the_first_board(self, boards: None, client: Client) -> None:
        assert "There is no board to list" in read_words(client, "/icbs/?as_at=2015-01-01")


class TestBoard:
    def test_sections_open_with_their_sentences(self, boards: None, client: Client) -> None:
        words = read_words(client, "/icbs/QYG/")

        assert (
            "Cheshire and Merseyside has set itself 2 targets (1 on track, 1 cannot be judged), is above the path "
            "to the national ambition and has no published report on its services." in words
        )
        places = [words.index(f" {name} ") for name in ("Result", "Said", "Did", "Believed", "Told")]
        assert places == sorted(places)
        assert words.count("NHS Cheshire and Merseyside Integrated Care Board") == 1
        assert "page 12" in words

    def test_how_a_day_is_known_is_said_once(self, boards: None, client: Client) -> None:
        words = read_words(client, "/icbs/QYG/")

        assert words.count("How that day is known: The day this copy was first seen;") == 1
        assert "irst published" not in words

    def test_board_without_a_figure_says_why(self, boards: None, client: Client) -> None:
        words = read_words(client, "/icbs/S9B9J/")

        assert "the publisher withheld the figure for Epsom and Ewell" in words
        assert "We found no target of its own." in words

    def test_board_with_a_stand_in_says_so_beside_its_verdict(self, boards: None, client: Client) -> None:
        words = read_words(client, "/icbs/QT6/")

        assert (
            "13.6% (12.6% to 14.8%), above the 11.3% its path needs by now. Indicative a stand-in: GP"
            in words
        )
        assert "2023 figures; newer ones are overdue" in words

    def test_target_beside_a_board_with_a_stand_in_names_both_measures(
        self, boards: None, client: Client
    ) -> None:
        target = Target.objects.get(slug="england-adults-2030")

        words = read_words(client, f"/targets/{target.pk}/?area=QT6")

        assert "Read here in its place: Patients aged 16 and over who smoke (GP Patient Survey)" in words
        assert "the publisher withheld the figure for Isles of Scilly" in words
        assert "Ours: Wilson's formula for" in words

    @pytest.mark.parametrize(
        ("address", "canonical"),
        [
            ("/icbs/qyg/", "/icbs/QYG/"),
            (f"/icbs/qyg/{PAST}", f"/icbs/QYG/{PAST}"),
            ("/icbs/E54000008/", "/icbs/QYG/"),
        ],
    )
    def test_other_codes_lead_to_the_canonical_one(
        self, boards: None, client: Client, address: str, canonical: str
    ) -> None:
        response = client.get(address)

        assert (response.status_code, response["Location"]) == (302, canonical)

    def test_closed_board_names_its_successors(self, boards: None, client: Client) -> None:
        words = read_words(client, "/icbs/QM7/")

        assert "it closed on 1 April 2026" in words
        assert "Go to Essex" in words
        assert "Go to Central East" in words
        assert "See this page as it was on 31 March 2026" in words
        assert "Beside the national ambition" in read_words(client, "/icbs/QM7/?as_at=2026-03-31")

    def test_board_to_come_says_so(self, boards: None, client: Client) -> None:
        words = read_words(client, f"/icbs/D7T5G/{PAST}")

        assert "Essex did not exist on 30 April 2024. Its first day is 1 April 2026." in words
        assert "Mid and South Essex" in words

    def test_merged_board_names_its_predecessors(self, boards: None, client: Client) -> None:
        words = read_words(client, "/icbs/D7T5G/")

        assert "Came from" in words
        assert "720 neighbourhoods" in words
        assert "No verdict passes from one board to another" in words

    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("QYZ", "Cheshire and Merseyside (QYG)"),
            ("devon", "Devon (QJK)"),
            ("E92000001", "England, on the summary"),
            ("ZZZZZZ", "No board has the code “ZZZZZZ”."),
        ],
    )
    def test_unknown_board_gets_suggestions(self, boards: None, client: Client, code: str, said: str) -> None:
        assert said in read_words(client, f"/icbs/{code}/", 404)

    def test_each_table_downloads_by_its_own_prefix(self, boards: None, client: Client) -> None:
        target = Observation.objects.first() and client.get("/icbs/QYG/").content.decode()
        prefix = re.search(r"(target-\d+-)_export=csv", str(target))
        assert prefix is not None

        figures = client.get(f"/icbs/QYG/?{prefix[1]}_export=csv").content.decode()
        services = client.get("/icbs/QYG/?services-_export=json").json()

        assert "Period" in figures.splitlines()[0]
        assert [row["report"] for row in services] == ["No report published"] * 3
        assert {row["demonstration"] for row in services} == {False}


class TestMethods:
    def test_ten_questions_and_the_formulas_without_a_query(
        self, client: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(0):
            words = read_words(client, "/methods/")

        assert all(f" {number}. " in words for number in range(1, 11))
        assert "= 9.9%" in words
        assert "less than 1 time in 40" in words
        assert "The formulas" in words

    def test_estimate_in_the_example_is_the_one_held(self, boards: None) -> None:
        held = Observation.objects.get(
            series__area__code="QYG", release__kind="estimate", known_to=None, period_label="2019"
        )
        south_yorkshire = Observation.objects.get(
            series__area__code="QF7", release__kind="estimate", known_to=None, period_label="2024"
        )

        assert round(held.value_pct, 1) == worked_examples.CHESHIRE_2019_PCT
        assert south_yorkshire.value_pct == pytest.approx(worked_examples.work_examples().south_yorkshire_pct)
