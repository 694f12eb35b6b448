"""What successors did with the promises of closed boards; above the answers, the promises nobody asked about."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from icbs.admin import DemonstrationAware, RecordingAdmin, RegisterAdmin
from icbs.models import Area
from targets.models import PromiseFollowUp, Target, VersionStatus
from targets.selectors.promises_left import OrphanedPromise, find_heirs, find_orphaned_promises


def list_orphaned_promises() -> list[OrphanedPromise]:
    """What waits for somebody to ask; fictitious boards only while demonstration is switched on."""
    orphans = find_orphaned_promises(timezone.localdate())
    return [orphan for orphan in orphans if settings.DEMONSTRATION or not orphan.demonstration]


def link_to_answer(orphan: OrphanedPromise) -> str:
    query = urlencode({"target": orphan.target.pk, "successor": orphan.successor.pk})
    return f"{reverse('admin:targets_promisefollowup_add')}?{query}"


def describe_orphan(orphan: OrphanedPromise) -> str:
    badge = " (Demonstration)" if orphan.demonstration else ""
    return f"{orphan.target}. Has {orphan.successor.short_name} restated it?{badge}"


class FollowUpForm(forms.ModelForm):
    """The promise is a closed board's, the successor took over when it closed, what restates it is the successor's."""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        target, successor = given.get("target"), given.get("successor")
        if target and successor:
            _check_heir(target, successor)
        if successor and given.get("restated_as"):
            _check_restated(given["restated_as"], successor)
        known_from = given.get("known_from")
        if known_from and known_from > timezone.localdate():
            raise ValidationError(
                {"known_from": "This day lies in the future: give the day it was published."}
            )
        return given


def _check_heir(target: Target, successor: Area) -> None:
    today = timezone.localdate()
    body = target.body
    if body.closed is None or body.closed > today:
        raise ValidationError(
            {"target": f"{body.short_name} is in being: its promise is its own. Choose a closed board's."}
        )
    heirs = [heir for closed, heir in find_heirs(today) if closed == body]
    if successor not in heirs:
        names = ", ".join(heir.short_name for heir in heirs) or "none is entered"
        raise ValidationError(
            {"successor": f"{successor.short_name} did not follow {body.short_name}. Who did: {names}."}
        )


def _check_restated(restated_as: Target, successor: Area) -> None:
    if restated_as.body_id != successor.pk:
        raise ValidationError(
            {
                "restated_as": f"That is a target of {restated_as.body.short_name}. Choose one of {successor.short_name}."
            }
        )
    if not restated_as.versions.filter(status=VersionStatus.PUBLISHED).exists():
        raise ValidationError(
            {"restated_as": "It has no published version yet, so readers cannot see it: publish it first."}
        )


@admin.register(PromiseFollowUp)
class PromiseFollowUpAdmin(DemonstrationAware, RecordingAdmin, RegisterAdmin):
    demonstration_field = "target__body__demonstration"
    form = FollowUpForm
    change_list_template = "admin/follow_up_list.html"
    list_display = ["target", "successor", "answer", "restated_as", "known_from"]
    list_filter = ["answer", "target__body__demonstration"]
    search_fields = [
        "target__title",
        "target__body__short_name",
        "target__body__code",
        "successor__short_name",
    ]
    fields = [
        "target",
        "successor",
        "answer",
        "restated_as",
        "source_title",
        "source_url",
        "known_from",
        "recorded_at",
        "recorded_by",
    ]
    readonly_fields = ["recorded_at", "recorded_by"]
    autocomplete_fields = ["target", "successor", "restated_as"]
    ordering = ["target__body__short_name", "target__slug", "successor__short_name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        names = ["target__body", "successor", "restated_as__body", "recorded_by"]
        return super().get_queryset(request).select_related(*names)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        lines = [(describe_orphan(orphan), link_to_answer(orphan)) for orphan in list_orphaned_promises()]
        asked = {"orphans": lines, "may_answer": self.has_add_permission(request)}
        return super().changelist_view(request, {**asked, **(extra_context or {})})
