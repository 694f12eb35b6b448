"""Pages of editions on small worlds: limits only, figures withheld, refused rows, withdrawals, editions out of order."""

from collections.abc import Callable
from datetime import date

import pytest
from django.urls import reverse

from targets.models import Release
from targets.readers.reading import Reading
from targets.selectors.edition_verdicts import find_edition_verdicts
from targets.selectors.editions import describe_edition, find_edition, list_changed
from targets.services.editions import Edition
from targets.services.import_release import take_in_readings, withdraw_release
from tests.factories.rows import NOW, make_area, make_indicator, make_target, make_version
from tests.integration.pages import read_words, stay_in_november

__all__ = ["stay_in_november"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stay_in_november")]

FIRST, SECOND, THIRD = date(2023, 9, 5), date(2024, 10, 1), date(2025, 10, 7)
TakeIn = Callable[..., Release]


def read(code: str, year: int, value_pct: float | None, **changes) -> Reading:
    values = {
        "area_code": code,
        "period_label": str(year),
        "period_start": date(year, 1, 1),
        "period_end": date(year, 12, 31),
        "value_text": "" if value_pct is None else f"{value_pct:g}",
        "value_pct": value_pct,
    }
    return Reading(**values | changes)


@pytest.fixture
def take_in() -> TakeIn:
    indicator = make_indicator(slug="smokers", short_name="Smokers")
    make_area(code="E92000001", kind="england", short_name="England")
    for code in ("NORTH", "SOUTH"):
        make_area(code=code, short_name=code.capitalize(), opened=date(2022, 7, 1))

    def take(known_from: date, *readings: Reading) -> Release:
        edition = Edition(
            indicator=indicator,
            title=f"Edition of {known_from}",
            known_from=known_from,
            known_from_basis="The day it came out",
            file_name="edition.csv",
            file_sha256=f"{known_from:%Y%m%d}",
            source_title="A publisher",
            source_url="",
        )
        return take_in_readings(edition, readings)[0]

    return take


def edition_of(release: Release):
    edition = find_edition(release.pk, demonstration=False)
    assert edition is not None
    return edition


def changed(release: Release, **wanted: str) -> list[tuple]:
    rows = list_changed(edition_of(release), demonstration=False, **wanted)
    return [
        (row["area_code"], row["period"], row["what"], row["before_pct"], row["after_pct"]) for row in rows
    ]


def address_of(release: Release, query: str = "") -> str:
    return reverse("release_detail", kwargs={"pk": release.pk}) + query


def test_values_then_withheld_then_limits_then_dropped(take_in):
    small = {"lower95_pct": 10.0, "upper95_pct": 14.0}
    take_in(
        FIRST,
        read("NORTH", 2019, 12.0, **small),
        read("NORTH", 2020, 12.0),
        read("NORTH", 2021, 12.0),
        read("NORTH", 2022, 12.0),
        read("SOUTH", 2022, 9.0),
    )

    release = take_in(
        SECOND,
        read("NORTH", 2019, 12.0, **small | {"upper95_pct": 15.0}),
        read("NORTH", 2020, 12.5),
        read("NORTH", 2022, None),
        read("SOUTH", 2022, 10.0),
    )

    assert changed(release) == [
        ("SOUTH", "2022", "revised", 9.0, 10.0),
        ("NORTH", "2020", "revised", 12.0, 12.5),
        ("NORTH", "2022", "revised", 12.0, None),
        ("NORTH", "2019", "limits", 12.0, 12.0),
        ("NORTH", "2021", "dropped", 12.0, None),
    ]
    assert edition_of(release).count_rows() == 5
    assert changed(release, what="limits", period="2019") == [("NORTH", "2019", "limits", 12.0, 12.0)]


def test_england_comes_first_among_equals(take_in):
    take_in(FIRST, *(read(code, 2022, 12.0) for code in ("E92000001", "NORTH", "SOUTH")))

    release = take_in(SECOND, *(read(code, 2022, 11.0) for code in ("NORTH", "E92000001", "SOUTH")))

    assert [row[0] for row in changed(release)] == ["E92000001", "NORTH", "SOUTH"]


def test_page_says_what_became_of_limits_counts_and_withheld_figures(client, take_in):
    take_in(FIRST, read("NORTH", 2021, 12.0, count=120.0, denominator=1000.0), read("SOUTH", 2021, 9.0))
    release = take_in(
        SECOND, read("NORTH", 2021, 12.0, count=121.0, denominator=1008.0), read("SOUTH", 2021, None)
    )

    words = read_words(client, address_of(release))

    assert "Only its limits or counts revised 12.0% 12.0% none" in words
    assert "count (120 to 121) and denominator (1,000 to 1,008)" in words
    assert "South 2021 Figure revised 9.0% not published no difference to give" in words


def test_edition_that_changes_nothing_says_so(client, take_in):
    take_in(FIRST, read("NORTH", 2021, 12.0), read("NORTH", 2022, 11.0))
    release = take_in(SECOND, read("NORTH", 2022, 11.0))
    # A shorter file covers a shorter span, so nothing was dropped.

    words = read_words(client, address_of(release))

    assert "The edition of 1 October 2024 changed nothing: every figure in it was known before." in words
    assert "It changed nothing." in words


def test_dropped_figures_that_come_back_are_new(take_in):
    take_in(FIRST, read("NORTH", 2021, 12.0), read("SOUTH", 2021, 9.0))
    take_in(SECOND, read("NORTH", 2021, 12.0))
    release = take_in(THIRD, read("NORTH", 2021, 12.0), read("SOUTH", 2021, 9.5))

    assert changed(release) == []
    assert changed(release, what="new") == [("SOUTH", "2021", "new", None, 9.5)]


def test_refused_rows_are_listed_with_line_and_reason(client, take_in):
    release = take_in(FIRST, read("NORTH", 2021, 12.0))
    rejected = [
        {"line": 7, "reason": "No area has the code E99."},
        {"line": 9, "reason": "<b>Not a number.</b>"},
    ]
    Release.objects.filter(pk=release.pk).update(rejected=rejected, duplicate_count=2)

    words = read_words(client, address_of(release))
    rows = client.get(address_of(release, "?rejected-_export=json")).json()

    assert "Read 5 All of the following five together" in words
    assert "7 No area has the code E99." in words
    assert "<b>Not a number.</b>" in words
    assert rows == rejected


def test_withdrawn_edition_says_when_and_why_and_answers_nothing(client, take_in):
    take_in(FIRST, read("E92000001", 2021, 12.0))
    release = take_in(SECOND, read("E92000001", 2021, 15.0))
    withdraw_release(release, because="The wrong file", by=None, now=NOW)

    words = read_words(client, address_of(release))
    data = read_words(client, reverse("data"))

    assert "This edition was withdrawn on 21 November 2026" in words
    assert "Why: The wrong file." in words
    assert "15" not in words.split("Where it comes from")[0].replace("2015", "")
    assert "Withdrawn on 21 November 2026: Edition of 2024-10-01" in data
    assert "1 indicator from 1 publisher in 1 edition, 1 figure in all" in data


def test_edition_imported_late_changes_what_the_next_one_did(take_in):
    first = take_in(FIRST, read("E92000001", 2021, 12.0))
    third = take_in(THIRD, read("E92000001", 2021, 11.0))
    assert "went from 12.0% to 11.0%" in describe_edition(edition_of(third))

    second = take_in(SECOND, read("E92000001", 2021, 11.0))

    assert "England's 2021 figure went from 12.0% to 11.0%." in describe_edition(edition_of(second))
    assert "changed nothing" in describe_edition(edition_of(third))
    assert "is the first one held" in describe_edition(edition_of(first))


def test_figures_of_fictitious_areas_are_left_out_unless_switched_on(take_in, settings, client):
    make_area(code="DEMO", short_name="Demo: Vale", demonstration=True)
    take_in(FIRST, read("NORTH", 2021, 12.0))
    release = take_in(SECOND, read("NORTH", 2021, 11.0), read("DEMO", 2021, 10.0))

    settings.DEMONSTRATION = False
    assert client.get(address_of(release)).status_code == 404
    settings.DEMONSTRATION = True
    assert "Demo: Vale" in client.get(address_of(release, "?what=new")).text
    assert list_changed(edition_of_shown(release), demonstration=False, what="new").count() == 0


def edition_of_shown(release: Release):
    edition = find_edition(release.pk, demonstration=True)
    assert edition is not None
    return edition


def test_verdicts_are_judged_with_and_without_the_edition(take_in):
    first = take_in(FIRST, read("NORTH", 2021, 12.0), read("NORTH", 2022, 11.0), read("SOUTH", 2021, 12.0))
    indicator = first.indicator
    for code in ("NORTH", "SOUTH"):
        body = indicator.series.get(area__code=code).area
        make_version(
            target=make_target(body=body, title=f"{code} free"),
            indicator=indicator,
            status="published",
            known_from=date(2021, 6, 1),
        )
    release = take_in(
        SECOND,
        read("NORTH", 2021, 12.0),
        read("NORTH", 2022, 11.9),
        read("SOUTH", 2021, 12.0),
        read("SOUTH", 2022, 10.0),
    )

    verdicts = find_edition_verdicts(edition_of(release), demonstration=False)

    assert verdicts.judged == 2
    assert [(row.body, row.before.word, row.after.word, row.why) for row in verdicts.changes] == [
        ("North", "On track", "Above its path", "The figure for 2022 was revised"),
        ("South", "Cannot be judged", "On track", "A newer figure: 2022 after 2021"),
    ]
    assert verdicts.sentence == (
        "Of the 2 verdicts of that day, 2 read otherwise with it: 0 for the better, 1 for the worse, "
        "1 neither (one side has no verdict, another measure is read, or both rank the same)."
    )
