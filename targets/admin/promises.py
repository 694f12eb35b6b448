"""Targets with their versions: drafts are edited and published, published versions are fixed."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, F, Max, Model, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from icbs.admin import DemonstrationAware, HttpsLinks, Lookups, RecordingAdmin, RegisterAdmin, badge_area
from icbs.resources import RegisterExchange
from kit.calc.formats import format_day
from targets.admin.verdicts import ReasonFilter, TargetVerdictFilter, show_verdict
from targets.calc.wording import describe_goal
from targets.forms import clean_milestones
from targets.models import Standing, Target, TargetVersion, VersionStatus
from targets.resources import TargetResource
from targets.selectors.verdicts import describe_assessment


class DraftFilter(admin.SimpleListFilter):
    title = "waiting to be published"
    parameter_name = "draft"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [("yes", "Has a draft")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() != "yes":
            return queryset
        return queryset.filter(Exists(find_drafts().filter(target=OuterRef("pk"))))


def find_drafts() -> QuerySet[TargetVersion]:
    """Versions that nobody has published yet."""
    return TargetVersion.objects.exclude(status=VersionStatus.PUBLISHED)


class VersionForm(forms.ModelForm):
    """A draft of what a target says. Publishing is an action of the list of targets."""

    class Meta:
        widgets = {"wording": forms.Textarea(attrs={"rows": 3, "cols": 80})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "status" in self.fields:
            cast(forms.ChoiceField, self.fields["status"]).choices = [
                choice for choice in VersionStatus.choices if choice[0] != VersionStatus.PUBLISHED
            ]

    def clean_milestones(self) -> list[dict[str, Any]]:
        return clean_milestones(self.cleaned_data["milestones"])


VERSION_FIELDSETS: list[Any] = [
    (None, {"fields": ["status", "wording", ("stated_on", "stated_on_basis")]}),
    (
        "What is aimed at",
        {
            "fields": [
                "form",
                ("indicator", "indicator_words"),
                ("comparator", "value_pct"),
                ("deadline", "deadline_precision"),
                ("shape", "milestones"),
                "cannot_judge",
            ]
        },
    ),
    (
        "Where it starts",
        {"fields": [("baseline_pct", "baseline_period_start", "baseline_period_end"), "baseline_note"]},
    ),
    (
        "Source",
        {
            "fields": [
                "source_title",
                ("source_url", "source_page"),
                ("known_from", "known_from_basis"),
                "footprint_note",
                "statement_note",
            ]
        },
    ),
]


class VersionInline(HttpsLinks, admin.StackedInline):
    model = TargetVersion
    form = VersionForm
    fieldsets = VERSION_FIELDSETS
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("target__body", "indicator", "recorded_by")


class PublishedInline(VersionInline):
    """Fixed: an amendment is a new version."""

    verbose_name_plural = "published versions (fixed: enter an amendment as a new version)"
    readonly_fields = ["recorded_at", "recorded_by"]
    fieldsets = [*VERSION_FIELDSETS, ("Record", {"fields": [("recorded_at", "recorded_by")]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(status=VersionStatus.PUBLISHED)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class DraftInline(VersionInline):
    verbose_name = "new version"
    verbose_name_plural = "new versions and drafts"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).exclude(status=VersionStatus.PUBLISHED)


def with_promise(targets: QuerySet[Target]) -> QuerySet[Target]:
    """With the version in force as `in_force` and in it the body's own `promise`: two more queries a list."""
    today = timezone.localdate()
    own = Standing.objects.filter(area=F("version__target__body"))
    versions = TargetVersion.objects.in_force(today).prefetch_related(
        Prefetch("standings", own.select_related("assessment"), to_attr="promise")
    )
    return targets.select_related("body").prefetch_related(Prefetch("versions", versions, to_attr="in_force"))


def show_promise(target: Any) -> str:
    """Sign, word and basis of a target fetched `with_promise`, or why there is none."""
    if not target.in_force:
        return "No published version"
    standings = target.in_force[0].promise
    return show_verdict(standings[0].assessment) if standings else "Not judged yet"


@admin.register(Target)
class TargetAdmin(RegisterExchange, DemonstrationAware, RecordingAdmin, RegisterAdmin):
    resource_classes = [TargetResource]
    exchanged = "targets"
    demonstration_field = "body__demonstration"
    list_display = ["title", "body_name", "goal", "deadline", "verdict", "compared_with_boards"]
    list_filter = [
        TargetVerdictFilter,
        ReasonFilter,
        DraftFilter,
        "compared_with_boards",
        "versions__form",
        "body__demonstration",
    ]
    search_fields = ["title", "slug", "body__short_name", "body__code"]
    fields = ["body", "slug", "title", "compared_with_boards", "verdict", "sentence"]
    readonly_fields = ["verdict", "sentence"]
    autocomplete_fields = ["body"]
    prepopulated_fields = {"slug": ["title"]}
    ordering = ["body__short_name", "slug"]
    inlines = [DraftInline, PublishedInline]
    actions = ["publish_drafts"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return with_promise(super().get_queryset(request))

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[TargetVersion]:
        """Every version of the targets in the list."""
        targets = super().get_export_queryset(request).order_by().values("pk")
        versions = TargetVersion.objects.filter(target__in=targets).order_by("target__slug", "number")
        return versions.select_related("target__body", "indicator")

    def get_readonly_fields(self, request: HttpRequest, obj: Target | None = None) -> list[str]:
        """What was published stays as it was: another body or aim is another target."""
        fixed = ["body", "slug", "title", "compared_with_boards"] if obj and obj.is_published else []
        return [*self.readonly_fields, *fixed]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Target | None = None) -> dict:
        return {} if obj and obj.is_published else self.prepopulated_fields

    def get_inlines(self, request: HttpRequest, obj: Target | None) -> list[type]:
        return self.inlines if obj else [DraftInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only one that was never published, and only on its own page."""
        if obj is None or obj.versions.filter(status=VersionStatus.PUBLISHED).exists():
            return False
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    @admin.display(description="Body", ordering="body__short_name")
    def body_name(self, target: Target) -> str:
        return badge_area(target.body)

    @admin.display(description="Goal")
    def goal(self, target: Any) -> str:
        version = target.in_force[0] if target.in_force else None
        return describe_goal(version.comparator, version.value_pct) if version else "not published yet"

    @admin.display(description="Deadline")
    def deadline(self, target: Any) -> str:
        version = target.in_force[0] if target.in_force else None
        return format_day(version.deadline) if version and version.deadline else "none stated"

    @admin.display(description="Verdict")
    def verdict(self, target: Target) -> str:
        return show_promise(target) if target.pk else "Not judged yet"

    @admin.display(description="In a sentence")
    def sentence(self, target: Any) -> str:
        standings = target.in_force[0].promise if target.pk and target.in_force else []
        if not standings:
            return "It is judged after its first version is published."
        standings[0].assessment.version = target.in_force[0]
        return describe_assessment(standings[0].assessment)

    def save_formset(self, request: HttpRequest, form: forms.ModelForm, formset: Any, change: bool) -> None:
        _number_new_versions(form.instance, formset)
        super().save_formset(request, form, formset, change)

    @admin.action(description="Publish the drafts of the chosen targets", permissions=["change"])
    def publish_drafts(self, request: HttpRequest, queryset: QuerySet[Target]) -> None:
        drafts = (
            find_drafts()
            .filter(target__in=queryset)
            .select_related("target__body")
            .order_by("target", "number")
        )
        published = sum(self._publish(request, draft) for draft in drafts)
        self.message_user(request, f"Versions published: {published}. They are fixed from now on.")

    def _publish(self, request: HttpRequest, draft: TargetVersion) -> bool:
        if draft.known_from > timezone.localdate():
            why = f"It is known from {format_day(draft.known_from)}, which lies in the future."
            self.message_user(request, f"{draft} was not published. {why}", messages.ERROR)
            return False
        draft.status = VersionStatus.PUBLISHED
        try:
            draft.full_clean()
        except ValidationError as error:
            why = " ".join(error.messages)
            self.message_user(request, f"{draft} was not published. {why}", messages.ERROR)
            return False
        draft.save()
        self.log_change(request, draft.target, f"Published version {draft.number}.")
        return True


def _number_new_versions(target: Target, formset: Any) -> None:
    """New versions go on from the last number."""
    last = target.versions.aggregate(last=Max("number"))["last"] or 0
    new = [form.instance for form in formset.forms if form.instance._state.adding and form.has_changed()]
    for number, version in enumerate(new, start=last + 1):
        version.number = number
