"""Jumps in an area's share of the people surveyed: each is a break until a named person clears it."""

from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from icbs.admin import AddOnly, BadgedAreaMixin, DemonstrationAware, RecordingAdmin, WholeForm
from kit.calc.formats import format_day
from targets.models import CoverageClearance
from targets.selectors.coverage import CoverageJump, find_open_jumps

NO_JUMP = "Choose a jump that nobody has cleared yet. The list of clearances names every one."


def list_open_jumps() -> list[CoverageJump]:
    """What waits for somebody to look at it; fictitious boards only while demonstration is switched on."""
    jumps = find_open_jumps(timezone.localdate())
    return [jump for jump in jumps if settings.DEMONSTRATION or not jump.demonstration]


def link_to_clear(jump: CoverageJump) -> str:
    query = urlencode({"jump": name_jump(jump)})
    return f"{reverse('admin:targets_coverageclearance_add')}?{query}"


def name_jump(jump: CoverageJump) -> str:
    return f"{jump.indicator_id}-{jump.area_id}-{jump.period_start:%Y%m%d}"


def describe_open_jump(jump: CoverageJump) -> str:
    badge = " (Demonstration)" if jump.demonstration else ""
    return f"{jump.indicator}: {jump.what}{badge}"


class ClearanceForm(WholeForm):
    """Only a jump that was found can be cleared."""

    jump = forms.ChoiceField(error_messages={"required": NO_JUMP, "invalid_choice": NO_JUMP})

    class Meta:
        widgets = {"reason": forms.Textarea(attrs={"rows": 3, "cols": 80})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "jump" not in self.fields:
            return
        self.open_jumps = {name_jump(jump): jump for jump in list_open_jumps()}
        cast(forms.ChoiceField, self.fields["jump"]).choices = [
            ("", "Choose a jump"),
            *((name, describe_open_jump(jump)) for name, jump in self.open_jumps.items()),
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        jump = self.open_jumps.get(given.get("jump", ""))
        if jump:
            self.instance.indicator_id = jump.indicator_id
            self.instance.area_id = jump.area_id
            self.instance.period_start = jump.period_start
        return given


@admin.register(CoverageClearance)
class CoverageClearanceAdmin(AddOnly, BadgedAreaMixin, DemonstrationAware, RecordingAdmin):
    """The clearances, and above them the jumps that wait. A clearance counts from the day it is recorded."""

    demonstration_field = "area__demonstration"
    form = ClearanceForm
    change_list_template = "admin/coverage_list.html"
    list_display = ["body", "indicator", "period", "reason", "cleared_by", "recorded_at"]
    list_filter = ["indicator", "area__demonstration"]
    list_select_related = ["area", "indicator"]
    search_fields = ["area__short_name", "area__code", "reason", "cleared_by"]
    ordering = ["-recorded_at", "-pk"]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        said = ["reason", "cleared_by"]
        if obj is None:
            return ["jump", *said]
        return ["indicator", "area", "period_start", *said, "recorded_at", "recorded_by"]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        lines = [(describe_open_jump(jump), jump.edition, link_to_clear(jump)) for jump in list_open_jumps()]
        may_clear = {"open_jumps": lines, "may_clear": self.has_add_permission(request)}
        return super().changelist_view(request, {**may_clear, **(extra_context or {})})

    @admin.display(description="Period from", ordering="period_start")
    def period(self, clearance: CoverageClearance) -> str:
        return format_day(clearance.period_start)
