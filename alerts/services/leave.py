"""Ends a subscription by the link of its mails."""

from datetime import datetime

from alerts.models import Subscription
from kit.signing import LEAVE, read_link


def leave_subscription(*, token: str, now: datetime) -> Subscription:
    """Raises InvalidLink for a damaged link. Leaving twice keeps the first day."""
    subscription = Subscription.objects.get(pk=read_link(LEAVE, token))
    if subscription.left_at is None:
        Subscription.objects.filter(pk=subscription.pk, left_at=None).update(left_at=now)
        subscription.refresh_from_db()
    return subscription
