"""Services and the reports on them."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from icbs.admin.bases import (
    AddOnly,
    BadgedAreaMixin,
    DemonstrationAware,
    HttpsLinks,
    Lookups,
    RecordingAdmin,
    RegisterAdmin,
    WholeForm,
)
from icbs.calc.rollout import Verdict, is_off_track
from icbs.models import (
    Area,
    RolloutStatus,
    Service,
)
from icbs.selectors import RolloutRow, find_rollout

MARCH_2024 = date(2024, 3, 31)


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
