"""The commands that scripts may rely on: their records, their exit codes, their words."""

import io
import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from targets.models import Assessment, Standing
from tests.factories.rows import (
    NOW,
    make_area,
    make_indicator,
    make_mail,
    make_service,
    make_status,
    make_subscription,
    make_target,
    make_version,
)

LINE = {
    "id": "a",
    "baseline": {"time": 2018, "pct": 14.7},
    "target": {"time": 2030, "pct": 5, "comparator": "le", "shape": "straight"},
    "reading": {"time": 2023, "pct": 11.6, "lower95": 11.2, "upper95": 12.0},
}


@pytest.fixture
def board(db):
    area = make_area(code="NORTH", short_name="North")
    target = make_target(body=area, slug="north-2030")
    make_version(target=target, indicator=make_indicator(slug="smokers"), status="published")
    return area


def run(*arguments: str, **options) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def test_assess_prints_one_record_a_verdict(board):
    [record] = json.loads(run("assess", "--format", "json"))

    assert record == {
        "area": "NORTH",
        "target": "north-2030",
        "kind": "promise",
        "indicator": "smokers",
        "basis": "indicative",
        "period": None,
        "value": None,
        "lower95": None,
        "upper95": None,
        "expected": None,
        "position": "cannot_assess",
        "flag": "none",
        "stale": False,
        "demonstration": False,
    }
    assert Standing.objects.count() == 1


def test_assess_as_at_a_past_day_writes_nothing(board):
    assert json.loads(run("assess", "--as-at", "2023-05-31", "--format", "json")) == []
    assert len(json.loads(run("assess", "--as-at", "2023-06-01", "--format", "json"))) == 1
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("day", ["yesterday", "2024-02-30", "1999-01-01", "2999-01-01"])
@pytest.mark.parametrize("command", ["assess", "rollout"])
def test_a_wrong_day_is_wrong_use(command, day, db):
    with pytest.raises(CommandError) as refused:
        run(command, "--as-at", day)

    assert refused.value.returncode == 2


def test_assess_prints_lines_for_a_terminal(board):
    assert "North: 5% by 2030" in run("assess")


def test_rollout_prints_one_record_a_body_and_service(board):
    service = make_service(slug="inpatients", deadline=date(2024, 3, 31))
    make_status(area=board, service=service, on=date(2024, 2, 1), status="full", known_from=date(2024, 5, 1))

    [record] = json.loads(run("rollout", "--format", "json"))
    [before] = json.loads(run("rollout", "--as-at", "2024-04-30", "--format", "json"))

    assert record == {
        "area": "NORTH",
        "service": "inpatients",
        "status": "full",
        "source": "A report",
        "verdict": "in_place",
        "demonstration": False,
    }
    assert (before["status"], before["verdict"]) == (None, "no_report")


def test_rollout_judges_against_another_deadline(board):
    service = make_service(slug="inpatients", deadline=date(2024, 3, 31))
    make_status(area=board, service=service, on=date(2024, 2, 1), status="full", known_from=date(2024, 5, 1))

    [record] = json.loads(run("rollout", "--deadline", "2023-12-31", "--format", "json"))

    assert record["verdict"] == "in_place_late"
    assert "In place, late" in run("rollout", "--deadline", "2023-12-31")
    with pytest.raises(CommandError):
        run("rollout", "--deadline", "soon")


def test_verdict_answers_lines_and_goes_on_after_a_bad_one(monkeypatch):
    lines = [json.dumps(LINE), "not json", json.dumps({**LINE, "id": "b"})]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
    out = io.StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("verdict", stdout=out, stderr=io.StringIO())

    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert ended.value.code == 1
    assert [answer["id"] for answer in answers] == ["a", None, "b"]
    assert answers[0]["position"] == "off_track"
    assert "error" in answers[1]


def test_verdict_reads_bytes_that_are_no_text(monkeypatch):
    given = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n" + json.dumps(LINE).encode()), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", given)
    out = io.StringIO()

    with pytest.raises(SystemExit):
        call_command("verdict", stdout=out, stderr=io.StringIO())

    assert json.loads(out.getvalue().splitlines()[1])["id"] == "a"


@pytest.mark.parametrize("demonstration", [True, False])
def test_fictitious_boards_are_listed_only_in_a_demonstration(board, settings, demonstration):
    settings.DEMONSTRATION = demonstration
    make_service(slug="inpatients")
    fictitious = make_area(code="FICT1", short_name="Northvale", demonstration=True)
    make_version(target=make_target(body=fictitious), status="published")

    for command in (["assess"], ["assess", "--as-at", "2023-06-01"], ["rollout"]):
        records = json.loads(run(*command, "--format", "json"))
        assert {record["area"] for record in records} == {"NORTH"} | ({"FICT1"} if demonstration else set())


def test_run_nightly_says_what_it_did(board, mail_folder):
    assert run("run_nightly") == "1 verdicts judged, 1 changed, 1 followed; 0 mails sent, 0 failed.\n"


def test_run_nightly_ends_with_1_when_a_mail_failed(db, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    make_mail(subscription=make_subscription(confirmed_at=NOW))
    out = io.StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("run_nightly", stdout=out, stderr=io.StringIO())

    assert ended.value.code == 1
    assert "0 mails sent, 1 failed" in out.getvalue()
