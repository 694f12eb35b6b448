"""The figures behind a verdict: readings beside the path, England's line, breaks. Two queries a page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite, nan

import numpy as np
from django.db.models import Q

from icbs.models import AreaKind
from kit.calc.dates import middle_of, time_at_end_of
from kit.calc.formats import places_to_tell_apart
from targets.calc.choosing import Reason
from targets.calc.paths import InvalidPath, expected_on_milestones, expected_pct
from targets.calc.types import Shape
from targets.models import Break, Observation, TargetVersion
from targets.selectors.evidence import is_estimate
from targets.selectors.preparing import Limits, find_limits
from targets.selectors.verdicts import VerdictRow

Key = tuple[int, int]


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

    `is_used`: the verdict rests on it. `is_baseline`: the path starts from it.
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
    demonstration: bool

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
    """What a target's chart and table show."""

    readings: list[ReadingRow]
    england: list[ReadingRow]
    breaks: list[Break]


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
    """By target version and area: readings as known on a day, England's for the same indicator, breaks."""
    rows = list(rows)
    indicators = {row.version.indicator_id for row in rows if row.version.indicator_id}
    if not indicators:
        return {row.pair.key: TargetFigures(readings=[], england=[], breaks=[]) for row in rows}
    held = _find_observations(indicators, {row.area.pk for row in rows}, on)
    breaks = list(Break.objects.filter(indicator__in=indicators, on__lte=on).order_by("on"))
    return {row.pair.key: _gather(row, held, breaks) for row in rows}


def _find_observations(indicators: set[int], areas: set[int], on: date) -> dict[Key, list[Observation]]:
    held = defaultdict(list)
    for figure in (
        Observation.objects.known_on(on)
        .filter(
            Q(series__area__in=areas) | Q(series__area__kind=AreaKind.ENGLAND),
            series__indicator__in=indicators,
            series__sex="Persons",
            series__category="",
        )
        .select_related("series__area", "series__indicator", "release")
        .order_by("period_start", "period_end")
    ):
        held[figure.series.indicator_id, figure.series.area_id].append(figure)
    return held


def _gather(row: VerdictRow, held: dict[Key, list[Observation]], breaks: list[Break]) -> TargetFigures:
    indicator, area = row.version.indicator_id, row.area
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
        edition=figure.release.title,
        source_title=figure.release.source_title,
        source_url=figure.release.source_url,
        known_from=figure.known_from,
        demonstration=figure.series.area.demonstration,
    )
