"""The nightly job with PostgreSQL, Redis, a real worker and a real scheduler, and a mail server that can be slow."""

import time
from collections import Counter

from tests.services.conftest import Place
from tests.services.databases import change, fetch
from tests.services.processes import wait_until

START_TOGETHER_SECONDS = 4
UNSENT = "SELECT count(*) FROM alerts_mail WHERE sent_at IS NULL"


def count_unsent(place: Place) -> int:
    return fetch(place.database_url, UNSENT)[0][0]


def end_leases(place: Place) -> int:
    return change(
        place.database_url,
        "UPDATE alerts_mail SET leased_until = now() - interval '1 second' WHERE leased_until IS NOT NULL",
    )


def message_ids(place: Place) -> Counter[str]:
    return Counter(message["Message-ID"] for message in place.sink.messages)


def test_scheduler_and_worker_run_the_job_and_one_slippage_mail_arrives(place):
    place.step("build", "1")
    place.step("schedule_every_second", "all")

    with place.start_service("worker") as worker, place.start_service("beat"):
        worker.wait_until_printed("Task tracker.nightly", times=2)
        assert place.sink.messages == []
        place.step("publish_second_edition")
        wait_until(lambda: place.sink.messages, "the mail arrives")
        seen = worker.printed().count("succeeded in")
        worker.wait_until_printed("succeeded in", times=seen + 6)

    [message] = place.sink.messages
    assert message["To"] == "reader0@example.org"
    assert "Northvale: behind its path" in message["Subject"]
    assert "17.0%" in message.get_body(["plain"]).get_content()
    assert count_unsent(place) == 0
    assert "Traceback" not in worker.printed()


def test_two_jobs_begun_together_send_each_reader_one_mail(place):
    place.step("build", "12")
    place.step("publish_second_edition")
    moment = str(time.time() + START_TOGETHER_SECONDS)

    with (
        place.start_step("run_nightly_at", moment) as one,
        place.start_step("run_nightly_at", moment) as other,
    ):
        assert (one.join(), other.join()) == (0, 0), one.printed() + other.printed()

    readers = Counter(message["To"] for message in place.sink.messages)
    assert readers == {f"reader{number}@example.org": 1 for number in range(12)}
    assert fetch(place.database_url, "SELECT count(*) FROM targets_standingchange") == [(2,)]
    assert fetch(place.database_url, "SELECT count(*) FROM alerts_transition") == [(2,)]


def test_deliveries_at_the_same_time_send_each_mail_once(place):
    place.step("build", "12")
    place.step("publish_second_edition")
    place.sink.holds_answer = True
    with place.start_step("run_nightly_at", "0") as first:
        wait_until(lambda: place.sink.messages, "the first mail is being sent")
        with place.start("python", "manage.py", "send_alerts") as second:
            wait_until(lambda: len(place.sink.messages) == 2, "the other process sends another mail")
            place.sink.holds_answer = False
            assert (first.join(), second.join()) == (0, 0), first.printed() + second.printed()

    assert set(message_ids(place).values()) == {1}
    assert len(place.sink.messages) == 12
    assert count_unsent(place) == 0


def test_a_worker_killed_after_the_mail_was_taken_repeats_it_once_under_its_message_id(place):
    place.step("build", "1")
    place.step("schedule_every_second", "all")
    place.step("publish_second_edition")
    place.sink.holds_answer = True
    with place.start_service("worker") as worker, place.start_service("beat"):
        wait_until(lambda: place.sink.messages, "the mail is taken and its answer held")
        worker.kill()
    place.sink.holds_answer = False

    with place.start_service("worker") as worker, place.start_service("beat"):
        worker.wait_until_printed("Task alerts.deliver", times=3)
        assert len(place.sink.messages) == 1, "the lease still holds"
        assert end_leases(place) == 1
        wait_until(lambda: count_unsent(place) == 0, "the mail is marked as sent")
        seen = worker.printed().count("succeeded in")
        worker.wait_until_printed("succeeded in", times=seen + 4)

    assert list(message_ids(place).values()) == [2]


def test_a_worker_killed_before_the_mail_was_taken_loses_nothing(place):
    place.step("build", "1")
    place.step("schedule_every_second", "all")
    place.step("publish_second_edition")
    place.sink.holds_message = True
    with place.start_service("worker") as worker, place.start_service("beat"):
        wait_until(lambda: place.sink.offered_count, "the mail is offered")
        worker.kill()
    place.sink.holds_message = False

    assert end_leases(place) == 1
    with place.start("python", "manage.py", "send_alerts") as command:
        assert command.join() == 0, command.printed()

    assert list(message_ids(place).values()) == [1]
    assert count_unsent(place) == 0
