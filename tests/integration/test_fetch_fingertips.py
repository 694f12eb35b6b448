"""Figures fetched from a Fingertips that misbehaves: taken in whole where they differ, else not at all."""

import gzip
import io
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import OperationalError

from targets.models import Observation, Release, Series, StagedRow
from targets.readers.fingertips_reply import RefusedReply
from targets.services import fetch_fingertips as fetching
from targets.services.ask_fingertips import Fingertips, Limits
from targets.services.fetch_fingertips import Fetched, UnknownIndicator, fetch_fingertips, find_indicators
from targets.services.import_release import withdraw_release
from tests.factories.fingertips_server import (
    FingertipsServer,
    answer,
    drip,
    drop,
    hang,
    make_bytes,
    make_csv,
    make_row,
    send_endlessly,
    serve_fingertips,
)
from tests.factories.rows import make_indicator
from tests.integration.fetching import GOOD, make_smokers

LATE_SUNDAY = datetime(2026, 6, 14, 23, 30, tzinfo=UTC)  # Monday in London
MONDAY = date(2026, 6, 15)
REVISED = make_csv(make_row("E54000001", "14.2"), make_row("E54000002", "13.0"))
QUICK = Limits(
    connect_seconds=2,
    read_seconds=0.3,
    total_seconds=60,
    longest_wait_seconds=120,
    first_wait_seconds=2,
    tries=5,
    max_bytes=200_000,
)

Serve = Callable[..., FingertipsServer]
Fetch = Callable[..., list[Fetched]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda *answers, **options: stack.enter_context(serve_fingertips(*answers, **options))


@pytest.fixture
def waits() -> list[float]:
    """The waits between tries, which take no time in a test."""
    return []


@pytest.fixture
def fetch(waits) -> Fetch:
    def fetch_from(
        server: FingertipsServer, *names: str, limits: Limits = QUICK, now: datetime = LATE_SUNDAY, **options
    ) -> list[Fetched]:
        service = Fingertips(
            url=server.url, clock=lambda: now, limits=limits, sleep=waits.append, draw=lambda: 1.0
        )
        return fetch_fingertips(names, clock=lambda: now, service=service, **options)

    return fetch_from


@pytest.fixture
def indicator(db):
    return make_smokers()


def everything() -> list[list]:
    return [
        list(model.objects.order_by("pk").values()) for model in (Release, Series, Observation, StagedRow)
    ]


def test_figures_are_taken_in_as_known_from_the_day_in_london(indicator, serve, fetch):
    [done] = fetch(serve(answer(GOOD)))

    assert (done.status, done.outcome.new) == ("imported", 2)
    release = Release.objects.get()
    assert release.known_from == MONDAY
    assert release.known_from_basis == "The day the tracker first saw it at Fingertips"
    assert release.source_title == "Fingertips, indicator 92443, area type 221"
    values = Observation.objects.known_on(MONDAY).order_by("value_pct").values_list("value_pct", flat=True)
    assert list(values) == [13.0, 14.1]


def test_the_address_asked_defeats_caches_and_the_one_kept_does_not(indicator, serve, fetch):
    server = serve(answer(GOOD))

    fetch(server)

    assert server.files_asked == [
        {
            "indicator_ids": "92443",
            "child_area_type_id": "221",
            "parent_area_type_id": "15",
            "include_sortable_time_periods": "yes",
            "timestamp": str(int(LATE_SUNDAY.timestamp())),
        }
    ]
    kept = Release.objects.get().source_url
    assert kept.startswith(f"{server.url}all_data/csv/by_indicator_id?indicator_ids=92443&")
    assert "timestamp" not in kept
    assert all("Accept-Encoding: identity" in head for head in server.headers)


def test_the_same_file_again_changes_nothing(indicator, serve, fetch):
    server = serve(answer(GOOD))
    fetch(server)
    before = everything()

    [done] = fetch(server, now=datetime(2026, 6, 22, 5, 30, tzinfo=UTC))

    assert done.status == "unchanged"
    assert "The same file as" in done.as_text()
    assert everything() == before


def test_the_same_figures_in_another_order_change_nothing(indicator, serve, fetch):
    other = make_csv(make_row("E54000002", "13.00"), make_row("E54000001", "14.1"))
    fetch(serve(answer(GOOD)))
    before = everything()

    [done] = fetch(serve(answer(other)))

    assert (done.status, done.outcome.unchanged) == ("unchanged", 2)
    assert done.as_json()["counts"]["release"] is None
    assert everything() == before


def test_a_revised_figure_makes_a_release(indicator, serve, fetch):
    server = serve(answer(GOOD), answer(REVISED))
    fetch(server)

    [done] = fetch(server, now=datetime(2026, 6, 22, 5, 30, tzinfo=UTC))

    assert (done.status, done.outcome.revised, done.outcome.unchanged) == ("imported", 1, 1)
    assert Observation.objects.known_on(date(2026, 6, 22)).get(series__area__code="Q1").value_pct == 14.2


def test_a_dry_run_says_what_would_change_and_keeps_nothing(indicator, serve, fetch):
    before = everything()

    [done] = fetch(serve(answer(GOOD)), dry_run=True)

    assert (done.status, done.outcome.new) == ("would_import", 2)
    assert everything() == before


def test_rows_that_are_refused_are_named_and_the_others_kept(indicator, serve, fetch):
    [done] = fetch(serve(answer(make_csv(make_row("E54000001", "14.1"), make_row("E54000009", "12.0")))))

    assert (done.status, done.has_refusals) == ("imported", True)
    assert "line 3: No area has the code E54000009" in done.as_text()


def test_a_file_of_which_no_row_can_be_taken_in_is_refused(indicator, serve, fetch):
    before = everything()

    [done] = fetch(serve(answer(make_csv(make_row("E54000009", "12.0")))))

    assert (done.status, done.reason) == ("refused", "No row could be taken in.")
    assert everything() == before


@pytest.mark.parametrize(
    "first",
    [
        answer(b"The server is tired", 500),
        answer(b"", 503),
        answer(GOOD, length=len(GOOD) + 50),
        drop,
        hang,
        lambda line, stopping: line.sendall(make_bytes(200, GOOD)[:-40]),
        lambda line, stopping: line.sendall(b"SMTP ready\r\n\r\n"),
        lambda line, stopping: line.sendall(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\nInd"
        ),
    ],
    ids=["500", "503", "too short", "drop", "hang", "midway", "no HTTP", "cut chunk"],
)
def test_what_may_pass_is_tried_again(indicator, serve, fetch, waits, first):
    server = serve(first, answer(GOOD))

    [done] = fetch(server)

    assert done.status == "imported"
    assert len(server.files_asked) == 2
    assert waits == [2.0]


def test_what_does_not_pass_is_given_up_after_waits_that_double(indicator, serve, fetch, waits):
    server = serve(answer(b"<p>The server\r\nis tired</p>", 500))
    before = everything()

    [done] = fetch(server)

    assert done.status == "refused"
    assert done.reason == (
        "Fingertips answered 500: The server is tired. Tried 5 times; the next run tries again."
    )
    assert len(server.files_asked) == 5
    assert waits == [2.0, 4.0, 8.0, 16.0]
    assert everything() == before


def test_a_wait_that_is_asked_for_is_kept(indicator, serve, fetch, waits):
    server = serve(answer(b"Slow down", 429, Retry_After="30"), answer(GOOD))

    [done] = fetch(server)

    assert done.status == "imported"
    assert waits == [30.0]


def test_a_wait_that_is_too_long_ends_the_question(indicator, serve, fetch, waits):
    server = serve(answer(b"Slow down", 429, Retry_After="3600"))

    [done] = fetch(server)

    assert done.status == "refused"
    assert "It asks to be left alone for 3,600 seconds." in done.reason
    assert (len(server.files_asked), waits) == (1, [])


ENGLAND_TWICE = make_csv(make_row("E54000001", "14.1"), make_row("E54000001", "14.1"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (answer(b"<html><body>Down for <b>maintenance</b></body></html>"), "but: Down for maintenance."),
        (answer(b'{"Message": "An error has occurred."}'), 'but: {"Message": "An error has occurred."}.'),
        (answer(b"Timeout expired"), "but: Timeout expired."),
        (answer(b""), "Fingertips sent an empty reply."),
        (answer(b"indicator_ids is missing", 400), "answered 400: indicator_ids is missing."),
        (answer(make_csv()), "Fingertips sent no rows."),
        (answer(make_csv(make_row("E54000001", "14.1", indicator=92445))), "is about indicator 92445"),
        (answer(ENGLAND_TWICE), "wrong pair of area types"),
        (answer(GOOD, length=len(GOOD) - 60), "the reply is cut off or damaged"),
        (answer(GOOD, length=300_000), "more than 0 MB"),
        (send_endlessly, "more than 0 MB"),
        (answer(gzip.compress(bytes(50_000_000)), Content_Encoding="gzip"), "compressed reply (gzip)"),
        (answer(gzip.compress(GOOD)), "no table that begins with"),
        (answer(b"Indicator ID,Area\r\n92443,\xff\xfe\r\n"), "not UTF-8"),
        (answer(b"Indicator ID,Value\r\n92443,1\r\n"), "Lacking: "),
    ],
)
def test_what_is_not_the_figures_asked_for_is_refused_once_and_changes_nothing(
    indicator, serve, fetch, waits, given, words
):
    server = serve(given)
    before = everything()

    [done] = fetch(server)

    assert done.status == "refused"
    assert words in done.reason
    assert (len(server.files_asked), waits) == (1, [])
    assert everything() == before


def test_a_redirect_to_another_host_is_not_followed(indicator, serve, fetch):
    other = serve(answer(GOOD))
    server = serve(answer(b"", 302, Location=other.url))

    [done] = fetch(server)

    assert done.status == "refused"
    assert f"answered 302 and pointed to {other.url}." in done.reason
    assert other.asked == []


def test_proxies_of_the_machine_are_not_used(indicator, serve, fetch, monkeypatch):
    proxy = serve(answer(GOOD))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)

    [done] = fetch(serve(answer(GOOD)))

    assert done.status == "imported"
    assert proxy.asked == []


@pytest.mark.parametrize("slow", [drip, hang])
def test_no_answer_takes_longer_than_the_limit(indicator, serve, fetch, slow):
    limits = Limits(read_seconds=5, total_seconds=0.4)

    [done] = fetch(serve(slow, available=answer(b"[")), limits=limits)

    assert (done.status, done.reason) == ("refused", "Fingertips took longer than 0 seconds in all.")


def test_where_nobody_answers_the_reason_says_so(indicator, serve, fetch, waits):
    server = serve(answer(GOOD))
    server.server_close()
    server.shutdown()

    [done] = fetch(server)

    assert "There is no connection to 127.0.0.1. Tried 5 times" in done.reason
    assert len(waits) == 1 + 4  # two tries of what is available, five of the file


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A certificate that this machine signed itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("There is no openssl to make a certificate with.")
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    words = (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run(
        ["openssl", *words.split(), "-keyout", path.with_suffix(".key"), "-out", path],
        check=True,
        capture_output=True,
    )
    return path


@pytest.mark.parametrize("trusted", [True, False])
def test_only_a_server_with_a_trusted_certificate_is_asked(
    indicator, serve, fetch, waits, certificate, monkeypatch, trusted
):
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = serve(answer(GOOD), certificate=certificate)

    [done] = fetch(server)

    assert server.url.startswith("https://")
    if trusted:
        assert done.status == "imported"
    else:
        assert done.reason.startswith("The certificate of 127.0.0.1 is not trusted: self")
        assert (server.asked, waits) == ([], [])


def test_an_area_type_that_fingertips_does_not_list_is_skipped(indicator, serve, fetch):
    listed = json.dumps([{"IndicatorId": 92443, "AreaTypeId": 15}]).encode()
    indicator.fingertips_area_types = "15:15 221:15"
    indicator.save()
    server = serve(answer(GOOD), available=answer(listed))

    first, second = fetch(server)

    assert (first.status, second.status) == ("imported", "skipped")
    assert "lists no figures of indicator 92443" in second.reason
    assert not second.has_refusals
    assert [asked["child_area_type_id"] for asked in server.files_asked] == ["15"]


@pytest.mark.parametrize("available", [answer(b"Oops", 500), answer(b"<html>"), drop])
def test_not_knowing_what_is_listed_keeps_nothing_from_being_asked(indicator, serve, fetch, available):
    [done] = fetch(serve(answer(GOOD), available=available))

    assert done.status == "imported"


def test_one_that_fails_keeps_no_other_from_running(indicator, serve, fetch):
    indicator.fingertips_area_types = "15:15 221:15 501:15"
    indicator.save()
    server = serve(answer(b"No such area type", 400), answer(GOOD), answer(b"[]"))

    assert [done.status for done in fetch(server)] == ["refused", "imported", "refused"]
    assert Release.objects.count() == 1


def test_a_fault_of_ours_is_logged_and_keeps_no_other_from_running(
    indicator, serve, fetch, monkeypatch, caplog
):
    indicator.fingertips_area_types = "15:15 221:15"
    indicator.save()
    real, calls = fetching.import_file, []

    def fail_once(*arguments, **options):
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        return real(*arguments, **options)

    monkeypatch.setattr(fetching, "import_file", fail_once)

    first, second = fetch(serve(answer(GOOD)))

    assert "It failed (ZeroDivisionError)" in first.reason
    assert second.status == "imported"
    assert "ZeroDivisionError" in caplog.text


def test_a_database_that_is_away_ends_the_run_so_that_it_is_tried_again(indicator, serve, fetch, monkeypatch):
    def fail(*arguments, **options):
        raise OperationalError

    monkeypatch.setattr(fetching, "import_file", fail)

    with pytest.raises(OperationalError):
        fetch(serve(answer(GOOD)))


@pytest.mark.parametrize("given", [answer(GOOD), send_endlessly, answer(b"Oops", 500)])
def test_no_file_and_no_connection_is_left_open(indicator, serve, fetch, given):
    server = serve(given)
    before, threads = len(os.listdir("/proc/self/fd")), threading.active_count()

    fetch(server)
    server.stopping.set()

    assert len(os.listdir("/proc/self/fd")) <= before + 2  # the server's own side may take a moment to end
    assert threading.active_count() <= threads + 2


def test_what_staff_withdrew_is_not_taken_in_again_by_itself(indicator, serve, fetch):
    server = serve(answer(GOOD))
    fetch(server)
    withdraw_release(Release.objects.get(), because="Wrong year.", by=None, now=LATE_SUNDAY)

    [done] = fetch(server)

    assert done.status == "skipped"
    assert "withdrawn on 2026-06-15: Wrong year. To have it back, import it by hand." in done.reason
    assert Release.objects.count() == 1


def test_a_file_that_comes_back_after_another_is_for_a_person_to_judge(indicator, serve, fetch):
    server = serve(answer(GOOD), answer(REVISED), answer(GOOD))
    fetch(server)
    fetch(server, now=datetime(2026, 6, 22, 5, 30, tzinfo=UTC))

    [done] = fetch(server, now=datetime(2026, 6, 29, 5, 30, tzinfo=UTC))

    assert done.status == "refused"
    assert "sends the file of 2026-06-15 again, though it sent another on 2026-06-22" in done.reason


def test_without_names_all_that_are_still_published_are_asked_for(indicator):
    make_indicator(slug="ended", fingertips_id=1, fingertips_area_types="15:15", ended_note="Replaced.")
    make_indicator(slug="no-id", fingertips_area_types="15:15")
    make_indicator(slug="no-types", fingertips_id=2)

    assert find_indicators([]) == [indicator]
    assert [row.slug for row in find_indicators(["ended", "92443", "smokers"])] == ["ended", "smokers"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing", r"holds no indicator 'nothing': give a slug .*smokers"),
        ("99999", "holds no indicator '99999'"),
        ("no-id", "no-id has no Fingertips ID or no area types"),
    ],
)
def test_a_name_that_cannot_be_asked_for_is_wrong_use(indicator, name, words):
    make_indicator(slug="no-id")

    with pytest.raises(UnknownIndicator, match=words):
        find_indicators([name])


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_take_a_file_in_once(indicator, serve, fetch):
    both = threading.Barrier(2, timeout=10)

    def answer_together(line, stopping) -> None:
        both.wait()
        answer(GOOD)(line, stopping)

    server = serve(answer_together)
    found: list[str] = []

    def run() -> None:
        from django.db import connection

        try:
            found.extend(done.status for done in fetch(server, limits=Limits(read_seconds=10)))
        finally:
            connection.close()

    runs = [threading.Thread(target=run) for _ in range(2)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()

    assert sorted(found) == ["imported", "unchanged"]
    assert Release.objects.count() == 1
    assert StagedRow.objects.count() == 0


def test_a_disk_that_is_full_is_named_and_not_tried_again(serve, waits):
    class Full(io.BytesIO):
        def write(self, block) -> int:
            raise OSError(28, "No space left on device")

    server = serve(answer(GOOD))
    service = Fingertips(url=server.url, clock=lambda: LATE_SUNDAY, limits=QUICK, sleep=waits.append)

    with pytest.raises(
        RefusedReply, match=re.escape("cannot be kept on this machine: No space left on device")
    ):
        service.ask(service.make_address("any", {}), Full())

    assert waits == []
