"""Judges prepared targets: arrays into the calculation core, unsaved assessments out. Writes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isnan
from typing import cast

from kit.calc.dates import time_at_end_of
from targets.calc.choosing import Reason, is_stale
from targets.calc.judging import METHOD_VERSION, Cases, Verdicts, judge
from targets.calc.paths import expected_on_milestones
from targets.calc.types import Basis, Flag, Position, Shape
from targets.models import Assessment
from targets.selectors.calendar import Announced, find_due_after
from targets.selectors.evidence import Evidence, Pair, find_evidence, find_pairs
from targets.selectors.preparing import Prepared, prepare

MISSING = float("nan")


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict that is not stored yet, with what it was made of."""

    prepared: Prepared
    assessment: Assessment
    stale: bool

    @property
    def pair(self) -> Pair:
        return self.prepared.pair


def judge_as_at(on: date) -> list[Judged]:
    """Every target in force on a day, judged on what was known that day."""
    pairs = find_pairs(on)
    return judge_pairs(pairs, find_evidence(pairs, on), on)


def judge_pairs(
    pairs: Iterable[Pair],
    evidence: Evidence,
    on: date,
    *,
    until: Mapping[tuple[int, int], date] | None = None,
) -> list[Judged]:
    """`until` holds, by pair, the end of the last period that may be used."""
    until = until or {}
    prepared = [prepare(pair, evidence, on, until=until.get(pair.key)) for pair in pairs]
    to_judge = [row for row in prepared if row.can_be_judged]
    verdicts = dict(zip(map(id, to_judge), _judge_both_shapes(to_judge), strict=True))
    return [
        Judged(row, _assess(row, verdicts.get(id(row))), _is_stale(row, evidence.announced, on))
        for row in prepared
    ]


@dataclass(frozen=True, slots=True)
class _Found:
    """The verdict on one shape."""

    expected_pct: float | None
    gap_pp: float | None
    p_above: float | None
    position: Position
    flag: Flag


def _judge_both_shapes(rows: Sequence[Prepared]) -> list[dict[Shape, _Found]]:
    if not rows:
        return []
    by_shape = {shape: _unpack(judge(_make_cases(rows, shape))) for shape in Shape}
    return [{shape: by_shape[shape][place] for shape in Shape} for place in range(len(rows))]


def _make_cases(rows: Sequence[Prepared], shape: Shape) -> Cases:
    def column(values: Iterable[float | None]) -> list[float]:
        return [MISSING if value is None else value for value in values]

    return Cases.build(
        baseline_time=column(row.baseline.time for row in rows),
        baseline_pct=column(row.baseline.pct for row in rows),
        baseline_se=column(row.baseline.error_pp for row in rows),
        target_time=column(row.target_time for row in rows),
        target_pct=column(row.pair.version.value_pct for row in rows),
        comparator=[row.pair.version.comparator for row in rows],
        shape=[shape] * len(rows),
        reading_time=column(row.reading_time for row in rows),
        reading_pct=column(row.reading.value_pct if row.reading else None for row in rows),
        lower95=column(row.limits.lower95_pct for row in rows),
        upper95=column(row.limits.upper95_pct for row in rows),
        lower998=column(row.limits.lower998_pct for row in rows),
        upper998=column(row.limits.upper998_pct for row in rows),
        decides=[row.decides for row in rows],
        indicative=[row.basis == Basis.INDICATIVE for row in rows],
        expected_override=column(_on_milestones(row, shape) for row in rows),
    )


def _on_milestones(row: Prepared, shape: Shape) -> float | None:
    start, goal = row.baseline, row.pair.version.value_pct
    stated = row.pair.version.milestones
    if not stated or row.decides or None in (start.time, start.pct, row.target_time, goal, row.reading_time):
        return None
    points = [
        (start.time, start.pct),
        *((time_at_end_of(date.fromisoformat(step["on"])), float(step["pct"])) for step in stated),
        (row.target_time, goal),
    ]
    ends = cast(list[tuple[float, float]], points)
    return float(
        expected_on_milestones(
            time=cast(float, row.reading_time),
            milestones=ends,
            shape=shape,
            comparator=row.pair.version.comparator,
        )
    )


def _unpack(verdicts: Verdicts) -> list[_Found]:
    def number(value: float) -> float | None:
        return None if isnan(value) else value

    return [
        _Found(number(expected), number(gap), number(p_above), position, flag)
        for expected, gap, p_above, position, flag in zip(
            verdicts.expected_pct.tolist(),
            verdicts.gap_pp.tolist(),
            verdicts.p_above.tolist(),
            verdicts.positions(),
            verdicts.flags(),
            strict=True,
        )
    ]


def _assess(row: Prepared, found: dict[Shape, _Found] | None) -> Assessment:
    assessment = Assessment(
        version=row.pair.version,
        area=row.pair.area,
        kind=row.pair.kind,
        input_digest=row.digest(),
        method_version=METHOD_VERSION,
        indicator=row.indicator,
        reading=row.reading,
        reading_label=row.reading.period_label if row.reading else "",
        reading_time=row.reading_time,
        value_pct=row.reading.value_pct if row.reading else None,
        lower95_pct=row.limits.lower95_pct,
        upper95_pct=row.limits.upper95_pct,
        lower998_pct=row.limits.lower998_pct,
        upper998_pct=row.limits.upper998_pct,
        interval_source=row.limits.source,
        baseline=row.baseline.figure,
        baseline_label=row.baseline.label,
        baseline_time=row.baseline.time,
        baseline_pct=row.baseline.pct,
        target_time=row.target_time,
        target_pct=row.pair.version.value_pct,
        decides=row.decides,
        basis=row.basis,
        basis_reason=row.basis_reason,
        position=Position.CANNOT_ASSESS,
        flag=Flag.NONE,
        reason=row.reason or "",
        reason_detail=row.reason_detail,
    )
    if row.awaiting:
        assessment.position = Position.AWAITING_DEADLINE_READING
    elif found:
        _write_verdict(assessment, found, Shape(row.pair.version.shape or Shape.STRAIGHT))
    assessment.position_straight = assessment.position_straight or assessment.position
    assessment.position_constant_rate = assessment.position_constant_rate or assessment.position
    return assessment


def _write_verdict(assessment: Assessment, found: dict[Shape, _Found], headline: Shape) -> None:
    main = found[headline]
    assessment.expected_pct = main.expected_pct
    assessment.gap_pp = main.gap_pp
    assessment.p_above = main.p_above
    assessment.position = main.position
    assessment.flag = main.flag
    assessment.expected_straight_pct = found[Shape.STRAIGHT].expected_pct
    assessment.expected_constant_rate_pct = found[Shape.CONSTANT_RATE].expected_pct
    assessment.position_straight = found[Shape.STRAIGHT].position
    assessment.position_constant_rate = found[Shape.CONSTANT_RATE].position
    if main.position is Position.CANNOT_ASSESS:
        assessment.reason = Reason.PATH_UNDEFINED


def _is_stale(row: Prepared, announced: Announced, on: date) -> bool:
    """By the calendar of the indicator that was read.

    A decided target waits for nothing, and a figure withheld in the newest edition is not an old one.
    """
    withheld = row.reason in (Reason.NO_ESTIMATE, Reason.SUPPRESSED)
    if row.reading is None or row.indicator is None or row.decides or withheld:
        return False
    due = find_due_after(row.indicator, row.reading.period_end, announced)
    return is_stale(period_end=row.reading.period_end, next_due=due.day if due else None, on=on)
