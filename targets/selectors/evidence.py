"""What was known on a day: targets in force, bodies in being, figures, breaks. One query each."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Min, Q

from icbs.models import Area, AreaKind
from targets.calc.types import Kind
from targets.models import (
    AnnouncedEdition,
    Break,
    BreakKind,
    Indicator,
    MissingEstimate,
    Observation,
    Release,
    ReleaseKind,
    TargetVersion,
)
from targets.selectors.coverage import MAKES_UP_ENGLAND, annotate_coverage, find_coverage_breaks


@dataclass(frozen=True, slots=True)
class Pair:
    """A target version laid against an area: a promise on its own body, else a comparison."""

    version: TargetVersion
    area: Area

    @property
    def kind(self) -> Kind:
        return Kind.PROMISE if self.version.target.body_id == self.area.pk else Kind.COMPARISON

    @property
    def key(self) -> tuple[int, int]:
        return self.version.pk, self.area.pk


@dataclass(frozen=True, slots=True)
class Evidence:
    """Figures in order of their periods by (indicator, area); breaks by indicator.

    Missing estimates by (indicator, area, first day of the period), and the latest by (indicator, area).
    `marks`: breaks and cautions, jumps of coverage among them. `gaps`: every missing estimate, the oldest
    edition first. By the key of an indicator: `stand_ins`, those that may stand in for it, in a fixed order, and
    `announced`, the editions its publisher has announced.
    """

    readings: dict[tuple[int, int], list[Observation]]
    breaks: dict[int, list[Break]]
    missing: dict[tuple[int, int, date], MissingEstimate]
    latest_missing: dict[tuple[int, int], MissingEstimate]
    marks: list[Break]
    gaps: list[MissingEstimate]
    stand_ins: dict[int, list[Indicator]]
    announced: dict[int, list[AnnouncedEdition]]


def find_pairs(
    on: date,
    *,
    area: Area | None = None,
    versions: list[TargetVersion] | None = None,
    boards: list[Area] | None = None,
) -> list[Pair]:
    """Every target in force with its body, and every comparison with the real boards in being.

    With `area` only the pairs of that one. Who holds the versions in force, or those wanted of them, with
    their bodies and indicators already gives them as `versions`; the real boards in being as `boards`.
    """
    compared = _find_compared(on, area) if boards is None else boards
    pairs = []
    for version in _find_in_force(on) if versions is None else versions:
        if version.target.body.is_in_being(on) and (area is None or area.pk == version.target.body_id):
            pairs.append(Pair(version, version.target.body))
        if version.target.compared_with_boards:
            pairs += [Pair(version, board) for board in compared]
    return pairs


def _find_in_force(on: date) -> list[TargetVersion]:
    in_force = TargetVersion.objects.in_force(on).select_related("target__body", "indicator")
    return list(in_force.order_by("target__body__short_name", "target__slug"))


def _find_compared(on: date, area: Area | None) -> list[Area]:
    """The boards that a comparison is laid beside."""
    if area is None:
        return list(Area.objects.boards().real().in_being(on).order_by("short_name"))
    is_one = area.kind == AreaKind.ICB and not area.demonstration and area.is_in_being(on)
    return [area] if is_one else []


def find_evidence(pairs: Iterable[Pair], on: date) -> Evidence:
    """Three queries, however many pairs there are."""
    pairs = list(pairs)
    areas = {pair.area.pk for pair in pairs}
    stated = {pair.version.indicator_id for pair in pairs if pair.version.indicator_id}
    register = _read_register(stated)
    stand_ins = {indicator.pk for some in register.stand_ins.values() for indicator in some}
    figures = _find_figures(stated | stand_ins, areas, on)
    marks = [*register.marks.values(), *find_coverage_breaks(figures, areas)]
    gaps = find_gaps(areas, on)
    return Evidence(
        readings=_group_by_area(figures, areas),
        breaks=_list_breaks(marks),
        missing={(gap.release.indicator_id, gap.area_id, gap.period_start): gap for gap in gaps},
        latest_missing={(gap.release.indicator_id, gap.area_id): gap for gap in gaps},
        marks=marks,
        gaps=gaps,
        stand_ins=register.stand_ins,
        announced=register.announced,
    )


def find_readings(
    indicators: set[int], areas: set[int], on: date
) -> dict[tuple[int, int], list[Observation]]:
    """The figures of a day in order of their periods, by (indicator, area). One query."""
    return _group_by_area(_find_figures(indicators, areas, on), areas)


@dataclass(slots=True)
class _Register:
    """What staff entered about the indicators stated and those that may stand in for them, by key."""

    stand_ins: dict[int, list[Indicator]]
    marks: dict[int, Break]
    announced: dict[int, list[AnnouncedEdition]]


MARK_FIELDS = ("id", "area_id", "on", "kind", "what", "source_title", "source_url")
EDITION_FIELDS = ("id", "period_end", "due_on", "source_title", "source_url")


def _read_register(stated: set[int]) -> _Register:
    """One query: an indicator comes back once for each pair of its marks and its announced editions."""
    rows = Indicator.objects.filter(Q(pk__in=stated) | Q(proxy_for__in=stated)).annotate(
        **{f"mark_{name}": F(f"breaks__{name}") for name in MARK_FIELDS},
        **{f"edition_{name}": F(f"announced_editions__{name}") for name in EDITION_FIELDS},
    )
    indicators, marks, editions = {}, {}, {}
    for row in rows.order_by("slug", "announced_editions__period_end"):
        indicators[row.pk] = row
        mark = {name: getattr(row, f"mark_{name}") for name in MARK_FIELDS}
        edition = {name: getattr(row, f"edition_{name}") for name in EDITION_FIELDS}
        if mark["id"] is not None:
            marks[mark["id"]] = Break(indicator_id=row.pk, **mark)
        if edition["id"] is not None:
            editions[edition["id"]] = AnnouncedEdition(indicator_id=row.pk, **edition)
    stand_ins, announced = defaultdict(list), defaultdict(list)
    for indicator in indicators.values():
        if indicator.proxy_for_id in stated:
            stand_ins[indicator.proxy_for_id].append(indicator)
    for announcement in editions.values():
        announced[announcement.indicator_id].append(announcement)
    return _Register(stand_ins, marks, announced)


def find_gaps(areas: set[int], on: date) -> list[MissingEstimate]:
    """The missing estimates known by a day, each with its edition; the oldest edition first."""
    return list(
        MissingEstimate.objects.filter(
            release__known_from__lte=on, release__withdrawn_at=None, area__in=areas
        )
        .select_related("release")
        .defer("release__rejected")
        .order_by("release__known_from", "release", "period_start")
    )


def find_first_edition_day(indicators: set[int]) -> date | None:
    """From when the first edition held was known."""
    editions = Release.objects.filter(indicator__in=indicators, kind=ReleaseKind.PUBLISHED, withdrawn_at=None)
    return editions.aggregate(day=Min("known_from"))["day"]


def _find_figures(indicators: set[int], areas: set[int], on: date) -> list[Any]:
    """Of the areas, with the kind of their release, and those that make up England's denominator.

    `share_releases` hangs the release itself on those that are shown.
    """
    figures = (
        Observation.objects.known_on(on)
        .filter(Q(series__area__in=areas) | MAKES_UP_ENGLAND, series__indicator__in=indicators)
        .headline()
        .annotate(release_kind=F("release__kind"))
    )
    return list(annotate_coverage(figures, on).order_by("period_start", "period_end"))


def _group_by_area(figures: Iterable[Any], areas: set[int]) -> dict[tuple[int, int], list[Observation]]:
    readings: dict[tuple[int, int], list[Observation]] = defaultdict(list)
    for figure in figures:
        if figure.area_key in areas:
            readings[figure.indicator_key, figure.area_key].append(figure)
    return readings


def share_releases(rows: Iterable[Observation]) -> None:
    """Hangs on each figure the release it comes from. One query: many figures come from few releases."""
    rows = list(rows)
    releases = Release.objects.in_bulk({row.release_id for row in rows})
    for row in rows:
        row.release = releases[row.release_id]


def find_marks(indicators: set[int]) -> list[Break]:
    """Breaks and cautions that were entered."""
    return list(Break.objects.filter(indicator__in=indicators))


def _list_breaks(marks: Iterable[Break]) -> dict[int, list[Break]]:
    breaks = defaultdict(list)
    for row in marks:
        if row.kind == BreakKind.BREAK:
            breaks[row.indicator_id].append(row)
    return breaks


def is_estimate(figure: Observation) -> bool:
    kind = getattr(figure, "release_kind", None) or figure.release.kind
    return kind == ReleaseKind.ESTIMATE
