"""The schedule in the database: seeded once, staff's changes kept, each due entry run once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from tracker.services.schedule import DELIVER, NIGHTLY, run_due, seed_schedule

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_migrating_seeds_the_schedule():
    assert set(PeriodicTask.objects.filter(enabled=True).values_list("name", flat=True)) == {NIGHTLY, DELIVER}


def test_seeding_again_keeps_what_staff_changed():
    earlier = CrontabSchedule.objects.create(minute="0", hour="1")
    PeriodicTask.objects.filter(name=NIGHTLY).update(crontab=earlier, enabled=False)

    seed_schedule()

    entry = PeriodicTask.objects.get(name=NIGHTLY)
    assert (entry.crontab, entry.enabled) == (earlier, False)


def test_what_is_due_runs_once():
    assert run_due(clock=lambda: NOW) == [DELIVER, NIGHTLY]

    PeriodicTask.objects.update(last_run_at=datetime.now(UTC))
    assert run_due(clock=lambda: NOW) == []


def test_an_entry_that_is_overdue_runs_again():
    PeriodicTask.objects.update(last_run_at=datetime.now(UTC) - timedelta(days=2))

    assert run_due(clock=lambda: NOW) == [DELIVER, NIGHTLY]


def test_a_disabled_entry_does_not_run():
    PeriodicTask.objects.update(enabled=False)

    assert run_due(clock=lambda: NOW) == []


def test_an_entry_another_caller_has_claimed_does_not_run(monkeypatch):
    real = PeriodicTask.objects.filter

    def claim_first(*args, **values):
        if "pk" in values:
            real(pk=values["pk"]).update(last_run_at=NOW - timedelta(seconds=1))
        return real(*args, **values)

    monkeypatch.setattr(PeriodicTask.objects, "filter", claim_first)

    assert run_due(clock=lambda: NOW) == []


def test_the_command_says_what_it_ran(capsys):
    call_command("run_due")
    first = capsys.readouterr().out
    call_command("run_due")

    assert NIGHTLY in first
    assert capsys.readouterr().out.strip() in {"Nothing is due.", f"Ran: {DELIVER}"}
