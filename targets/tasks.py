from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from targets.services.assess import assess_targets
from targets.services.fetch_fingertips import fetch_fingertips as fetch_figures


@shared_task(
    name="targets.assess",
    acks_late=True,
    time_limit=3600,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def assess(**_later_arguments: object) -> None:
    assess_targets(now=timezone.now())


@shared_task(
    name="targets.fetch_fingertips",
    acks_late=True,
    time_limit=4 * 3600,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def fetch_fingertips(**_later_arguments: object) -> None:
    fetch_figures(clock=timezone.now)
