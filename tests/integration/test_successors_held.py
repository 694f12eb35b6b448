"""The boards of April 2026 on the bundled data, and how the tables behind their pages are refused."""

from datetime import date

import pytest
import time_machine
from django.test import Client

from icbs.models import AreaLink, BoundaryNote, Population
from icbs.services.load_areas import Sources, index_sources, load_boundary_notes, load_populations
from kit.readers.csv_table import BrokenTable, Row, read_table
from targets.models import Observation
from targets.selectors.promises_left import find_orphaned_promises
from targets.services.assess import assess_targets
from tests.factories.rows import make_area
from tests.integration.pages import NOW, read_words, stay_in_november
from tracker.selectors.board_ties import find_board, find_ties

__all__ = ["stay_in_november"]

DIVIDED = {
    "D7T5G": ["Hertfordshire and West Essex", "Suffolk and North East Essex"],
    "S0E4D": ["Frimley"],
    "S1Y5D": ["Hertfordshire and West Essex"],
    "S9B9J": ["Frimley"],
    "T6Y0W": ["Suffolk and North East Essex"],
    "QRL": ["Frimley"],
}
LAST_DAY = "?as_at=2026-03-31"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("stay_in_november"),
    pytest.mark.xdist_group("successors_held"),
]


@pytest.fixture(scope="module")
def boards(reference_data: None, django_db_blocker) -> None:
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False):
        assess_targets(now=NOW)


def test_only_west_and_north_london_is_the_union_of_whole_boards(boards: None) -> None:
    codes = AreaLink.objects.filter(kind="succeeded_by", valid_from=date(2026, 4, 1)).values_list(
        "to_area__code", flat=True
    )
    unions = {code: find_ties(find_board(code, demonstration=False), NOW.date()).union for code in set(codes)}

    assert [code for code, union in unions.items() if union.hindrance is None] == ["Z9B2Z"]
    assert unions["Z9B2Z"].predecessors == ("QMJ", "QRV")


def test_its_sums_are_those_of_the_counts_held(boards: None, client: Client) -> None:
    words = read_words(client, "/icbs/Z9B2Z/")
    held = Observation.objects.known_on(NOW.date()).headline().filter(
        series__indicator__slug="adults-smoking-gpps-16", series__area__code__in=["QMJ", "QRV"], period_label="2023"
    )  # fmt: skip
    count, people = (sum(getattr(row, name) for row in held) for name in ("count", "denominator"))

    assert len(held) == 2
    assert f"= {100 * count / people:.1f}%" in words
    assert "cannot be added up" not in words
    assert "estimates from council figures" in words
    assert "West and North London has figures of its own in this measure, our estimate" in words


@pytest.mark.parametrize(("code", "names"), DIVIDED.items())
def test_the_others_name_who_was_divided(boards: None, client: Client, code: str, names: list[str]) -> None:
    words = read_words(client, f"/icbs/{code}/")

    sentence = words[words.index("They cannot be added up") :].split(" came to it.")[0]
    assert all(f"only a part of {name}" in sentence or f"of {name} (" in sentence for name in names)
    assert "Our sum of whole" not in words


@pytest.mark.parametrize("code", ["D7T5G", "S0E4D", "S1Y5D", "S9B9J", "T6Y0W", "Z9B2Z"])
def test_none_of_them_existed_the_day_before(boards: None, client: Client, code: str) -> None:
    assert "Its first day is 1 April 2026." in read_words(client, f"/icbs/{code}/{LAST_DAY}")


def test_a_boundary_that_changed_under_the_same_code_is_told_at_its_figures(
    boards: None, client: Client
) -> None:
    words = read_words(client, "/icbs/QRL/")

    assert "1 April 2026: Same body and ODS code, but a wider area" in words
    assert "Its boundary changed on 1 April 2026. Of these figures" in words
    assert "Its boundary changed on" not in read_words(client, f"/icbs/QRL/{LAST_DAY}")


@pytest.mark.parametrize("code", ["QNX", "QXU"])
def test_the_four_neighbourhoods_of_2023_are_told_at_both_ends(
    boards: None, client: Client, code: str
) -> None:
    words = read_words(client, f"/icbs/{code}/{LAST_DAY}")

    assert "1 April 2023:" in words
    assert "Its boundary changed on 1 April 2023. Of these figures" in words


def test_no_board_that_closed_had_promised_anything_that_is_held(boards: None) -> None:
    assert find_orphaned_promises(NOW.date()) == []


def test_populations_add_up_to_england(boards: None) -> None:
    adults = Population.objects.filter(area__kind="icb", on=date(2022, 6, 30), age_from=18)

    assert adults.count() == 42
    assert sum(adults.values_list("persons", flat=True)) == 45_219_492


SOURCES = "key,title,publisher,url\nons,Mid-year estimates,ONS,https://www.ons.gov.uk/\n"
POPULATIONS = ["area", "on", "age_from", "persons", "known_from", "source"]
GOOD = "N1,2022-06-30,18,1000,2023-06-01,ons"


def read_rows(lines: list[str], columns: list[str]) -> list[Row]:
    return read_table("\n".join([",".join(columns), *lines]) + "\n", file="table.csv", columns=columns)


def read_sources() -> Sources:
    return index_sources(read_table(SOURCES, file="sources.csv", columns=["key"]))


class TestLoading:
    def load(self, *lines: str) -> None:
        areas = {"N1": self.area}
        load_populations(read_rows(list(lines), POPULATIONS), areas, read_sources())

    @pytest.fixture(autouse=True)
    def north(self, db) -> None:
        self.area = make_area(code="N1")

    def test_twice_is_once_and_a_correction_is_a_row_of_its_own(self) -> None:
        self.load(GOOD)
        self.load(GOOD, "N1,2022-06-30,18,1010,2024-06-01,ons")

        held = self.area.populations.order_by("known_from").values_list("persons", flat=True)
        assert list(held) == [1000, 1010]

    @pytest.mark.parametrize(
        ("lines", "words"),
        [
            (["N2,2022-06-30,18,1000,2023-06-01,ons"], "line 2, column area: 'N2' is not a code"),
            (["N1,2022-06-30,,1000,2023-06-01,ons"], "line 2, column age_from"),
            (["N1,2022-06-30,18,0,2023-06-01,ons"], "line 2, column persons: '0' is not above 0"),
            (["N1,2022-06-30,18,1000,2022-06-29,ons"], "line 2, column known_from"),
            (["N1,2022-06-30,18,1000,2023-06-01,nobody"], "line 2, column source"),
            ([GOOD, GOOD], "line 3: given a second time"),
        ],
    )
    def test_a_broken_line_is_refused_by_name(self, lines: list[str], words: str) -> None:
        with pytest.raises(BrokenTable, match=words):
            self.load(*lines)

        assert not self.area.populations.exists()

    def test_a_figure_is_not_edited(self) -> None:
        self.load(GOOD)

        with pytest.raises(BrokenTable, match="1000 as loaded before"):
            self.load(GOOD.replace("1000", "999"))

    def test_a_note_is_corrected_in_place(self) -> None:
        columns = ["area", "on", "detail", "source"]
        for detail in ("A ward left", "Two wards left"):
            rows = read_rows([f"N1,2026-04-01,{detail},ons"], columns)
            load_boundary_notes(rows, {"N1": self.area}, read_sources())

        assert BoundaryNote.objects.get(area=self.area).detail == "Two wards left"
