from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from tracker.services.nightly import run_nightly


@shared_task(
    name="tracker.nightly",
    acks_late=True,
    time_limit=3 * 3600,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def nightly(**_later_arguments: object) -> None:
    run_nightly(clock=timezone.now)
