"""When a change of verdict moves an alert, and who is told. Methods (vii); design section 5 rules 8, 10.

Positions, flags, bases and causes are the words that `targets` writes; a calculation imports no other app.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite

EASED_BELOW = 0.80
"""An alert is left when the chance of being above the path falls below this."""
WORSE_BY_PP = 1.0
EQUAL_PP = 1e-9


class AlertState(StrEnum):
    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    ACHIEVED = "achieved"


class Tell(StrEnum):
    NOBODY = "nobody"
    ADMINS = "admins"
    SUBSCRIBERS_SLIPPED = "subscribers_slipped"
    SUBSCRIBERS_RECOVERED = "subscribers_recovered"
    SUBSCRIBERS_WORSE = "subscribers_worse"
    SUBSCRIBERS_ACHIEVED = "subscribers_achieved"
    SUBSCRIBERS_LOST = "subscribers_lost"
    SUBSCRIBERS_REVISED = "subscribers_revised"


class Why(StrEnum):
    """What decided."""

    FIRST_LOAD = "first_load"
    TARGET_CHANGED = "target_changed"
    INDICATIVE = "indicative"
    STALE = "stale"
    NO_USABLE_READING = "no_usable_reading"
    FIGURES_REVISED = "figures_revised"
    UNCHANGED = "unchanged"
    AMBER = "amber"
    AMBER_AGAIN = "amber_again"
    RED = "red"
    DEADLINE_MISSED = "deadline_missed"
    EASED = "eased"
    IMPROVING = "improving"
    RECOVERED = "recovered"
    RELAPSED = "relapsed"
    WORSE = "worse"
    ACHIEVED = "achieved"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One verdict as alerts see it.

    p_above: chance 0-1 of lying on the wrong side of the path, None without an interval. gap_pp: points
    on the wrong side of the path, negative on the right one (reading minus path where lower is better).
    above_target: the 95% interval lies wholly on the wrong side of the target itself.
    """

    position: str
    flag: str = "none"
    basis: str = "firm"
    stale: bool = False
    p_above: float | None = None
    gap_pp: float | None = None
    period_end: date | None = None
    cause: str = "new_reading"
    above_target: bool = False

    @property
    def missed(self) -> bool:
        return self.position == "missed"

    @property
    def achieved(self) -> bool:
        return self.position == "achieved_confirmed"

    @property
    def flagged(self) -> bool:
        return self.flag in {"amber", "red"}

    @property
    def eased(self) -> bool:
        """Never while flagged: limits that are not symmetric may flag a reading with a small chance."""
        return not self.flagged and self.p_above is not None and self.p_above < EASED_BELOW

    @property
    def measured(self) -> bool:
        return self.p_above is not None and isfinite(self.p_above)

    @property
    def usable(self) -> bool:
        return self.position not in {"cannot_assess", "awaiting_deadline_reading"}


@dataclass(frozen=True, slots=True)
class Decision:
    """The state from now on, whom to tell, and why."""

    state: AlertState
    tell: Tell
    reason: Why


REVISIONS = frozenset({"restated_figures", "estimate_remade", "method_changed", "correction"})
"""Causes that change what was said about the same figures: told as revised, never as slipped."""


def decide(*, state: AlertState, before: Reading | None, after: Reading) -> Decision:
    """Follow one change of verdict.

    Args:
        state: of this target version in this area until now.
        before: the verdict the state was last decided on; None on first load.
        after: the verdict now, with its cause.

    Returns:
        The next state, whom to tell, and why. The same verdict twice tells nobody the second time.

    Source: methods (vii), table and guards 5 to 7 and 12.

    >>> before = Reading(position="on_track", p_above=0.4, period_end=date(2022, 12, 31))
    >>> after = Reading(position="off_track", flag="red", p_above=0.9999, period_end=date(2023, 12, 31))
    >>> decision = decide(state=AlertState.OK, before=before, after=after)
    >>> decision.state.value, decision.tell.value
    ('firing', 'subscribers_slipped')
    """
    quiet = _find_guard(state, before, after)
    if quiet is not None:
        return quiet
    if before is None:
        return Decision(_start_state(after), Tell.NOBODY, Why.FIRST_LOAD)
    if after.cause in REVISIONS:
        return _revise(state, before, after)
    if after.achieved:
        if state is AlertState.ACHIEVED:
            return Decision(state, Tell.NOBODY, Why.UNCHANGED)
        return Decision(AlertState.ACHIEVED, Tell.SUBSCRIBERS_ACHIEVED, Why.ACHIEVED)
    follow = {
        AlertState.OK: _from_calm,
        AlertState.PENDING: _from_calm,
        AlertState.FIRING: _from_firing,
        AlertState.RECOVERING: _from_recovering,
        AlertState.ACHIEVED: _from_achieved,
    }[state]
    return follow(state, before, after)


def _find_guard(state: AlertState, before: Reading | None, after: Reading) -> Decision | None:
    """What may move no alert, or only start one anew."""
    if after.cause == "target_changed":
        return Decision(_start_state(after), Tell.NOBODY, Why.TARGET_CHANGED)
    if not after.usable:
        lost_sight = before is not None and before.usable and after.position == "cannot_assess"
        tell = Tell.ADMINS if lost_sight else Tell.NOBODY
        return Decision(state, tell, Why.NO_USABLE_READING)
    if after.basis == "indicative":
        return Decision(state, Tell.NOBODY, Why.INDICATIVE)
    if after.stale:
        return Decision(state, Tell.NOBODY, Why.STALE)
    return None


def _start_state(after: Reading) -> AlertState:
    """The state that a verdict alone implies; red counts at once, amber waits for a second period."""
    if after.basis == "indicative" or after.stale or not after.usable:
        return AlertState.OK
    if after.achieved:
        return AlertState.ACHIEVED
    if after.missed or after.flag == "red":
        return AlertState.FIRING
    return AlertState.PENDING if after.flagged else AlertState.OK


def _revise(state: AlertState, before: Reading, after: Reading) -> Decision:
    """The state as the revised figures would have it; what amber twice or a slow recovery built stays."""
    alerted = state in {AlertState.FIRING, AlertState.RECOVERING}
    revised = _start_state(after)
    if revised is AlertState.PENDING and alerted:
        revised = AlertState.FIRING
    elif revised is AlertState.OK and (alerted or state is AlertState.PENDING) and not after.eased:
        revised = state
    tell = Tell.SUBSCRIBERS_REVISED if after.position != before.position else Tell.NOBODY
    return Decision(revised, tell, Why.FIGURES_REVISED)


def _is_later(before: Reading, after: Reading) -> bool:
    if after.period_end is None:
        return False
    return before.period_end is None or after.period_end > before.period_end


def _from_calm(state: AlertState, before: Reading, after: Reading) -> Decision:
    if after.missed:
        return Decision(AlertState.FIRING, Tell.SUBSCRIBERS_SLIPPED, Why.DEADLINE_MISSED)
    if after.flag == "red":
        return Decision(AlertState.FIRING, Tell.SUBSCRIBERS_SLIPPED, Why.RED)
    if state is AlertState.OK:
        if after.flagged:
            return Decision(AlertState.PENDING, Tell.ADMINS, Why.AMBER)
        return Decision(state, Tell.NOBODY, Why.UNCHANGED)
    if after.flagged and before.flagged and _is_later(before, after):
        return Decision(AlertState.FIRING, Tell.SUBSCRIBERS_SLIPPED, Why.AMBER_AGAIN)
    if after.eased:
        return Decision(AlertState.OK, Tell.NOBODY, Why.EASED)
    return Decision(state, Tell.NOBODY, Why.UNCHANGED)


def _from_firing(state: AlertState, before: Reading, after: Reading) -> Decision:
    if after.missed:
        if not before.missed:
            return Decision(state, Tell.SUBSCRIBERS_WORSE, Why.DEADLINE_MISSED)
        return Decision(state, Tell.NOBODY, Why.UNCHANGED)
    if not _is_later(before, after):
        return Decision(state, Tell.NOBODY, Why.UNCHANGED)
    if after.eased:
        return Decision(AlertState.RECOVERING, Tell.NOBODY, Why.IMPROVING)
    if after.position == before.position and _is_materially_worse(before.gap_pp, after.gap_pp):
        return Decision(state, Tell.SUBSCRIBERS_WORSE, Why.WORSE)
    return Decision(state, Tell.NOBODY, Why.UNCHANGED)


def _is_materially_worse(before_pp: float | None, after_pp: float | None) -> bool:
    if before_pp is None or after_pp is None or not (isfinite(before_pp) and isfinite(after_pp)):
        return False
    return after_pp - before_pp >= WORSE_BY_PP - EQUAL_PP


def _from_recovering(state: AlertState, before: Reading, after: Reading) -> Decision:
    if after.missed:
        return Decision(AlertState.FIRING, Tell.SUBSCRIBERS_WORSE, Why.DEADLINE_MISSED)
    if after.flag == "red":
        return Decision(AlertState.FIRING, Tell.NOBODY, Why.RELAPSED)
    if not (after.measured and _is_later(before, after)):
        return Decision(state, Tell.NOBODY, Why.UNCHANGED)
    if after.eased:
        return Decision(AlertState.OK, Tell.SUBSCRIBERS_RECOVERED, Why.RECOVERED)
    return Decision(AlertState.FIRING, Tell.NOBODY, Why.RELAPSED)


def _from_achieved(state: AlertState, before: Reading, after: Reading) -> Decision:
    if after.missed or after.flagged or after.above_target:
        return Decision(AlertState.FIRING, Tell.SUBSCRIBERS_LOST, Why.LOST)
    return Decision(state, Tell.NOBODY, Why.UNCHANGED)
