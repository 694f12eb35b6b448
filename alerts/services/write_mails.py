"""Writes one mail a subscriber for a transition that subscribers are told of."""

from datetime import datetime
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings

from alerts import emails
from alerts.models import Mail, MailItem, Subscription, Transition
from targets.calc.types import Kind


def write_mails(transition: Transition, *, now: datetime) -> int:
    """How many were written. Called inside the transaction that writes the transition."""
    if not transition.tell.startswith("subscribers_"):
        return 0
    subscriptions = Subscription.objects.told_at_once().filter(areas=transition.state.area)
    if transition.change.after.kind == Kind.COMPARISON:
        subscriptions = subscriptions.filter(with_comparisons=True)
    return sum(_write_mail(transition, subscription, now) for subscription in subscriptions)


def _write_mail(transition: Transition, subscription: Subscription, now: datetime) -> int:
    written = emails.write_alert(transition, subscription)
    mail, is_new = Mail.objects.get_or_create(
        dedupe_key=f"transition-{transition.pk}-subscription-{subscription.pk}",
        defaults={
            "subscription": subscription,
            "to_address": subscription.email,
            "message_id": make_msgid(domain=urlsplit(settings.PUBLIC_URL).hostname),
            "subject": written.subject,
            "text": written.text,
            "html": written.html,
            "leave_url": written.leave_url,
            "demonstration": transition.state.area.demonstration,
            "created_at": now,
            "due_at": now,
        },
    )
    MailItem.objects.get_or_create(subscription=subscription, transition=transition, defaults={"mail": mail})
    return int(is_new)
