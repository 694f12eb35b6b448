"""What the reports on one service of one body mean against its deadline."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

NEAR_DEADLINE_DAYS = 90


class Status(StrEnum):
    """A rollout status; the last three are only a stated confidence."""

    NOT_STARTED = "not_started"
    PLANNED = "planned"
    PARTIAL = "partial"
    FULL = "full"
    DECOMMISSIONED = "decommissioned"
    CONFIDENT = "confident"
    NOT_CONFIDENT = "not_confident"
    DONT_KNOW = "dont_know"


class Verdict(StrEnum):
    """A service against its deadline."""

    IN_PLACE = "in_place"
    IN_PLACE_LATE = "in_place_late"
    PARTLY = "partly"
    NOT_IN_PLACE = "not_in_place"
    DECOMMISSIONED = "decommissioned"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    DONT_KNOW = "dont_know"
    NO_REPORT = "no_report"


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutVerdict:
    """A verdict with its days.

    status: the latest one reported, None without a report. since: first day of the unbroken run of that
    status. days_late: from the deadline to the day it was in place. days_overdue: from the deadline to
    the day asked about, where it has never been met. missed: off track for the deadline (see
    `missed_deadline`).
    """

    verdict: Verdict
    status: Status | None
    since: date | None
    days_late: int | None = None
    days_overdue: int | None = None
    missed: bool = False


@dataclass(frozen=True, slots=True)
class _Run:
    status: Status
    since: date


def judge_rollout(*, history: Sequence[tuple[date, str]], deadline: date, on: date) -> RolloutVerdict:
    """Judge one service of one body on a day.

    Args:
        history: (day the status is true for, status) in any order; of one day the last one stands.
            Days after `on` are ignored.
        deadline: its last day, which still counts as before it has passed.
        on: the day asked about.

    Returns:
        Until the deadline has passed: full, in place; confident, on track; not confident, off track; not
        started or planned, at risk, and off track with under 90 days left; partial, at risk. After it:
        full by then and now, in place; full only since, in place late; partial, partly; not started or
        planned, not in place; a stated confidence or don't know, don't know (what was expected is no
        status then). Decommissioned and no report are what they say. A stated confidence after a
        full rollout leaves it full.

    Source: design section 5 rule 7.

    >>> history = [(date(2023, 6, 1), "partial"), (date(2024, 5, 12), "full")]
    >>> verdict = judge_rollout(history=history, deadline=date(2024, 3, 31), on=date(2024, 6, 1))
    >>> verdict.verdict.value, verdict.days_late, verdict.missed
    ('in_place_late', 42, True)
    """
    runs = _find_runs(entry for entry in history if entry[0] <= on)
    if not runs:
        return RolloutVerdict(verdict=Verdict.NO_REPORT, status=None, since=None)
    if on <= deadline:
        verdict = _judge_before(runs[-1].status, days_left=(deadline - on).days)
        return RolloutVerdict(
            verdict=verdict,
            status=runs[-1].status,
            since=runs[-1].since,
            missed=verdict is Verdict.OFF_TRACK,
        )
    at_deadline = _find_runs(entry for entry in history if entry[0] <= deadline)
    return _judge_after(runs[-1], at_deadline[-1].status if at_deadline else None, deadline, on)


def is_off_track(verdict: str) -> bool:
    """Whether the service is not, or not wholly, in place today, or is not expected to be in time.

    >>> is_off_track("partly"), is_off_track("in_place_late"), is_off_track("no_report")
    (True, False, False)
    """
    return Verdict(verdict) in {
        Verdict.OFF_TRACK,
        Verdict.NOT_IN_PLACE,
        Verdict.PARTLY,
        Verdict.DECOMMISSIONED,
    }


def missed_deadline(*, history: Sequence[tuple[date, str]], deadline: date, on: date) -> bool:
    """Whether the service is off track for its deadline, as known on a day.

    Until the deadline has passed: the verdict is off track. After it: the state at the end of its last
    day is known and was not full; or was not known, and the service has since been found late, partly or
    not in place. Never for don't know and no report.

    Source: design section 5 rule 7.

    >>> missed_deadline(history=[(date(2024, 1, 1), "partial")], deadline=date(2024, 3, 31),
    ...                 on=date(2024, 4, 1))
    True
    """
    return judge_rollout(history=history, deadline=deadline, on=on).missed


def _find_runs(entries: Iterable[tuple[date, str]]) -> list[_Run]:
    """Unbroken runs of one status, oldest first."""
    by_day: dict[date, Status] = {}
    for day, status in sorted(entries, key=lambda entry: entry[0]):
        by_day[day] = Status(status)
    runs: list[_Run] = []
    for day, status in by_day.items():
        if runs and (status is runs[-1].status or _leaves_full(runs[-1].status, status)):
            continue
        runs.append(_Run(status, day))
    return runs


def _leaves_full(before: Status, status: Status) -> bool:
    return before is Status.FULL and status is Status.CONFIDENT


def _judge_before(status: Status, *, days_left: int) -> Verdict:
    if status in {Status.NOT_STARTED, Status.PLANNED}:
        return Verdict.OFF_TRACK if days_left < NEAR_DEADLINE_DAYS else Verdict.AT_RISK
    return {
        Status.FULL: Verdict.IN_PLACE,
        Status.PARTIAL: Verdict.AT_RISK,
        Status.CONFIDENT: Verdict.ON_TRACK,
        Status.NOT_CONFIDENT: Verdict.OFF_TRACK,
        Status.DECOMMISSIONED: Verdict.DECOMMISSIONED,
        Status.DONT_KNOW: Verdict.DONT_KNOW,
    }[status]


def _judge_after(now: _Run, at_deadline: Status | None, deadline: date, on: date) -> RolloutVerdict:
    verdict = {
        Status.FULL: Verdict.IN_PLACE if at_deadline is Status.FULL else Verdict.IN_PLACE_LATE,
        Status.PARTIAL: Verdict.PARTLY,
        Status.NOT_STARTED: Verdict.NOT_IN_PLACE,
        Status.PLANNED: Verdict.NOT_IN_PLACE,
        Status.NOT_CONFIDENT: Verdict.DONT_KNOW,
        Status.DECOMMISSIONED: Verdict.DECOMMISSIONED,
        Status.CONFIDENT: Verdict.DONT_KNOW,
        Status.DONT_KNOW: Verdict.DONT_KNOW,
    }[now.status]
    behind = verdict in {Verdict.PARTLY, Verdict.NOT_IN_PLACE}
    if at_deadline in {None, Status.CONFIDENT, Status.NOT_CONFIDENT, Status.DONT_KNOW}:
        missed = behind or verdict is Verdict.IN_PLACE_LATE
    else:
        missed = at_deadline is not Status.FULL
    return RolloutVerdict(
        verdict=verdict,
        status=now.status,
        since=now.since,
        days_late=(now.since - deadline).days if verdict is Verdict.IN_PLACE_LATE else None,
        days_overdue=(on - deadline).days if behind and at_deadline is not Status.FULL else None,
        missed=missed,
    )
