"""Where a target's path stands on a day, and how fast readings move. Times are decimal years."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from targets.calc.types import (
    COMPARATOR_CODE,
    SHAPE_CODE,
    CodeArray,
    Comparator,
    Shape,
    comparator_codes,
    shape_codes,
)

FloatArray = NDArray[np.float64]

EQUAL_PP = 1e-9
"""Percentages closer than this are equal in every comparison."""


class InvalidPath(ValueError):
    """Milestones that do not make a path."""


def _broadcast(*given: ArrayLike) -> list[FloatArray]:
    return list(np.broadcast_arrays(*(np.asarray(values, dtype=float) for values in given)))


def share_elapsed(*, time: ArrayLike, baseline_time: ArrayLike, target_time: ArrayLike) -> FloatArray:
    """Share of the way from baseline to deadline that has passed, 0-1.

    Args:
        time, baseline_time, target_time: decimal years; broadcast.

    Returns:
        0 up to the baseline, 1 from the deadline on; NaN before a deadline that does not follow its
        baseline, and where a time is missing.

    >>> float(share_elapsed(time=2023.0, baseline_time=2018.0, target_time=2028.0))
    0.5
    """
    t, start, end = _broadcast(time, baseline_time, target_time)
    with np.errstate(all="ignore"):
        share = np.clip((t - start) / (end - start), 0.0, 1.0)
    return np.where(t >= end, 1.0, np.where(end > start, share, np.nan))[()]


def expected_pct(
    *,
    time: ArrayLike,
    baseline_time: ArrayLike,
    baseline_pct: ArrayLike,
    target_time: ArrayLike,
    target_pct: ArrayLike,
    shape: str | Iterable[str] | CodeArray = Shape.STRAIGHT,
    comparator: str | Iterable[str] | CodeArray = Comparator.LE,
) -> FloatArray:
    """Percentage that a path asks for at a time.

    Args:
        time, baseline_time, target_time: decimal years on one basis.
        baseline_pct, target_pct: percent 0-100.
        shape, comparator: one word, several words, or their codes.
        All broadcast.

    Returns:
        Percent 0-100, unrounded. Up to the baseline it is the baseline, from the deadline on the target
        (also when the baseline is missing). A baseline that already meets the target keeps the target
        throughout. NaN where a number is missing, where the deadline does not follow the baseline, and
        for a constant rate from or to 0 or less.

    Source: straight, b + (target - b) f; constant rate, b (target / b)^f; f the share of time elapsed.

    >>> path = {"baseline_time": 2018, "baseline_pct": 14.7, "target_time": 2030, "target_pct": 5}
    >>> round(float(expected_pct(time=2023, **path)), 3)
    10.658
    >>> round(float(expected_pct(time=2023, shape="constant_rate", **path)), 3)
    9.379
    """
    t, start, base, end, goal = _broadcast(time, baseline_time, baseline_pct, target_time, target_pct)
    shapes, comparators = shape_codes(shape), comparator_codes(comparator)
    size = np.broadcast_shapes(t.shape, shapes.shape, comparators.shape)
    t, start, base, end, goal = (
        np.atleast_1d(np.broadcast_to(given, size)) for given in (t, start, base, end, goal)
    )
    shapes, comparators = (np.atleast_1d(np.broadcast_to(given, size)) for given in (shapes, comparators))
    return follow_path(t, start, base, end, goal, shapes, comparators).reshape(size)[()]


def follow_path(
    t: FloatArray,
    start: FloatArray,
    base: FloatArray,
    end: FloatArray,
    goal: FloatArray,
    shapes: CodeArray,
    comparators: CodeArray,
) -> FloatArray:
    """`expected_pct` on arrays of one length, without its checks; `shapes` and `comparators` are codes."""
    with np.errstate(all="ignore"):
        span = end - start
        share = (t - start) / span
        np.clip(share, 0.0, 1.0, out=share)
        change = goal - base
        path: FloatArray = base + change * share
        undefined = ~(span > 0) | np.isnan(share)
        at_rate = shapes == SHAPE_CODE[Shape.CONSTANT_RATE]
        if at_rate.any():
            np.copyto(path, base * np.power(goal / base, share), where=at_rate)
            undefined |= at_rate & ~((base > 0) & (goal > 0))
        maintained = change >= -EQUAL_PP
        higher = comparators == COMPARATOR_CODE[Comparator.GE]
        if higher.any():
            np.copyto(maintained, change <= EQUAL_PP, where=higher)
        np.copyto(path, goal, where=maintained)
        if undefined.any():
            np.copyto(path, np.nan, where=undefined)
        np.copyto(path, goal, where=t >= end)
    return path


def expected_on_milestones(
    *,
    time: float,
    milestones: Sequence[tuple[float, float]],
    shape: str = Shape.STRAIGHT,
    comparator: str | None = None,
) -> float:
    """Percentage that a path through stated milestones asks for at a time.

    Args:
        time: decimal year.
        milestones: (decimal year, percent 0-100) of the baseline, each milestone and the target.
        shape: how two neighbours are joined.
        comparator: if given, a baseline that already meets the target keeps the target throughout.

    Returns:
        Percent 0-100; the first point before the path, the last one after it; NaN for a missing time
        and for a constant rate from or to 0 or less.

    Raises:
        InvalidPath: for fewer than two points, a point that is no number, or times out of order.

    >>> expected_on_milestones(time=2026, milestones=[(2020, 12), (2025, 10), (2030, 5)])
    9.0
    """
    times, values = [point[0] for point in milestones], [point[1] for point in milestones]
    if len(times) < 2 or not np.isfinite([*times, *values]).all():
        raise InvalidPath("A path needs at least two points, each a time and a percentage.")
    if any(later <= earlier for earlier, later in pairwise(times)):
        raise InvalidPath("The times of a path must rise from the baseline to the target.")
    if np.isnan(time):
        return float("nan")
    if comparator is not None and _is_met(values[0], values[-1], comparator):
        return values[-1]
    leg = min(max(bisect_right(times, time), 1), len(times) - 1)
    return float(
        expected_pct(
            time=time,
            baseline_time=times[leg - 1],
            baseline_pct=values[leg - 1],
            target_time=times[leg],
            target_pct=values[leg],
            shape=shape,
            comparator=Comparator.LE if values[leg] <= values[leg - 1] else Comparator.GE,
        )
    )


def _is_met(value_pct: float, target_pct: float, comparator: str) -> bool:
    if comparator == Comparator.GE:
        return value_pct >= target_pct - EQUAL_PP
    if comparator == Comparator.LT:
        return value_pct < target_pct - EQUAL_PP
    return value_pct <= target_pct + EQUAL_PP


def _speed_pp(t0: ArrayLike, y0: ArrayLike, t1: ArrayLike, y1: ArrayLike) -> FloatArray:
    start, first, end, last = _broadcast(t0, y0, t1, y1)
    with np.errstate(all="ignore"):
        speed = (last - first) / (end - start)
    return np.where((end > start) & np.isfinite(speed), speed, np.nan)[()]


def _speed_pct(t0: ArrayLike, y0: ArrayLike, t1: ArrayLike, y1: ArrayLike) -> FloatArray:
    start, first, end, last = _broadcast(t0, y0, t1, y1)
    with np.errstate(all="ignore"):
        speed = 100 * (np.power(last / first, 1 / (end - start)) - 1)
    defined = (end > start) & (first > 0) & (last > 0) & np.isfinite(speed)
    return np.where(defined, speed, np.nan)[()]


def observed_pp_per_year(
    *, baseline_time: ArrayLike, baseline_pct: ArrayLike, reading_time: ArrayLike, reading_pct: ArrayLike
) -> FloatArray:
    """Percentage points a year from baseline to reading; NaN unless the reading is later.

    Source: (reading - baseline) / years between. Broadcasts; times in decimal years, values in percent.

    >>> round(float(observed_pp_per_year(baseline_time=2018, baseline_pct=14.7,
    ...                                  reading_time=2023, reading_pct=11.6)), 2)
    -0.62
    """
    return _speed_pp(baseline_time, baseline_pct, reading_time, reading_pct)


def observed_pct_per_year(
    *, baseline_time: ArrayLike, baseline_pct: ArrayLike, reading_time: ArrayLike, reading_pct: ArrayLike
) -> FloatArray:
    """Percent a year from baseline to reading; NaN unless the reading is later and both are above 0.

    Source: 100 ((reading / baseline)^(1 / years between) - 1). Broadcasts.

    >>> round(float(observed_pct_per_year(baseline_time=2018, baseline_pct=14.7,
    ...                                   reading_time=2023, reading_pct=11.6)), 3)
    -4.626
    """
    return _speed_pct(baseline_time, baseline_pct, reading_time, reading_pct)


def required_pp_per_year(
    *, reading_time: ArrayLike, reading_pct: ArrayLike, target_time: ArrayLike, target_pct: ArrayLike
) -> FloatArray:
    """Percentage points a year needed from a reading to the target; NaN from the deadline on.

    Source: (target - reading) / years left. Broadcasts; times in decimal years, values in percent.

    >>> round(float(required_pp_per_year(reading_time=2023, reading_pct=11.6,
    ...                                  target_time=2030, target_pct=5)), 3)
    -0.943
    """
    return _speed_pp(reading_time, reading_pct, target_time, target_pct)


def required_pct_per_year(
    *, reading_time: ArrayLike, reading_pct: ArrayLike, target_time: ArrayLike, target_pct: ArrayLike
) -> FloatArray:
    """Percent a year needed from a reading to the target; NaN from the deadline on, or at 0 or less.

    Source: 100 ((target / reading)^(1 / years left) - 1). Broadcasts.

    >>> round(float(required_pct_per_year(reading_time=2023, reading_pct=11.6,
    ...                                   target_time=2030, target_pct=5)), 3)
    -11.328
    """
    return _speed_pct(reading_time, reading_pct, target_time, target_pct)
