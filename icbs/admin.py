"""The admin of areas, services and rollout, and the bases that the admins of every app stand on."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Case, Exists, Model, OuterRef, Q, QuerySet, URLField, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from simple_history.admin import SimpleHistoryAdmin

from icbs.calc.rollout import Verdict, is_off_track
from icbs.models import (
    Area,
    AreaCode,
    AreaKind,
    AreaLink,
    BoundaryNote,
    Contact,
    HexCell,
    LinkKind,
    Population,
    RolloutStatus,
    Service,
)
from icbs.resources import ContactResource, RegisterExchange, TrustResource
from icbs.selectors import RolloutRow, find_rollout
from kit.models import Recorded

MARCH_2024 = date(2024, 3, 31)

Lookups = list[tuple[str, str]]


def badge_area(area: Area) -> str | SafeString:
    """The short name; a fictitious body says in words that it is one."""
    if not area.demonstration:
        return area.short_name
    return format_html("{} <strong>(Demonstration)</strong>", area.short_name)


class HttpsLinks:
    """An address typed without its scheme is taken for https."""

    formfield_overrides: Any = {URLField: {"assume_scheme": "https"}}


class ReadOnlyAdmin(HttpsLinks, admin.ModelAdmin):
    """Rows that the tracker writes itself: seen here, never added, changed or deleted."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class AddOnly:
    """Facts: a row may be added and is never changed or deleted; a correction is a row of its own."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class KeptForGood:
    """Register entries: they may change, with a history, and are never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class RegisterAdmin(HttpsLinks, KeptForGood, SimpleHistoryAdmin):
    """A register with its history; the packaged list of it carries a style that the security policy stops."""

    object_history_list_template = "admin/register_history_list.html"


class DemonstrationAware:
    """Leaves fictitious rows out unless demonstration is switched on."""

    demonstration_field = "demonstration"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)  # type: ignore[misc]
        return rows if settings.DEMONSTRATION else rows.filter(**{self.demonstration_field: False})


class RecordingAdmin(HttpsLinks, admin.ModelAdmin):
    """Writes who recorded a fact, on the page itself and in its inlines."""

    def save_model(self, request: HttpRequest, obj: Model, form: forms.ModelForm, change: bool) -> None:
        if isinstance(obj, Recorded):
            obj.recorded_by_id = request.user.pk
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: forms.ModelForm, formset: Any, change: bool) -> None:
        for row in formset.save(commit=False):
            if isinstance(row, Recorded):
                row.recorded_by_id = request.user.pk
            row.save()
        for row in formset.deleted_objects:
            row.delete()
        formset.save_m2m()


class BadgedAreaMixin:
    """A column for the area, with its badge."""

    @admin.display(description="Area", ordering="area__short_name")
    def body(self, row: Any) -> str:
        return badge_area(row.area)


class InBeingFilter(admin.SimpleListFilter):
    title = "in being"
    parameter_name = "in_being"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [("yes", "In being today"), ("closed", "Closed"), ("later", "Not open yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        today = timezone.localdate()
        chosen = {
            "yes": Q(pk__in=Area.objects.in_being(today)),
            "closed": Q(closed__lte=today),
            "later": Q(opened__gt=today),
        }
        return queryset.filter(chosen.get(self.value() or "", Q()))


class RegionFilter(admin.SimpleListFilter):
    title = "NHS region"
    parameter_name = "region"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        regions = Area.objects.filter(kind=AreaKind.NHS_REGION).order_by("short_name")
        return list(regions.values_list("code", "short_name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        ties = AreaLink.objects.filter(
            kind=LinkKind.MEMBER_OF, from_area=OuterRef("pk"), to_area__code=self.value()
        )
        return queryset.filter(Exists(ties))


class WholeForm(forms.ModelForm):
    """For rows inside another page: Django skips the constraints that name the row's parent."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            self.instance.validate_constraints()
        except ValidationError as error:
            self.add_error(None, error)


class RolloutStatusForm(WholeForm):
    """A correction replaces an entry of the same body and service that nothing has replaced yet."""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        corrected = given.get("corrects")
        area, service = given.get("area"), given.get("service")
        if corrected and area and service and (corrected.area, corrected.service) != (area, service):
            raise ValidationError({"corrects": "Choose an entry of the same body and the same service."})
        return given


class RolloutInline(HttpsLinks, AddOnly, admin.TabularInline):
    model = RolloutStatus
    form = RolloutStatusForm
    fk_name = "area"
    extra = 0
    fields = ["service", "on", "status", "evidence", "source_title", "source_url", "known_from", "corrects"]
    ordering = ["-on", "service__order", "-pk"]
    verbose_name_plural = "rollout of services (entries are fixed: enter a correction as a row of its own)"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related(*_REPORT_NAMES)

    def get_formset(self, request: HttpRequest, obj: Area | None = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        if "corrects" in formset.form.base_fields:
            reports = RolloutStatus.objects.filter(area=obj, corrected_by=None)
            service = cast(forms.ModelChoiceField, formset.form.base_fields["service"])
            service.label_from_instance = lambda row: row.short_name  # type: ignore[assignment]
            choice = cast(forms.ModelChoiceField, formset.form.base_fields["corrects"])
            choice.queryset = reports.select_related("area", "service")
            choice.label_from_instance = _name_report  # type: ignore[assignment]
        return formset


def _name_report(report: Any) -> str:
    return f"{report.service.short_name}, {report.on}: {report.get_status_display()}"


_REPORT_NAMES = ["area", "service", "corrects__area", "corrects__service", "recorded_by"]


class AreaCodeInline(admin.TabularInline):
    model = AreaCode
    extra = 0
    can_delete = False


class AreaLinkInline(HttpsLinks, AddOnly, admin.TabularInline):
    model = AreaLink
    form = WholeForm
    fk_name = "from_area"
    extra = 0
    fields = ["kind", "to_area", "valid_from", "valid_to", "share", "lsoa_count", "note", "source_title"]
    autocomplete_fields = ["to_area"]
    ordering = ["kind", "-valid_from", "to_area__short_name"]
    show_change_link = True
    verbose_name_plural = "links to other areas"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("from_area", "to_area")


class ReverseLinkInline(AreaLinkInline):
    fk_name = "to_area"
    fields = ["kind", "from_area", "valid_from", "valid_to", "share", "lsoa_count", "note"]
    autocomplete_fields = []
    ordering = ["kind", "-valid_from", "from_area__short_name"]
    verbose_name_plural = "links from other areas"

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


BOARDS_FIRST = Case(When(kind=AreaKind.ICB, then=0), When(kind=AreaKind.ENGLAND, then=1), default=2)


@admin.register(Area)
class AreaAdmin(RegisterExchange, DemonstrationAware, RecordingAdmin, RegisterAdmin):
    resource_classes = [TrustResource]
    exchanged = "trusts"
    list_display = ["badged", "code", "kind", "opened", "closed"]
    list_filter = ["kind", InBeingFilter, "demonstration", RegionFilter]
    search_fields = ["code", "name", "short_name", "codes__code"]
    ordering = [BOARDS_FIRST, "demonstration", "short_name"]
    inlines = [RolloutInline, AreaCodeInline, AreaLinkInline, ReverseLinkInline]
    bodies_only: tuple[type, ...] = (RolloutInline,)

    def get_inlines(self, request: HttpRequest, obj: Area | None) -> list[type]:
        if obj is None:
            return [AreaCodeInline]
        has_services = obj.kind in (AreaKind.ICB, AreaKind.TRUST)
        return [inline for inline in self.inlines if has_services or inline not in self.bodies_only]

    @admin.display(description="Area", ordering="short_name")
    def badged(self, area: Area) -> str:
        return badge_area(area)


@admin.register(AreaLink)
class AreaLinkAdmin(HttpsLinks, KeptForGood, admin.ModelAdmin):
    """Links are added on the page of an area; here one that ended gets its last day."""

    list_display = ["from_area", "kind", "to_area", "valid_from", "valid_to", "lsoa_count"]
    list_filter = ["kind", "valid_from"]
    list_select_related = ["from_area", "to_area"]
    search_fields = ["from_area__short_name", "to_area__short_name", "from_area__code", "to_area__code"]
    fields = [
        "kind",
        "from_area",
        "to_area",
        "valid_from",
        "valid_to",
        "share",
        "lsoa_count",
        "note",
        "source_title",
        "source_url",
    ]
    readonly_fields = [
        "kind",
        "from_area",
        "to_area",
        "valid_from",
        "share",
        "lsoa_count",
        "source_title",
        "source_url",
    ]
    ordering = ["from_area__short_name", "-valid_from"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Population)
class PopulationAdmin(BadgedAreaMixin, DemonstrationAware, AddOnly, RecordingAdmin):
    """Estimates as published: a corrected one is a row with a later day of being known."""

    demonstration_field = "area__demonstration"
    list_display = ["body", "on", "age", "persons", "known_from", "source_title"]
    list_filter = ["on", "age_from", "area__kind"]
    list_select_related = ["area"]
    search_fields = ["area__short_name", "area__code"]
    autocomplete_fields = ["area"]
    readonly_fields = ["recorded_at", "recorded_by"]
    ordering = ["area__short_name", "-on", "age_from", "-known_from"]

    @admin.display(description="Age", ordering="age_from")
    def age(self, population: Population) -> str:
        return f"{population.age_from} and over" if population.age_from else "All ages"


@admin.register(BoundaryNote)
class BoundaryNoteAdmin(BadgedAreaMixin, DemonstrationAware, HttpsLinks, KeptForGood, admin.ModelAdmin):
    """Shown on the board's page, and at its figures where the boundary changed since it began."""

    demonstration_field = "area__demonstration"
    list_display = ["body", "on", "detail", "source_title"]
    list_select_related = ["area"]
    search_fields = ["area__short_name", "area__code", "detail"]
    autocomplete_fields = ["area"]
    ordering = ["-on", "area__short_name"]


@admin.register(HexCell)
class HexCellAdmin(BadgedAreaMixin, DemonstrationAware, KeptForGood, admin.ModelAdmin):
    """Places on the map of a day; rows count from the south. A new layout starts on a day of its own."""

    demonstration_field = "area__demonstration"
    list_display = ["body", "valid_from", "label", "row", "col"]
    list_filter = ["valid_from"]
    list_select_related = ["area"]
    search_fields = ["area__short_name", "area__code", "label"]
    autocomplete_fields = ["area"]
    ordering = ["-valid_from", "area__short_name"]


@admin.register(Contact)
class ContactAdmin(RegisterExchange, BadgedAreaMixin, DemonstrationAware, admin.ModelAdmin):
    """Names and addresses of people: no history is kept, and an entry may be deleted."""

    resource_classes = [ContactResource]
    exchanged = "contacts"
    demonstration_field = "area__demonstration"
    list_display = ["body", "role", "name", "email", "phone", "since", "until"]
    list_filter = [("until", admin.EmptyFieldListFilter), "area__kind"]
    list_select_related = ["area"]
    search_fields = ["area__short_name", "area__code", "name", "role", "email"]
    autocomplete_fields = ["area"]


@admin.register(Service)
class ServiceAdmin(RegisterAdmin):
    list_display = ["name", "deadline", "deadline_source_title"]
    ordering = ["order"]


def find_reported() -> Iterable[RolloutRow]:
    """Every service of every board in being, as known today."""
    bodies = find_rollout(timezone.localdate(), demonstration=settings.DEMONSTRATION)
    return [row for body in bodies for row in body.services]


def is_off_for_march_2024(row: RolloutRow) -> bool:
    """Design rule 5.7: never for don't know and no report."""
    return row.deadline == MARCH_2024 and row.verdict.missed


class RolloutVerdictFilter(admin.SimpleListFilter):
    """By what the report in force means; reports that a later one replaced are left out."""

    title = "service against its deadline"
    parameter_name = "verdict"

    CHOICES = {
        "off_track": ("Off track", lambda row: is_off_track(row.verdict.verdict)),
        "march_2024": ("Off track for March 2024", is_off_for_march_2024),
        "in_place": (
            "In place",
            lambda row: row.verdict.verdict in (Verdict.IN_PLACE, Verdict.IN_PLACE_LATE),
        ),
        "dont_know": ("Don't know", lambda row: row.verdict.verdict is Verdict.DONT_KNOW),
    }

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [(key, words) for key, (words, _) in self.CHOICES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if (choice := self.value()) not in self.CHOICES:
            return queryset
        _, applies = self.CHOICES[choice]
        return queryset.filter(
            pk__in=[row.latest.pk for row in find_reported() if row.latest and applies(row)]
        )


@admin.register(RolloutStatus)
class RolloutStatusAdmin(BadgedAreaMixin, DemonstrationAware, AddOnly, RecordingAdmin):
    form = RolloutStatusForm
    demonstration_field = "area__demonstration"
    list_display = ["body", "service", "on", "status", "known_from", "is_corrected", "source_title"]
    list_filter = [RolloutVerdictFilter, "service", "status", "area__demonstration"]
    search_fields = ["area__short_name", "area__code", "source_title"]
    autocomplete_fields = ["area", "corrects"]
    readonly_fields = ["recorded_at", "recorded_by"]
    date_hierarchy = "on"
    ordering = ["-on", "area__short_name", "service__order"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        corrected = RolloutStatus.objects.filter(corrects=OuterRef("pk"))
        rows = super().get_queryset(request).select_related(*_REPORT_NAMES)
        return rows.annotate(has_correction=Exists(corrected))

    @admin.display(description="Corrected", boolean=True)
    def is_corrected(self, report: Any) -> bool:
        return report.has_correction
