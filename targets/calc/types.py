"""The words of a verdict, and the small numbers that stand for them in arrays."""

from collections.abc import Iterable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

CodeArray = NDArray[np.int8]


class Position(StrEnum):
    """Where a reading stands against its path and its target."""

    CANNOT_ASSESS = "cannot_assess"
    ACHIEVED_CONFIRMED = "achieved_confirmed"
    ACHIEVED_UNCONFIRMED = "achieved_unconfirmed"
    ACHIEVED_POINT = "achieved_point"
    MISSED = "missed"
    MISSED_WITHIN_ERROR = "missed_within_error"
    MISSED_POINT = "missed_point"
    ON_TRACK_CLEAR = "on_track_clear"
    ON_TRACK = "on_track"
    ON_TRACK_POINT = "on_track_point"
    BEHIND_WITHIN_ERROR = "behind_within_error"
    BEHIND_POINT = "behind_point"
    OFF_TRACK = "off_track"
    AWAITING_DEADLINE_READING = "awaiting_deadline_reading"


class Flag(StrEnum):
    """Amber: the 95% interval lies wholly on the wrong side of the path. Red: the 99.8% interval."""

    NONE = "none"
    AMBER = "amber"
    RED = "red"


class Basis(StrEnum):
    """Firm: a published figure for the area. Indicative: our estimate, or a proxy."""

    FIRM = "firm"
    INDICATIVE = "indicative"


class Comparator(StrEnum):
    """How a value meets a target: at most, below, at least."""

    LE = "le"
    LT = "lt"
    GE = "ge"


class Shape(StrEnum):
    """Equal points a year, or an equal percentage a year."""

    STRAIGHT = "straight"
    CONSTANT_RATE = "constant_rate"


class Kind(StrEnum):
    """A body's own promise, or the national ambition laid beside it."""

    PROMISE = "promise"
    COMPARISON = "comparison"


POSITIONS = tuple(Position)
FLAGS = tuple(Flag)
COMPARATORS = tuple(Comparator)
SHAPES = tuple(Shape)
"""In arrays a position, flag, comparator or shape is its place in these tuples."""

POSITION_CODE = {position: code for code, position in enumerate(POSITIONS)}
COMPARATOR_CODE = {comparator: code for code, comparator in enumerate(COMPARATORS)}
SHAPE_CODE = {shape: code for code, shape in enumerate(SHAPES)}

POSITION_RANK: dict[Position, int | None] = {
    Position.ACHIEVED_CONFIRMED: 0,
    Position.ACHIEVED_UNCONFIRMED: 0,
    Position.ACHIEVED_POINT: 0,
    Position.ON_TRACK_CLEAR: 1,
    Position.ON_TRACK: 1,
    Position.ON_TRACK_POINT: 1,
    Position.BEHIND_WITHIN_ERROR: 2,
    Position.BEHIND_POINT: 3,
    Position.OFF_TRACK: 3,
    Position.MISSED_WITHIN_ERROR: 4,
    Position.MISSED: 5,
    Position.MISSED_POINT: 5,
    Position.CANNOT_ASSESS: None,
    Position.AWAITING_DEADLINE_READING: None,
}
"""Groups from best (0) to worst (5); None takes no part in "a change for the worse"."""


def is_worse(before: Position, after: Position) -> bool:
    """Whether a change of position is for the worse; never to or from a position without a rank.

    >>> is_worse(Position.ON_TRACK, Position.OFF_TRACK)
    True
    >>> is_worse(Position.ON_TRACK, Position.CANNOT_ASSESS)
    False
    """
    rank_before, rank_after = POSITION_RANK[before], POSITION_RANK[after]
    return rank_before is not None and rank_after is not None and rank_after > rank_before


def find_direction(before: Position, after: Position, *, same_measure: bool) -> str:
    """Which way a change of position goes: "better", "worse", or "" for neither.

    Neither where one side has no verdict, where another indicator is read (`same_measure` false), or where both
    positions have the same rank.

    >>> find_direction(Position.OFF_TRACK, Position.ON_TRACK, same_measure=True)
    'better'
    >>> find_direction(Position.BEHIND_POINT, Position.OFF_TRACK, same_measure=True)
    ''
    >>> find_direction(Position.OFF_TRACK, Position.ON_TRACK, same_measure=False)
    ''
    """
    if not same_measure:
        return ""
    if is_worse(before, after):
        return "worse"
    return "better" if is_worse(after, before) else ""


def _encode(given: str | Iterable[str] | CodeArray, words: type[StrEnum]) -> CodeArray:
    codes = {word.value: code for code, word in enumerate(words)}
    if isinstance(given, str):
        return np.asarray(codes[words(given).value], dtype=np.int8)
    if isinstance(given, np.ndarray) and given.dtype == np.int8:
        return given
    return np.array([codes[words(str(word)).value] for word in given], dtype=np.int8)


def comparator_codes(given: str | Iterable[str] | CodeArray) -> CodeArray:
    """Comparators as int8 codes (places in COMPARATORS); codes pass through.

    >>> comparator_codes(["le", "ge"]).tolist()
    [0, 2]
    """
    return _encode(given, Comparator)


def shape_codes(given: str | Iterable[str] | CodeArray) -> CodeArray:
    """Shapes as int8 codes (places in SHAPES); codes pass through.

    >>> shape_codes(["constant_rate", "straight"]).tolist()
    [1, 0]
    """
    return _encode(given, Shape)
