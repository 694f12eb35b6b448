"""The figures behind a verdict: readings beside the path, England's line, breaks. At most three queries a page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import isfinite, nan
from typing import Any

import numpy as np
from django.db.models import Q

from icbs.models import AreaKind
from kit.calc.dates import middle_of, time_at_end_of, time_at_start_of
from kit.calc.formats import places_to_tell_apart
from targets.calc.choosing import Reason
from targets.calc.paths import InvalidPath, expected_on_milestones, expected_pct
from targets.calc.types import Shape
from targets.calc.wording import describe_missing_estimate
from targets.models import Break, BreakKind, MissingEstimate, Observation, TargetVersion
from targets.selectors.coverage import MAKES_UP_ENGLAND, annotate_coverage, find_coverage_breaks
from targets.selectors.evidence import (
    Evidence,
    find_first_edition_day,
    find_gaps,
    find_marks,
    is_estimate,
)
from targets.selectors.limits import Limits, find_limits
from targets.selectors.verdicts import VerdictRow

Key = tuple[int, int]
MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PathLine:
    """What a target asks for from its baseline to its deadline. Times in decimal years, values in percent."""

    baseline_time: float
    baseline_pct: float
    target_time: float
    target_pct: float
    comparator: str
    milestones: tuple[tuple[float, float], ...] = ()

    def expect(self, times: Sequence[float], shape: str) -> list[float | None]:
        """Percent at each time; None before the baseline and where the shape is not defined."""
        values = self._expect_on_milestones(times, shape) if self.milestones else self._expect(times, shape)
        return [
            value if time >= self.baseline_time and isfinite(value) else None
            for time, value in zip(times, values, strict=True)
        ]

    def _expect(self, times: Sequence[float], shape: str) -> list[float]:
        return expected_pct(
            time=np.asarray(times, dtype=float),
            baseline_time=self.baseline_time,
            baseline_pct=self.baseline_pct,
            target_time=self.target_time,
            target_pct=self.target_pct,
            shape=shape,
            comparator=self.comparator,
        ).tolist()

    def _expect_on_milestones(self, times: Sequence[float], shape: str) -> list[float]:
        start, goal = (self.baseline_time, self.baseline_pct), (self.target_time, self.target_pct)
        points = [start, *self.milestones, goal]
        try:
            return [
                expected_on_milestones(time=time, milestones=points, shape=shape, comparator=self.comparator)
                for time in times
            ]
        except InvalidPath:
            return [nan] * len(times)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRow:
    """One figure of an area beside what the paths ask for at its time. Percent, gaps in points.

    `is_used`: the verdict rests on it. `is_baseline`: the path starts from it. `why_missing`: why a period
    has no estimate, so that it has no figure. `measure`: the indicator's name. `stand_in`: its short name
    where the target states another indicator; else empty.
    """

    period: str
    time: float
    value_pct: float | None
    limits: Limits
    expected_pct: float | None
    other_expected_pct: float | None
    is_estimate: bool
    is_used: bool
    is_baseline: bool
    note: str
    edition: str
    source_title: str
    source_url: str
    known_from: date
    known_from_basis: str
    demonstration: bool
    measure: str = ""
    stand_in: str = ""
    why_missing: str = ""

    @property
    def gap_pp(self) -> float | None:
        if self.value_pct is None or self.expected_pct is None:
            return None
        return self.value_pct - self.expected_pct

    @property
    def places(self) -> int:
        """Decimals that tell the figure from what its path needs."""
        return places_to_tell_apart(self.value_pct, self.expected_pct)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFigures:
    """What a target's chart and table show.

    `holes`: periods without an estimate between the first figure and the last. `first_day`: from when the
    first edition held was known, where the day lies before it.
    """

    readings: list[ReadingRow] = field(default_factory=list)
    england: list[ReadingRow] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)
    holes: list[ReadingRow] = field(default_factory=list)
    first_day: date | None = None

    @property
    def rows(self) -> list[ReadingRow]:
        """Figures and holes in the order of their periods."""
        return sorted([*self.readings, *self.holes], key=lambda row: row.time)

    def has_break_between(self, earlier: float, later: float) -> bool:
        """Whether figures at two times, decimal years, lie on two sides of a break."""
        days = [time_at_start_of(mark.on) for mark in self.breaks if mark.kind == BreakKind.BREAK]
        return any(earlier < day <= later for day in days)


def headline_shape(version: TargetVersion) -> Shape:
    return Shape(version.shape or Shape.STRAIGHT)


def other_shape(version: TargetVersion) -> Shape:
    return Shape.CONSTANT_RATE if headline_shape(version) is Shape.STRAIGHT else Shape.STRAIGHT


def find_path(row: VerdictRow) -> PathLine | None:
    """The line of the verdict; None without a baseline, a level or a deadline, and across a break."""
    found, version = row.assessment, row.version
    if found.reason == Reason.SERIES_BREAK:
        return None
    start, base, end, goal = (
        found.baseline_time,
        found.baseline_pct,
        found.target_time,
        found.target_pct,
    )
    if start is None or base is None or end is None or goal is None or start >= end:
        return None
    return PathLine(
        baseline_time=start,
        baseline_pct=base,
        target_time=end,
        target_pct=goal,
        comparator=version.comparator,
        milestones=tuple(
            (time_at_end_of(date.fromisoformat(step["on"])), float(step["pct"]))
            for step in version.milestones
        ),
    )


def find_figures(rows: Iterable[VerdictRow], on: date) -> dict[Key, TargetFigures]:
    """By target version and area: readings of what was read as known on a day, England's for the same, breaks."""
    rows = list(rows)
    indicators = {row.indicator.pk for row in rows if row.indicator}
    if not indicators:
        return {row.pair.key: TargetFigures() for row in rows}
    areas = {row.area.pk for row in rows}
    figures = _find_observations(indicators, areas, on)
    held = _group_by_area(figures, areas)
    known = _find_known(rows)
    marks = known.marks if known else [*find_marks(indicators), *find_coverage_breaks(figures, areas)]
    gaps = known.gaps if known else find_gaps(areas, on)
    breaks = sorted((mark for mark in marks if mark.on <= on), key=lambda mark: mark.on)
    first_day = None if held else find_first_edition_day(indicators)
    too_early = first_day if first_day and first_day > on else None
    return {row.pair.key: _gather(row, held, breaks, gaps, too_early) for row in rows}


def _find_known(rows: list[VerdictRow]) -> Evidence | None:
    """A day judged just now has read its marks and gaps already; for verdicts that stand, two queries more."""
    known = rows[0].evidence
    return known if known and all(row.evidence is known for row in rows) else None


def _find_observations(indicators: set[int], areas: set[int], on: date) -> list[Any]:
    """Of the areas and of England, and those that make up England's denominator."""
    figures = (
        Observation.objects.known_on(on)
        .filter(
            Q(series__area__in=areas) | Q(series__area__kind=AreaKind.ENGLAND) | MAKES_UP_ENGLAND,
            series__indicator__in=indicators,
        )
        .headline()
        .select_related("series__area", "series__indicator", "release")
    )
    return list(annotate_coverage(figures, on).order_by("period_start", "period_end"))


def _group_by_area(figures: Iterable[Any], areas: set[int]) -> dict[Key, list[Observation]]:
    held = defaultdict(list)
    for figure in figures:
        if figure.area_key in areas or figure.series.area.kind == AreaKind.ENGLAND:
            held[figure.indicator_key, figure.area_key].append(figure)
    return held


def _gather(
    row: VerdictRow,
    held: dict[Key, list[Observation]],
    breaks: list[Break],
    gaps: list[MissingEstimate],
    first_day: date | None,
) -> TargetFigures:
    indicator, area = row.indicator.pk if row.indicator else None, row.area
    own = held.get((indicator, area.pk), []) if indicator else []
    england = [
        figure
        for (measure, _), figures in held.items()
        if measure == indicator
        for figure in figures
        if figure.series.area.kind == AreaKind.ENGLAND and figure.value_pct is not None
    ]
    return TargetFigures(
        readings=_make_rows(row, own),
        england=[] if area.kind == AreaKind.ENGLAND else [_make_row(figure, None) for figure in england],
        breaks=[
            entry for entry in breaks if entry.indicator_id == indicator and entry.area_id in (None, area.pk)
        ],
        holes=_make_holes(row, own, gaps),
        first_day=first_day,
    )


def _make_holes(row: VerdictRow, figures: list[Observation], gaps: list[MissingEstimate]) -> list[ReadingRow]:
    """One a period, as the newest edition explains it."""
    starts = [figure.period_start for figure in figures if figure.value_pct is not None]
    if not starts:
        return []
    held = {figure.period_start for figure in figures}
    missing = {
        gap.period_start: gap
        for gap in gaps
        if gap.area_id == row.area.pk
        and row.indicator
        and gap.release.indicator_id == row.indicator.pk
        and min(starts) < gap.period_start < max(starts)
        and gap.period_start not in held
    }
    return [_make_hole(gap, row) for gap in missing.values()]


def _make_hole(gap: MissingEstimate, row: VerdictRow) -> ReadingRow:
    months = row.indicator.period_months if row.indicator else MONTHS
    time = time_at_start_of(gap.period_start) + months / MONTHS / 2
    path = find_path(row)
    own, other = headline_shape(row.version), other_shape(row.version)
    return ReadingRow(
        period=gap.period_label,
        time=time,
        value_pct=None,
        limits=Limits(),
        expected_pct=path.expect([time], own)[0] if path else None,
        other_expected_pct=path.expect([time], other)[0] if path else None,
        is_estimate=True,
        is_used=False,
        is_baseline=False,
        note="no estimate",
        measure=row.indicator.name if row.indicator else "",
        why_missing=describe_missing_estimate(
            reason=gap.reason, councils=gap.councils, period=gap.period_label
        ),
        edition=gap.release.title,
        source_title=gap.release.source_title,
        source_url=gap.release.source_url,
        known_from=gap.release.known_from,
        known_from_basis=gap.release.known_from_basis,
        demonstration=row.area.demonstration,
    )


def _make_rows(row: VerdictRow, figures: list[Observation]) -> list[ReadingRow]:
    path = find_path(row)
    times = [middle_of(figure.period_start, figure.period_end) for figure in figures]
    if path is None:
        return [_make_row(figure, row) for figure in figures]
    own = path.expect(times, headline_shape(row.version))
    other = path.expect(times, other_shape(row.version))
    asked = zip(own, other, strict=True)
    return [_make_row(figure, row, pair) for figure, pair in zip(figures, asked, strict=True)]


def _name_stand_in(figure: Observation, row: VerdictRow | None) -> str:
    indicator = figure.series.indicator
    if row is None or indicator.pk == row.version.indicator_id:
        return ""
    return indicator.short_name


def _make_row(
    figure: Observation,
    row: VerdictRow | None,
    asked: tuple[float | None, float | None] = (None, None),
) -> ReadingRow:
    found = row.assessment if row else None
    is_used = found is not None and found.reading_id == figure.pk
    if found is not None and is_used and found.decides:
        asked = (found.expected_pct, found.expected_pct)
    return ReadingRow(
        period=figure.period_label,
        time=middle_of(figure.period_start, figure.period_end),
        value_pct=figure.value_pct,
        limits=find_limits(figure, figure.series.indicator),
        expected_pct=asked[0],
        other_expected_pct=asked[1],
        is_estimate=is_estimate(figure),
        is_used=is_used,
        is_baseline=found is not None and found.baseline_id == figure.pk,
        note=figure.note,
        measure=figure.series.indicator.name,
        stand_in=_name_stand_in(figure, row),
        edition=figure.release.title,
        source_title=figure.release.source_title,
        source_url=figure.release.source_url,
        known_from=figure.known_from,
        known_from_basis=figure.release.known_from_basis,
        demonstration=figure.series.area.demonstration,
    )
