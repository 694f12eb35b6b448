"""A board's figure from those of its councils, where none is published for the board itself."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum, isfinite
from typing import Any, TypeVar

COUNTS_FROM_SHARE = 0.9
LEFT_OUT_TO_SHARE = 0.05
EQUAL_SHARES = 1e-9

PeriodKey = TypeVar("PeriodKey", bound=Hashable)


class Obstacle(StrEnum):
    """Why no estimate is possible."""

    SPLIT_COUNCIL = "split_council"
    NO_COUNCIL = "no_council"
    NOT_PUBLISHED = "not_published"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of one council that lies in a board.

    lsoa_count: LSOAs in the part, 1 or more. share_of_council: of the council's LSOAs, 0-1.
    share_of_board: of the board's LSOAs, 0-1.
    """

    council: str
    lsoa_count: int
    share_of_council: float
    share_of_board: float

    def __post_init__(self) -> None:
        if self.lsoa_count < 1:
            raise ValueError(f"A piece of {self.council} holds at least one LSOA.")
        if not (0 <= self.share_of_council <= 1 and 0 <= self.share_of_board <= 1):
            raise ValueError(f"The shares of {self.council} must lie between 0 and 1.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A board's estimate in percent 0-100 (unrounded), or None with the obstacle and who causes it.

    covered_share: share (0-1) of the board's LSOAs in the councils that count.
    """

    value_pct: float | None
    reason: Obstacle | None
    named: tuple[str, ...]
    counted: tuple[str, ...]
    left_out: tuple[str, ...]
    covered_share: float


def estimate_board(pieces: Sequence[Piece], values: Mapping[str, float | None]) -> Estimate:
    """Average of the councils in a board, weighted by their LSOAs there.

    Args:
        pieces: every part of a council in the board; parts of one council are taken together.
        values: percent 0-100 by council code; None where the publisher withheld it, absent where no
            figure was published (a council abolished, or not yet there).

    Returns:
        A council counts with at least 90% of its LSOAs in the board; a smaller piece is left out up to
        5% of the board's LSOAs; a larger one makes the board's estimate impossible, whatever the values.
        Every council that counts needs a figure.

    Source: design section 5 rule 2.

    >>> pieces = [Piece("A", 300, 1.0, 0.74), Piece("B", 100, 0.95, 0.25), Piece("C", 5, 0.1, 0.01)]
    >>> estimate_board(pieces, {"A": 12.0, "B": 16.0}).value_pct
    13.0
    """
    pieces = _join_parts(pieces)
    counting = [piece for piece in pieces if piece.share_of_council >= COUNTS_FROM_SHARE - EQUAL_SHARES]
    smaller = [piece for piece in pieces if piece.share_of_council < COUNTS_FROM_SHARE - EQUAL_SHARES]
    split = [piece.council for piece in smaller if piece.share_of_board > LEFT_OUT_TO_SHARE + EQUAL_SHARES]
    absent = [piece.council for piece in counting if piece.council not in values]
    withheld = [piece.council for piece in counting if not _is_number(values.get(piece.council))]
    reason, named = _find_obstacle(split, absent, withheld, has_council=bool(counting))
    return Estimate(
        value_pct=_average(counting, values) if reason is None else None,
        reason=reason,
        named=tuple(named),
        counted=tuple(piece.council for piece in counting),
        left_out=tuple(piece.council for piece in smaller if piece.council not in split),
        covered_share=fsum(piece.share_of_board for piece in counting),
    )


def _join_parts(pieces: Sequence[Piece]) -> list[Piece]:
    """One piece a council: a merged board may list a council once for each of its predecessors."""
    joined: dict[str, Piece] = {}
    for piece in pieces:
        part = joined.get(piece.council)
        joined[piece.council] = piece if part is None else _join(part, piece)
    return list(joined.values())


def _join(one: Piece, other: Piece) -> Piece:
    return Piece(
        one.council,
        one.lsoa_count + other.lsoa_count,
        min(one.share_of_council + other.share_of_council, 1.0),
        min(one.share_of_board + other.share_of_board, 1.0),
    )


def _is_number(value: float | None) -> bool:
    return value is not None and isfinite(value)


def _find_obstacle(
    split: list[str], absent: list[str], withheld: list[str], *, has_council: bool
) -> tuple[Obstacle | None, list[str]]:
    """The first obstacle: structure before figures, since it holds for every period."""
    if split:
        return Obstacle.SPLIT_COUNCIL, split
    if not has_council:
        return Obstacle.NO_COUNCIL, []
    if absent:
        return Obstacle.NOT_PUBLISHED, absent
    if withheld:
        return Obstacle.SUPPRESSED, withheld
    return None, []


def _average(counting: Sequence[Piece], values: Mapping[str, float | None]) -> float:
    weighted = fsum(piece.lsoa_count * (values[piece.council] or 0.0) for piece in counting)
    return weighted / sum(piece.lsoa_count for piece in counting)


def choose_lookup(candidates: Sequence[Mapping[Any, Estimate]]) -> int:
    """Place of the lookup of councils to boards that serves an edition best.

    Args:
        candidates: one a lookup, in order of preference: estimates by period of the edition. Periods are
            anything that sorts by time.

    Returns:
        First the lookup with an estimate for the edition's latest period, then the one with estimates
        for most periods; of equals the earlier.

    Raises:
        ValueError: without candidates.
    """
    if not candidates:
        raise ValueError("There is no lookup to choose from.")
    periods = {period for candidate in candidates for period in candidate}
    latest = max(periods, default=None)

    def merit(place: int) -> tuple[bool, int]:
        known = {period for period, estimate in candidates[place].items() if estimate.value_pct is not None}
        return latest in known, len(known)

    return max(range(len(candidates)), key=merit)


def find_widely_given(councils: Mapping[PeriodKey, int]) -> set[PeriodKey]:
    """Periods that an edition gives for councils at large.

    Args:
        councils: how many councils have a row (a figure, or one withheld), by period.

    Returns:
        The periods with at least half as many as the period that has most. A period that fewer have, such as a
        new year in a file of one region, is not published for boards yet: a board without an estimate for it
        keeps the one it had.

    >>> sorted(find_widely_given({2023: 309, 2024: 326, 2025: 1}))
    [2023, 2024]
    """
    most = max(councils.values(), default=0)
    return {period for period, count in councils.items() if 2 * count >= most}
