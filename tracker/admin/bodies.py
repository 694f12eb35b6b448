"""Areas in the admin where apps meet: their targets, their verdicts and their services on one page."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from icbs.admin import (
    AddOnly,
    AreaAdmin,
    InBeingFilter,
    Lookups,
    RegionFilter,
    is_off_for_march_2024,
)
from icbs.calc.rollout import Verdict, is_off_track
from icbs.models import Area, AreaKind
from icbs.selectors import BodyRollout, find_rollout
from targets.admin.promises import show_promise, with_promise
from targets.admin.verdicts import (
    VerdictFilter,
    filter_standings,
    find_promises,
    find_standings,
    show_verdict,
)
from targets.calc.types import Kind
from targets.models import Standing, Target, TargetVersion

NO_TARGET = "no_target"


class PromiseFilter(VerdictFilter):
    title = "own targets"
    parameter_name = "promise"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [*super().lookups(request, model_admin), (NO_TARGET, "No target stated")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() != NO_TARGET:
            return super().queryset(request, queryset)
        today = timezone.localdate()
        stated = TargetVersion.objects.in_force(today).filter(target__body=OuterRef("pk"))
        boards = Area.objects.boards().in_being(today)
        return queryset.filter(~Exists(stated), pk__in=boards)

    def keep(self, rows: QuerySet, choice: str) -> QuerySet:
        promises = filter_standings(find_promises(timezone.localdate()), choice)
        return rows.filter(Exists(promises.filter(area=OuterRef("pk"))))


class ComparisonFilter(VerdictFilter):
    title = "beside the national ambition"
    parameter_name = "comparison"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [choice for choice in super().lookups(request, model_admin) if choice[0] != "march_2024"]

    def keep(self, rows: QuerySet, choice: str) -> QuerySet:
        comparisons = find_standings(timezone.localdate()).filter(assessment__kind=Kind.COMPARISON)
        return rows.filter(Exists(filter_standings(comparisons, choice).filter(area=OuterRef("pk"))))


SERVICE_CHOICES = {
    "off_track": ("Off track", lambda body: any(is_off_track(row.verdict.verdict) for row in body.services)),
    "march_2024": ("Off track for March 2024", lambda body: any(map(is_off_for_march_2024, body.services))),
    "in_place": ("All in place", lambda body: body.in_place_count == len(body.services)),
    "dont_know": (
        "Don't know",
        lambda body: any(row.verdict.verdict is Verdict.DONT_KNOW for row in body.services),
    ),
    "no_report": ("No report", lambda body: body.reported_count == 0),
}
"""What boards can be filtered by; each is a condition on a board's services."""


def find_bodies() -> list[BodyRollout]:
    """The services of every board in being, as known today."""
    return find_rollout(timezone.localdate(), demonstration=settings.DEMONSTRATION)


def filter_bodies(bodies: Iterable[BodyRollout], choice: str) -> list[Area]:
    _, applies = SERVICE_CHOICES[choice]
    return [body.area for body in bodies if body.services and applies(body)]


class ServicesFilter(admin.SimpleListFilter):
    title = "services"
    parameter_name = "services"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [(key, words) for key, (words, _) in SERVICE_CHOICES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if (choice := self.value()) not in SERVICE_CHOICES:
            return queryset
        return queryset.filter(pk__in=[area.pk for area in filter_bodies(find_bodies(), choice)])


class March2024Filter(admin.SimpleListFilter):
    """Design rule 5.7: by its own targets for that day or by a service."""

    title = "31 March 2024"
    parameter_name = "march_2024"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [("off_track", "Off track for March 2024")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() != "off_track":
            return queryset
        by_target = filter_standings(find_promises(timezone.localdate()), "march_2024")
        by_service = [area.pk for area in filter_bodies(find_bodies(), "march_2024")]
        return queryset.filter(Q(pk__in=by_target.values("area")) | Q(pk__in=by_service))


@dataclass(slots=True)
class Facts:
    """What one row of the list of areas says."""

    has_target: bool = False
    promises: list[Standing] = field(default_factory=list)
    comparisons: list[Standing] = field(default_factory=list)
    rollout: BodyRollout | None = None


def find_facts(areas: Iterable[Area]) -> dict[int, Facts]:
    """The same number of queries however many areas."""
    today = timezone.localdate()
    areas = list(areas)
    facts: dict[int, Facts] = defaultdict(Facts)
    standings = find_standings(today).filter(area__in=areas).order_by("version__target__slug")
    for standing in standings.select_related("assessment", "version__target"):
        promised = standing.assessment.kind == Kind.PROMISE
        row = facts[standing.area_id]
        (row.promises if promised else row.comparisons).append(standing)
    stated = TargetVersion.objects.in_force(today).filter(target__body__in=areas)
    for area_id in stated.values_list("target__body", flat=True):
        facts[area_id].has_target = True
    boards = [area for area in areas if area.kind == AreaKind.ICB and area.is_in_being(today)]
    for body in find_rollout(today, demonstration=True, areas=boards):
        facts[body.area.pk].rollout = body
    return facts


class TargetInline(AddOnly, admin.TabularInline):
    model = Target
    extra = 0
    fields = ["title", "slug", "compared_with_boards", "verdict"]
    readonly_fields = ["verdict"]
    prepopulated_fields = {"slug": ["title"]}
    ordering = ["slug"]
    show_change_link = True
    verbose_name_plural = "targets (what each one says is entered on its own page)"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_promise(super().get_queryset(request))

    @admin.display(description="Verdict")
    def verdict(self, target: Target) -> str:
        return show_promise(target) if target.pk else "Not judged yet"


admin.site.unregister(Area)


@admin.register(Area)
class BodyAdmin(AreaAdmin):
    list_display = ["badged", "own_targets", "comparison", "services", "code", "kind", "closed"]
    list_filter = [
        "kind",
        InBeingFilter,
        PromiseFilter,
        March2024Filter,
        ServicesFilter,
        ComparisonFilter,
        RegionFilter,
        "demonstration",
    ]
    inlines = [TargetInline, *AreaAdmin.inlines]
    readonly_fields = ["own_targets", "comparison", "services"]

    def get_changelist_instance(self, request: HttpRequest):
        changelist = super().get_changelist_instance(request)
        facts = find_facts(changelist.result_list)
        for area in changelist.result_list:
            area.facts = facts[area.pk]
        return changelist

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Area | None:
        area = super().get_object(request, object_id, from_field)
        if area:
            area.facts = find_facts([area])[area.pk]
        return area

    @admin.display(description="Own targets")
    def own_targets(self, area: Area) -> str | SafeString:
        if area.pk and not area.is_in_being(timezone.localdate()):
            return "Not in being: not judged"
        facts = _facts(area)
        if facts.promises:
            return format_html_join("", "<div>{}: {}</div>", map(_name_verdict, facts.promises))
        return "Not judged yet" if facts.has_target else "No target stated"

    @admin.display(description="Beside the national ambition")
    def comparison(self, area: Area) -> str | SafeString:
        verdicts = ((show_verdict(row.assessment),) for row in _facts(area).comparisons)
        return format_html_join("", "<div>{}</div>", verdicts) or "Not laid beside it"

    @admin.display(description="Services in place")
    def services(self, area: Area) -> str:
        body = _facts(area).rollout
        if body is None:
            return "Not a board in being"
        if body.reported_count == 0:
            return "– No report"
        off = "; ✕ off track for March 2024" if any(map(is_off_for_march_2024, body.services)) else ""
        return f"{body.in_place_count} of {len(body.services)}{off}"


def _facts(area: Area) -> Facts:
    return getattr(area, "facts", None) or Facts()


def _name_verdict(standing: Standing) -> tuple[str, str]:
    return standing.version.target.title, show_verdict(standing.assessment)
