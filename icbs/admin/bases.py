"""What the admin lists and forms of every app have in common."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet, URLField
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from simple_history.admin import SimpleHistoryAdmin

from icbs.models import (
    Area,
)
from kit.models import Recorded

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
