from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from icbs.models import Area


class Frequency(models.TextChoices):
    IMMEDIATE = "immediate", "At once"
    WEEKLY = "weekly", "Once a week"
    MONTHLY = "monthly", "Once a month"
    OFF = "off", "Off"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def told_at_once(self) -> "SubscriptionQuerySet":
        return self.filter(frequency=Frequency.IMMEDIATE, confirmed_at__isnull=False, left_at=None)


class Subscription(models.Model):
    """A person who asked to be told when bodies slip. Personal data: no history is kept of it."""

    email = models.EmailField()
    areas = models.ManyToManyField(Area, related_name="subscriptions", help_text="Bodies to be told about.")
    frequency = models.CharField(max_length=9, choices=Frequency.choices, default=Frequency.IMMEDIATE)
    with_comparisons = models.BooleanField(
        default=False, help_text="Also tell about the national ambition laid beside these bodies."
    )
    demonstration = models.BooleanField(default=False, help_text="Fictitious: removed by purge_demo.")
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(
        null=True, blank=True, help_text="When this person said yes, in writing. Without it nothing is sent."
    )
    left_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="subscription_one_per_address",
                violation_error_message="This address is subscribed already: change that entry.",
            ),
            models.CheckConstraint(
                name="subscription_frequency_is_known", condition=Q(frequency__in=Frequency.values)
            ),
        ]

    def __str__(self) -> str:
        return self.email
