"""The schedule, kept in the database where staff can change it; seeded once, never overwritten."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from tracker.celery import app

NIGHTLY = "Nightly: judge, follow what changed, deliver mails"
DELIVER = "Every ten minutes: deliver mails that are due"
FETCH = "Weekly: fetch new figures from Fingertips"

log = logging.getLogger(__name__)


def seed_schedule() -> None:
    """Entries that are missing are added; an entry staff changed stays as they left it.

    The one that asks Fingertips is off: nothing calls an outside address before somebody decides so.
    """
    for name, task, minute, hour, day_of_week, enabled in (
        (NIGHTLY, "tracker.nightly", "15", "2", "*", True),
        (DELIVER, "alerts.deliver", "*/10", "*", "*", True),
        (FETCH, "targets.fetch_fingertips", "30", "5", "1", False),
    ):
        if PeriodicTask.objects.filter(name=name).exists():
            continue
        crontab, _ = CrontabSchedule.objects.get_or_create(
            minute=minute,
            hour=hour,
            day_of_week=day_of_week,
            day_of_month="*",
            month_of_year="*",
            timezone=settings.TIME_ZONE,
        )
        PeriodicTask.objects.get_or_create(
            name=name, defaults={"task": task, "crontab": crontab, "enabled": enabled}
        )


@dataclass(frozen=True, slots=True)
class Due:
    """The names of the entries that were due: those that ran, those that failed."""

    ran: list[str]
    failed: list[str]


def run_due(*, clock: Callable[[], datetime]) -> Due:
    """Run in this process every enabled entry that is due, for cron without a broker.

    An entry is marked as run once it has run: the jobs are idempotent and safe twice at once, so a run that
    was killed, or that failed, is run again the next time. One that fails keeps no other from running.
    """
    app.loader.import_default_modules()
    due = Due([], [])
    for entry in PeriodicTask.objects.filter(enabled=True).order_by("name"):
        if entry.task not in app.tasks:
            log.warning("The schedule names %r, which is no task: correct it in the admin.", entry.task)
            continue
        began = clock()
        try:
            if _is_due(entry, began):
                app.tasks[entry.task].apply(throw=True)
                _mark_run(entry, began)
                due.ran.append(entry.name)
        except Exception:  # whatever one entry does, the others go on
            log.exception("The entry %r of the schedule failed.", entry.name)
            due.failed.append(entry.name)
    return due


def _is_due(entry: PeriodicTask, now: datetime) -> bool:
    """An entry that never ran is due at once, unless it waits for its start or for a clocked moment."""
    if entry.start_time is not None and entry.start_time > now:
        return False
    if entry.expires is not None and entry.expires <= now:
        return False
    if entry.last_run_at is None and not entry.clocked:
        return True
    return entry.schedule.is_due(entry.last_run_at).is_due


def _mark_run(entry: PeriodicTask, began: datetime) -> None:
    PeriodicTask.objects.filter(pk=entry.pk).update(last_run_at=began)
    if entry.one_off:
        PeriodicTask.objects.filter(pk=entry.pk).update(enabled=False)
