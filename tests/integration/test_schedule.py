"""The schedule in the database: seeded once, staff's changes kept, each due entry run and then marked."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, PeriodicTask

from tracker.celery import app
from tracker.services import schedule
from tracker.services.schedule import DELIVER, FETCH, NIGHTLY, Due, run_due, seed_schedule

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_migrating_seeds_the_schedule():
    assert set(PeriodicTask.objects.filter(enabled=True).values_list("name", flat=True)) == {NIGHTLY, DELIVER}


def test_asking_fingertips_is_weekly_and_off_until_somebody_switches_it_on():
    entry = PeriodicTask.objects.get(name=FETCH)

    assert not entry.enabled
    assert entry.task == "targets.fetch_fingertips"
    assert (entry.crontab.day_of_week, entry.crontab.hour, entry.crontab.minute) == ("1", "5", "30")
    assert str(entry.crontab.timezone) == "Europe/London"


def test_switched_on_it_runs_when_it_is_due(monkeypatch):
    monkeypatch.setattr("targets.tasks.fetch_figures", lambda **options: None)
    PeriodicTask.objects.exclude(name=FETCH).update(enabled=False)
    PeriodicTask.objects.filter(name=FETCH).update(enabled=True)
    seed_schedule()

    assert run_due(clock=lambda: NOW) == Due([FETCH], [])


def test_seeding_again_keeps_what_staff_changed():
    earlier = CrontabSchedule.objects.create(minute="0", hour="1")
    PeriodicTask.objects.filter(name=NIGHTLY).update(crontab=earlier, enabled=False)

    seed_schedule()

    entry = PeriodicTask.objects.get(name=NIGHTLY)
    assert (entry.crontab, entry.enabled) == (earlier, False)


def test_what_is_due_runs_once():
    assert run_due(clock=lambda: NOW) == Due([DELIVER, NIGHTLY], [])

    PeriodicTask.objects.update(last_run_at=datetime.now(UTC))
    assert run_due(clock=lambda: NOW) == Due([], [])


def test_an_entry_that_is_overdue_runs_again():
    PeriodicTask.objects.update(last_run_at=datetime.now(UTC) - timedelta(days=2))

    assert run_due(clock=lambda: NOW) == Due([DELIVER, NIGHTLY], [])


def test_a_disabled_entry_does_not_run():
    PeriodicTask.objects.update(enabled=False)

    assert run_due(clock=lambda: NOW) == Due([], [])


@pytest.fixture
def fail(monkeypatch):
    """Makes one task of the schedule fail."""

    def fail_task(name: str, error: type[BaseException]) -> None:
        def stop(**options: object) -> None:
            raise error

        app.loader.import_default_modules()
        monkeypatch.setattr(app.tasks[name], "apply", stop)

    return fail_task


def list_run() -> set[str]:
    return set(PeriodicTask.objects.exclude(last_run_at=None).values_list("name", flat=True))


def test_an_entry_that_fails_is_logged_and_the_others_run(fail, monkeypatch):
    logged = []
    monkeypatch.setattr(schedule.log, "exception", lambda words, name: logged.append(name))
    fail("alerts.deliver", OSError)

    assert run_due(clock=lambda: NOW) == Due([NIGHTLY], [DELIVER])
    assert list_run() == {NIGHTLY}
    assert logged == [DELIVER]


def test_a_run_that_was_killed_is_run_again(fail, monkeypatch):
    fail("alerts.deliver", KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        run_due(clock=lambda: NOW)
    assert list_run() == set()
    monkeypatch.undo()

    assert run_due(clock=lambda: NOW) == Due([DELIVER, NIGHTLY], [])


def test_an_entry_runs_between_its_start_and_its_end():
    PeriodicTask.objects.filter(name=NIGHTLY).update(start_time=NOW + timedelta(seconds=1))
    PeriodicTask.objects.filter(name=DELIVER).update(expires=NOW)
    assert run_due(clock=lambda: NOW) == Due([], [])

    PeriodicTask.objects.filter(name=NIGHTLY).update(start_time=NOW)
    PeriodicTask.objects.filter(name=DELIVER).update(expires=NOW + timedelta(seconds=1))
    assert run_due(clock=lambda: NOW) == Due([DELIVER, NIGHTLY], [])


def test_a_one_off_entry_runs_once():
    PeriodicTask.objects.filter(name=NIGHTLY).update(one_off=True)

    run_due(clock=lambda: NOW)

    entry = PeriodicTask.objects.get(name=NIGHTLY)
    assert (entry.enabled, entry.last_run_at) == (False, NOW)


def test_a_clocked_entry_waits_for_its_moment():
    later = ClockedSchedule.objects.create(clocked_time=datetime.now(UTC) + timedelta(days=1))
    PeriodicTask.objects.filter(name=NIGHTLY).update(crontab=None, clocked=later, one_off=True)

    assert run_due(clock=lambda: NOW) == Due([DELIVER], [])


def test_the_command_names_what_failed_and_ends_with_1(fail, capsys):
    fail("alerts.deliver", OSError)

    with pytest.raises(CommandError, match=f"Failed: {re.escape(DELIVER)}") as ended:
        call_command("run_due")

    assert ended.value.returncode == 1
    assert capsys.readouterr().out == f"Ran: {NIGHTLY}\n"


def test_the_command_says_what_it_ran(capsys):
    call_command("run_due")
    first = capsys.readouterr().out
    call_command("run_due")

    assert NIGHTLY in first
    assert capsys.readouterr().out.strip() in {"Nothing is due.", f"Ran: {DELIVER}"}
