"""Where an area's share of the people behind England's figure jumps, so that figures before and after may not compare."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from math import fsum, isfinite
from typing import TypeGuard

Period = tuple[date, date]

LARGEST_CHANGE = 0.10
"""Relative; a larger one is a jump (design section 5 rule 11)."""
EQUAL_SHARES = 1e-9


@dataclass(frozen=True, slots=True)
class Jump:
    """Shares 0-1 of the total in two periods. `of_england`: the total is England's own, else the boards' sum."""

    before: Period
    after: Period
    share_before: float
    share_after: float
    of_england: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """Denominators above zero by period: England's own, and the boards' by any key that tells them apart."""

    england: Mapping[Period, float] = field(default_factory=dict)
    boards: Mapping[Period, Mapping[Hashable, float]] = field(default_factory=dict)

    def of_both(self, before: Period, after: Period) -> tuple[float, float, bool] | None:
        """England's denominator in two periods, and whether it is England's own; None where it is not known.

        The boards' sum counts only where the same boards have a denominator in both periods: a board that is
        missing in one of them would make all others jump.
        """
        first, second = self.england.get(before), self.england.get(after)
        if _is_usable(first) and _is_usable(second):
            return first, second, True
        boards, boards_after = self.boards.get(before, {}), self.boards.get(after, {})
        if not boards or boards.keys() != boards_after.keys():
            return None
        return fsum(boards.values()), fsum(boards_after.values()), False


def find_coverage_jumps(
    periods: Sequence[Period], denominators: Sequence[float | None], totals: Totals
) -> list[Jump]:
    """Changes of more than 10% in an area's share of England's denominator.

    Args:
        periods: first and last day of each period held for the area, in order.
        denominators: the area's, one a period, people; None, zero or not finite is passed over, and the
            periods beside it are then held against each other.
        totals: England's denominators.

    Returns:
        The jumps in order. Each is a break at the first day of its later period. A change of exactly 10% is
        none, nor is one between periods for which England's denominator is not known.

    Raises:
        ValueError: if the two sequences differ in length.

    Source: design section 5 rule 11.

    >>> years = [(date(year, 1, 1), date(year, 12, 31)) for year in (2018, 2019, 2020)]
    >>> england = Totals(england=dict(zip(years, [1000, 1000, 1100])))
    >>> [jump.after[0].year for jump in find_coverage_jumps(years, [50, 55, 44], england)]
    [2020]
    """
    held = [
        (period, people) for period, people in zip(periods, denominators, strict=True) if _is_usable(people)
    ]
    jumps = []
    for (before, first), (after, second) in pairwise(held):
        total = totals.of_both(before, after)
        if total is None:
            continue
        shares = first / total[0], second / total[1]
        if abs(shares[1] / shares[0] - 1) > LARGEST_CHANGE + EQUAL_SHARES:
            jumps.append(Jump(before, after, *shares, of_england=total[2]))
    return jumps


def describe_jump(jump: Jump, *, area: str, full_count: bool, before: str, after: str) -> str:
    """The jump in a sentence; `before` and `after` are the labels of its periods.

    >>> year = (date(2020, 1, 1), date(2020, 12, 31))
    >>> describe_jump(Jump(year, year, 0.034, 0.029, True), area="Devon", full_count=False, before="2019", after="2020")
    "Devon's share of the people surveyed in England went from 3.4% in 2019 to 2.9% in 2020"
    """
    people = "people counted" if full_count else "people surveyed"
    where = "England" if jump.of_england else "all boards together"
    shares = _write_shares(jump.share_before * 100, jump.share_after * 100)
    return f"{area}'s share of the {people} in {where} went from {shares[0]} in {before} to {shares[1]} in {after}"


def _write_shares(before_pct: float, after_pct: float) -> tuple[str, str]:
    """With as few decimals, one at least, as leave the change between the written numbers a jump.

    >>> _write_shares(1.657, 1.837), _write_shares(3.4, 2.9)
    (('1.66%', '1.84%'), ('3.4%', '2.9%'))
    """
    for places in (1, 2, 3):
        before, after = round(before_pct, places), round(after_pct, places)
        if before > 0 and abs(after / before - 1) > LARGEST_CHANGE:
            return f"{before:.{places}f}%", f"{after:.{places}f}%"
    return f"{before_pct:.3g}%", f"{after_pct:.3g}%"


def _is_usable(denominator: float | None) -> TypeGuard[float]:
    return denominator is not None and isfinite(denominator) and denominator > 0
