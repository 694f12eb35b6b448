"""Whatever a file looks like, it is taken in with every row accounted for, or refused with nothing changed."""

import io
from collections import Counter
from datetime import date

import pytest
from django.db import transaction

from kit.readers.csv_table import BrokenTable
from kit.readers.source_file import SourceFile
from targets.models import Change, Indicator, Observation, Release, Series, StagedRow, UnreadPlace
from targets.services.import_release import Outcome, RefusedRelease, Request, import_file
from tests.factories.broken_files import AREAS, PERIODS, BrokenFile, make_broken_file
from tests.factories.figure_files import FINGERTIPS_ID, Figure, write_fingertips
from tests.factories.rows import make_area, make_indicator

SAMPLE = 60
KEPT = (Release, Series, Observation, UnreadPlace, StagedRow)


def request_for(name: str, known_from: date, indicator: Indicator) -> Request:
    return Request(
        file_name=name,
        known_from=known_from,
        known_from_basis="The day it came out",
        source_title="A publisher",
        indicator=indicator,
    )


@pytest.fixture
def first_edition(db) -> Indicator:
    """One edition is held already, so that rows can be unchanged, revised and dropped."""
    for code in AREAS:
        make_area(code=code)
    indicator = make_indicator(slug="smokers", fingertips_id=FINGERTIPS_ID, age="18+")
    figures = [Figure(area=area, period=period) for area in AREAS for period in PERIODS[:-1]]
    request = request_for("first.csv", date(2024, 10, 1), indicator)
    import_file(io.BytesIO(write_fingertips(figures)), request)
    return indicator


def read_kept() -> list[list[tuple]]:
    return [list(model._base_manager.order_by("pk").values_list()) for model in KEPT]


def check_files(numbers: range, indicator: Indicator) -> Counter[str]:
    """How often which of three things happened; after each file the database is as it was before."""
    before, seen = read_kept(), Counter()
    for number in numbers:
        file = make_broken_file(number)
        try:
            seen[_check_file(file, indicator, before)] += 1
        except BaseException as error:
            error.add_note(f"File {number}, {file.name}: {file.damage}")
            raise
    return seen


def _check_file(file: BrokenFile, indicator: Indicator, before: list[list[tuple]]) -> str:
    with transaction.atomic():
        outcome = _try_import(file, indicator)
        if outcome is not None:
            check_outcome(outcome, file)
        transaction.set_rollback(outcome is not None)
    if outcome is None:
        assert read_kept() == before
        return "refused"
    return "with rejections" if outcome.rejected else "whole"


def _try_import(file: BrokenFile, indicator: Indicator) -> Outcome | None:
    """None: refused in one of the two ways there are."""
    request = request_for(file.name, date(2026, 4, 30), indicator)
    try:
        return import_file(io.BytesIO(file.content), request)
    except (BrokenTable, RefusedRelease) as refusal:
        if len(str(refusal)) <= len(file.name):
            raise
    return None


def check_outcome(outcome: Outcome, file: BrokenFile) -> None:
    with SourceFile(io.BytesIO(file.content), name=file.name) as source:
        lines = [line for line, _ in source.iter_rows()][1:]
    rejected = len(outcome.rejected)
    assert outcome.read == len(lines)
    assert outcome.read == (outcome.new + outcome.unchanged + outcome.revised + outcome.duplicate + rejected)
    assert {row["line"] for row in outcome.rejected} <= set(lines)
    assert all(row["reason"].strip() for row in outcome.rejected)
    made = Observation.objects.filter(release__in=outcome.releases)
    assert made.filter(change=Change.NEW).count() == outcome.new
    assert made.filter(change=Change.REVISED).count() == outcome.revised
    assert made.filter(change=Change.DROPPED).count() == outcome.dropped
    assert not StagedRow.objects.exists()
    assert len(outcome.releases) == (1 if outcome.read > rejected else len(outcome.releases))


def test_a_broken_file_is_taken_in_by_the_row_or_refused_whole(first_edition):
    seen = check_files(range(SAMPLE), first_edition)

    assert min(seen[kind] for kind in ("refused", "with rejections", "whole")) >= 5
