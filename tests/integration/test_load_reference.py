"""The bundled data: loaded twice it changes nothing; a broken row is named and changes nothing."""

import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from icbs.models import Area
from targets.models import Release, TargetVersion
from tests.factories.reference import read_all_rows
from tracker.services.load_reference import BrokenReference, load_reference

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference_data"),
    pytest.mark.xdist_group("load_reference"),
]


def be_silent(step: str) -> None:
    pass


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the bundled tables."""
    return Path(shutil.copytree(settings.DATA_DIR, tmp_path / "data"))


def change_line(table: Path, start: str, old: str, new: str) -> int:
    """Changes the one line that starts so; its number, the header being line 1."""
    lines = table.read_text(encoding="utf-8").splitlines()
    [place] = [place for place, line in enumerate(lines) if line.startswith(start)]
    assert old in lines[place]
    lines[place] = lines[place].replace(old, new, 1)
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place + 1


def test_loading_twice_changes_no_row_of_any_table_and_no_history():
    before = read_all_rows()

    load_reference(be_silent)

    assert read_all_rows() == before
    assert len(before["icbs.HistoricalArea"]) == len(before["icbs.Area"])
    assert len(before["targets.HistoricalTarget"]) == len(before["targets.Target"])


def test_boards_of_both_maps_the_three_editions_and_the_targets_are_there():
    assert Area.objects.boards().in_being(Release.objects.earliest("known_from").known_from).count() == 42
    assert Area.objects.boards().filter(closed=None).count() == 36
    editions = Counter(Release.objects.filter(kind="published").values_list("indicator__slug", flat=True))
    assert editions == {
        "adults-smoking-aps-18": 3,
        "adults-smoking-gpps-16": 1,
        "adults-smoking-qof-15": 1,
        "adults-smoking-qof-15-practice": 1,
        "smoking-at-delivery": 1,
    }
    assert TargetVersion.objects.filter(target__slug__startswith="south-yorkshire").count() == 3
    assert not Area.objects.filter(demonstration=True).exists()


@pytest.mark.parametrize(
    ("table", "start", "old", "new", "column", "wanted"),
    [
        (
            "targets.csv",
            "south-yorkshire-adults-2024",
            "level,lt,10,",
            "level,lt,120,",
            "value_pct",
            "from 0 to 100",
        ),
        (
            "targets.csv",
            "north-east-and-north-cumbria-adults-2030",
            "2030-12-31",
            "2019-12-31",
            "deadline",
            "after the end of the baseline",
        ),
        ("targets.csv", "south-yorkshire-adults-2024", ",QF7,", ",QQQ,", "body", "one of"),
        ("areas.csv", "QF7,", "2022-07-01", "July 2022", "opened", "a day written as 2024-03-31"),
        ("services.csv", "maternity,", "2024-03-31", "", "deadline", "filled in"),
        ("council_lookups.csv", "july_2022,E06000001,", "QHM", "QQQ", "board", "a code of the area table"),
        (
            "releases.csv",
            "adults-smoking-aps-18,3",
            "fingertips-92443-april-2026",
            "gone",
            "source",
            "source table",
        ),
        ("observations/aps_edition_3.csv", "E92000001,", "13.9", "139", "2019", "from 0 to 100"),
    ],
)
def test_a_broken_row_is_named_and_nothing_is_changed(folder, table, start, old, new, column, wanted):
    change_line(folder / "areas.csv", "Y56,", "London,London", "London,Somewhere else")
    line = change_line(folder / table, start, old, new)
    before = read_all_rows()

    with pytest.raises(BrokenReference, match=f"{table}, line {line}, column {column}: .*{wanted}"):
        load_reference(be_silent, folder=folder)

    assert read_all_rows() == before


def test_a_correction_of_a_register_is_taken_over_and_kept_in_its_history(folder):
    change_line(folder / "areas.csv", "Y56,", "London,London", "London,Greater London")

    load_reference(be_silent, folder=folder)

    london = Area.objects.get(code="Y56")
    assert london.short_name == "Greater London"
    assert list(london.history.values_list("short_name", flat=True)) == ["Greater London", "London"]


def test_another_wording_of_a_published_target_asks_for_a_new_version(folder):
    line = change_line(folder / "targets.csv", "south-yorkshire-adults-2024", "below 10% by", "under 10% by")

    with pytest.raises(BrokenReference, match=f"targets.csv, line {line}, column version: .*wording differ"):
        load_reference(be_silent, folder=folder)


def test_a_missing_table_is_named(folder):
    (folder / "targets.csv").unlink()

    with pytest.raises(BrokenReference, match=r"targets\.csv is missing: restore it"):
        load_reference(be_silent, folder=folder)


def test_the_command_says_what_is_wrong_and_ends_with_1(folder):
    line = change_line(folder / "areas.csv", "QF7,", ",icb,", ",bord,")

    with pytest.raises(CommandError, match=f"areas.csv, line {line}, column kind") as refusal:
        call_command("load_reference", folder=folder, verbosity=0)

    assert refusal.value.returncode == 1


@pytest.mark.parametrize(("table", "start"), [("areas.csv", "QF7,"), ("sources.csv", "ash-cruk-2023,")])
def test_a_line_given_twice_is_refused(folder, table, start):
    lines = (folder / table).read_text(encoding="utf-8").splitlines()
    [line] = [line for line in lines if line.startswith(start)]
    (folder / table).write_text("\n".join([*lines, line]) + "\n", encoding="utf-8")

    with pytest.raises(BrokenReference, match=f"{table}, line {len(lines) + 1}, .* is not given only once"):
        load_reference(be_silent, folder=folder)


def test_a_byte_order_mark_changes_nothing(folder):
    for table in folder.rglob("*.csv"):
        table.write_text(table.read_text(encoding="utf-8"), encoding="utf-8-sig")
    before = read_all_rows()

    load_reference(be_silent, folder=folder)

    assert read_all_rows() == before


def test_an_edition_of_tomorrow_is_refused(folder):
    tomorrow = timezone.localdate() + timedelta(days=1)
    line = change_line(folder / "releases.csv", "adults-smoking-aps-18,3", "2026-04-30", f"{tomorrow}")

    with pytest.raises(BrokenReference, match=f"releases.csv, line {line}, column known_from: .*up to today"):
        load_reference(be_silent, folder=folder)


def test_another_weight_in_a_lookup_that_was_loaded_is_refused(folder):
    line = change_line(folder / "council_lookups.csv", "april_2024,E06000001,", ",57", ",58")

    with pytest.raises(
        BrokenReference,
        match=f"council_lookups.csv, line {line}: lsoa_count 58 differs from the 57 that estimates rest on",
    ):
        load_reference(be_silent, folder=folder)


def test_what_a_target_may_not_be_is_refused_with_its_line(folder):
    TargetVersion.objects.filter(target__slug="south-yorkshire-adults-2024").delete()
    line = change_line(folder / "targets.csv", "south-yorkshire-adults-2024", "level,lt,10,", "level,,10,")

    with pytest.raises(BrokenReference, match=f"targets.csv, line {line}: A level needs its percentage"):
        load_reference(be_silent, folder=folder)


def test_another_body_of_a_published_target_is_refused_with_its_line(folder):
    line = change_line(folder / "targets.csv", "south-yorkshire-adults-2024", ",QF7,", ",QE1,")

    with pytest.raises(BrokenReference, match=f"targets.csv, line {line}: A published target keeps its body"):
        load_reference(be_silent, folder=folder)


def test_what_only_the_database_refuses_names_the_table(folder):
    [first, second] = (folder / "hex_layout.csv").read_text(encoding="utf-8").splitlines()[1:3]
    place = ",".join(first.split(",")[-2:])
    start, moved = ",".join(second.split(",")[:2]) + ",", ",".join([*second.split(",")[:-2], place])
    change_line(folder / "hex_layout.csv", start, second, moved)
    before = read_all_rows()

    with pytest.raises(
        BrokenReference,
        match=r"^While loading hex_layout\.csv: .+; correct the table and load again; nothing",
    ):
        load_reference(be_silent, folder=folder)

    assert read_all_rows() == before
