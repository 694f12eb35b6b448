"""Areas with their codes, links, populations, boundaries, places on the map and contacts."""

from django.contrib import admin
from django.db.models import Case, Exists, Model, OuterRef, Q, QuerySet, When
from django.http import HttpRequest
from django.utils import timezone

from icbs.admin.bases import (
    AddOnly,
    BadgedAreaMixin,
    DemonstrationAware,
    HttpsLinks,
    KeptForGood,
    Lookups,
    RecordingAdmin,
    RegisterAdmin,
    WholeForm,
    badge_area,
)
from icbs.admin.services import RolloutInline
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
)
from icbs.resources import ContactResource, RegisterExchange, TrustResource


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
