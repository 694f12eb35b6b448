"""Why a verdict differs from the one before."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Cause(StrEnum):
    FIRST_VERDICT = "first_verdict"
    NEW_READING = "new_reading"
    RESTATED_FIGURES = "restated_figures"
    ESTIMATE_REMADE = "estimate_remade"
    TARGET_CHANGED = "target_changed"
    DEADLINE_PASSED = "deadline_passed"
    METHOD_CHANGED = "method_changed"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What a verdict was made of. Percentages 0-100; None where there was none.

    `newest_period_end`: of every reading that this standing ever rested on. `indicator_id`: of the reading, which may stand in for the one stated. `edition_id`: the published edition
    that the reading is, or was estimated from. `withdrawn`: the edition of the reading or of the baseline has
    been withdrawn since. `decided`: the reading decided the deadline. `awaiting`: the deadline had passed
    without one that does.
    """

    version_id: int
    method_version: int
    reading_period_end: date | None = None
    newest_period_end: date | None = None
    reading_pct: float | None = None
    lower95_pct: float | None = None
    upper95_pct: float | None = None
    lower998_pct: float | None = None
    upper998_pct: float | None = None
    baseline_period_end: date | None = None
    baseline_pct: float | None = None
    decided: bool = False
    awaiting: bool = False
    indicator_id: int | None = None
    edition_id: int | None = None
    is_estimate: bool = False
    withdrawn: bool = False

    def reading(self) -> tuple[float | None, ...]:
        limits = (self.lower95_pct, self.upper95_pct, self.lower998_pct, self.upper998_pct)
        return (self.reading_pct, *limits)

    def baseline(self) -> tuple[date | None, float | None]:
        return self.baseline_period_end, self.baseline_pct


def cause_of_change(before: Inputs | None, after: Inputs) -> Cause:
    """The first cause that applies; a correction when none of the inputs kept here tells the two apart.

    Order: first verdict, other target version, other method, an edition withdrawn or another indicator read,
    a later period, other figures for the same period or another baseline, the deadline. Other figures from the
    same edition are our estimate made anew (the councils of a board changed), not a revision by the publisher;
    a published figure in place of our estimate, or the other way round, is a correction. So is a period that
    had been read before and comes back.
    What rested on a withdrawn edition is corrected, whatever is read instead: the publisher revised nothing. Two
    indicators do not compare, so that going over from one to the other, in either direction and even when the
    other one is newer, is a correction as well and never a slip; the first figure of all is a new one.

    Source: methods (vii), revision guard and target edit guard.

    >>> old = Inputs(version_id=1, method_version=1, reading_period_end=date(2022, 12, 31), reading_pct=12.0)
    >>> new = Inputs(version_id=1, method_version=1, reading_period_end=date(2023, 12, 31), reading_pct=12.5)
    >>> cause_of_change(old, new).value
    'new_reading'
    """
    if before is None:
        return Cause.FIRST_VERDICT
    if after.version_id != before.version_id:
        return Cause.TARGET_CHANGED
    if after.method_version != before.method_version:
        return Cause.METHOD_CHANGED
    if before.withdrawn or _reads_another_indicator(before, after):
        return Cause.CORRECTION
    if after.reading_period_end != before.reading_period_end:
        return _cause_of_other_period(before, after)
    differs = after.reading() != before.reading() or after.baseline() != before.baseline()
    remade = differs and after.is_estimate and after.edition_id == before.edition_id
    if differs and not remade:
        changed_hands = after.is_estimate != before.is_estimate
        return Cause.CORRECTION if changed_hands else Cause.RESTATED_FIGURES
    if (after.decided, after.awaiting) != (before.decided, before.awaiting):
        return Cause.DEADLINE_PASSED
    if remade:
        return Cause.ESTIMATE_REMADE
    return Cause.CORRECTION


def _reads_another_indicator(before: Inputs, after: Inputs) -> bool:
    return None not in (before.indicator_id, after.indicator_id) and before.indicator_id != after.indicator_id


def _cause_of_other_period(before: Inputs, after: Inputs) -> Cause:
    """A period that was read before and comes back is no new reading."""
    newest = max(
        (day for day in (before.reading_period_end, before.newest_period_end) if day), default=date.min
    )
    if after.reading_period_end is not None and after.reading_period_end > newest:
        return Cause.NEW_READING
    return Cause.CORRECTION
