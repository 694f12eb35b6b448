"""Readings judged against paths, a million at a time. Rules: design section 5; methods (ii)."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from kit.calc.intervals import Z95, Z998
from targets.calc.paths import EQUAL_PP, follow_path, share_elapsed
from targets.calc.types import (
    COMPARATOR_CODE,
    FLAGS,
    POSITION_CODE,
    POSITIONS,
    CodeArray,
    Comparator,
    Flag,
    Position,
    Shape,
    comparator_codes,
    shape_codes,
)

METHOD_VERSION = 2
"""Raised when the same inputs would give another verdict."""

ROWS_AT_ONCE = 8192
"""Rows judged together: what the working arrays of one pass need stays in a processor's cache."""

EQUAL_YEARS = 1e-9

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

_LT, _GE = COMPARATOR_CODE[Comparator.LT], COMPARATOR_CODE[Comparator.GE]


def _map_positions(changes: dict[Position, Position]) -> CodeArray:
    return np.array([POSITION_CODE[changes.get(old, old)] for old in POSITIONS], dtype=np.int8)


_WITHOUT_INTERVAL = _map_positions(
    {
        Position.ACHIEVED_CONFIRMED: Position.ACHIEVED_POINT,
        Position.ACHIEVED_UNCONFIRMED: Position.ACHIEVED_POINT,
        Position.MISSED: Position.MISSED_POINT,
        Position.MISSED_WITHIN_ERROR: Position.MISSED_POINT,
        Position.ON_TRACK_CLEAR: Position.ON_TRACK_POINT,
        Position.ON_TRACK: Position.ON_TRACK_POINT,
        Position.BEHIND_WITHIN_ERROR: Position.BEHIND_POINT,
        Position.OFF_TRACK: Position.BEHIND_POINT,
    }
)
_INDICATIVE = _map_positions(
    {
        Position.ACHIEVED_CONFIRMED: Position.ON_TRACK_POINT,
        Position.ACHIEVED_UNCONFIRMED: Position.ON_TRACK_POINT,
        Position.ACHIEVED_POINT: Position.ON_TRACK_POINT,
        Position.MISSED: Position.BEHIND_POINT,
        Position.MISSED_POINT: Position.BEHIND_POINT,
        Position.MISSED_WITHIN_ERROR: Position.BEHIND_WITHIN_ERROR,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cases:
    """Readings to judge, one a place, in arrays of one length. Build them with `Cases.build`.

    Times are decimal years, percentages 0-100; NaN means missing. `baseline_se` and `standard_error`
    are in percentage points. `comparator` and `shape` hold codes (see `types`). `decides`: this reading
    decides the deadline. `indicative`: the reading is an estimate or a proxy. `expected_override`: the
    path's value where milestones give it.
    """

    baseline_time: FloatArray
    baseline_pct: FloatArray
    baseline_se: FloatArray
    target_time: FloatArray
    target_pct: FloatArray
    comparator: CodeArray
    shape: CodeArray
    reading_time: FloatArray
    reading_pct: FloatArray
    lower95: FloatArray
    upper95: FloatArray
    lower998: FloatArray
    upper998: FloatArray
    decides: BoolArray
    indicative: BoolArray
    expected_override: FloatArray

    def __len__(self) -> int:
        return len(self.reading_pct)

    @classmethod
    def build(
        cls,
        *,
        target_time: ArrayLike,
        target_pct: ArrayLike,
        reading_time: ArrayLike,
        reading_pct: ArrayLike,
        comparator: str | Iterable[str] | CodeArray = Comparator.LE,
        shape: str | Iterable[str] | CodeArray = Shape.STRAIGHT,
        decides: ArrayLike | None = None,
        indicative: ArrayLike = False,
        **numbers: ArrayLike,
    ) -> Self:
        """Cases from numbers, words and arrays, broadcast to one length; what is left out is missing.

        `decides` is taken from the times unless given: a reading at or after the deadline decides it.

        Raises:
            TypeError: for the name of a number that cases do not have.
            ValueError: for an unknown comparator or shape, or arrays that do not fit together.
        """
        unknown = set(numbers) - _OPTIONAL_NUMBERS
        if unknown:
            raise TypeError(f"Cases have no {', '.join(sorted(unknown))}.")
        given = dict.fromkeys(_OPTIONAL_NUMBERS, np.nan) | numbers
        given |= {"target_time": target_time, "target_pct": target_pct}
        given |= {"reading_time": reading_time, "reading_pct": reading_pct}
        columns: dict[str, NDArray[Any]] = {
            name: np.asarray(values, dtype=float) for name, values in given.items()
        }
        if decides is None:
            decides = columns["reading_time"] >= columns["target_time"] - EQUAL_YEARS
        columns["decides"] = np.asarray(decides, dtype=bool)
        columns["indicative"] = np.asarray(indicative, dtype=bool)
        columns["comparator"], columns["shape"] = comparator_codes(comparator), shape_codes(shape)
        size = np.broadcast_shapes((1,), *(column.shape for column in columns.values()))
        if len(size) != 1:
            raise ValueError("Cases are one-dimensional.")
        return cls(**{name: np.broadcast_to(column, size) for name, column in columns.items()})

    def with_shape(self, shape: str) -> Self:
        """The same cases on the other shape of path; milestones keep theirs."""
        return replace(self, shape=np.broadcast_to(shape_codes(shape), self.shape.shape))

    def select(self, rows: slice) -> Self:
        """Some of the rows, without copying."""
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


_OPTIONAL_NUMBERS = {
    "baseline_time",
    "baseline_pct",
    "baseline_se",
    "lower95",
    "upper95",
    "lower998",
    "upper998",
    "expected_override",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verdicts:
    """What `judge` finds, one place a case; NaN where there is no such number.

    `expected_pct`: percent 0-100 that the path asks for, the target itself once the deadline is decided.
    `gap_pp`: reading minus expected, points. `p_above`: chance 0-1 that the truth lies on the wrong side
    of the path (above it; below it for "at least"). `standard_error`: of the reading, points.
    `position`, `flag`: places in POSITIONS and FLAGS.
    """

    expected_pct: FloatArray
    gap_pp: FloatArray
    p_above: FloatArray
    standard_error: FloatArray
    position: CodeArray
    flag: CodeArray

    def __len__(self) -> int:
        return len(self.position)

    @classmethod
    def allocate(cls, length: int) -> Self:
        """Room for the verdicts of so many cases."""
        numbers = {name: np.empty(length) for name in _VERDICT_NUMBERS}
        return cls(**numbers, position=np.empty(length, np.int8), flag=np.empty(length, np.int8))

    def positions(self) -> list[Position]:
        """The positions in words."""
        return [POSITIONS[code] for code in self.position.tolist()]

    def flags(self) -> list[Flag]:
        """The flags in words."""
        return [FLAGS[code] for code in self.flag.tolist()]


_VERDICT_NUMBERS = ("expected_pct", "gap_pp", "p_above", "standard_error")


@dataclass(slots=True)
class _Reading:
    """Readings and limits turned so that lower is better, beside the path and the target.

    `low_on_path` and the like are the limits widened by the baseline's error.
    """

    y: FloatArray
    low: FloatArray
    high: FloatArray
    goal: FloatArray
    path: FloatArray
    error: FloatArray
    total_error: FloatArray
    low_on_path: FloatArray
    high_on_path: FloatArray
    low998_on_path: FloatArray


def judge(cases: Cases) -> Verdicts:
    """Judge readings against their paths and targets.

    Args:
        cases: see `Cases`.

    Returns:
        One verdict a case. Two percentages within 1e-9 are equal. Published limits that do not enclose
        their value are widened to do so; only an interval with both 95% limits counts. A case without a
        reading or without a path cannot be assessed and has no flag. An indicative case is never
        achieved, missed or red.

    Source: design section 5 (rules 1, 2, 5, 8); methods (ii).

    >>> cases = Cases.build(
    ...     baseline_time=2018, baseline_pct=14.7, target_time=2030, target_pct=5,
    ...     reading_time=2023, reading_pct=12.8, lower95=11.6, upper95=14.0)
    >>> verdicts = judge(cases)
    >>> verdicts.positions()[0].value, verdicts.flags()[0].value, round(float(verdicts.gap_pp[0]), 3)
    ('off_track', 'red', 2.142)
    """
    verdicts = Verdicts.allocate(len(cases))
    with np.errstate(all="ignore"):
        for start in range(0, len(cases), ROWS_AT_ONCE):
            _judge_rows(cases, slice(start, start + ROWS_AT_ONCE), verdicts)
    return verdicts


def judge_one(**scalars: Any) -> Verdicts:
    """`judge` for one case given as numbers and words; arrays of length 1.

    >>> judge_one(target_time=2024.25, target_pct=6, reading_time=2024.25, reading_pct=5.5).positions()
    [<Position.ACHIEVED_POINT: 'achieved_point'>]
    """
    return judge(Cases.build(**scalars))


def _judge_rows(cases: Cases, rows: slice, verdicts: Verdicts) -> None:
    part = cases.select(rows)
    expected = _expect(part)
    higher = part.comparator == _GE
    reading = _turn(part, expected, higher if higher.any() else None)
    _widen_for_baseline(part, reading)
    verdicts.expected_pct[rows] = expected
    np.subtract(_finite(part.reading_pct), expected, out=verdicts.gap_pp[rows])
    verdicts.standard_error[rows] = reading.error
    _find_p_above(reading, out=verdicts.p_above[rows])
    _find_positions(part, reading, out=verdicts.position[rows])
    _find_flags(part, reading, out=verdicts.flag[rows])


def _finite(numbers: FloatArray) -> FloatArray:
    """The numbers with infinities made NaN; the same array when there is none."""
    finite = np.isfinite(numbers)
    return numbers if finite.all() else np.where(finite, numbers, np.nan)


def _expect(part: Cases) -> FloatArray:
    path = follow_path(
        part.reading_time,
        part.baseline_time,
        part.baseline_pct,
        part.target_time,
        part.target_pct,
        part.shape,
        part.comparator,
    )
    stated = ~np.isnan(part.expected_override)
    if stated.any():
        np.copyto(path, part.expected_override, where=stated)
    if part.decides.any():
        np.copyto(path, part.target_pct, where=part.decides)
    return _finite(path)


def _turn(part: Cases, expected: FloatArray, higher: BoolArray | None) -> _Reading:
    y, goal, path = _finite(part.reading_pct), part.target_pct, expected
    low, high, low998 = part.lower95, part.upper95, part.lower998
    if higher is not None:
        sign = np.where(higher, -1.0, 1.0)
        y, goal, path = sign * y, sign * goal, sign * path
        low = sign * np.where(higher, part.upper95, part.lower95)
        high = sign * np.where(higher, part.lower95, part.upper95)
        low998 = sign * np.where(higher, part.upper998, part.lower998)
    low, high = np.minimum(low, y), np.maximum(high, y)
    error = high - low
    error *= 0.5 / Z95
    error = _finite(error)
    computed998 = y - Z998 * error
    low998 = np.where(np.isfinite(low998), low998, computed998)
    np.minimum(low998, low, out=low998)
    return _Reading(y, low, high, goal, path, error, error, low, high, low998)


def _widen_for_baseline(part: Cases, reading: _Reading) -> None:
    """Add the baseline's error to the limits that are held against the path."""
    measured = part.baseline_se > 0
    if not measured.any():
        return
    elapsed = share_elapsed(
        time=part.reading_time, baseline_time=part.baseline_time, target_time=part.target_time
    )
    extra = np.where(measured & ~part.decides, (1 - elapsed) * part.baseline_se, 0.0)
    np.copyto(extra, 0.0, where=~np.isfinite(extra))
    y = reading.y
    reading.total_error = _add_in_quadrature(reading.error, extra)
    reading.low_on_path = y - _add_in_quadrature(y - reading.low, Z95 * extra)
    reading.high_on_path = y + _add_in_quadrature(reading.high - y, Z95 * extra)
    reading.low998_on_path = y - _add_in_quadrature(y - reading.low998_on_path, Z998 * extra)


def _add_in_quadrature(one: FloatArray, other: FloatArray) -> FloatArray:
    total = one * one
    total += other * other
    return np.sqrt(total, out=total)


def _find_p_above(reading: _Reading, *, out: FloatArray) -> None:
    gap = reading.y - reading.path
    exact = reading.total_error == 0
    np.divide(gap, reading.total_error, out=out)
    if exact.any():
        np.copyto(out, 0.0, where=exact & (np.abs(gap) <= EQUAL_PP))
    ndtr(out, out=out)


def _find_positions(part: Cases, reading: _Reading, *, out: CodeArray) -> None:
    """First matching row of the table, written from the last row to the first."""
    ceiling = reading.path + EQUAL_PP
    limit = _find_limit(part, reading)
    met = reading.y <= limit
    out[:] = POSITION_CODE[Position.OFF_TRACK]
    np.copyto(out, POSITION_CODE[Position.BEHIND_WITHIN_ERROR], where=reading.low_on_path <= ceiling)
    np.copyto(out, POSITION_CODE[Position.ON_TRACK], where=reading.y <= ceiling)
    np.copyto(out, POSITION_CODE[Position.ON_TRACK_CLEAR], where=reading.high_on_path <= ceiling)
    if part.decides.any():
        np.copyto(out, POSITION_CODE[Position.MISSED_WITHIN_ERROR], where=part.decides)
        np.copyto(
            out, POSITION_CODE[Position.MISSED], where=part.decides & (reading.low > reading.goal + EQUAL_PP)
        )
    if met.any():
        np.copyto(out, POSITION_CODE[Position.ACHIEVED_UNCONFIRMED], where=met)
        np.copyto(out, POSITION_CODE[Position.ACHIEVED_CONFIRMED], where=met & (reading.high <= limit))
    without_interval = np.isnan(reading.error)
    if without_interval.any():
        np.copyto(out, _WITHOUT_INTERVAL[out], where=without_interval)
    if part.indicative.any():
        np.copyto(out, _INDICATIVE[out], where=part.indicative)
    unknown = np.isnan(reading.y) | np.isnan(reading.path)
    if unknown.any():
        np.copyto(out, POSITION_CODE[Position.CANNOT_ASSESS], where=unknown)


def _find_limit(part: Cases, reading: _Reading) -> FloatArray:
    """The highest value that meets the target, by its comparator."""
    limit = reading.goal + EQUAL_PP
    strict = part.comparator == _LT
    if strict.any():
        limit -= 2 * EQUAL_PP * strict
    return limit


def _find_flags(part: Cases, reading: _Reading, *, out: CodeArray) -> None:
    ceiling = reading.path + EQUAL_PP
    interval = np.isfinite(reading.error)
    amber = (reading.low_on_path > ceiling) & interval
    red = (reading.low998_on_path > ceiling) & interval
    if amber.any():  # a met target is not flagged, wherever milestones put its path
        unmet = reading.y > _find_limit(part, reading)
        amber &= unmet
        red &= unmet
    if part.indicative.any():
        red &= ~part.indicative
    np.add(amber, red, out=out, dtype=np.int8)
