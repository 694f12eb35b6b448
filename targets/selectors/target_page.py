"""Everything one target's page shows, in at most twelve queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from icbs.models import Area
from icbs.selectors import Succession, find_succession, suggest_boards
from kit.as_at import AsAt
from kit.calc.formats import format_pct
from targets.calc.causes import Cause
from targets.calc.choosing import Reason
from targets.calc.statements import NEEDED, describe_deadline, describe_no_edition, describe_pace
from targets.calc.wording import describe_goal, tag_for
from targets.calc.workings import Numbers, Step, list_steps
from targets.models import (
    Assessment,
    StandingChange,
    Target,
    TargetVersion,
    VersionStatus,
)
from targets.selectors.estimate_sums import EstimateSum, find_sums
from targets.selectors.figures import TargetFigures, find_figures, headline_shape
from targets.selectors.limits import describe_interval, find_limits
from targets.selectors.listing import TargetRow
from targets.selectors.neighbours import describe_other_baselines
from targets.selectors.verdicts import VerdictRow, describe_assessment, find_verdicts

AS_STATED = ", as stated"
CAUSES = {
    "first_verdict": "First verdict recorded",
    "new_reading": "A new figure was published",
    "restated_figures": "The publisher revised its figures",
    "estimate_remade": "Our estimate was made anew: the councils of the board changed",
    "target_changed": "The target was stated anew",
    "deadline_passed": "The deadline passed",
    "method_changed": "The tracker's method changed",
    "correction": "A correction",
}
OTHER_MEASURE = "Another measure was read: {after} instead of {before}"


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One move of the standing, as a table shows it."""

    became_true_on: date
    cause: str
    before: str
    after: str
    sentence: str
    recorded_on: date
    is_first: bool
    demonstration: bool


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One wording of the target."""

    number: int
    wording: str
    goal: str
    deadline: str
    stated_on: date
    known_from: date
    source: str
    demonstration: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPage:
    """`verdict` is None where the target is not laid beside this area on the day; `why_none` says why."""

    on: date
    target: Target
    area: Area
    version: TargetVersion | None
    verdict: VerdictRow | None
    why_none: str
    figures: TargetFigures
    steps: list[Step]
    sums: list[EstimateSum]
    changes: list[ChangeRow]
    versions: list[VersionRow]
    beside: list[TargetRow]
    succession: Succession | None

    @property
    def row(self) -> TargetRow | None:
        return TargetRow(self.verdict) if self.verdict else None

    @property
    def pace(self) -> str:
        return describe_pace_of(self.verdict) if self.verdict and self.verdict.is_judged else ""

    @property
    def other_baselines(self) -> list[str]:
        """Said where a neighbouring year as baseline would change the verdict."""
        return describe_other_baselines(self.verdict, self.figures) if self.verdict else []

    @property
    def needed(self) -> str:
        """What would make a target that cannot be judged one that can."""
        reason = self.verdict.assessment.reason if self.verdict else ""
        return NEEDED[Reason(reason)] if reason else ""

    @property
    def no_edition(self) -> str:
        """Said on a day before the first edition held; else empty."""
        first = self.figures.first_day
        return describe_no_edition(self.on, first, demonstration=self.area.demonstration) if first else ""

    @property
    def first_recorded_on(self) -> date | None:
        """The day the tracker recorded its first verdict, where the changes begin with it."""
        first = self.changes[-1] if self.changes else None
        return first.recorded_on if first and first.is_first else None

    @property
    def is_comparison(self) -> bool:
        return self.area.pk != self.target.body_id


def find_target_page(
    target_id: int, as_at: AsAt, *, area_code: str, demonstration: bool
) -> TargetPage | None:
    """None for an unknown target or area, and for a fictitious one while demonstration is off."""
    versions = _find_versions(target_id, as_at.on)
    target = versions[-1].target if versions else find_target(target_id)
    if target is None or (target.body.demonstration and not demonstration):
        return None
    rows = find_verdicts(as_at, demonstration=demonstration, versions=versions[-1:])
    area = _find_area(target, area_code.strip().upper(), [row.area for row in rows])
    if area is None:
        return None
    verdict = next((row for row in rows if row.area.pk == area.pk), None)
    figures = find_figures([verdict] if verdict else [], as_at.on)
    return TargetPage(
        on=as_at.on,
        target=target,
        area=area,
        version=versions[-1] if versions else None,
        verdict=verdict,
        why_none="" if verdict else _why_none(target, area, versions, as_at),
        figures=figures[verdict.pair.key] if verdict else TargetFigures(),
        steps=_list_steps(verdict) if verdict else [],
        sums=find_sums(verdict) if verdict else [],
        changes=_find_changes(target, area, as_at.on),
        versions=[_make_version(version) for version in reversed(versions)],
        beside=[TargetRow(row) for row in rows if not row.is_promise],
        succession=find_succession(area) if area.closed and area.closed <= as_at.on else None,
    )


def find_target(target_id: int) -> Target | None:
    return Target.objects.filter(pk=target_id).select_related("body").first()


def _find_area(target: Target, code: str, judged: Iterable[Area]) -> Area | None:
    """The board a comparison is laid beside; without a code the body itself."""
    if code in ("", target.body.code):
        return target.body
    if not target.compared_with_boards:
        return None
    found = next((area for area in judged if area.code == code), None)
    return found or Area.objects.boards().real().filter(code=code).first()


def explain_missing(
    target_id: int, area_code: str, as_at: AsAt, *, demonstration: bool
) -> dict[str, str | list[tuple[str, str]]]:
    """What a reader is told where there is no such page, and what may have been meant."""
    target = find_target(target_id)
    if target is None or (target.body.demonstration and not demonstration):
        return {"what": f"The tracker holds no target with the number {target_id}.", "suggestions": []}
    address = f"{reverse('target_detail', kwargs={'pk': target.pk})}{as_at.query}"
    if not target.compared_with_boards:
        what = f"This target is {target.body.short_name}'s own: it is not laid beside other boards."
        return {"what": what, "suggestions": [(str(target), address)]}
    boards = suggest_boards(area_code, as_at.on, demonstration=False)
    joint = "&" if as_at.query else "?"
    return {
        "what": f"“{area_code[:40]}” is not the code of a board that the target can be laid beside.",
        "suggestions": [(board.short_name, f"{address}{joint}area={board.code}") for board in boards],
    }


def _find_versions(target_id: int, on: date) -> list[TargetVersion]:
    """What was published by the day, oldest first: the last one is in force."""
    return list(
        TargetVersion.objects.filter(target__pk=target_id, status=VersionStatus.PUBLISHED, known_from__lte=on)
        .select_related("target__body", "indicator")
        .order_by("number")
    )


def _why_none(target: Target, area: Area, versions: list[TargetVersion], as_at: AsAt) -> str:
    if not versions:
        return "Nothing was known of this target on that day."
    if area.opened and area.opened > as_at.on:
        return f"{area.short_name} did not exist yet on that day."
    if area.closed and area.closed <= as_at.on:
        own = area.pk == target.body_id
        return f"{area.short_name} has closed, so {'its' if own else 'the'} target is no longer {'judged' if own else 'laid beside it'}."
    if area.pk != target.body_id:
        return f"The tracker does not lay this target beside {area.short_name}."
    return "The tracker has not judged this target yet. It does so every night."


def describe_pace_of(row: VerdictRow) -> str:
    """What the target needs from here, beside what has been managed."""
    found = row.assessment
    if found.value_pct is None or found.target_time is None or found.target_pct is None:
        return ""
    return describe_pace(
        comparator=row.version.comparator,
        target_pct=found.target_pct,
        target_time=found.target_time,
        reading_pct=found.value_pct,
        reading_time=found.reading_time or found.target_time,
        baseline_pct=found.baseline_pct,
        baseline_time=found.baseline_time,
        baseline_label=found.baseline_label.removesuffix(AS_STATED),
        is_stated=found.baseline_label.endswith(AS_STATED),
    )


def _list_steps(row: VerdictRow) -> list[Step]:
    """The working of the verdict; none where nothing was judged."""
    found = row.assessment
    value, time, goal, end = found.value_pct, found.reading_time, found.target_pct, found.target_time
    if not row.is_judged or value is None or time is None or goal is None or end is None:
        return []
    numbers = Numbers(
        position=found.position,
        flag=found.flag,
        comparator=row.version.comparator,
        shape=headline_shape(row.version),
        target_pct=goal,
        target_time=end,
        reading_pct=value,
        reading_time=time,
        baseline_pct=found.baseline_pct,
        baseline_time=found.baseline_time,
        baseline_se=_find_baseline_error(row),
        lower95_pct=found.lower95_pct,
        upper95_pct=found.upper95_pct,
        lower998_pct=found.lower998_pct,
        upper998_pct=found.upper998_pct,
        interval_words=_describe_interval(row),
        expected_pct=found.expected_pct,
        decides=found.decides,
        indicative=not row.is_firm,
        has_milestones=bool(row.version.milestones),
    )
    return list_steps(numbers)


def _describe_interval(row: VerdictRow) -> str:
    reading, indicator = row.assessment.reading, row.indicator
    if reading is None or indicator is None:
        return ""
    return describe_interval(find_limits(reading, indicator), reading, indicator)


def _find_baseline_error(row: VerdictRow) -> float | None:
    """A measured baseline brings its error; one that was stated has none."""
    measured, indicator = row.assessment.baseline, row.indicator
    if measured is None or indicator is None:
        return None
    return find_limits(measured, indicator).error_pp


def _find_changes(target: Target, area: Area, on: date) -> list[ChangeRow]:
    """Newest first; only what the public could know by the day."""
    changes = (
        StandingChange.objects.filter(
            standing__version__target=target, standing__area=area, became_true_on__lte=on
        )
        .select_related("before__indicator", "after__indicator", "after__version")
        .order_by("-became_true_on", "-pk")
    )
    return [
        ChangeRow(
            became_true_on=change.became_true_on,
            cause=_name_cause(change),
            before=_name_position(change.before),
            after=_name_position(change.after),
            sentence=describe_assessment(change.after),
            recorded_on=change.recorded_at.date(),
            is_first=change.cause == Cause.FIRST_VERDICT,
            demonstration=area.demonstration,
        )
        for change in changes
    ]


def _name_cause(change: StandingChange) -> str:
    before, after = change.before, change.after
    if before is None or not (
        before.reading_id and after.reading_id and before.indicator and after.indicator
    ):
        return CAUSES[change.cause]
    if before.indicator == after.indicator:
        return CAUSES[change.cause]
    return OTHER_MEASURE.format(after=after.indicator.short_name, before=before.indicator.short_name)


def _name_position(assessment: Assessment | None) -> str:
    if assessment is None:
        return "none before"
    words = tag_for(assessment.position).word
    return f"{words}, {format_pct(assessment.value_pct)}" if assessment.value_pct is not None else words


def _make_version(version: TargetVersion) -> VersionRow:
    page = f", page {version.source_page}" if version.source_page else ""
    return VersionRow(
        number=version.number,
        wording=version.wording,
        goal=describe_goal(version.comparator, version.value_pct),
        deadline=describe_deadline(version.deadline, version.deadline_precision),
        stated_on=version.stated_on,
        known_from=version.known_from,
        source=f"{version.source_title}{page}",
        demonstration=version.target.body.demonstration,
    )
