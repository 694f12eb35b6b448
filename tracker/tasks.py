from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from targets.services import uploads
from targets.services.assess import assess_targets
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


@shared_task(
    name="tracker.read_upload",
    acks_late=True,
    time_limit=3600,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def read_upload(upload: int, **_later_arguments: object) -> None:
    uploads.read_upload(upload, clock=timezone.now)


@shared_task(
    name="tracker.take_in_upload",
    acks_late=True,
    time_limit=3600,
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def take_in_upload(upload: int, **_later_arguments: object) -> None:
    """Judges too where it was taken in before: that run may have been killed in between."""
    if uploads.take_in_upload(upload, clock=timezone.now):
        assess_targets(now=timezone.now())
