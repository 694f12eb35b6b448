from django.db import models
from django.db.models import Q

from alerts.models.state import Transition
from alerts.models.subscription import Subscription


class Mail(models.Model):
    """One message to one subscriber, written once and delivered at least once.

    A worker claims it by a committed conditional update with a lease, sends it with its fixed
    Message-ID and marks it sent only with its own token: a crash repeats it, never loses it.
    """

    dedupe_key = models.CharField(max_length=120, unique=True)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="mails")
    to_address = models.EmailField()
    message_id = models.CharField(max_length=200, unique=True)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField()
    leave_url = models.URLField(max_length=500)
    demonstration = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="Not sent before; put off after a failure.")
    lease_token = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="mail_lease_has_token_and_end",
                condition=(Q(lease_token=None) & Q(leased_until=None))
                | (Q(lease_token__isnull=False) & Q(leased_until__isnull=False)),
            ),
            models.CheckConstraint(
                name="mail_not_empty", condition=~Q(subject="") & ~Q(text="") & ~Q(html="")
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="mail_due", condition=Q(sent_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to_address}"


class MailItem(models.Model):
    """One transition told to one subscriber: never twice, whatever mail carries it."""

    mail = models.ForeignKey(Mail, models.CASCADE, related_name="items")
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="items")
    transition = models.ForeignKey(Transition, models.CASCADE, related_name="items")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="mail_item_once_per_subscriber_and_transition", fields=["subscription", "transition"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transition} told to {self.subscription}"
