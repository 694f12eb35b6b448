"""Judges every target in force and moves the standings that changed. The only writer of verdicts."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from targets.calc.causes import Cause, Inputs, cause_of_change
from targets.models import Assessment, Observation, Standing, StandingChange
from targets.selectors.evidence import Evidence, find_evidence, find_pairs, is_estimate
from targets.selectors.judging import Judged, judge_pairs


@dataclass(frozen=True, slots=True)
class Run:
    """What one run found and how many standings it moved."""

    judged: list[Judged]
    moved: int


def assess_targets(*, now: datetime) -> Run:
    """Judge on what is known now; store only what differs from what stands.

    Safe to run twice, in two workers and to be killed: the same inputs give the same row, each move is
    a compare-and-swap in its own transaction, and a later run goes on from whatever stands.
    """
    on = timezone.localdate(now)
    pairs = find_pairs(on)
    evidence = find_evidence(pairs, on)
    judged = judge_pairs(pairs, evidence, on)
    standings = {
        (standing.version_id, standing.area_id): standing
        for standing in Standing.objects.filter(
            version__in={pair.version.pk for pair in pairs}
        ).select_related(
            "assessment__reading__release__derived_from", "assessment__baseline__release__derived_from"
        )
    }
    moved = sum(
        _bring_up_to_date(row, standings.get(row.pair.key), evidence, on=on, now=now) for row in judged
    )
    return Run(judged, moved)


def _bring_up_to_date(
    row: Judged, standing: Standing | None, evidence: Evidence, *, on: date, now: datetime
) -> int:
    """Moves in one step; in two where an edition both revised the old period and added one (rule 5.10)."""
    if standing is None:
        return _place(row, on=on, now=now)
    if standing.assessment.input_digest == row.assessment.input_digest:
        if standing.stale != row.stale:
            Standing.objects.filter(pk=standing.pk).update(stale=row.stale)
        return 0
    moves = 0
    before = standing.assessment
    for step in [*_old_period_anew(row, before, evidence, on), row]:
        after = _move(step, standing, before, on=on, now=now)
        if after is None:
            return moves
        before = after
        moves += 1
    return moves


def _old_period_anew(row: Judged, before: Assessment, evidence: Evidence, on: date) -> list[Judged]:
    """The old period judged on the new figures, where they differ and a later period was added.

    Where another indicator is read from now on, only if that one has a verdict on the old period: a step to
    nothing would make its first figure look like a slip.
    """
    old, new = before.reading, row.prepared.reading
    if old is None or new is None or new.period_end <= old.period_end:
        return []
    [anew] = judge_pairs([row.pair], evidence, on, until={row.pair.key: old.period_end})
    if before.indicator_id != row.assessment.indicator_id and not anew.prepared.can_be_judged:
        return []
    return [] if anew.assessment.input_digest == before.input_digest else [anew]


@transaction.atomic
def _place(row: Judged, *, on: date, now: datetime) -> int:
    """The first standing of a target version in an area."""
    former = (
        Standing.objects.filter(version__target=row.pair.version.target, area=row.pair.area)
        .exclude(version=row.pair.version)
        .order_by("-version__number")
        .select_related("assessment")
        .first()
    )
    cause = Cause.TARGET_CHANGED if former else Cause.FIRST_VERDICT
    assessment = _keep(row.assessment, now)
    standing, is_new = Standing.objects.get_or_create(
        version=row.pair.version,
        area=row.pair.area,
        defaults={"assessment": assessment, "cause": cause, "stale": row.stale, "moved_at": now},
    )
    if not is_new:
        return 0
    _record(standing, former.assessment if former else None, assessment, row, cause, on)
    return 1


@transaction.atomic
def _move(
    step: Judged, standing: Standing, before: Assessment, *, on: date, now: datetime
) -> Assessment | None:
    """The new assessment, or None when another worker moved the standing first."""
    former = replace(
        _inputs(before),
        withdrawn=_rests_on_withdrawn(before),
        newest_period_end=_find_newest_period(standing),
    )
    cause = cause_of_change(former, _inputs(step.assessment))
    after = _keep(step.assessment, now)
    swapped = Standing.objects.filter(pk=standing.pk, assessment=before).update(
        assessment=after, cause=cause, stale=step.stale, moved_at=now
    )
    if not swapped:
        return None
    _record(standing, before, after, step, cause, on)
    return after


def _keep(assessment: Assessment, now: datetime) -> Assessment:
    """The stored row with these inputs; written if it is new."""
    key = {"version": assessment.version, "area": assessment.area, "input_digest": assessment.input_digest}
    names = [field.name for field in Assessment._meta.fields if field.name not in {"id", *key}]
    values = {name: getattr(assessment, name) for name in names} | {"assessed_at": now}
    return Assessment.objects.get_or_create(**key, defaults=values)[0]


def _record(
    standing: Standing, before: Assessment | None, after: Assessment, row: Judged, cause: Cause, on: date
) -> None:
    StandingChange.objects.create(
        standing=standing,
        before=before,
        after=after,
        cause=cause,
        became_true_on=_became_true_on(row, cause, on),
    )


def _became_true_on(row: Judged, cause: Cause, on: date) -> date:
    """The day the public could know it: all of its figures published, the target stated, the board open."""
    if cause in (Cause.METHOD_CHANGED, Cause.CORRECTION):
        return on
    prepared, version = row.prepared, row.pair.version
    days = [version.known_from, row.pair.area.opened, prepared.obstacle_known_from]
    days += [figure.known_from for figure in (prepared.reading, prepared.baseline.figure) if figure]
    if version.deadline and (prepared.decides or prepared.awaiting):
        days.append(version.deadline + timedelta(days=1))
    return max(day for day in days if day)


def _inputs(assessment: Assessment) -> Inputs:
    return Inputs(
        version_id=assessment.version_id,
        method_version=assessment.method_version,
        reading_period_end=assessment.reading.period_end if assessment.reading else None,
        reading_pct=assessment.value_pct,
        lower95_pct=assessment.lower95_pct,
        upper95_pct=assessment.upper95_pct,
        lower998_pct=assessment.lower998_pct,
        upper998_pct=assessment.upper998_pct,
        baseline_period_end=assessment.baseline.period_end if assessment.baseline else None,
        baseline_pct=assessment.baseline_pct,
        decided=assessment.decides,
        awaiting=assessment.position == "awaiting_deadline_reading",
        indicator_id=assessment.indicator_id if assessment.reading else None,
        edition_id=_edition_of(assessment.reading),
        is_estimate=assessment.reading is not None and is_estimate(assessment.reading),
    )


def _edition_of(reading: Observation | None) -> int | None:
    """The published edition a figure is, or was estimated from."""
    return (reading.release.derived_from_id or reading.release_id) if reading else None


def _find_newest_period(standing: Standing) -> date | None:
    read = StandingChange.objects.filter(standing=standing)
    return read.aggregate(newest=Max("after__reading__period_end"))["newest"]


def _rests_on_withdrawn(assessment: Assessment) -> bool:
    """An estimate of ours that was made anew is withdrawn only where the edition it came from is."""
    figures = [figure for figure in (assessment.reading, assessment.baseline) if figure]
    editions = [figure.release.derived_from or figure.release for figure in figures]
    return any(edition.withdrawn_at is not None for edition in editions)
