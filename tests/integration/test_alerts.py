"""From a change of verdict to a delivered mail: each told once, none lost, whatever fails or runs twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail as outbox
from django.db import connection

from alerts.models import Mail, MailItem, State, Transition
from alerts.services import deliver as delivery
from alerts.services.deliver import LEASE, deliver_due, deliver_mail
from alerts.services.evaluate import evaluate_alerts
from targets.models import StandingChange
from tests.factories.rows import NOW, make_assessment, make_mail, make_standing, make_subscription

pytestmark = pytest.mark.django_db


class Story:
    """Verdicts of one target, one after the other, as the nightly job would record them."""

    def __init__(self, position: str = "on_track", **values):
        self.assessment = self._judge(2022, position, **values)
        self.standing = make_standing(assessment=self.assessment)
        self._record(None, "first_verdict")

    def _judge(self, year: int, position: str, *, flag: str = "none", p_above: float = 0.4, basis="firm"):
        version = getattr(self, "assessment", None) and self.assessment.version
        return make_assessment(
            version=version,
            position=position,
            flag=flag,
            p_above=p_above,
            basis=basis,
            gap_pp=1.0,
            lower95_pct=11.5,
            upper95_pct=12.5,
            target_pct=5.0,
            reading_label=str(year),
            reading=self._reading(year, version),
        )

    def _reading(self, year: int, version):
        from tests.factories.rows import make_observation

        return make_observation(
            period_label=str(year), period_start=date(year, 1, 1), period_end=date(year, 12, 31)
        )

    def _record(self, before, cause: str) -> None:
        StandingChange.objects.create(
            standing=self.standing,
            before=before,
            after=self.assessment,
            cause=cause,
            became_true_on=date(2024, 10, 1),
        )

    def goes(self, year: int, position: str, cause: str = "new_reading", **values) -> None:
        before = self.assessment
        self.assessment = self._judge(year, position, **values)
        self.standing.assessment = self.assessment
        self.standing.cause = cause
        self.standing.save()
        self._record(before, cause)
        evaluate_alerts(now=NOW)

    def subscribe(self, **values):
        person = make_subscription(frequency="immediate", confirmed_at=NOW, **values)
        person.areas.add(self.standing.area)
        return person

    def told(self) -> list[str]:
        return list(Transition.objects.order_by("pk").values_list("tell", flat=True))


@pytest.fixture
def story() -> Story:
    story = Story()
    evaluate_alerts(now=NOW)
    return story


def test_the_first_verdict_is_told_to_nobody():
    story = Story("off_track", flag="red", p_above=0.9999)
    story.subscribe()

    evaluate_alerts(now=NOW)

    assert State.objects.get().state == "firing"
    assert not Mail.objects.exists()


def test_a_slip_to_red_writes_one_mail_a_subscriber(story):
    people = [story.subscribe(), story.subscribe()]

    story.goes(2023, "off_track", flag="red", p_above=0.9999)

    assert State.objects.get().state == "firing"
    assert {mail.to_address for mail in Mail.objects.all()} == {person.email for person in people}
    assert MailItem.objects.count() == 2


def test_amber_waits_for_a_second_new_period(story):
    story.subscribe()

    story.goes(2023, "off_track", flag="amber", p_above=0.98)
    assert not Mail.objects.exists()

    story.goes(2024, "off_track", flag="amber", p_above=0.98)
    assert "second new period in a row" in Mail.objects.get().text


def test_a_restatement_is_never_told_as_a_slip(story):
    story.subscribe()

    story.goes(2022, "off_track", cause="restated_figures", flag="red", p_above=0.9999)

    mail = Mail.objects.get()
    assert "figures revised" in mail.subject
    assert "This is not a slip." in mail.text


def test_an_indicative_verdict_is_not_mailed(story):
    story.subscribe()

    story.goes(2023, "behind_point", basis="indicative")

    assert story.told() == ["nobody", "nobody"]


def test_a_stale_verdict_sends_no_slippage_mail(story):
    story.subscribe()
    story.standing.stale = True

    story.goes(2023, "off_track", flag="red", p_above=0.9999)

    assert not Mail.objects.exists()


@pytest.mark.parametrize(
    "person",
    [
        {"frequency": "monthly"},
        {"frequency": "off"},
        {"confirmed_at": None},
        {"left_at": NOW},
    ],
)
def test_who_did_not_ask_for_it_at_once_gets_nothing(story, person):
    from alerts.models import Subscription

    someone = story.subscribe()
    Subscription.objects.filter(pk=someone.pk).update(**person)

    story.goes(2023, "off_track", flag="red", p_above=0.9999)

    assert not Mail.objects.exists()


def test_a_comparison_is_told_only_to_who_asked_for_it(story):
    story.subscribe()
    asked = story.subscribe(with_comparisons=True)
    StandingChange.objects.all().select_related("after")
    real_judge = story._judge

    def judge_comparison(*args, **values):
        assessment = real_judge(*args, **values)
        type(assessment).objects.filter(pk=assessment.pk).update(kind="comparison")
        assessment.kind = "comparison"
        return assessment

    story._judge = judge_comparison
    story.goes(2023, "off_track", flag="red", p_above=0.9999)

    assert [mail.to_address for mail in Mail.objects.all()] == [asked.email]


def test_a_mail_says_all_that_a_reader_needs(story, settings):
    settings.PUBLIC_URL = "https://tracker.example.org"
    story.subscribe()

    story.goes(2023, "off_track", flag="red", p_above=0.9999)

    mail = Mail.objects.get()
    for words in (
        "12.0% (11.5% to 12.5%)",
        "Period: 2023",
        "Its path needs by then: 11.0%",
        "1.0 percentage points above the path",
        "Lower is better",
        "Firm",
        "Source: A report: An edition",
        "Known from: 5 September 2023",
        "How that day is known: The day it came out",
        "1 time in 1,000",
        "Position before: On track",
        "https://tracker.example.org/targets/",
        "https://tracker.example.org/alerts/leave/",
    ):
        assert words in mail.text
    assert "None" not in mail.text + mail.html
    assert "null" not in mail.text + mail.html
    assert "<style" not in mail.html
    assert "North: behind its path" in mail.subject


def test_a_missed_deadline_is_called_that(story):
    story.subscribe()

    story.goes(2024, "missed", flag="red", p_above=0.9999)

    mail = Mail.objects.get()
    assert "North: target missed" in mail.subject
    assert "the target was missed" in mail.text


def test_a_figure_at_its_deadline_is_held_against_the_target(story):
    story.subscribe()
    judge = story._judge

    def decide(*args, **values):
        assessment = judge(*args, **values)
        type(assessment).objects.filter(pk=assessment.pk).update(decides=True)
        assessment.decides = True
        return assessment

    story._judge = decide
    story.goes(2024, "missed", flag="red", p_above=0.9999)

    text = Mail.objects.get().text
    assert "The target asks for: 11.0%" in text
    assert "1.0 percentage points above the target" in text
    assert "the path" not in text


def test_following_twice_tells_once(story):
    story.subscribe()
    story.goes(2023, "off_track", flag="red", p_above=0.9999)

    assert evaluate_alerts(now=NOW) == 0
    assert Mail.objects.count() == 1


def test_slip_recover_and_relapse_gives_two_slips_and_one_recovery(story):
    story.goes(2023, "off_track", flag="red", p_above=0.9999)
    story.goes(2024, "on_track", p_above=0.3)
    story.goes(2025, "on_track", p_above=0.3)
    story.goes(2026, "off_track", flag="red", p_above=0.9999)

    assert [tell for tell in story.told() if tell != "nobody"] == [
        "subscribers_slipped",
        "subscribers_recovered",
        "subscribers_slipped",
    ]


@pytest.mark.django_db(transaction=True)
def test_two_workers_follow_a_change_once():
    story = Story()
    evaluate_alerts(now=NOW)
    story.subscribe()
    before, story.assessment = story.assessment, story._judge(2023, "off_track", flag="red", p_above=0.9999)
    story._record(before, "new_reading")

    def work(_):
        try:
            return evaluate_alerts(now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        followed = list(pool.map(work, range(4)))

    assert sum(followed) == 1
    assert Transition.objects.count() == 2
    assert Mail.objects.count() == 1


def test_a_mail_is_delivered_once_with_its_own_message_id():
    mail = make_mail()

    assert deliver_due(clock=lambda: NOW).sent == 1
    assert deliver_due(clock=lambda: NOW).sent == 0

    [message] = outbox.outbox
    assert message.extra_headers["Message-ID"] == mail.message_id
    assert message.extra_headers["List-Unsubscribe"] == "<https://example.org/leave>"
    assert message.alternatives[0].mimetype == "text/html"


def test_a_failed_mail_is_put_off_and_keeps_nobody_else_from_theirs(monkeypatch):
    bad, good = make_mail(to_address="bad@example.org"), make_mail()
    real = delivery.emails.build_message

    def refuse_one(mail):
        if mail.pk == bad.pk:
            raise ConnectionRefusedError("the server said no")
        return real(mail)

    monkeypatch.setattr(delivery.emails, "build_message", refuse_one)
    result = deliver_due(clock=lambda: NOW)
    bad.refresh_from_db()
    good.refresh_from_db()

    assert (result.sent, result.failed) == (1, 1)
    assert good.sent_at == NOW
    assert bad.sent_at is None
    assert (bad.attempts, bad.due_at, bad.lease_token) == (1, NOW + timedelta(minutes=5), None)
    assert "the server said no" in bad.last_error


def test_a_failed_mail_arrives_once_the_server_is_back(monkeypatch):
    mail = make_mail()
    monkeypatch.setattr(delivery.emails, "build_message", lambda _: 1 / 0)
    deliver_due(clock=lambda: NOW)
    monkeypatch.undo()

    assert deliver_due(clock=lambda: NOW).sent == 0
    assert deliver_due(clock=lambda: NOW + timedelta(minutes=5)).sent == 1
    assert outbox.outbox[0].extra_headers["Message-ID"] == mail.message_id


def test_a_worker_killed_after_its_claim_loses_nothing(monkeypatch):
    mail = make_mail()

    def die(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(delivery.emails, "build_message", die)
    with pytest.raises(KeyboardInterrupt):
        deliver_mail(mail_id=mail.pk, now=NOW)
    monkeypatch.undo()

    assert deliver_due(clock=lambda: NOW + LEASE - timedelta(seconds=1)).sent == 0
    assert deliver_due(clock=lambda: NOW + LEASE).sent == 1


def test_a_worker_that_lost_its_lease_does_not_mark_the_mail(monkeypatch):
    mail = make_mail()
    real = delivery.emails.build_message

    def slow(row):
        Mail.objects.filter(pk=row.pk).update(lease_token="00000000-0000-0000-0000-000000000001")
        return real(row)

    monkeypatch.setattr(delivery.emails, "build_message", slow)
    deliver_mail(mail_id=mail.pk, now=NOW)
    mail.refresh_from_db()

    assert mail.sent_at is None


def test_who_left_gets_no_mail_that_was_waiting():
    mail = make_mail()
    mail.subscription.left_at = datetime(2026, 11, 20, tzinfo=UTC)
    mail.subscription.save()

    assert deliver_due(clock=lambda: NOW).sent == 0


@pytest.mark.django_db(transaction=True)
def test_many_workers_deliver_each_mail_once():
    for _ in range(20):
        make_mail()

    def work(_):
        try:
            return deliver_due(clock=lambda: NOW).sent
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(work, range(4)))

    assert sum(sent) == len(outbox.outbox) == 20
    assert len({message.extra_headers["Message-ID"] for message in outbox.outbox}) == 20
