"""Uploads and withdrawals in the admin: who may, what each page says, what each button does."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from targets.models import Observation, Release, Standing, Upload
from targets.services import uploads
from targets.services.import_release import withdraw_release
from tests.factories.figure_files import Figure, write_fingertips
from tests.factories.rows import make_area, make_indicator, make_target, make_version
from tests.factories.uploads import make_upload
from tests.integration.test_admin_lists import INLINE, count_queries
from tracker.admin import uploads as pages

pytestmark = pytest.mark.django_db

ADD = "admin:targets_upload_add"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def indicator():
    for code in ("NORTH", "SOUTH"):
        make_area(code=code, short_name=code.title())
    return make_indicator(slug="smokers", short_name="Smokers", fingertips_id=92443, age="18+")


@pytest.fixture
def send(admin_client, django_capture_on_commit_callbacks):
    """Posts as a browser does, and does what waits for the end of the transaction."""

    def post(url: str, client=admin_client, **values):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(url, values)

    return post


def fill_in(*figures: Figure, name: str = "figures.csv", content: bytes | None = None, **changes) -> dict:
    content = write_fingertips(figures) if content is None else content
    return {
        "file": SimpleUploadedFile(name, content),
        "known_from": "2023-09-05",
        "known_from_basis": "The publisher's release date",
        "source_title": "A publisher",
        **changes,
    }


def page_of(upload: Upload, name: str = "change") -> str:
    return reverse(f"admin:targets_upload_{name}", args=[upload.pk])


def read_page(client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    text = response.content.decode()
    assert not INLINE.search(text)
    return text


def log_in(client, *codenames: str):
    person = User.objects.create_user("clerk", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(person, backend=BACKEND)
    return client


def test_a_small_file_is_read_at_once_and_its_page_shows_what_it_would_do(
    admin_client, admin_user, indicator, send
):
    figures = [Figure(area="NORTH", value="12.5"), Figure(area="NOWHERE")]

    response = send(reverse(ADD), **fill_in(*figures))

    upload = Upload.objects.get()
    page = read_page(admin_client, response.url)
    assert response.url == page_of(upload)
    assert (upload.state, upload.recorded_by, upload.file_name) == ("ready", admin_user, "figures.csv")
    assert "Ready to confirm" in page
    assert "No area has the code NOWHERE" in page
    assert re.search(r"North \(NORTH\)</th>\s*<td>Smokers, 2022</td>\s*<td>12.5%</td>", page)
    assert "No verdict would change." in page
    assert not Release.objects.exists()


def test_confirming_takes_the_file_in_and_judges(admin_client, admin_user, indicator, send):
    version = make_version(
        status="published",
        target=make_target(body=make_area(short_name="West", code="WEST")),
        indicator=indicator,
        baseline_pct=10.0,
        baseline_period_start=date(2021, 1, 1),
        baseline_period_end=date(2021, 12, 31),
    )
    send(reverse(ADD), **fill_in(Figure(area="WEST", value="12")))
    upload = Upload.objects.get()
    shown = read_page(admin_client, page_of(upload))

    send(page_of(upload, "step"), step="confirm")

    upload.refresh_from_db()
    assert "– Cannot be judged" in shown
    assert "↑ Above its path (indicative): 12.0% in 2022" in shown
    assert upload.state == "applied"
    assert Standing.objects.get(version=version).assessment.value_pct == 12.0
    assert LogEntry.objects.filter(user=admin_user, change_message__contains="Confirmed").count() == 1
    page = read_page(admin_client, page_of(upload))
    assert "Taken in" in page
    assert reverse("admin:targets_release_change", args=[Release.objects.get().pk]) in page
    assert 'value="confirm"' not in page


def test_a_large_file_goes_to_the_worker(admin_client, indicator, send, monkeypatch):
    monkeypatch.setattr(uploads, "AT_ONCE_BYTES", 10)
    sent = []
    monkeypatch.setattr(pages.read_upload, "delay", lambda key: sent.append(key))

    send(reverse(ADD), **fill_in(Figure(area="NORTH")))

    upload = Upload.objects.get()
    page = read_page(admin_client, page_of(upload))
    assert (sent, upload.state) == ([upload.pk], "waiting")
    assert "Waiting to be read" in page
    assert "<progress" in page
    assert "http-equiv" not in page
    assert 'http-equiv="refresh"' in read_page(admin_client, page_of(upload) + "?watch=1")


def test_without_a_broker_the_jobs_of_a_large_file_run_in_process(indicator, send, monkeypatch):
    monkeypatch.setattr(uploads, "AT_ONCE_BYTES", 10)

    send(reverse(ADD), **fill_in(Figure(area="NORTH")))
    upload = Upload.objects.get()
    send(page_of(upload, "step"), step="confirm")

    upload.refresh_from_db()
    assert upload.state == "applied"
    assert Observation.objects.count() == 1


def test_a_queue_that_does_not_answer_loses_nothing(admin_client, indicator, send, monkeypatch):
    def refuse(key):
        raise OperationalError("no")

    send(reverse(ADD), **fill_in(Figure(area="NORTH")))
    upload = Upload.objects.get()
    monkeypatch.setattr(uploads, "AT_ONCE_BYTES", 10)
    with monkeypatch.context() as patch:
        patch.setattr(pages.take_in_upload, "delay", refuse)
        send(page_of(upload, "step"), step="confirm")

    upload.refresh_from_db()
    assert upload.state == "ready"
    send(page_of(upload, "step"), step="confirm")
    upload.refresh_from_db()
    assert upload.state == "applied"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "figures.docx"}, "Choose a file whose name ends in .csv or .xlsx."),
        ({"known_from": "2999-01-01"}, "This day lies in the future: no edition is known before it is published."),
        ({"known_from_basis": ""}, "This field is required."),
        ({"content": b""}, "The submitted file is empty."),
    ],
)  # fmt: skip
def test_a_wrong_form_is_refused_in_words_and_keeps_nothing(indicator, send, changes, message):
    response = send(reverse(ADD), **fill_in(Figure(area="NORTH"), **changes))

    assert response.status_code == 200
    assert [str(error) for errors in response.context["errors"] for error in errors] == [message]
    assert not Upload.objects.exists()


def test_a_file_name_cannot_lead_out_of_the_folder(indicator, send, settings):
    send(reverse(ADD), **fill_in(Figure(area="NORTH"), name="../../etc/a b;<c>%00.csv"))

    upload = Upload.objects.get()
    folder = settings.MEDIA_ROOT.resolve()
    assert folder in (folder / upload.file.name).resolve().parents
    assert re.fullmatch(r"\d{4}/\d\d/[\w.-]+\.csv", upload.file.name)


def test_the_file_is_kept_and_sent_to_staff_only(admin_client, client, indicator, send):
    figures = [Figure(area="NORTH")]
    send(reverse(ADD), **fill_in(*figures))
    upload = Upload.objects.get()

    response = admin_client.get(page_of(upload, "file"))

    assert b"".join(response.streaming_content) == write_fingertips(figures)
    assert response["Content-Disposition"] == 'attachment; filename="figures.csv"'
    client.logout()
    assert client.get(page_of(upload, "file")).status_code == 302
    assert client.get(f"/{upload.file.name}").status_code == 404


def test_all_rejected_rows_are_sent_as_a_table(admin_client, indicator, send):
    figures = [Figure(area="NOWHERE", period=str(1900 + year)) for year in range(110, 115)]
    figures += [Figure(area="=1+1")] * 110
    send(reverse(ADD), **fill_in(*figures))
    upload = Upload.objects.get()

    table = admin_client.get(page_of(upload, "rejected")).content.decode().splitlines()

    assert len(table) == 116
    assert table[0] == "line,reason"
    assert "The first 100 of 115 rejected rows" in read_page(admin_client, page_of(upload))


def test_a_refused_file_shows_the_reason_and_can_be_read_again_or_discarded(admin_client, indicator, send):
    send(reverse(ADD), **fill_in(content=b"<html>Sorry</html>"))
    upload = Upload.objects.get()
    page = read_page(admin_client, page_of(upload))

    send(page_of(upload, "step"), step="discard")

    upload.refresh_from_db()
    assert "is a web page, not a table" in page
    assert 'value="read"' in page
    assert upload.state == "discarded"


def test_a_file_without_a_good_row_offers_no_confirmation(admin_client, indicator, send):
    send(reverse(ADD), **fill_in(Figure(area="NOWHERE")))
    upload = Upload.objects.get()

    page = read_page(admin_client, page_of(upload))

    assert "Ready to confirm" not in page
    assert "No row of it can be taken in: its only row is rejected" in page
    assert "No area has the code NOWHERE" in page
    assert 'value="confirm"' not in page
    assert "Upload the file again" in page


def test_a_stopped_run_is_shown_as_stopped_and_started_again(admin_client, indicator, send):
    upload = make_upload(write_fingertips([Figure(area="NORTH")]))
    long_ago = timezone.now() - timedelta(hours=2)
    Upload.objects.filter(pk=upload.pk).update(state="reading", beat_at=long_ago)
    listed = read_page(admin_client, reverse("admin:targets_upload_changelist") + "?work=failed")
    page = read_page(admin_client, page_of(upload))

    send(page_of(upload, "step"), step="start")

    upload.refresh_from_db()
    assert "Stopped before its end: start it again" in page
    assert "figures.csv" in listed
    assert upload.state == "ready"


def test_a_stopped_take_in_goes_on_with_the_same_button(indicator, send):
    send(reverse(ADD), **fill_in(Figure(area="NORTH")))
    upload = Upload.objects.get()
    long_ago = timezone.now() - timedelta(hours=2)
    Upload.objects.filter(pk=upload.pk).update(state="applying", beat_at=long_ago)

    send(page_of(upload, "step"), step="start")

    upload.refresh_from_db()
    assert upload.state == "applied"
    assert Release.objects.count() == 1


def test_the_page_asks_to_look_again_where_editions_came_in_between(admin_client, indicator, send):
    send(reverse(ADD), **fill_in(Figure(area="NORTH", value="12.1"), known_from="2024-10-01"))
    other = Upload.objects.get()
    send(reverse(ADD), **fill_in(Figure(area="NORTH", value="12.5"), name="other.csv"))
    send(page_of(Upload.objects.exclude(pk=other.pk).get(), "step"), step="confirm")

    send(page_of(other, "step"), step="confirm")

    page = read_page(admin_client, page_of(other))
    assert "Nothing was taken in. This is what it would do now." in page
    assert "-0.4 percentage points" in page
    assert Release.objects.count() == 1

    send(page_of(other, "step"), step="confirm")

    assert "Editions came or went" not in read_page(admin_client, page_of(other))
    assert Release.objects.count() == 2


def test_a_step_nobody_knows_does_nothing(indicator, send, admin_client):
    send(reverse(ADD), **fill_in(Figure(area="NORTH")))
    upload = Upload.objects.get()

    assert send(page_of(upload, "step"), step="explode").status_code == 302
    assert admin_client.get(page_of(upload, "step")).status_code == 405
    upload.refresh_from_db()
    assert upload.state == "ready"


def test_uploading_confirming_and_looking_need_their_permissions(client, indicator, send):
    upload = make_upload(write_fingertips([Figure(area="NORTH")]))
    uploads.read_upload(upload.pk, clock=timezone.now)
    log_in(client, "view_upload")

    assert client.get(reverse(ADD)).status_code == 403
    assert send(page_of(upload, "step"), client, step="confirm").status_code == 403
    assert 'value="confirm"' not in read_page(client, page_of(upload))

    person = User.objects.get(username="clerk")
    person.user_permissions.clear()
    for name in ("change", "file", "rejected"):
        assert client.get(page_of(upload, name)).status_code == 403
    upload.refresh_from_db()
    assert upload.state == "ready"


def test_the_page_of_an_upload_costs_the_same_for_2_rows_and_12(admin_client, indicator, send):
    def count(years: range) -> int:
        figures = [Figure(area="NORTH", period=str(year)) for year in years]
        send(reverse(ADD), **fill_in(*figures, name=f"{len(years)}.csv"))
        return count_queries(admin_client, page_of(Upload.objects.order_by("-pk")[0]))

    assert count(range(2010, 2012)) == count(range(2010, 2022))


@pytest.fixture
def edition(indicator, send):
    """The first edition says 12.5, the second, which is the mistake, 21.5."""
    for value, day in (("12.5", "2023-09-05"), ("21.5", "2024-10-01")):
        send(reverse(ADD), **fill_in(Figure(area="NORTH", value=value), known_from=day))
        send(page_of(Upload.objects.order_by("pk").last(), "step"), step="confirm")
    return Release.objects.get(known_from="2024-10-01")


def withdraw_url(release: Release) -> str:
    return reverse("admin:targets_release_withdraw", args=[release.pk])


def test_the_page_of_a_withdrawal_shows_what_comes_back_and_changes_nothing(admin_client, edition):
    page = read_page(admin_client, withdraw_url(edition))

    assert re.search(r"<td>21.5%</td>\s*<td>12.5%</td>\s*<td>-9.0 percentage points</td>", page)
    edition.refresh_from_db()
    assert edition.withdrawn_at is None


def test_a_withdrawal_needs_a_reason(edition, send):
    response = send(withdraw_url(edition), because="  ")

    assert "Say why the edition is withdrawn." in response.content.decode()
    edition.refresh_from_db()
    assert edition.withdrawn_at is None


def test_a_withdrawal_brings_back_what_was_known_before(admin_client, admin_user, edition, send):
    response = send(withdraw_url(edition), because="A slip of the pen")

    edition.refresh_from_db()
    [current] = Observation.objects.known_on(timezone.localdate())
    assert (edition.withdrawn_by, edition.withdrawn_because) == (admin_user, "A slip of the pen")
    assert current.value_pct == 12.5
    assert LogEntry.objects.filter(change_message__contains="A slip of the pen").count() == 1
    page = read_page(admin_client, response.url)
    assert "Withdraw this edition" not in page
    assert send(withdraw_url(edition), because="Again").status_code == 302
    edition.refresh_from_db()
    assert edition.withdrawn_because == "A slip of the pen"


def test_an_edition_is_chosen_in_the_list_one_at_a_time(edition, send):
    url = reverse("admin:targets_release_changelist")
    both = list(Release.objects.values_list("pk", flat=True))

    one = send(url, action="withdraw_edition", _selected_action=edition.pk)
    two = send(url, action="withdraw_edition", _selected_action=both)

    assert one.url == withdraw_url(edition)
    assert two.url == url


def test_withdrawing_needs_its_permission(client, edition, send):
    log_in(client, "view_release")

    assert client.get(withdraw_url(edition)).status_code == 403
    assert send(withdraw_url(edition), client, because="No").status_code == 403
    page = read_page(client, reverse("admin:targets_release_change", args=[edition.pk]))
    assert "Withdraw this edition" not in page


def test_an_estimate_is_not_withdrawn_by_hand(admin_client, edition):
    estimate = Release.objects.get(pk=edition.pk)
    estimate.pk, estimate.kind, estimate.derived_from, estimate.file_sha256 = None, "estimate", edition, "e"
    estimate.save()

    response = admin_client.get(withdraw_url(estimate), follow=True)

    assert "withdraw the edition they come from" in response.content.decode()


def test_a_file_withdrawn_by_mistake_is_taken_in_again(admin_client, admin_user, edition, send):
    withdraw_release(edition, because="A mistake", by=admin_user, now=timezone.now())

    send(reverse(ADD), **fill_in(Figure(area="NORTH", value="21.5"), known_from="2024-10-01"))
    send(page_of(Upload.objects.order_by("pk").last(), "step"), step="confirm")

    [current] = Observation.objects.known_on(timezone.localdate())
    assert current.value_pct == 21.5
