"""Which boundary the figures of a board are for, where the boundary changed under the same code."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kit.calc.dates import time_at_start_of
from kit.calc.formats import format_day


class Boundary(StrEnum):
    """Old, new, the one of the list of councils that our estimate was made with, or not stated."""

    OLD = "old"
    NEW = "new"
    OF_THE_LIST = "of_the_list"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, slots=True)
class Dated:
    """What tells a figure's boundary: middle of its period in decimal years, and the day it was known."""

    time: float
    known_from: date
    is_estimate: bool


def boundary_of(figure: Dated, changed_on: date) -> Boundary:
    """The boundary of one figure around the day of a change.

    Returns:
        OLD for what was known before the change. Later: NEW for a period whose middle lies after the
        change; OF_THE_LIST for our estimate of an earlier period; NOT_STATED for a published one, since a
        publisher may have worked it out anew.

    >>> before = Dated(2024.5, date(2025, 10, 1), False)
    >>> boundary_of(before, date(2026, 4, 1)).value, boundary_of(before, date(2025, 4, 1)).value
    ('old', 'not_stated')
    """
    if figure.known_from < changed_on:
        return Boundary.OLD
    if figure.is_estimate:
        return Boundary.OF_THE_LIST
    return Boundary.NEW if figure.time >= time_at_start_of(changed_on) else Boundary.NOT_STATED


def describe_boundaries(figures: Iterable[Dated], changed_on: date) -> str:
    """What a reader of a table must know, in two sentences; empty without figures.

    >>> describe_boundaries([Dated(2024.5, date(2025, 10, 1), False)], date(2026, 4, 1))
    'Its boundary changed on 1 April 2026. Of these figures 1 was known before that day and is for the old boundary.'
    """
    counts = Counter(boundary_of(figure, changed_on) for figure in figures)
    if not counts:
        return ""
    told = [_describe(boundary, counts[boundary]) for boundary in Boundary if counts[boundary]]
    return f"Its boundary changed on {format_day(changed_on)}. Of these figures {'; '.join(told)}."


def _describe(boundary: Boundary, count: int) -> str:
    one = count == 1
    verb = "is" if one else "are"
    return (
        f"{count} "
        + {
            Boundary.OLD: f"{'was' if one else 'were'} known before that day and {verb} for the old boundary",
            Boundary.NEW: f"{verb} for the time since",
            Boundary.OF_THE_LIST: (
                f"{'is our estimate' if one else 'are our estimates'} made since, with the list of councils "
                f"in force on the day {'it' if one else 'each'} was made"
            ),
            Boundary.NOT_STATED: (
                f"{'was' if one else 'were'} published since for earlier years: the publisher does not say "
                "for which boundary"
            ),
        }[boundary]
    )
