"""Follows changes of verdict: moves alert states, writes transitions and the mails that tell them."""

from datetime import datetime

from django.db import IntegrityError, transaction

from alerts.calc.rules import AlertState, Decision, Reading, decide
from alerts.models import State, Transition
from alerts.services.write_mails import write_mails
from targets.models import Assessment, StandingChange


def evaluate_alerts(*, now: datetime) -> int:
    """Follow every change not followed yet, in order; how many were followed here.

    Safe in two workers: a change has one transition, a state moves by compare-and-swap, and state,
    transition and mails are written together or not at all.
    """
    waiting = StandingChange.objects.filter(transition=None).order_by("pk")
    return sum(_follow_once(change, now) for change in waiting.values_list("pk", flat=True))


def _follow_once(change_id: int, now: datetime) -> int:
    change = StandingChange.objects.select_related(
        "standing__version__target__body", "standing__area", "before__reading", "after__reading"
    ).get(pk=change_id)
    try:
        with transaction.atomic():
            return int(_follow(change, now))
    except IntegrityError:
        if Transition.objects.filter(change=change).exists():
            return 0
        raise


def _follow(change: StandingChange, now: datetime) -> bool:
    standing = change.standing
    state = State.objects.filter(version=standing.version, area=standing.area).first()
    decision = decide(
        state=AlertState(state.state) if state else AlertState.OK,
        before=_reading(change.before, change) if change.before and state else None,
        after=_reading(change.after, change),
    )
    before = state.state if state else ""
    if state is None:
        state = State.objects.create(
            version=standing.version, area=standing.area, state=decision.state, last_change=change
        )
    elif not _move(state, decision, change):
        return False
    transition = Transition.objects.create(
        state=state,
        change=change,
        before=before,
        after=decision.state,
        tell=decision.tell,
        reason=decision.reason,
        became_true_on=change.became_true_on,
        created_at=now,
    )
    write_mails(transition, now=now)
    return True


def _move(state: State, decision: Decision, change: StandingChange) -> bool:
    return bool(
        State.objects.filter(pk=state.pk, last_change=state.last_change_id).update(
            state=decision.state, last_change=change
        )
    )


def _reading(assessment: Assessment, change: StandingChange) -> Reading:
    sign = -1 if change.standing.version.comparator == "ge" else 1
    limit = assessment.upper95_pct if sign < 0 else assessment.lower95_pct
    return Reading(
        position=assessment.position,
        flag=assessment.flag,
        basis=assessment.basis,
        stale=change.standing.stale,
        p_above=assessment.p_above,
        gap_pp=None if assessment.gap_pp is None else sign * assessment.gap_pp,
        period_end=assessment.reading.period_end if assessment.reading else None,
        cause=change.cause,
        above_target=(
            limit is not None
            and assessment.target_pct is not None
            and sign * limit > sign * assessment.target_pct
        ),
    )
