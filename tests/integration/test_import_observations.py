"""The command that takes a file in: its counts, its exit codes, its words."""

import io
import json
from datetime import date

import pytest
import time_machine
from django.core.management import CommandError, call_command

from targets.models import Observation, Release, StagedRow
from targets.services.import_release import withdraw_release
from tests.factories.figure_files import Figure, write_fingertips, write_upload
from tests.factories.reference import read_all_rows
from tests.factories.rows import NOW, make_area, make_indicator

FIRST, SECOND = "2023-09-05", "2024-10-01"


@pytest.fixture
def indicator(db):
    for code in ("NORTH", "SOUTH"):
        make_area(code=code)
    return make_indicator(slug="smokers", short_name="Smokers", fingertips_id=92443, age="18+")


@pytest.fixture
def write(tmp_path):
    def write_file(*figures: Figure, name: str = "figures.csv", layout=write_fingertips):
        path = tmp_path / name
        path.write_bytes(layout(figures))
        return path

    return write_file


def run(*arguments, code: int = 0) -> str:
    """Standard output of a run that ends with `code`."""
    out = io.StringIO()
    ended = 0
    try:
        call_command("import_observations", *map(str, arguments), stdout=out, stderr=io.StringIO())
    except CommandError as error:
        ended = error.returncode
    assert ended == code
    return out.getvalue()


def run_json(*arguments, code: int = 0) -> dict:
    return json.loads(run(*arguments, "--format", "json", code=code))


def test_a_first_edition_is_all_new(indicator, write):
    path = write(Figure(area="NORTH"), Figure(area="SOUTH", value="14"))

    found = run_json(path, "--released", FIRST)

    [release] = Release.objects.all()
    assert found == {
        "read": 2,
        "new": 2,
        "unchanged": 0,
        "revised": 0,
        "duplicate": 0,
        "dropped": 0,
        "rejected": [],
        "release": release.pk,
        "releases": [release.pk],
    }
    assert release.known_from == date(2023, 9, 5)
    assert release.source_title == "Taken in from the file figures.csv"
    assert release.known_from_basis == "As given when it was taken in"


def test_a_second_edition_accounts_for_every_row(indicator, write):
    run(
        write(
            Figure(area="NORTH", period="2021"), Figure(area="NORTH"), Figure(area="SOUTH"), name="one.csv"
        ),
        *("--released", FIRST),
    )
    path = write(
        Figure(area="NORTH", period="2021"),
        Figure(area="NORTH", value="11.9"),
        Figure(area="NORTH", value="11.9", parent="E92000001"),
        Figure(area="NORTH", period="2023"),
        Figure(area="SOUTH", period="2023", value="120"),
        name="two.csv",
    )

    found = run_json(path, "--released", SECOND, code=1)

    [rejection] = found.pop("rejected")
    assert rejection["line"] == 6
    assert "120 is not a percentage from 0 to 100" in rejection["reason"]
    release = Release.objects.latest("pk").pk
    assert found == {
        "read": 5,
        "new": 1,
        "unchanged": 1,
        "revised": 1,
        "duplicate": 1,
        "dropped": 1,
        "release": release,
        "releases": [release],
    }


def test_the_same_file_twice_changes_nothing(indicator, write):
    path = write(Figure(area="NORTH"), Figure(area="SOUTH"))
    first = run_json(path, "--released", FIRST)
    before = read_all_rows()

    again = run_json(path, "--released", FIRST)

    assert again == first | {"new": 0, "unchanged": 2}
    assert read_all_rows() == before


def test_the_same_file_with_another_day_is_refused(indicator, write):
    path = write(Figure(area="NORTH"))
    run(path, "--released", FIRST)
    before = read_all_rows()

    found = run_json(path, "--released", SECOND, code=1)

    assert "was taken in as known from 5 September 2023" in found.pop("error")
    assert found == {
        **dict.fromkeys(("read", "new", "unchanged", "revised", "duplicate", "dropped"), 0),
        "rejected": [],
        "release": None,
        "releases": [],
    }
    assert read_all_rows() == before


def test_a_dry_run_counts_and_keeps_nothing(indicator, write):
    path = write(Figure(area="NORTH"), Figure(area="SOUTH"))
    before = read_all_rows()

    found = run_json(path, "--released", FIRST, "--dry-run")
    words = run(path, "--released", FIRST, "--dry-run")

    assert (found["new"], found["release"], found["releases"]) == (2, None, [])
    assert "This was a dry run: nothing was kept." in words
    assert read_all_rows() == before


@time_machine.travel(date(2026, 11, 21))
def test_without_a_day_the_edition_is_known_from_today(indicator, write):
    run(write(Figure(area="NORTH")))

    release = Release.objects.get()
    assert release.known_from == date(2026, 11, 21)
    assert release.known_from_basis == (
        "No day of publication was given: the day it was taken in, so known at the latest by then"
    )


def test_what_is_said_of_the_source_is_kept(indicator, write):
    run(
        write(Figure(area="NORTH")),
        *("--released", FIRST, "--basis", "The release calendar", "--source", "ONS, Adult smoking habits"),
        *("--source-url", "https://example.org/habits"),
    )

    release = Release.objects.get()
    assert release.known_from_basis == "The release calendar"
    assert release.source_title == "ONS, Adult smoking habits"
    assert release.source_url == "https://example.org/habits"


def test_a_file_that_names_no_indicator_needs_one(indicator, write):
    path = write(Figure(area="NORTH"), layout=write_upload)

    refused = run_json(path, "--released", FIRST, code=1)
    found = run_json(path, "--released", FIRST, "--indicator", "smokers")

    assert refused["read"] == 0
    assert "names no indicator" in refused["error"]
    assert "--indicator SLUG" in refused["error"]
    assert found["new"] == 1
    assert Observation.objects.get().series.indicator == indicator


def test_rows_about_another_indicator_are_refused(indicator, write):
    make_indicator(slug="routine", short_name="Routine and manual", fingertips_id=92445)
    path = write(Figure(area="NORTH"), Figure(area="SOUTH", indicator=92445))

    found = run_json(path, "--released", FIRST, "--indicator", "smokers", code=1)

    assert found["new"] == 1
    assert [row["line"] for row in found["rejected"]] == [3]


def test_a_file_about_two_indicators_makes_two_editions(indicator, write):
    make_indicator(slug="routine", short_name="Routine and manual", fingertips_id=92445)
    path = write(Figure(area="NORTH"), Figure(area="SOUTH", indicator=92445))

    found = run_json(path, "--released", FIRST)

    assert found["new"] == 2
    assert found["releases"] == list(Release.objects.order_by("pk").values_list("pk", flat=True))
    assert len(found["releases"]) == 2


def test_a_part_drops_nothing_of_areas_it_does_not_name(indicator, write):
    run(write(Figure(area="NORTH"), Figure(area="SOUTH"), name="one.csv"), "--released", FIRST)
    path = write(Figure(area="NORTH", value="11"), name="two.csv")

    whole = run_json(path, "--released", SECOND, "--dry-run")
    part = run_json(path, "--released", SECOND, "--only-named-areas")

    assert (whole["dropped"], part["dropped"]) == (1, 0)


def test_a_file_without_one_row_to_take_in_makes_no_edition(indicator, write):
    path = write(Figure(area="WEST"))

    found = run_json(path, "--released", FIRST, code=1)

    assert found["release"] is None
    assert "No area has the code WEST" in found["rejected"][0]["reason"]
    assert not Release.objects.exists()
    assert not StagedRow.objects.exists()


def test_in_words_it_says_what_was_refused_and_where_the_edition_is(indicator, write):
    path = write(Figure(area="NORTH"), *(Figure(area=f"WEST{number}") for number in range(25)))

    words = run(path, "--released", FIRST, code=1)

    release = Release.objects.get()
    assert "figures.csv: 26 rows read" in words
    assert "New                            1" in words
    assert words.count("No area has the code") == 20
    assert "And 5 more" in words
    assert f"It is shown at /data/releases/{release.pk}/." in words


def test_a_withdrawn_file_can_be_taken_in_again(indicator, write):
    path = write(Figure(area="NORTH"))
    run(path, "--released", FIRST)
    withdraw_release(Release.objects.get(), because="Too early", by=None, now=NOW)

    found = run_json(path, "--released", SECOND)

    assert found["new"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--indicator", "smoker"), "There is no indicator smoker. The tracker holds: smokers."),
        (("--released", "1 October 2024"), "'1 October 2024' is not a date"),
        (("--released", "2999-01-01"), "lies in the future"),
        (("--source-url", "habits"), "is not a web address"),
        (("--basis", "x" * 201), "--basis has 201 characters"),
        (("--source", "x" * 301), "--source has 301 characters"),
    ],
)
def test_wrong_use_ends_with_2_and_changes_nothing(indicator, write, arguments, message):
    path = write(Figure(area="NORTH"))

    with pytest.raises(CommandError, match=message) as refusal:
        call_command("import_observations", str(path), *arguments, "--format", "json")

    assert refusal.value.returncode == 2
    assert not Release.objects.exists()


@pytest.mark.parametrize("name", ["absent.csv", "."])
def test_a_file_that_is_not_there_is_wrong_use(indicator, tmp_path, name):
    with pytest.raises(CommandError, match="There is no file") as refusal:
        call_command("import_observations", str(tmp_path / name))

    assert refusal.value.returncode == 2


def test_a_file_that_is_no_table_is_refused(indicator, tmp_path):
    path = tmp_path / "figures.csv"
    path.write_text("An error occurred while processing your request.\n")

    found = run_json(path, code=1)

    assert "a message rather than a header" in found["error"]
    assert found["read"] == 0
