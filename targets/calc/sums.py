"""When the counts of a board's predecessors add up to a figure for its own area, and their sum."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import fsum, isfinite

ROUNDED_PP = 0.051
"""Points by which a percentage published to one decimal may differ from its counts."""


class Hindrance(StrEnum):
    """Why nothing can be added up for a board."""

    NO_PREDECESSOR = "no_predecessor"
    DIVIDED = "divided"
    OWN_AREA = "own_area"
    BOUNDARY_MOVED = "boundary_moved"


@dataclass(frozen=True, slots=True)
class Handover:
    """One body handed its area, or a part of it, to another on a day. Bodies by any one code."""

    from_body: str
    to_body: str
    on: date
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Union:
    """The bodies a board was made of; `hindrance` is None where their counts add up.

    `named`: who stands in the way, in the order of the handovers.
    """

    predecessors: tuple[str, ...]
    hindrance: Hindrance | None
    named: tuple[str, ...] = ()


def find_union(body: str, opened: date | None, handovers: Iterable[Handover]) -> Union:
    """Whether a board is nothing but the whole of other bodies, with their boundaries as they were.

    Args:
        body: the board's code.
        opened: its first day; None when not known, which is taken as having had an area before.
        handovers: all that touch the board or a body that handed it anything, up to the day asked about.

    Returns:
        Its predecessors and the first hindrance found: none handed over; one came in part, or gave a part
        elsewhere on the same day; the board had an area of its own before; or area was exchanged with an
        outsider, by a predecessor before or by the board since.

    Source: design section 5 rule 12.

    >>> day = date(2026, 4, 1)
    >>> find_union("C", day, [Handover("A", "C", day, True), Handover("B", "C", day, True)]).hindrance is None
    True
    >>> find_union("C", day, [Handover("A", "C", day, True), Handover("B", "C", day, False)]).named
    ('B',)
    """
    known = sorted(handovers, key=lambda row: (row.on, row.from_body, row.to_body))
    came = [row for row in known if row.to_body == body]
    predecessors = tuple(dict.fromkeys(row.from_body for row in came))
    if not came:
        return Union(predecessors=(), hindrance=Hindrance.NO_PREDECESSOR)
    divided = _find_divided(body, came, known)
    if divided:
        return Union(predecessors=predecessors, hindrance=Hindrance.DIVIDED, named=divided)
    if opened is None or any(row.on != opened for row in came):
        return Union(predecessors=predecessors, hindrance=Hindrance.OWN_AREA, named=(body,))
    moved = _find_moved(body, predecessors, known)
    return Union(
        predecessors=predecessors, hindrance=Hindrance.BOUNDARY_MOVED if moved else None, named=moved
    )


def _find_divided(body: str, came: Sequence[Handover], known: Sequence[Handover]) -> tuple[str, ...]:
    """Bodies of which the board got a part, by the handover itself or by another of the same day."""
    elsewhere = {(row.from_body, row.on) for row in known if row.to_body != body}
    parts = [row.from_body for row in came if not row.whole or (row.from_body, row.on) in elsewhere]
    return tuple(dict.fromkeys(parts))


def _find_moved(body: str, predecessors: Sequence[str], known: Sequence[Handover]) -> tuple[str, ...]:
    """Who exchanged area with a body outside; an exchange between predecessors leaves their union as it was."""
    inside = {body, *predecessors}
    crossing = [row for row in known if (row.from_body in inside) != (row.to_body in inside)]
    return tuple(dict.fromkeys(row.from_body if row.from_body in inside else row.to_body for row in crossing))


@dataclass(frozen=True, slots=True)
class Part:
    """One body's published figure: percent 0-100, people counted and people asked; None where not given."""

    value_pct: float | None
    count: float | None
    denominator: float | None


@dataclass(frozen=True, slots=True)
class Sum:
    """People counted and asked in all, and the percentage (0-100, unrounded) that follows."""

    count: float
    denominator: float
    value_pct: float


def sum_counts(parts: Sequence[Part]) -> Sum | None:
    """Counts over denominators of whole bodies in one period: 100 × Σ count ÷ Σ denominator.

    Args:
        parts: one a body, from one indicator and one period. Weighted counts may be fractional.

    Returns:
        None without two parts, where one lacks its count or denominator, or where a published percentage
        is not that of its counts (it was adjusted): percentages themselves are never averaged.

    Raises:
        ValueError: a count below 0, a denominator that is not above 0, or more people counted than asked.

    Source: design section 5 rule 12.

    >>> sum_counts([Part(20.0, 40, 200), Part(10.0, 30, 300)])
    Sum(count=70.0, denominator=500.0, value_pct=14.0)
    >>> sum_counts([Part(20.0, 40, 200), Part(10.0, None, None)]) is None
    True
    """
    counts = [part.count for part in parts if part.count is not None]
    denominators = [part.denominator for part in parts if part.denominator is not None]
    for part in parts:
        _check(part)
    if len(parts) < 2 or len(counts) < len(parts) or len(denominators) < len(parts):
        return None
    if not all(map(_is_of_its_counts, parts)):
        return None
    count, denominator = fsum(counts), fsum(denominators)
    return Sum(count, denominator, 100 * count / denominator)


def _check(part: Part) -> None:
    for number in (part.count, part.denominator):
        if number is not None and not isfinite(number):
            raise ValueError("Counts and denominators must be finite numbers.")
    if part.count is not None and part.count < 0:
        raise ValueError(f"A count of {part.count:g} lies below 0.")
    if part.denominator is not None and part.denominator <= 0:
        raise ValueError(f"A denominator of {part.denominator:g} is not above 0.")
    if part.count is not None and part.denominator is not None and part.count > part.denominator:
        raise ValueError(f"{part.count:g} people counted among {part.denominator:g} asked.")


def _is_of_its_counts(part: Part) -> bool:
    if part.value_pct is None or part.count is None or part.denominator is None:
        return False
    return abs(part.value_pct - 100 * part.count / part.denominator) <= ROUNDED_PP
