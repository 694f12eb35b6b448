"""What staff may enter in the admin, what is fixed, and the words that refuse what is wrong."""

from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from alerts.models import Mail, Subscription
from icbs.models import Area, RolloutStatus
from targets.models import Target, TargetVersion
from tests.factories import rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def with_demonstration(settings):
    settings.DEMONSTRATION = True


def change_url(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def read_form(client, url: str, formset: str = "", **changes) -> dict:
    """What a browser would send back from the page; `changes` go to the first new row of a formset."""
    response = client.get(url)
    sent = {}
    for name, value in response.context["adminform"].form.initial.items():
        sent[name] = "" if value is None else value
    for inline in response.context["inline_admin_formsets"]:
        for form in [inline.formset.management_form, *inline.formset.initial_forms]:
            for name in form.fields:
                value = form[name].value()
                sent[form.add_prefix(name)] = "" if value is None else value
        if inline.formset.prefix == formset:
            sent[f"{formset}-TOTAL_FORMS"] = inline.formset.initial_form_count() + 1
            place = inline.formset.initial_form_count()
            sent |= {f"{formset}-{place}-{name}": value for name, value in changes.items()}
    return {name: value for name, value in sent.items() if value is not False}


def find_errors(response) -> list[str]:
    assert response.status_code == 200
    return [str(error) for errors in response.context["errors"] for error in errors]


VERSION = {
    "status": "draft",
    "wording": "Down to 5% by 2030.",
    "stated_on": "2023-03-31",
    "form": "level",
    "indicator_words": "Adults who smoke",
    "comparator": "le",
    "value_pct": "5",
    "deadline": "2030-12-31",
    "deadline_precision": "calendar_year",
    "milestones": "[]",
    "source_title": "The plan",
    "known_from": "2023-03-31",
}


def add_version(client, target: Target, **changes):
    indicator = rows.make_indicator()
    sent = read_form(
        client, change_url(target), "versions", **{**VERSION, "indicator": indicator.pk, **changes}
    )
    return client.post(change_url(target), sent)


def test_a_new_version_takes_the_next_number_and_says_who_recorded_it(admin_client, admin_user):
    target = rows.make_target()
    rows.make_version(target=target, number=1, status="published")

    response = add_version(admin_client, target)

    assert response.status_code == 302, find_errors(response)
    version = TargetVersion.objects.get(target=target, number=2)
    assert (version.status, version.recorded_by) == ("draft", admin_user)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value_pct": "120"}, "A target is a percentage between 0 and 100."),
        ({"baseline_pct": "120", "baseline_period_start": "2019-01-01", "baseline_period_end": "2019-12-31"},
         "A baseline is a percentage between 0 and 100."),
        ({"deadline": "2018-12-31", "baseline_pct": "14", "baseline_period_start": "2019-01-01",
          "baseline_period_end": "2019-12-31"},
         "The deadline comes before the end of the baseline: check both dates."),
        ({"baseline_pct": "14"}, "A stated baseline needs the first and the last day of its period."),
        ({"deadline_precision": ""}, "Say how exact the deadline is: a day, a month, a year."),
        ({"milestones": '[{"on": "2027", "pct": 8}]'}, "Write each step with its day and its percentage"),
        ({"milestones": '[{"on": "2027-12-31", "pct": 180}]'}, "Write each step with its day and its percentage"),
        ({"status": "published"}, "Select a valid choice."),
    ],
)  # fmt: skip
def test_a_wrong_version_is_refused_in_words_and_changes_nothing(admin_client, changes, message):
    target = rows.make_target()

    errors = find_errors(add_version(admin_client, target, **changes))

    assert any(message in error for error in errors), errors
    assert not target.versions.exists()


def test_a_published_version_is_fixed_whatever_is_sent(admin_client):
    version = rows.make_version(status="published")
    sent = read_form(admin_client, change_url(version.target))
    sent |= {"versions-2-0-id": version.pk, "versions-2-0-wording": "Altered", "versions-2-0-DELETE": "on"}

    admin_client.post(change_url(version.target), sent)

    version.refresh_from_db()
    assert version.wording == "Down to 5% by 2030."


def test_a_target_with_a_published_version_is_not_deleted(admin_client):
    version = rows.make_version(status="published")
    url = reverse("admin:targets_target_delete", args=[version.target_id])

    assert admin_client.post(url, {"post": "yes"}).status_code == 403
    assert Target.objects.filter(pk=version.target_id).exists()


def publish(client, *targets: Target):
    chosen = {"action": "publish_drafts", "_selected_action": [target.pk for target in targets]}
    return client.post(reverse("admin:targets_target_changelist"), chosen, follow=True)


def test_a_draft_is_published_by_an_action_with_a_log_entry(admin_client, admin_user):
    draft = rows.make_version()

    response = publish(admin_client, draft.target)

    draft.refresh_from_db()
    entry = LogEntry.objects.get(user=admin_user)
    assert draft.status == "published"
    assert "Versions published: 1." in response.content.decode()
    assert "Published version 1." in entry.get_change_message()
    assert publish(admin_client, draft.target).status_code == 200  # twice publishes nothing more
    assert LogEntry.objects.count() == 1


def test_a_board_takes_a_target_and_a_report_through_its_page(admin_client, admin_user):
    board, service = rows.make_area(), rows.make_service()
    sent = read_form(admin_client, change_url(board), "targets", title="5% by 2030", slug="north-2030")
    assert admin_client.post(change_url(board), sent).status_code == 302
    report = {
        "service": service.pk,
        "on": "2024-03-31",
        "status": "full",
        "source_title": "Board papers",
        "known_from": "2024-04-30",
    }
    sent = read_form(admin_client, change_url(board), "rollout", **report)
    assert admin_client.post(change_url(board), sent).status_code == 302

    entered = RolloutStatus.objects.get(area=board)
    assert Target.objects.get(slug="north-2030").body == board
    assert (entered.recorded_by, entered.recorded_at.date()) == (admin_user, timezone.now().date())
    assert Target.history.get(slug="north-2030").history_user == admin_user


def test_a_report_is_fixed_and_a_correction_is_a_row_of_its_own(admin_client):
    report = rows.make_status()
    url = change_url(report.area)
    correction = {
        "service": report.service_id,
        "on": "2023-05-01",
        "status": "planned",
        "source_title": "Board papers",
        "known_from": "2024-04-30",
        "corrects": report.pk,
    }
    sent = read_form(admin_client, url, "rollout", **correction)
    sent |= {"rollout-0-status": "full", "rollout-0-DELETE": "on"}

    assert admin_client.post(url, sent).status_code == 302

    report.refresh_from_db()
    assert report.status == "partial"
    assert report.corrected_by.status == "planned"
    assert admin_client.post(change_url(report), {"status": "full"}).status_code == 403


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "There is an entry for this body, service and day: enter a correction of it instead."),
        ({"on": "2024-05-01"}, "A status cannot be known before the day it is true for."),
    ],
)
def test_a_wrong_report_is_refused_in_words(admin_client, changes, message):
    report = rows.make_status()
    again = {
        "service": report.service_id,
        "on": "2023-05-01",
        "status": "full",
        "source_title": "Board papers",
        "known_from": "2023-06-01",
    }
    sent = read_form(admin_client, change_url(report.area), "rollout", **{**again, **changes})

    errors = find_errors(admin_client.post(change_url(report.area), sent))

    assert any(message in error for error in errors), errors


def test_a_correction_belongs_to_the_same_body_and_service(admin_client):
    report = rows.make_status()
    sent = {
        "area": report.area_id,
        "service": rows.make_service().pk,
        "on": "2023-05-01",
        "status": "full",
        "source_title": "Board papers",
        "known_from": "2023-06-01",
        "corrects": report.pk,
    }

    errors = find_errors(admin_client.post(reverse("admin:icbs_rolloutstatus_add"), sent))

    assert errors == ["Choose an entry of the same body and the same service."]


def test_a_register_keeps_who_changed_what(admin_client, admin_user):
    board = rows.make_area(short_name="North")
    sent = read_form(admin_client, change_url(board)) | {"short_name": "North and East"}

    assert admin_client.post(change_url(board), sent).status_code == 302

    page = admin_client.get(reverse("admin:icbs_area_history", args=[board.pk])).content.decode()
    assert Area.history.filter(id=board.pk).count() == 2
    assert "from “North” to “North and East”" in page
    assert admin_user.username in page


def test_an_area_that_closes_before_it_opens_is_refused(admin_client):
    board = rows.make_area()
    sent = read_form(admin_client, change_url(board)) | {"opened": "2022-07-01", "closed": "2022-06-30"}

    errors = find_errors(admin_client.post(change_url(board), sent))

    assert errors == ["An area closes after it opens: check both dates."]


READ_ONLY = [
    rows.make_observation,
    rows.make_release,
    rows.make_part,
    rows.make_missing,
    rows.make_assessment,
    rows.make_standing,
    rows.make_change,
    rows.make_state,
    rows.make_transition,
    rows.make_mail,
    rows.make_item,
]


@pytest.mark.parametrize("make", READ_ONLY)
def test_what_the_tracker_writes_itself_is_read_only(admin_client, make):
    row = make()
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}"

    assert admin_client.get(change_url(row)).status_code == 200
    assert admin_client.get(reverse(f"{name}_add")).status_code == 403
    assert admin_client.post(change_url(row), {}).status_code == 403
    assert admin_client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("make", [rows.make_area, rows.make_service, rows.make_indicator, rows.make_break])
def test_registers_are_never_deleted(admin_client, make):
    row = make()
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_delete"

    assert admin_client.post(reverse(name, args=[row.pk]), {"post": "yes"}).status_code == 403


def test_only_failed_mails_are_tried_again(admin_client):
    later = timezone.now() + timedelta(hours=5)
    failed = rows.make_mail(last_error="SMTPException: no", attempts=2, due_at=later)
    waiting = rows.make_mail(due_at=later)
    sent = rows.make_mail(sent_at=rows.NOW, due_at=rows.NOW)
    chosen = {"action": "try_again", "_selected_action": [failed.pk, waiting.pk, sent.pk]}

    response = admin_client.post(reverse("admin:alerts_mail_changelist"), chosen, follow=True)

    failed.refresh_from_db()
    assert "tried again at the next delivery: 1." in response.content.decode()
    assert (failed.last_error, failed.attempts) == ("", 2)
    assert failed.due_at <= timezone.now()
    assert Mail.objects.get(pk=waiting.pk).due_at == later
    assert Mail.objects.get(pk=sent.pk).sent_at == rows.NOW


@pytest.mark.parametrize("delivery", ["sent", "waiting", "failed"])
def test_mails_filter_by_delivery(admin_client, delivery):
    mails = {
        "sent": rows.make_mail(sent_at=rows.NOW),
        "waiting": rows.make_mail(),
        "failed": rows.make_mail(last_error="SMTPException: no"),
    }

    response = admin_client.get(reverse("admin:alerts_mail_changelist"), {"delivery": delivery})

    assert [mail.pk for mail in response.context["cl"].result_list] == [mails[delivery].pk]


def test_a_subscription_entered_by_staff_is_confirmed_by_the_day_they_give(admin_client):
    board = rows.make_area()
    sent = {
        "email": "reader@example.org",
        "areas": [board.pk],
        "frequency": "immediate",
        "confirmed_at_0": "2024-01-01",
        "confirmed_at_1": "12:00",
    }

    assert admin_client.post(reverse("admin:alerts_subscription_add"), sent).status_code == 302

    subscription = Subscription.objects.get()
    assert subscription.confirmed_at.date() == date(2024, 1, 1)
    assert Subscription.objects.told_at_once().count() == 1
    assert LogEntry.objects.get().object_repr == f"Subscription {subscription.pk}"
    again = admin_client.post(
        reverse("admin:alerts_subscription_add"), sent | {"email": "Reader@Example.org"}
    )
    assert find_errors(again) == ["This address is subscribed already: change that entry."]


def test_a_link_that_ended_gets_its_last_day_and_nothing_else_changes(admin_client):
    link = rows.make_link()
    other = rows.make_area()

    admin_client.post(change_url(link), {"valid_to": "2026-04-01", "note": "Merged", "to_area": other.pk})

    kept = link.to_area
    link.refresh_from_db()
    assert (link.valid_to, link.note, link.to_area) == (date(2026, 4, 1), "Merged", kept)


def test_a_link_to_itself_is_refused(admin_client):
    board = rows.make_area()
    link = {"kind": "member_of", "to_area": board.pk, "valid_from": "2022-07-01", "source_title": "ONS"}
    sent = read_form(admin_client, change_url(board), "links", **link)

    errors = find_errors(admin_client.post(change_url(board), sent))

    assert any("area_link_not_to_itself" in error for error in errors), errors


def test_a_second_break_on_a_day_is_refused(admin_client):
    area = rows.make_area()
    kept = rows.make_break(area=area)
    again = {
        "area": area.pk,
        "on": "2020-03-01",
        "kind": "caution",
        "what": "Again",
        "source_title": "Publisher",
    }
    sent = read_form(admin_client, change_url(kept.indicator), "breaks", **again)

    errors = find_errors(admin_client.post(change_url(kept.indicator), sent))

    assert any("break_once_a_day_for_an_area" in error for error in errors), errors
