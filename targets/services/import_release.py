"""Takes one edition of an indicator in: one release, one transaction, every row classified."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from icbs.models import Area
from targets.models import Indicator, Observation, Release, ReleaseKind, Series
from targets.readers.wide_table import Reading

FIGURES = (
    "value_pct",
    "lower95_pct",
    "upper95_pct",
    "lower998_pct",
    "upper998_pct",
    "count",
    "denominator",
)


class RefusedRelease(ValueError):
    """The edition cannot be taken in; nothing was changed."""


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


@transaction.atomic
def import_release(
    edition: Edition, readings: Iterable[Reading], *, covers: Iterable[Area] | None = None
) -> tuple[Release, bool]:
    """The release of an edition, and whether it is new: the same file again changes nothing.

    A row is new, unchanged (the kept figure stays), revised (a row is added, the old one closed on the
    day the edition was known) or dropped (closed, without a successor). Dropped is judged inside what
    the file covers: the areas in `covers`, else every area of the kinds in the file, and the file's span.

    Raises:
        RefusedRelease: an unknown area, two figures for one place, a figure for a period that ends after the
            edition was known, an edition older than the last, or a file taken in with another day.
    """
    kept = Release.objects.filter(
        indicator=edition.indicator,
        kind=edition.kind,
        file_sha256=edition.file_sha256,
        known_from=edition.known_from,
        withdrawn_at=None,
    ).first()
    if kept:
        return kept, False
    _refuse_another_day(edition)
    _refuse_out_of_order(edition)
    rows, duplicates = _index_readings(edition, readings)
    areas = {area.code: area for area in Area.objects.filter(code__in={code for code, *_ in rows})}
    unknown = sorted({code for code, *_ in rows} - set(areas))
    if unknown:
        raise RefusedRelease(
            f"{edition.file_name}: no area has the code {', '.join(unknown[:5])}. Add it to the area table first."
        )
    release = Release.objects.create(
        duplicate_count=duplicates, **{name: getattr(edition, name) for name in Edition.__slots__}
    )
    series = _keep_series(edition.indicator, areas.values())
    covered = list(covers) if covers is not None else _areas_of_kinds({area.kind for area in areas.values()})
    current = _current_figures(edition, covered, rows.values())
    _apply(release, rows, series, current)
    return release, True


def _refuse_another_day(edition: Edition) -> None:
    """Estimates are outside this: those of one file are made anew for each lookup."""
    if edition.kind != ReleaseKind.PUBLISHED:
        return
    kept = Release.objects.filter(
        indicator=edition.indicator,
        kind=ReleaseKind.PUBLISHED,
        file_sha256=edition.file_sha256,
        withdrawn_at=None,
    ).first()
    if kept:
        raise RefusedRelease(
            f"{edition.file_name}: this file was taken in as known from {kept.known_from}; the day of an "
            "edition cannot be changed after it was taken in."
        )


def _refuse_out_of_order(edition: Edition) -> None:
    latest = (
        Release.objects.filter(indicator=edition.indicator, kind=edition.kind, withdrawn_at=None)
        .order_by("-known_from")
        .first()
    )
    if latest and latest.known_from > edition.known_from:
        raise RefusedRelease(
            f"{edition.file_name} was known from {edition.known_from}, before the last edition taken in "
            f"({latest.known_from}). Take editions in by date."
        )


def _index_readings(edition: Edition, readings: Iterable[Reading]) -> tuple[dict[tuple, Reading], int]:
    """The rows by their place, and how many repeat another to the letter."""
    rows: dict[tuple, Reading] = {}
    duplicates = 0
    for reading in readings:
        if reading.period_end > edition.known_from:
            raise RefusedRelease(
                f"{edition.file_name}: a figure for {reading.period_label} cannot be known on "
                f"{edition.known_from}. Correct the period, or the day of the edition."
            )
        key = (reading.area_code, reading.period_start, reading.period_end)
        if key in rows and rows[key] != reading:
            raise RefusedRelease(
                f"{edition.file_name} gives two figures for {reading.area_code}, {reading.period_label}: "
                f"{rows[key].value_text} and {reading.value_text}. Remove the wrong one."
            )
        duplicates += key in rows
        rows[key] = reading
    if not rows:
        raise RefusedRelease(f"{edition.file_name} holds no figures.")
    return rows, duplicates


def _areas_of_kinds(kinds: set[str]) -> list[Area]:
    return list(Area.objects.filter(kind__in=kinds))


def _keep_series(indicator: Indicator, areas: Iterable[Area]) -> dict[str, Series]:
    Series.objects.bulk_create(
        [Series(indicator=indicator, area=area) for area in areas], ignore_conflicts=True
    )
    rows = Series.objects.filter(indicator=indicator, area__in=areas, category="", age="", sex="Persons")
    return {series.area.code: series for series in rows.select_related("area")}


def _current_figures(
    edition: Edition, covered: list[Area], readings: Iterable[Reading]
) -> dict[tuple, Observation]:
    """Figures in force that the edition covers: of its own kind, or estimates it now replaces."""
    spans = [(reading.period_start, reading.period_end) for reading in readings]
    rows = Observation.objects.current().filter(
        series__indicator=edition.indicator,
        series__area__in=covered,
        period_start__gte=min(start for start, _ in spans),
        period_end__lte=max(end for _, end in spans),
    )
    return {
        (row.series.area.code, row.period_start, row.period_end): row
        for row in rows.select_related("series__area")
    }


def _apply(
    release: Release,
    rows: dict[tuple, Reading],
    series: dict[str, Series],
    current: dict[tuple, Observation],
) -> None:
    new, closed = [], []
    for key, reading in rows.items():
        old = current.get(key)
        if old and all(getattr(old, name) == getattr(reading, name) for name in FIGURES):
            release.unchanged_count += 1
            continue
        if old:
            release.revised_count += 1
            closed.append(old.pk)
        else:
            release.new_count += 1
        new.append(_make_observation(release, series[reading.area_code], reading))
    dropped = [row.pk for key, row in current.items() if key not in rows]
    release.dropped_count = len(dropped)
    Observation.objects.filter(pk__in=[*closed, *dropped]).update(known_to=release.known_from)
    Observation.objects.bulk_create(new, batch_size=2000)
    release.save()


def _make_observation(release: Release, series: Series, reading: Reading) -> Observation:
    return Observation(
        series=series,
        release=release,
        known_from=release.known_from,
        period_label=reading.period_label,
        period_start=reading.period_start,
        period_end=reading.period_end,
        value_text=reading.value_text,
        note=reading.note,
        **{name: getattr(reading, name) for name in FIGURES},
    )
