"""Puts one edition of one indicator into the record, or takes it out again. In the caller's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count

from targets.models import Indicator, Observation, Release, ReleaseKind, StagedRow
from targets.services.coverage import Coverage, covered_places, find_coverage
from targets.services.staging import Staged
from targets.services.timeline import (
    COPIED,
    EQUAL_TO,
    FIGURES,
    count_changes,
    find_later,
    find_peers,
    line_up,
    same_figures,
    same_place,
    same_words,
    write_next,
)

User = settings.AUTH_USER_MODEL
PLACE = ("series_id", "period_start", "period_end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What is known about an edition besides its rows."""

    indicator: Indicator
    title: str
    known_from: date
    known_from_basis: str
    file_name: str
    file_sha256: str
    source_title: str
    source_url: str
    kind: str = ReleaseKind.PUBLISHED
    derived_from: Release | None = None
    layout: str = ""
    recorded_by: Any = None


@dataclass(slots=True)
class Scope:
    """What to take as covered: by default the kinds of area in the file.

    `coverage`: this and nothing else. `only_named`: the areas the file has a row for.
    """

    coverage: Coverage | None = None
    only_named: bool = False
    rejected: list[dict[str, Any]] = field(default_factory=list)


def add_edition(edition: Edition, staged: Staged, scope: Scope) -> Release:
    """The new release with every row classified against what was known before it.

    A row is new, unchanged (the kept figure stays), revised (a row is added that points to the old one),
    dropped (known before and missing inside what the file covers), a duplicate (equal rows collapse), or
    rejected (unequal ones; the place then stays as it was).
    """
    Indicator.objects.select_for_update().get(pk=edition.indicator.pk)
    _keep_series(staged, edition.indicator)
    duplicates, rejected = _settle_duplicates(staged, edition.indicator)
    places = StagedRow.objects.filter(batch=staged.batch, indicator=edition.indicator)
    release = Release.objects.create(
        **{name: getattr(edition, name) for name in Edition.__slots__},
        duplicate_count=duplicates,
        rejected=sorted([*scope.rejected, *rejected], key=lambda row: row["line"]),
        accepted_count=places.filter(refused=False).count(),
        covers=scope.coverage or find_coverage(staged.batch, edition.indicator, only_named=scope.only_named),
    )
    _keep_unread_places(release, staged)
    _insert_changes(release, staged)
    _insert_dropped(release, staged)
    write_next(release, taken_away=False)
    line_up(release)
    later = find_later(release)
    count_changes([release, *later])
    return release


def take_edition_out(release: Release, *, because: str, by: Any, now: datetime) -> None:
    """What was known before comes back; the release and its rows stay as the record that it happened."""
    Indicator.objects.select_for_update().get(pk=release.indicator_id)
    write_next(release, taken_away=True)
    release.withdrawn_at, release.withdrawn_by, release.withdrawn_because = now, by, because
    release.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])
    Observation.objects.filter(release=release).update(
        known_to=release.known_from, change="withdrawn", replaces=None
    )
    line_up(release)
    count_changes(find_later(release))


def _keep_series(staged: Staged, indicator: Indicator) -> None:
    """Series that are not held yet; every staged row then knows its own."""
    same = " AND ".join(
        f"series.{name} = staged.{name}"
        for name in ("indicator_id", "area_id", "sex", "age", "category_type", "category", "period_months")
    )
    _execute(
        """
        INSERT INTO targets_series
            (indicator_id, area_id, sex, age, category_type, category, period_months)
        SELECT DISTINCT indicator_id, area_id, sex, age, category_type, category, period_months
        FROM targets_stagedrow WHERE batch = %s AND indicator_id = %s AND series_id IS NULL
        ON CONFLICT DO NOTHING
        """,
        [_batch(staged), indicator.pk],
    )
    _execute(
        f"""
        UPDATE targets_stagedrow AS staged SET series_id = series.id FROM targets_series series
        WHERE staged.batch = %s AND staged.indicator_id = %s AND staged.series_id IS NULL AND {same}
        """,
        [_batch(staged), indicator.pk],
    )


def _settle_duplicates(staged: Staged, indicator: Indicator) -> tuple[int, list[dict[str, Any]]]:
    """One row a place stays. Equal rows collapse into the first; unequal ones leave only the refused place."""
    rows = StagedRow.objects.filter(batch=staged.batch, indicator=indicator)
    twice = rows.order_by().values(*PLACE).annotate(rows=Count("pk")).filter(rows__gt=1)
    wanted = {tuple(place[name] for name in PLACE) for place in twice}
    if not wanted:
        return 0, []
    series = {place[0] for place in wanted}
    candidates = _rows_of_series(rows, series)
    gone: list[StagedRow] = []
    rejected: list[dict[str, Any]] = []
    duplicates = 0
    for place, group in groupby(
        candidates, key=lambda row: (row.series_id, row.period_start, row.period_end)
    ):
        if place not in wanted:
            continue
        readable: list[StagedRow] = []
        for row in group:
            (gone if row.refused else readable).append(row)
        if not readable:
            gone.pop()
            continue
        first, *others = readable
        gone += others
        if all(_gives_same(first, other) for other in others):
            duplicates += len(others)
            continue
        rejected += [_refuse_unequal(row, readable, indicator) for row in readable]
        StagedRow.objects.filter(pk=first.pk).update(refused=True)
    _delete([row.pk for row in gone])
    return duplicates, rejected


def _rows_of_series(rows: Any, series: set[int]) -> Iterable[StagedRow]:
    """The rows of some series, place by place; read in slices, for a file may repeat every row."""
    for start in range(0, len(series), 500):
        some = sorted(series)[start : start + 500]
        yield from rows.filter(series__in=some).order_by(*PLACE, "line").iterator(chunk_size=5000)


def _gives_same(one: StagedRow, other: StagedRow) -> bool:
    def is_same(a: float | None, b: float | None) -> bool:
        if a is None or b is None:
            return a is b
        return abs(a - b) <= EQUAL_TO * (1 + abs(a))

    return all(is_same(getattr(one, name), getattr(other, name)) for name in FIGURES)


def _refuse_unequal(row: StagedRow, group: list[StagedRow], indicator: Indicator) -> dict[str, Any]:
    figures = ", ".join(f"{other.value_text or 'no figure'} (line {other.line})" for other in group[:5])
    return {
        "line": row.line,
        "reason": (
            f"The file gives different figures for the same place and period ({row.period_label}): {figures}. "
            "Ask the publisher which is right; none was taken in."
        ),
        "indicator": indicator.pk,
    }


def _delete(keys: list[int]) -> None:
    for start in range(0, len(keys), 5000):
        StagedRow.objects.filter(pk__in=keys[start : start + 5000])._raw_delete("default")


def _keep_unread_places(release: Release, staged: Staged) -> None:
    _execute(
        """
        INSERT INTO targets_unreadplace (release_id, series_id, period_start, period_end)
        SELECT %s, series_id, period_start, period_end FROM targets_stagedrow
        WHERE batch = %s AND indicator_id = %s AND refused
        """,
        [release.pk, _batch(staged), release.indicator_id],
    )


def _insert_changes(release: Release, staged: Staged) -> None:
    """Rows that differ from what answered on the day before this edition, if only in their words.

    Where a row repeats figures in other words, whoever comes later says which of the two it repeats.
    """
    peers = [row.pk for row in find_peers(release) if row != release]
    names = ", ".join(f'"{name}"' for name in COPIED)
    copied = ", ".join(f'staged."{name}"' for name in COPIED)
    marks = ", ".join(["%s"] * len(peers)) or "NULL"
    estimated, day = _time_of(release)
    _execute(
        f"""
        INSERT INTO targets_observation
            ({names}, release_id, known_from, known_to, estimated, dropped, change, line, replaces_id)
        SELECT {copied}, %s, %s, %s, %s, %s, 'repeated', staged.line, before.id
        FROM targets_stagedrow staged
        LEFT JOIN targets_observation before ON {same_place("before", "staged")} AND before.estimated = %s
         AND before.known_from <= %s AND (before.known_to IS NULL OR before.known_to > %s)
        WHERE staged.batch = %s AND staged.indicator_id = %s AND NOT staged.refused
          AND (before.id IS NULL OR before.dropped
               OR NOT ({same_words("staged", "before")} AND {same_figures("staged", "before")})
               OR (staged.series_id, staged.period_start, staged.period_end) IN (
                 SELECT series_id, period_start, period_end FROM targets_observation
                 WHERE release_id IN ({marks}) AND change = 'repeated' AND known_from <= %s))
        """,
        [
            *(release.pk, day, day, estimated, False),
            *(estimated, day, day),
            *(_batch(staged), release.indicator_id),
            *(*peers, day),
        ],
    )


def _insert_dropped(release: Release, staged: Staged) -> None:
    """A row without figures for each place the edition covers, and that was known, but it has no row for."""
    covered, values = covered_places(release.covers, series="series", row="before")
    estimated, day = _time_of(release)
    _execute(
        f"""
        INSERT INTO targets_observation
            (series_id, period_start, period_end, period_label, value_text, note,
             release_id, known_from, known_to, estimated, dropped, change, replaces_id)
        SELECT before.series_id, before.period_start, before.period_end, before.period_label, '', '',
               %s, %s, %s, %s, %s, 'repeated', before.id
        FROM targets_observation before
        JOIN targets_series series ON series.id = before.series_id
        JOIN icbs_area area ON area.id = series.area_id
        WHERE series.indicator_id = %s AND before.estimated = %s AND NOT before.dropped
          AND before.known_from <= %s AND (before.known_to IS NULL OR before.known_to > %s)
          AND {covered}
          AND NOT EXISTS (
            SELECT 1 FROM targets_stagedrow staged WHERE staged.batch = %s
              AND staged.indicator_id = %s AND staged.series_id = before.series_id
              AND staged.period_start = before.period_start AND staged.period_end = before.period_end)
        """,
        [
            *(release.pk, day, day, estimated, True),
            *(release.indicator_id, estimated, day, day),
            *values,
            *(_batch(staged), release.indicator_id),
        ],
    )


def _time_of(release: Release) -> tuple[bool, Any]:
    return release.kind == ReleaseKind.ESTIMATE, connection.ops.adapt_datefield_value(release.known_from)


def _batch(staged: Staged) -> Any:
    return staged.batch if connection.vendor == "postgresql" else staged.batch.hex


def _execute(statement: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
