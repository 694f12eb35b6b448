"""What verdict lists can be filtered by; verdicts, standings and their changes, read-only."""

from datetime import date

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from icbs.admin import MARCH_2024, BadgedAreaMixin, DemonstrationAware, Lookups, ReadOnlyAdmin, badge_area
from icbs.models import Area
from kit.calc.formats import format_interval, format_pct, format_pp, places_to_tell_apart
from targets.calc.choosing import Reason
from targets.calc.types import Kind, Position
from targets.calc.wording import GROUPS, REASONS, describe_basis, group_of, tag_for
from targets.models import Assessment, Standing, StandingChange, TargetVersion
from targets.selectors.verdicts import describe_assessment

BEHIND = GROUPS["behind"] | GROUPS["missed"]
OFF_FOR_DEADLINE = {Position.MISSED, Position.MISSED_WITHIN_ERROR, Position.OFF_TRACK}

VERDICT_CHOICES: dict[str, tuple[str, Q]] = {
    "off_track": ("Off track", Q(position__in=BEHIND)),
    "off_track_firm": ("Off track, firm", Q(position__in=BEHIND, basis="firm")),
    "off_track_indicative": ("Off track, indicative only", Q(position__in=BEHIND, basis="indicative")),
    "march_2024": (
        "Off track for March 2024",
        Q(version__deadline=MARCH_2024, position__in=OFF_FOR_DEADLINE),
    ),
    "too_close": ("Too close to call", Q(position__in=GROUPS["too_close"])),
    "awaiting": ("Awaiting the deciding reading", Q(position=Position.AWAITING_DEADLINE_READING)),
    "on_track": ("On track or met", Q(position__in=GROUPS["on_track"])),
    "unjudged": ("Cannot be judged", Q(position=Position.CANNOT_ASSESS)),
}
"""What lists can be filtered by; each is a condition on an assessment."""


def find_standings(on: date) -> QuerySet[Standing]:
    """Where targets in force stand in areas in being."""
    return Standing.objects.filter(
        version__in=TargetVersion.objects.in_force(on), area__in=Area.objects.in_being(on)
    )


def find_promises(on: date) -> QuerySet[Standing]:
    """Where the bodies' own targets stand."""
    return find_standings(on).filter(assessment__kind=Kind.PROMISE)


def filter_standings(standings: QuerySet[Standing], choice: str) -> QuerySet[Standing]:
    return standings.filter(assessment__in=Assessment.objects.filter(VERDICT_CHOICES[choice][1]))


def show_verdict(assessment: Assessment) -> str:
    """Sign and word; the basis where there is a verdict to stand on it."""
    tag = tag_for(assessment.position)
    if group_of(assessment.position) == "unjudged":
        return f"{tag.sign} {tag.word}"
    return f"{tag.sign} {tag.word} ({describe_basis(assessment.basis).lower()})"


class VerdictFilter(admin.SimpleListFilter):
    """`keep` says which rows of a list belong to a choice."""

    title = "verdict"
    parameter_name = "verdict"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [(key, words) for key, (words, _) in VERDICT_CHOICES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        choice = self.value()
        return self.keep(queryset, choice) if choice in VERDICT_CHOICES else queryset

    def keep(self, rows: QuerySet, choice: str) -> QuerySet:
        return rows.filter(VERDICT_CHOICES[choice][1])


class StandingVerdictFilter(VerdictFilter):
    def keep(self, rows: QuerySet, choice: str) -> QuerySet:
        return filter_standings(rows, choice)


class TargetVerdictFilter(VerdictFilter):
    """How the body itself stands; what other boards make of a comparison is left out."""

    def keep(self, rows: QuerySet, choice: str) -> QuerySet:
        promises = filter_standings(find_promises(timezone.localdate()), choice)
        return rows.filter(Exists(promises.filter(version__target=OuterRef("pk"))))


ANY_REASON = "any"
NOT_JUDGED = "not_judged"


class ReasonFilter(admin.SimpleListFilter):
    """Targets in force without a verdict, by what stands in the way."""

    title = "why there is no verdict"
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [
            (ANY_REASON, "Any reason"),
            *((reason.value, words) for reason, words in REASONS.items()),
            (NOT_JUDGED, "The nightly job has not judged it."),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        today = timezone.localdate()
        unjudged = filter_standings(find_promises(today), "unjudged").filter(version__target=OuterRef("pk"))
        if self.value() == ANY_REASON:
            return queryset.filter(Exists(unjudged) | is_not_judged(today))
        if self.value() == NOT_JUDGED:
            return queryset.filter(is_not_judged(today))
        if self.value() not in set(Reason):
            return queryset
        return queryset.filter(Exists(unjudged.filter(assessment__reason=self.value())))


def is_not_judged(on: date) -> Q:
    """A condition on a target: in force, of a body in being, and no run has judged it yet."""
    in_force = TargetVersion.objects.in_force(on).filter(target=OuterRef("pk"))
    standings = find_promises(on).filter(version__target=OuterRef("pk"))
    return Q(Exists(in_force), ~Exists(standings), body__in=Area.objects.in_being(on))


class InForceFilter(admin.SimpleListFilter):
    """Standings of replaced versions and of bodies that closed stay in the table."""

    title = "in force today"
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [("yes", "In force, area in being"), ("no", "Replaced or closed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        current = Q(pk__in=find_standings(timezone.localdate()))
        chosen = {"yes": current, "no": ~current}.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)


class StandsFilter(admin.SimpleListFilter):
    title = "stands today"
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [("yes", "Stands today"), ("no", "Replaced by a later one")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        stands = Exists(find_standings(timezone.localdate()).filter(assessment=OuterRef("pk")))
        chosen = {"yes": stands, "no": ~stands}.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(chosen)


@admin.register(Assessment)
class AssessmentAdmin(BadgedAreaMixin, DemonstrationAware, ReadOnlyAdmin):
    demonstration_field = "area__demonstration"
    list_display = ["body", "target", "verdict", "flag", "kind", "reading_label", "value", "path", "gap"]
    list_filter = [
        VerdictFilter,
        StandsFilter,
        "kind",
        "basis",
        "flag",
        "version__deadline_precision",
        "area__demonstration",
    ]
    list_select_related = ["area", "version__target__body"]
    search_fields = ["area__short_name", "area__code", "version__target__title"]
    ordering = ["-pk"]
    readonly_fields = ["verdict", "sentence"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        names = ["area", "version__target__body", "reading__series__area", "reading__series__indicator"]
        baseline = ["baseline__series__area", "baseline__series__indicator"]
        return super().get_queryset(request).select_related(*names, *baseline)

    @admin.display(description="Target", ordering="version__target__title")
    def target(self, assessment: Assessment) -> str:
        return str(assessment.version.target)

    @admin.display(description="Verdict", ordering="position")
    def verdict(self, assessment: Assessment) -> str:
        return show_verdict(assessment)

    @admin.display(description="In a sentence")
    def sentence(self, assessment: Assessment) -> str:
        return describe_assessment(assessment)

    @admin.display(description="Reading", ordering="value_pct")
    def value(self, row: Assessment) -> str:
        places = places_to_tell_apart(row.value_pct, row.expected_pct)
        return format_interval(row.value_pct, row.lower95_pct, row.upper95_pct, places)

    @admin.display(description="Path", ordering="expected_pct")
    def path(self, row: Assessment) -> str:
        if row.expected_pct is None:
            return "no path"
        return format_pct(row.expected_pct, places_to_tell_apart(row.value_pct, row.expected_pct))

    @admin.display(description="Gap", ordering="gap_pp")
    def gap(self, row: Assessment) -> str:
        return format_pp(row.gap_pp)


@admin.register(Standing)
class StandingAdmin(BadgedAreaMixin, DemonstrationAware, ReadOnlyAdmin):
    demonstration_field = "area__demonstration"
    list_display = ["body", "target", "verdict", "flag", "period", "cause", "stale", "moved_at"]
    list_filter = [
        StandingVerdictFilter,
        InForceFilter,
        "assessment__kind",
        "assessment__basis",
        "stale",
        "cause",
        "area__demonstration",
    ]
    search_fields = ["area__short_name", "area__code", "version__target__title"]
    ordering = ["area__short_name", "version__target__slug"]
    readonly_fields = ["verdict", "sentence"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        names = ["area", "version__target__body", "assessment__area", "assessment__version__target__body"]
        return super().get_queryset(request).select_related(*names)

    @admin.display(description="Target", ordering="version__target__title")
    def target(self, standing: Standing) -> str:
        return str(standing.version.target)

    @admin.display(description="Verdict", ordering="assessment__position")
    def verdict(self, standing: Standing) -> str:
        return show_verdict(standing.assessment)

    @admin.display(description="Flag", ordering="assessment__flag")
    def flag(self, standing: Standing) -> str:
        return standing.assessment.flag

    @admin.display(description="Reading", ordering="assessment__reading_label")
    def period(self, standing: Standing) -> str:
        return standing.assessment.reading_label or "no reading"

    @admin.display(description="In a sentence")
    def sentence(self, standing: Standing) -> str:
        return describe_assessment(standing.assessment)


@admin.register(StandingChange)
class StandingChangeAdmin(DemonstrationAware, ReadOnlyAdmin):
    demonstration_field = "standing__area__demonstration"
    list_display = ["became_true_on", "body", "target", "was", "became", "cause", "recorded_at"]
    list_filter = ["cause", "after__kind", "after__basis", "standing__area__demonstration"]
    search_fields = ["standing__area__short_name", "standing__area__code", "standing__version__target__title"]
    date_hierarchy = "became_true_on"
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        names = ["standing__area", "standing__version__target__body"]
        sides = [
            f"{side}__{name}" for side in ("before", "after") for name in ("area", "version__target__body")
        ]
        return super().get_queryset(request).select_related(*names, *sides)

    @admin.display(description="Area", ordering="standing__area__short_name")
    def body(self, change: StandingChange) -> str:
        return badge_area(change.standing.area)

    @admin.display(description="Target")
    def target(self, change: StandingChange) -> str:
        return str(change.standing.version.target)

    @admin.display(description="Was")
    def was(self, change: StandingChange) -> str:
        return show_verdict(change.before) if change.before else "first verdict"

    @admin.display(description="Became")
    def became(self, change: StandingChange) -> str:
        return show_verdict(change.after)
