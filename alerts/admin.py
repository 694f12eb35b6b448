"""The admin of subscriptions, and of what alerts found and sent, read-only."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from alerts.models import Frequency, Mail, MailItem, State, Subscription, Transition
from icbs.admin import BadgedAreaMixin, DemonstrationAware, Lookups, ReadOnlyAdmin, badge_area

DELIVERY_CHOICES: dict[str, tuple[str, Q]] = {
    "sent": ("Sent", Q(sent_at__isnull=False)),
    "waiting": ("Waiting", Q(sent_at=None, last_error="")),
    "failed": ("Failed, to be tried again", Q(sent_at=None) & ~Q(last_error="")),
}


class DeliveryFilter(admin.SimpleListFilter):
    title = "delivery"
    parameter_name = "delivery"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [(key, words) for key, (words, _) in DELIVERY_CHOICES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        choice = self.value()
        return queryset.filter(DELIVERY_CHOICES[choice][1]) if choice in DELIVERY_CHOICES else queryset


class MailItemInline(admin.TabularInline):
    model = MailItem
    extra = 0
    fields = ["transition"]
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        names = ["transition__state__area", "subscription"]
        return super().get_queryset(request).select_related(*names)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Mail)
class MailAdmin(DemonstrationAware, ReadOnlyAdmin):
    list_display = ["subject", "to_address", "delivery", "due_at", "sent_at", "attempts", "last_error"]
    list_filter = [DeliveryFilter, "demonstration", "created_at"]
    list_select_related = ["subscription"]
    search_fields = ["subject", "to_address", "message_id"]
    ordering = ["-pk"]
    fields = [
        "subject",
        "to_address",
        "subscription",
        "delivery",
        "created_at",
        "due_at",
        "sent_at",
        "attempts",
        "last_error",
        "leased_until",
        "message_id",
        "demonstration",
        "body",
    ]
    readonly_fields = ["delivery", "body"]
    inlines = [MailItemInline]
    actions = ["try_again"]

    @admin.display(description="Delivery")
    def delivery(self, mail: Mail) -> str:
        if mail.sent_at:
            return "✓ Sent"
        return "✕ Failed" if mail.last_error else "… Waiting"

    @admin.display(description="Text")
    def body(self, mail: Mail) -> SafeString:
        return format_html("<pre>{}</pre>", mail.text)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("alerts.change_mail")

    @admin.action(description="Try again now", permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        """Only failed ones: one that waits is due anyway, one that was sent stays sent."""
        failed = queryset.filter(DELIVERY_CHOICES["failed"][1])
        count = failed.update(due_at=timezone.now(), last_error="")
        self.message_user(request, f"Mails to be tried again at the next delivery: {count}.")


@admin.register(MailItem)
class MailItemAdmin(DemonstrationAware, ReadOnlyAdmin):
    demonstration_field = "mail__demonstration"
    list_display = ["body", "transition", "mail", "sent_at"]
    search_fields = ["subscription__email", "transition__state__area__short_name"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        names = ["mail", "subscription", "transition__state__area"]
        return super().get_queryset(request).select_related(*names)

    @admin.display(description="Area", ordering="transition__state__area__short_name")
    def body(self, item: MailItem) -> str:
        return badge_area(item.transition.state.area)

    @admin.display(description="Sent", ordering="mail__sent_at")
    def sent_at(self, item: MailItem) -> Any:
        return item.mail.sent_at or "not yet"


class ConfirmedFilter(admin.SimpleListFilter):
    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [("confirmed", "Confirmed"), ("unconfirmed", "Not confirmed yet"), ("left", "Left")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = {
            "confirmed": Q(confirmed_at__isnull=False, left_at=None),
            "unconfirmed": Q(confirmed_at=None, left_at=None),
            "left": Q(left_at__isnull=False),
        }
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(Subscription)
class SubscriptionAdmin(DemonstrationAware, admin.ModelAdmin):
    """Only the person confirms, by the link sent to the address. The admin's own log holds no address."""

    list_display = [
        "email",
        "frequency",
        "is_confirmed",
        "area_count",
        "with_comparisons",
        "left_at",
        "badge",
    ]
    list_filter = [ConfirmedFilter, "frequency", "with_comparisons", "demonstration"]
    search_fields = ["email", "areas__short_name", "areas__code"]
    autocomplete_fields = ["areas"]
    fields = [
        "email",
        "areas",
        "frequency",
        "with_comparisons",
        "demonstration",
        "created_at",
        "confirmed_at",
        "left_at",
    ]
    readonly_fields = ["demonstration", "created_at"]
    ordering = ["email"]

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Digests are not sent yet, so they are not offered."""
        if db_field.name == "frequency":
            offered = [Frequency.IMMEDIATE, Frequency.OFF]
            kwargs["choices"] = [(choice.value, choice.label) for choice in offered]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(areas_named=Count("areas", distinct=True))

    @admin.display(description="Confirmed", boolean=True, ordering="confirmed_at")
    def is_confirmed(self, subscription: Subscription) -> bool:
        return subscription.confirmed_at is not None

    @admin.display(description="Bodies", ordering="areas_named")
    def area_count(self, subscription: Any) -> int:
        return subscription.areas_named

    @admin.display(description="Demonstration")
    def badge(self, subscription: Subscription) -> str:
        return "Demonstration" if subscription.demonstration else "no"

    def log_addition(self, request: HttpRequest, obj: Subscription, message: Any) -> LogEntry:
        return _without_address(super().log_addition(request, obj, message))

    def log_change(self, request: HttpRequest, obj: Subscription, message: Any) -> LogEntry:
        return _without_address(super().log_change(request, obj, message))


def _without_address(entry: LogEntry) -> LogEntry:
    entry.object_repr = f"Subscription {entry.object_id}"
    entry.save(update_fields=["object_repr"])
    return entry


@admin.register(State)
class StateAdmin(BadgedAreaMixin, DemonstrationAware, ReadOnlyAdmin):
    demonstration_field = "area__demonstration"
    list_display = ["body", "version", "state", "last_moved"]
    list_filter = ["state", "area__demonstration"]
    search_fields = ["area__short_name", "area__code", "version__target__title"]
    ordering = ["area__short_name", "pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        change = "last_change__standing"
        names = ["area", "version__target__body", f"{change}__area", f"{change}__version__target__body"]
        return super().get_queryset(request).select_related(*names)

    @admin.display(description="Last moved by what became true on", ordering="last_change__became_true_on")
    def last_moved(self, state: State) -> Any:
        return state.last_change.became_true_on


@admin.register(Transition)
class TransitionAdmin(DemonstrationAware, ReadOnlyAdmin):
    demonstration_field = "state__area__demonstration"
    list_display = ["became_true_on", "body", "target", "before", "after", "tell", "reason"]
    list_filter = ["tell", "before", "after", "state__area__demonstration"]
    search_fields = ["state__area__short_name", "state__area__code", "state__version__target__title"]
    date_hierarchy = "became_true_on"
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        change = "change__standing"
        names = ["state__area", "state__version__target__body"]
        ties = [f"{change}__area", f"{change}__version__target__body"]
        return super().get_queryset(request).select_related(*names, *ties)

    @admin.display(description="Area", ordering="state__area__short_name")
    def body(self, transition: Transition) -> str:
        return badge_area(transition.state.area)

    @admin.display(description="Target")
    def target(self, transition: Transition) -> str:
        return str(transition.state.version.target)
