from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from alerts.services.deliver import deliver_due


@shared_task(
    name="alerts.deliver",
    acks_late=True,
    time_limit=3600,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def deliver(**_later_arguments: object) -> None:
    deliver_due(clock=timezone.now)
