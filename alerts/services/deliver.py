"""Delivers mails that are due, each at least once: claim, send, mark."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db.models import Q, QuerySet

from alerts import emails
from alerts.models import Mail, Subscription

LEASE = timedelta(minutes=10)  # longer than the SMTP time-out
FIRST_RETRY = timedelta(minutes=5)
LAST_RETRY = timedelta(hours=24)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    sent: int
    failed: int


def deliver_due(*, clock: Callable[[], datetime]) -> Delivery:
    """Send every mail that is due. One that fails is put off and keeps nobody else from theirs.

    The clock is read again for each mail: a lease counts from its own claim.
    """
    now = clock()
    sent = failed = 0
    for mail_id in list(_due(now).order_by("due_at", "pk").values_list("pk", flat=True)):
        outcome = deliver_mail(mail_id=mail_id, now=clock())
        sent += outcome is True
        failed += outcome is False
    return Delivery(sent, failed)


def deliver_mail(*, mail_id: int, now: datetime) -> bool | None:
    """True: sent. False: it failed and is put off. None: another worker holds it, or nothing is due.

    The claim is committed before sending; only the holder of the token marks the mail. A crash after
    sending repeats it under the same Message-ID.
    """
    token = uuid4()
    claimed = _due(now).filter(pk=mail_id).update(lease_token=token, leased_until=now + LEASE)
    if not claimed:
        return None
    mail = Mail.objects.get(pk=mail_id)
    held = Mail.objects.filter(pk=mail_id, lease_token=token)
    try:
        emails.build_message(mail).send()
    except Exception as error:  # whatever the mail server does, the others go on
        log.exception("Mail %s was not sent", mail_id)
        held.update(
            lease_token=None,
            leased_until=None,
            attempts=mail.attempts + 1,
            due_at=now + min(FIRST_RETRY * 2**mail.attempts, LAST_RETRY),
            last_error=f"{type(error).__name__}: {error}"[:500],
        )
        return False
    held.update(sent_at=now, lease_token=None, leased_until=None, attempts=mail.attempts + 1, last_error="")
    return True


def _due(now: datetime) -> QuerySet[Mail]:
    """Mails nobody holds. Without a join: PostgreSQL checks the conditions of an update again on the row itself only."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    staying = Subscription.objects.filter(left_at=None)
    return Mail.objects.filter(free, sent_at=None, due_at__lte=now, subscription__in=staying)
