"""Figures of the boards a board was made of, as they were published; and their sum where whole boards add up."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, FilteredRelation, Q

from icbs.models import Area
from kit.calc.dates import middle_of
from kit.calc.formats import join_words
from targets.calc.sums import Part, sum_counts
from targets.models import BreakKind, Indicator, Observation
from targets.selectors.evidence import is_estimate
from targets.selectors.limits import Limits, find_limits

Period = tuple[date, date]
ESTIMATE, PUBLISHED = "Our estimate from council figures", "Published"
SUM = "Our sum of whole predecessors"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerFigure:
    """One figure of one predecessor, or our sum over all of them with its `formula`. Values in percent."""

    body: str
    code: str
    period: str
    time: float
    value_pct: float | None
    limits: Limits
    count: float | None
    denominator: float | None
    is_estimate: bool
    note: str
    edition: str
    source_title: str
    source_url: str
    known_from: date
    demonstration: bool
    formula: str = ""

    @property
    def is_sum(self) -> bool:
        return bool(self.formula)

    @property
    def what(self) -> str:
        words = ESTIMATE if self.is_estimate else PUBLISHED
        if self.is_sum:
            words = f"{SUM}: {self.formula}"
        return f"{words}; interval by us" if self.limits.is_ours else words


@dataclass(frozen=True, slots=True)
class Mark:
    """A break or a caution of an indicator, for every area or one of the predecessors."""

    on: date
    kind: str
    what: str
    source_title: str
    source_url: str

    @property
    def is_break(self) -> bool:
        return self.kind == BreakKind.BREAK

    @property
    def word(self) -> str:
        return "Break" if self.is_break else "Caution"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerFigures:
    """One indicator: figures by predecessor, the sums of theirs, marks between the first figure and the last."""

    indicator: Indicator
    figures: list[FormerFigure]
    sums: list[FormerFigure]
    marks: list[Mark]

    @property
    def rows(self) -> list[FormerFigure]:
        """By period, each with its sum last."""
        return sorted([*self.figures, *self.sums], key=lambda row: (row.time, row.is_sum, row.body))

    @property
    def bodies(self) -> list[str]:
        return sorted({row.body for row in self.figures})

    @property
    def demonstration(self) -> bool:
        return any(row.demonstration for row in self.figures)


def find_former_figures(bodies: Iterable[Area], on: date, *, add_up: bool) -> list[FormerFigures]:
    """Every indicator with a figure of a predecessor known on a day. One query; none without predecessors.

    With `add_up` (the board is the union of whole `bodies`) also their sums.
    """
    keys = [body.pk for body in bodies]
    if not keys:
        return []
    held: dict[int, dict[int, Observation]] = defaultdict(dict)
    marks: dict[int, dict[int, Any]] = defaultdict(dict)
    for row in _find_rows(keys, on):
        indicator = row.series.indicator_id
        held[indicator][row.pk] = row
        if row.mark is not None:
            marks[indicator][row.mark] = row
    return [
        _gather(list(rows.values()), marks[indicator].values(), set(keys) if add_up else set())
        for indicator, rows in held.items()
    ]


def _find_rows(keys: list[int], on: date) -> Iterable[Any]:
    """Each figure once for each mark of its indicator: a join costs less than a query of its own."""
    of_its_area = Q(series__indicator__breaks__area=None) | Q(
        series__indicator__breaks__area=F("series__area")
    )
    return (
        Observation.objects.known_on(on)
        .headline()
        .filter(series__area__in=keys)
        .select_related("series__area", "series__indicator", "release")
        .defer("release__rejected", "release__covers")
        .annotate(marking=FilteredRelation("series__indicator__breaks", condition=of_its_area))
        .annotate(
            mark=F("marking__pk"),
            mark_on=F("marking__on"),
            mark_kind=F("marking__kind"),
            mark_what=F("marking__what"),
            mark_source_title=F("marking__source_title"),
            mark_source_url=F("marking__source_url"),
        )
        .order_by("series__indicator__short_name", "period_start", "period_end", "series__area__short_name")
    )


def _gather(rows: Sequence[Observation], marked: Iterable[Any], whole: set[int]) -> FormerFigures:
    first = min(row.period_start for row in rows)
    last = max(row.period_end for row in rows)
    marks = [
        Mark(row.mark_on, row.mark_kind, row.mark_what, row.mark_source_title, row.mark_source_url)
        for row in marked
    ]
    return FormerFigures(
        indicator=rows[0].series.indicator,
        figures=[_make_figure(row) for row in rows],
        sums=_add_up(rows, whole),
        marks=sorted((mark for mark in marks if first < mark.on <= last), key=lambda mark: mark.on),
    )


def _make_figure(row: Observation) -> FormerFigure:
    return FormerFigure(
        body=row.series.area.short_name,
        code=row.series.area.code,
        period=row.period_label,
        time=middle_of(row.period_start, row.period_end),
        value_pct=row.value_pct,
        limits=find_limits(row, row.series.indicator),
        count=row.count,
        denominator=row.denominator,
        is_estimate=is_estimate(row),
        note=row.note,
        edition=row.release.title,
        source_title=row.release.source_title,
        source_url=row.release.source_url,
        known_from=row.known_from,
        demonstration=row.series.area.demonstration,
    )


def _add_up(rows: Sequence[Observation], whole: set[int]) -> list[FormerFigure]:
    """One a period for which each of the `whole` bodies has a published figure with its counts."""
    by_period: dict[Period, list[Observation]] = defaultdict(list)
    for row in rows:
        if not is_estimate(row):
            by_period[row.period_start, row.period_end].append(row)
    made = (_add_period(period) for period in by_period.values() if _areas(period) == whole)
    return [row for row in made if row]


def _areas(rows: Iterable[Observation]) -> set[int]:
    return {row.series.area_id for row in rows}


def _add_period(rows: Sequence[Observation]) -> FormerFigure | None:
    total = sum_counts([Part(row.value_pct, row.count, row.denominator) for row in rows])
    if total is None:
        return None
    newest = max(rows, key=lambda row: row.known_from)
    summed = Observation(value_pct=total.value_pct, count=total.count, denominator=total.denominator)
    counts, denominators = (
        " + ".join(f"{number or 0:,.0f}" for number in numbers)
        for numbers in ([row.count for row in rows], [row.denominator for row in rows])
    )
    return FormerFigure(
        body=join_words([row.series.area.short_name for row in rows]),
        code="+".join(row.series.area.code for row in rows),
        period=newest.period_label,
        time=middle_of(newest.period_start, newest.period_end),
        value_pct=total.value_pct,
        limits=find_limits(summed, newest.series.indicator),
        count=total.count,
        denominator=total.denominator,
        is_estimate=False,
        note="",
        edition=join_words(sorted({row.release.title for row in rows})),
        source_title=join_words(sorted({row.release.source_title for row in rows})),
        source_url=newest.release.source_url,
        known_from=newest.known_from,
        demonstration=any(row.series.area.demonstration for row in rows),
        formula=f"({counts}) ÷ ({denominators})",
    )
