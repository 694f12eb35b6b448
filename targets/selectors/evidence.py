"""What was known on a day: targets in force, bodies in being, figures, breaks. One query each."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Min

from icbs.models import Area, AreaKind
from targets.calc.types import Kind
from targets.models import (
    Break,
    BreakKind,
    MissingEstimate,
    Observation,
    Release,
    ReleaseKind,
    TargetVersion,
)


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
    """Figures in order of their periods by (indicator, area); breaks by indicator; missing by (area, period).

    `marks`: breaks and cautions. `gaps`: every missing estimate, the oldest edition first.
    """

    readings: dict[tuple[int, int], list[Observation]]
    breaks: dict[int, list[Break]]
    missing: dict[tuple[int, date], MissingEstimate]
    latest_missing: dict[int, MissingEstimate]
    marks: list[Break]
    gaps: list[MissingEstimate]


def find_pairs(
    on: date, *, area: Area | None = None, target: int | None = None, boards: list[Area] | None = None
) -> list[Pair]:
    """Every target in force with its body, and every comparison with the real boards in being.

    With `area` or `target` (its key) only the pairs of that one. Who holds the real boards in being
    already gives them as `boards`.
    """
    in_force = TargetVersion.objects.in_force(on)
    if target is not None:
        in_force = in_force.filter(target=target)
    versions = list(
        in_force.select_related("target__body", "indicator").order_by(
            "target__body__short_name", "target__slug"
        )
    )
    compared = _find_compared(on, area) if boards is None else boards
    pairs = []
    for version in versions:
        if version.target.body.is_in_being(on) and (area is None or area.pk == version.target.body_id):
            pairs.append(Pair(version, version.target.body))
        if version.target.compared_with_boards:
            pairs += [Pair(version, board) for board in compared]
    return pairs


def _find_compared(on: date, area: Area | None) -> list[Area]:
    """The boards that a comparison is laid beside."""
    if area is None:
        return list(Area.objects.boards().real().in_being(on).order_by("short_name"))
    is_one = area.kind == AreaKind.ICB and not area.demonstration and area.is_in_being(on)
    return [area] if is_one else []


def find_evidence(pairs: Iterable[Pair], on: date) -> Evidence:
    pairs = list(pairs)
    areas = {pair.area.pk for pair in pairs}
    indicators = {pair.version.indicator_id for pair in pairs if pair.version.indicator_id}
    missing = {}
    latest_missing = {}
    gaps = find_gaps(areas, on)
    for gap in gaps:
        missing[gap.area_id, gap.period_start] = gap
        latest_missing[gap.area_id] = gap
    readings, marks = _find_readings(indicators, areas, on), find_marks(indicators)
    return Evidence(readings, _list_breaks(marks), missing, latest_missing, marks, gaps)


def find_gaps(areas: set[int], on: date) -> list[MissingEstimate]:
    """The missing estimates known by a day, each with its edition; the oldest edition first."""
    return list(
        MissingEstimate.objects.filter(
            release__known_from__lte=on, release__withdrawn_at=None, area__in=areas
        )
        .select_related("release")
        .defer("release__rejected")
        .order_by("release__known_from", "period_start")
    )


def find_first_edition_day(indicators: set[int]) -> date | None:
    """From when the first edition held was known."""
    editions = Release.objects.filter(indicator__in=indicators, kind=ReleaseKind.PUBLISHED, withdrawn_at=None)
    return editions.aggregate(day=Min("known_from"))["day"]


def _find_readings(
    indicators: set[int], areas: set[int], on: date
) -> dict[tuple[int, int], list[Observation]]:
    """Figures with the kind of their release; `share_releases` hangs the release itself on those that are shown."""
    rows = list(
        Observation.objects.known_on(on)
        .filter(
            series__indicator__in=indicators,
            series__area__in=areas,
            series__sex="Persons",
            series__category="",
        )
        .annotate(
            indicator_key=F("series__indicator_id"),
            area_key=F("series__area_id"),
            release_kind=F("release__kind"),
        )
        .order_by("period_start", "period_end")
    )
    readings: dict[tuple[int, int], list[Observation]] = defaultdict(list)
    for row in rows:
        readings[row.indicator_key, row.area_key].append(row)
    return readings


def share_releases(rows: Iterable[Observation]) -> None:
    """Hangs on each figure the release it comes from. One query: many figures come from few releases."""
    rows = list(rows)
    releases = Release.objects.in_bulk({row.release_id for row in rows})
    for row in rows:
        row.release = releases[row.release_id]


def find_marks(indicators: set[int]) -> list[Break]:
    """Breaks and cautions in the order of their days."""
    return list(Break.objects.filter(indicator__in=indicators).order_by("on"))


def _list_breaks(marks: Iterable[Break]) -> dict[int, list[Break]]:
    breaks = defaultdict(list)
    for row in marks:
        if row.kind == BreakKind.BREAK:
            breaks[row.indicator_id].append(row)
    return breaks


def is_estimate(figure: Observation) -> bool:
    kind = getattr(figure, "release_kind", None) or figure.release.kind
    return kind == ReleaseKind.ESTIMATE
