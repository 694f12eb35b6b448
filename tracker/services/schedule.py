"""The schedule, kept in the database where staff can change it; seeded once, never overwritten."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from tracker.celery import app

NIGHTLY = "Nightly: judge, follow what changed, deliver mails"
DELIVER = "Every ten minutes: deliver mails that are due"

log = logging.getLogger(__name__)


def seed_schedule() -> None:
    """Entries that are missing are added; an entry staff changed stays as they left it."""
    for name, task, minute, hour in (
        (NIGHTLY, "tracker.nightly", "15", "2"),
        (DELIVER, "alerts.deliver", "*/10", "*"),
    ):
        if PeriodicTask.objects.filter(name=name).exists():
            continue
        crontab, _ = CrontabSchedule.objects.get_or_create(
            minute=minute,
            hour=hour,
            day_of_week="*",
            day_of_month="*",
            month_of_year="*",
            timezone=settings.TIME_ZONE,
        )
        PeriodicTask.objects.get_or_create(name=name, defaults={"task": task, "crontab": crontab})


def run_due(*, clock: Callable[[], datetime]) -> list[str]:
    """Run in this process every enabled entry that is due, for cron without a broker; the names of those run.

    An entry is claimed by moving its last run from the value read: two callers run it once.
    """
    app.loader.import_default_modules()
    ran = []
    for entry in PeriodicTask.objects.filter(enabled=True).order_by("name"):
        if entry.task not in app.tasks:
            log.warning("The schedule names %r, which is no task: correct it in the admin.", entry.task)
            continue
        last = entry.last_run_at
        if last is not None and not entry.schedule.is_due(last).is_due:
            continue
        claim = Q(last_run_at=None) if last is None else Q(last_run_at=last)
        if PeriodicTask.objects.filter(claim, pk=entry.pk).update(last_run_at=clock()):
            app.tasks[entry.task].apply(throw=True)
            ran.append(entry.name)
    return ran
