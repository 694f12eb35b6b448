"""Breaks that nobody entered: jumps in an area's share of the people behind England's figure (design rule 5.11).

They are worked out from the figures known on the day, so no order of imports can leave a wrong one behind.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When

from icbs.models import AreaKind
from targets.calc.coverage_jumps import Jump, Period, Totals, describe_jump, find_coverage_jumps
from targets.models import (
    Break,
    BreakKind,
    Collection,
    CoverageClearance,
    Indicator,
    Observation,
    TargetVersion,
    VersionStatus,
)

MAKES_UP_ENGLAND = Q(
    series__area__kind__in=[AreaKind.ENGLAND, AreaKind.ICB],
    series__area__demonstration=False,
    denominator__isnull=False,
)
"""The figures whose denominators a share is held against."""
NAMES = {
    "indicator_name": "series__indicator__short_name",
    "collection": "series__indicator__collection",
    "area_name": "series__area__short_name",
    "area_kind": "series__area__kind",
    "fictitious": "series__area__demonstration",
    "edition": "release__title",
    "edition_url": "release__source_url",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageJump:
    """A jump with the edition that shows it. `is_cleared`: a named person said that it is no break."""

    indicator_id: int
    indicator: str
    area_id: int
    area: str
    demonstration: bool
    jump: Jump
    what: str
    edition: str
    edition_url: str
    is_cleared: bool

    @property
    def period_start(self) -> date:
        return self.jump.after[0]

    def as_break(self) -> Break:
        """Never saved: for callers a break of this area like any other."""
        return Break(
            indicator_id=self.indicator_id,
            area_id=self.area_id,
            on=self.period_start,
            kind=BreakKind.BREAK,
            what=self.what,
            source_title=self.edition,
            source_url=self.edition_url,
        )


def annotate_coverage(figures: QuerySet[Observation], on: date) -> QuerySet[Any]:
    """With the keys of indicator and area; names and clearances only where a denominator makes them of use."""
    clearances = CoverageClearance.objects.filter(
        indicator=OuterRef("series__indicator"),
        area=OuterRef("series__area"),
        period_start=OuterRef("period_start"),
        recorded_at__date__lte=on,
    )
    has_denominator = Q(denominator__isnull=False)
    return figures.annotate(
        indicator_key=F("series__indicator"),
        area_key=F("series__area"),
        is_cleared=Case(When(has_denominator, then=Exists(clearances)), default=False),
        **{name: Case(When(has_denominator, then=F(path))) for name, path in NAMES.items()},
    )


def find_coverage_breaks(figures: Iterable[Any], areas: set[int]) -> list[Break]:
    """The jumps of some areas that count as breaks; `figures` annotated, in the order of their periods."""
    jumps = _find_jumps(figures)
    return [jump.as_break() for jump in jumps if jump.area_id in areas and not jump.is_cleared]


def find_open_jumps(on: date) -> list[CoverageJump]:
    """Jumps that nobody has cleared, of the indicators that targets are judged on, newest first. Two queries."""
    published = TargetVersion.objects.filter(status=VersionStatus.PUBLISHED)
    in_use = Indicator.objects.filter(
        Q(pk__in=published.values("indicator")) | Q(proxy_for__in=published.values("indicator"))
    )
    held = Observation.objects.known_on(on).headline()
    held = held.filter(series__indicator__in=[row.pk for row in in_use], denominator__isnull=False)
    figures = annotate_coverage(held, on).order_by("period_start", "period_end")
    jumps = [jump for jump in _find_jumps(figures) if not jump.is_cleared]
    return sorted(jumps, key=lambda jump: (-jump.period_start.toordinal(), jump.indicator, jump.area))


def _find_jumps(figures: Iterable[Any]) -> list[CoverageJump]:
    counted = [figure for figure in figures if figure.denominator is not None]
    totals = _add_up(counted)
    by_area: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for figure in counted:
        if figure.area_kind != AreaKind.ENGLAND:
            by_area[figure.indicator_key, figure.area_key].append(figure)
    return [jump for key, held in by_area.items() for jump in _find_jumps_of(held, totals[key[0]])]


def _add_up(figures: Iterable[Any]) -> dict[int, Totals]:
    """England's denominators by the key of the indicator; fictitious boards are no part of England."""
    england: dict[int, dict[Period, float]] = defaultdict(dict)
    boards: dict[int, dict[Period, dict[Any, float]]] = defaultdict(lambda: defaultdict(dict))
    keys = set()
    for figure in figures:
        keys.add(figure.indicator_key)
        period = figure.period_start, figure.period_end
        if figure.area_kind == AreaKind.ENGLAND:
            england[figure.indicator_key][period] = figure.denominator
        elif figure.area_kind == AreaKind.ICB and not figure.fictitious:
            boards[figure.indicator_key][period][figure.area_key] = figure.denominator
    return {key: Totals(england[key], boards[key]) for key in keys}


def _find_jumps_of(figures: list[Any], totals: Totals) -> list[CoverageJump]:
    """The jumps of one area on one indicator."""
    by_period = {(figure.period_start, figure.period_end): figure for figure in figures}
    denominators = [figure.denominator for figure in by_period.values()]
    found = find_coverage_jumps(list(by_period), denominators, totals)
    return [_make_jump(jump, by_period[jump.before], by_period[jump.after]) for jump in found]


def _make_jump(jump: Jump, before: Any, after: Any) -> CoverageJump:
    what = describe_jump(
        jump,
        area=after.area_name,
        full_count=after.collection == Collection.FULL_COUNT,
        before=before.period_label,
        after=after.period_label,
    )
    return CoverageJump(
        indicator_id=after.indicator_key,
        indicator=after.indicator_name,
        area_id=after.area_key,
        area=after.area_name,
        demonstration=after.fictitious,
        jump=jump,
        what=what,
        edition=after.edition,
        edition_url=after.edition_url,
        is_cleared=after.is_cleared,
    )
