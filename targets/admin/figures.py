"""Indicators with their breaks; editions and figures, read-only."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from icbs.admin import (
    AddOnly,
    BadgedAreaMixin,
    DemonstrationAware,
    HttpsLinks,
    Lookups,
    ReadOnlyAdmin,
    RegisterAdmin,
    WholeForm,
    badge_area,
)
from kit.calc.formats import format_day, format_interval
from targets.calc.wording import describe_missing_estimate
from targets.models import (
    Break,
    EstimatePart,
    Indicator,
    MissingEstimate,
    Observation,
    Release,
    Series,
)
from targets.selectors.calendar import find_last_periods, find_next_due


def find_overdue(on: date) -> dict[Any, date]:
    """Indicators whose next edition should have been taken in by now, with the day it was due."""
    indicators: list[Any] = list(mark_fictitious(Indicator.objects.order_by("short_name"), "pk"))
    dues = find_next_due(indicators, on)
    found = ((indicator, dues[indicator.pk]) for indicator in indicators)
    return {indicator: due.day for indicator, due in found if due and due.is_overdue(on)}


class FictitiousFilter(admin.SimpleListFilter):
    title = "demonstration"
    parameter_name = "demonstration"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [("0", "Real"), ("1", "Fictitious")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = {"0": False, "1": True}.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(fictitious=chosen)


def mark_fictitious(rows: QuerySet, indicator: str) -> QuerySet[Any]:
    """With `fictitious`: whether figures of demonstration bodies belong to the `indicator` of a row."""
    of_demonstration = Series.objects.filter(indicator=OuterRef(indicator), area__demonstration=True)
    return rows.annotate(fictitious=Exists(of_demonstration))


class FictitiousAware:
    """For rows that have no flag of their own: badged, and left out unless demonstration is switched on."""

    indicator_field = "pk"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = mark_fictitious(super().get_queryset(request), self.indicator_field)  # type: ignore[misc]
        return rows if settings.DEMONSTRATION else rows.filter(fictitious=False)

    @admin.display(description="Demonstration")
    def badge(self, row: Any) -> str:
        return "Demonstration" if row.fictitious else "no"


class OverdueFilter(admin.SimpleListFilter):
    title = "next edition"
    parameter_name = "edition"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [("overdue", "Overdue")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() != "overdue":
            return queryset
        return queryset.filter(pk__in=[indicator.pk for indicator in find_overdue(timezone.localdate())])


class BreakInline(HttpsLinks, AddOnly, admin.TabularInline):
    model = Break
    form = WholeForm
    extra = 0
    autocomplete_fields = ["area"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("area")


@admin.register(Indicator)
class IndicatorAdmin(FictitiousAware, RegisterAdmin):
    list_display = ["short_name", "publisher", "collection", "better", "last_period", "next_due", "badge"]
    list_filter = [OverdueFilter, FictitiousFilter, "collection", "better"]
    search_fields = ["name", "short_name", "slug", "publisher"]
    prepopulated_fields = {"slug": ["short_name"]}
    ordering = ["short_name"]
    inlines = [BreakInline]

    def get_changelist_instance(self, request: HttpRequest):
        """The newest period and the next edition of every row of the page, in two queries."""
        changelist = super().get_changelist_instance(request)
        today = timezone.localdate()
        last = find_last_periods(changelist.result_list, today)
        dues = find_next_due(changelist.result_list, today, last=last)
        for indicator in changelist.result_list:
            indicator.last_day, indicator.due = last.get(indicator.pk), dues[indicator.pk]
        return changelist

    @admin.display(description="Figures up to")
    def last_period(self, indicator: Any) -> str:
        return format_day(indicator.last_day) if indicator.last_day else "no figures yet"

    @admin.display(description="Next edition due")
    def next_due(self, indicator: Any) -> str:
        due = indicator.due
        if due is None:
            return "ended: no further edition" if indicator.ended_note else "no calendar known"
        announced = ", announced" if due.announced else ""
        overdue = " (overdue)" if due.is_overdue(timezone.localdate()) else ""
        return f"{format_day(due.day)}{announced}{overdue}"


@admin.register(Break)
class BreakAdmin(RegisterAdmin):
    list_display = ["on", "indicator", "area", "kind", "what"]
    list_filter = ["kind", "indicator"]
    list_select_related = ["indicator", "area"]
    search_fields = ["what", "area__short_name", "area__code"]
    autocomplete_fields = ["indicator", "area"]
    ordering = ["-on"]


RECENT_DAYS = 30


class RowsFilter(admin.SimpleListFilter):
    title = "rows taken in"
    parameter_name = "rows"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [
            ("rejected", "Some rejected"),
            ("dropped", "Some dropped"),
            ("revised", "Some revised"),
            ("recent", f"Taken in within {RECENT_DAYS} days"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return filter_releases(queryset, self.value())


def filter_releases(rows: QuerySet[Release], choice: str | None) -> QuerySet[Release]:
    """An empty list of refused rows is how most editions end."""
    if choice == "rejected":
        return rows.exclude(rejected=[])
    if choice in ("dropped", "revised"):
        return rows.filter(**{f"{choice}_count__gt": 0})
    if choice == "recent":
        return rows.filter(recorded_at__gte=timezone.now() - timedelta(days=RECENT_DAYS))
    return rows


@admin.register(Release)
class ReleaseAdmin(FictitiousAware, ReadOnlyAdmin):
    indicator_field = "indicator"
    list_display = [
        "title",
        "kind",
        "known_from",
        "new_count",
        "unchanged_count",
        "revised_count",
        "dropped_count",
        "rejected_count",
        "recorded_at",
        "badge",
    ]
    list_filter = [
        RowsFilter,
        FictitiousFilter,
        "kind",
        "indicator",
        ("withdrawn_at", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["indicator"]
    search_fields = ["title", "file_name", "source_title"]
    date_hierarchy = "known_from"
    ordering = ["-known_from", "-pk"]
    exclude = ["rejected"]
    readonly_fields = ["rejected_rows"]

    @admin.display(description="Rejected")
    def rejected_count(self, release: Release) -> int:
        return len(release.rejected)

    @admin.display(description="Rejected rows")
    def rejected_rows(self, release: Release) -> str | SafeString:
        if not release.rejected:
            return "None: every row was taken in."
        lines = ((row.get("line", "?"), row.get("reason", "")) for row in release.rejected)
        return format_html_join("", "<p>Line {}: {}</p>", lines)


class CurrentFilter(admin.SimpleListFilter):
    title = "in force"
    parameter_name = "current"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [("yes", "In force"), ("no", "Replaced or dropped")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = {"yes": True, "no": False}.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(known_to__isnull=chosen)


_SERIES = ["series__area", "series__indicator"]


@admin.register(Observation)
class ObservationAdmin(DemonstrationAware, ReadOnlyAdmin):
    demonstration_field = "series__area__demonstration"
    list_display = ["body", "indicator", "period_label", "value", "release", "known_from", "known_to"]
    list_filter = [CurrentFilter, "series__area__kind", "series__indicator", "release"]
    list_select_related = [*_SERIES, "release"]
    search_fields = ["series__area__short_name", "series__area__code", "period_label"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related(*_SERIES, "release")

    @admin.display(description="Area", ordering="series__area__short_name")
    def body(self, figure: Observation) -> str:
        return badge_area(figure.series.area)

    @admin.display(description="Indicator")
    def indicator(self, figure: Observation) -> str:
        return figure.series.indicator.short_name

    @admin.display(description="Value", ordering="value_pct")
    def value(self, figure: Observation) -> str:
        return format_interval(figure.value_pct, figure.lower95_pct, figure.upper95_pct)


@admin.register(EstimatePart)
class EstimatePartAdmin(ReadOnlyAdmin):
    list_display = ["board", "council", "period", "value", "lsoa_count"]
    search_fields = [
        "estimate__series__area__short_name",
        "estimate__series__area__code",
        "council_figure__series__area__short_name",
    ]
    list_filter = ["estimate__release"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        names = [f"{side}__{name}" for side in ("estimate", "council_figure") for name in _SERIES]
        return super().get_queryset(request).select_related(*names)

    @admin.display(description="Board", ordering="estimate__series__area__short_name")
    def board(self, part: EstimatePart) -> str:
        return part.estimate.series.area.short_name

    @admin.display(description="Council", ordering="council_figure__series__area__short_name")
    def council(self, part: EstimatePart) -> str:
        return part.council_figure.series.area.short_name

    @admin.display(description="Period", ordering="estimate__period_start")
    def period(self, part: EstimatePart) -> str:
        return part.estimate.period_label

    @admin.display(description="Council's figure")
    def value(self, part: EstimatePart) -> str:
        return format_interval(part.council_figure.value_pct, None, None)


@admin.register(MissingEstimate)
class MissingEstimateAdmin(BadgedAreaMixin, DemonstrationAware, ReadOnlyAdmin):
    demonstration_field = "area__demonstration"
    list_display = ["body", "period_label", "why", "release"]
    list_filter = ["reason", "release", "period_label"]
    list_select_related = ["area", "release"]
    search_fields = ["area__short_name", "area__code", "councils"]
    ordering = ["-period_start", "area__short_name"]

    @admin.display(description="Why", ordering="reason")
    def why(self, gap: MissingEstimate) -> str:
        return describe_missing_estimate(reason=gap.reason, councils=gap.councils, period=gap.period_label)
