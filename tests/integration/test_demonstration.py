"""Fictitious boards: every verdict and every mail can be seen, and nothing of them is left after the purge."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from alerts.calc.rules import Tell
from alerts.models import Mail, MailItem, Subscription, Transition
from icbs.calc.rollout import Verdict
from icbs.models import Area, Service
from icbs.selectors import find_rollout
from kit.as_at import AsAt
from targets.calc.choosing import Reason
from targets.calc.types import Basis, Flag, Position
from targets.models import Indicator, Release, Target
from targets.selectors.judging import judge_as_at
from targets.selectors.verdicts import VerdictRow, count_verdicts, find_verdicts
from tests.factories.reference import read_all_rows
from tests.factories.rows import make_target, make_version
from tracker.services.load_demonstration import (
    SUBSCRIBER,
    BrokenDemonstration,
    DemonstrationOff,
    Played,
    load_demonstration,
)
from tracker.services.nightly import run_nightly
from tracker.services.purge_demo import purge_demonstration

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demonstration")]


def be_silent(step: str) -> None:
    pass


def load(folder: Path | None = None) -> Played:
    return load_demonstration(clock=timezone.now, progress=be_silent, folder=folder)


@dataclass
class World:
    """Real data judged; then the demonstration. `before`: every row there was without it."""

    before: dict[str, list[tuple]]
    played: Played


@pytest.fixture(scope="module")
def world(reference_data, django_db_blocker) -> Iterator[World]:
    with django_db_blocker.unblock():
        run_nightly(clock=timezone.now)
        before = read_all_rows()
        yield World(before, load())


@pytest.fixture
def folder(tmp_path) -> Path:
    return Path(shutil.copytree(settings.DATA_DIR / "demonstration", tmp_path / "demonstration"))


def replace_in(table: Path, old: str, new: str) -> None:
    content = table.read_text(encoding="utf-8")
    assert old in content
    table.write_text(content.replace(old, new, 1), encoding="utf-8")


def find_fictitious() -> list[VerdictRow]:
    today = timezone.localdate()
    return [row for row in find_verdicts(AsAt(today, today), demonstration=True) if row.area.demonstration]


def test_six_boards_stand_apart_from_the_real_ones(world):
    boards = Area.objects.filter(demonstration=True)

    assert (world.played.boards, boards.count()) == (6, 6)
    assert all(board.code.startswith("DEMO") and board.short_name.startswith("Demo: ") for board in boards)
    assert Area.objects.boards().real().in_being(date(2024, 4, 30)).count() == 42
    assert set(
        Indicator.objects.filter(slug__startswith="demonstration-").values_list("publisher", flat=True)
    ) == {"Fictitious"}
    for release in Release.objects.filter(indicator__publisher="Fictitious"):
        assert release.title.startswith("Fictitious")
        assert release.source_title.startswith("Fictitious")
    for version in Target.objects.filter(body__demonstration=True).values(
        "versions__wording", "versions__source_title"
    ):
        assert all(text.startswith("Fictitious: ") for text in version.values())


def test_every_position_flag_basis_and_reason_that_can_stand_is_seen(world):
    """Without an interval a figure is indicative, and so never met or missed: the two points cannot stand."""
    rows = [row.assessment for row in find_fictitious()]

    assert {row.position for row in rows} == set(Position) - {Position.ACHIEVED_POINT, Position.MISSED_POINT}
    assert {row.flag for row in rows} == set(Flag)
    assert {row.basis for row in rows} == set(Basis)
    assert {(row.basis, row.flag) for row in rows} >= {
        ("indicative", "amber"),
        ("firm", "amber"),
        ("firm", "red"),
    }
    assert {row.interval_source for row in rows} == {"published", "ours", "none"}
    assert {row.reason for row in rows} - {""} == set(Reason) - {Reason.NO_ESTIMATE}


def test_stale_verdicts_are_those_of_the_survey_that_stopped(world):
    rows = find_fictitious()

    stale = [row for row in rows if row.stale]
    assert {row.version.indicator.slug for row in stale} == {"demonstration-survey-late"}
    assert {row.group for row in stale} >= {"on_track", "behind", "unjudged"}
    assert all(not row.stale for row in rows if row.version.indicator_id != stale[0].version.indicator_id)


@pytest.mark.parametrize("on", [date(2030, 1, 1), date(2039, 12, 31)])
def test_the_same_verdicts_stand_on_any_later_day(world, on):
    now = {
        row.version.pk: (row.assessment.position, row.assessment.flag, row.stale) for row in find_fictitious()
    }

    later = {
        row.pair.version.pk: (row.assessment.position, row.assessment.flag, row.stale)
        for row in judge_as_at(on)
        if row.pair.area.demonstration
    }

    assert later == now


def test_every_rollout_verdict_of_a_deadline_that_has_passed_is_seen(world):
    bodies = [
        body for body in find_rollout(timezone.localdate(), demonstration=True) if body.area.demonstration
    ]

    seen = {row.verdict.verdict for body in bodies for row in body.services}
    assert seen == set(Verdict) - {Verdict.ON_TRACK, Verdict.AT_RISK, Verdict.OFF_TRACK}
    assert [body.area.code for body in bodies if body.in_place_count == 3] == ["DEMO3"]


def test_the_later_editions_write_one_mail_of_every_kind(world):
    told = Counter(
        (item.transition.tell, item.transition.reason)
        for item in MailItem.objects.select_related("transition")
    )

    assert told == {
        (Tell.SUBSCRIBERS_SLIPPED, "red"): 1,
        (Tell.SUBSCRIBERS_SLIPPED, "amber_again"): 1,
        (Tell.SUBSCRIBERS_SLIPPED, "deadline_missed"): 1,
        (Tell.SUBSCRIBERS_WORSE, "worse"): 1,
        (Tell.SUBSCRIBERS_RECOVERED, "recovered"): 1,
        (Tell.SUBSCRIBERS_ACHIEVED, "achieved"): 1,
        (Tell.SUBSCRIBERS_LOST, "lost"): 1,
        (Tell.SUBSCRIBERS_REVISED, "figures_revised"): 1,
    }
    assert {tell for tell, _ in told} == {tell for tell in Tell if tell.startswith("subscribers_")}
    assert world.played.mails == 8
    assert set(Mail.objects.values_list("to_address", "demonstration")) == {(SUBSCRIBER, True)}


def test_northvale_slips_from_on_track_to_red(world):
    mail = Mail.objects.get(subject__contains="Demo: Northvale: behind its path")

    change = mail.items.get().transition.change
    assert (change.before.position, change.after.position, change.after.flag) == (
        "on_track",
        "off_track",
        "red",
    )
    assert change.became_true_on == date(2024, 9, 10)
    assert mail.subject.startswith("Demonstration: ")
    for fact in (
        "nothing below is real",
        "17.6% (16.4% to 18.8%)",
        "2.7 percentage points above",
        "Fictitious",
    ):
        assert fact in mail.text


def test_the_first_edition_is_silent(world):
    first = Transition.objects.filter(state__area__demonstration=True, change__before=None)

    assert first.count() == Target.objects.filter(body__demonstration=True).count()
    assert not MailItem.objects.filter(transition__in=first).exists()


def test_loading_again_changes_no_row_and_writes_no_mail(world):
    before = read_all_rows()

    again = load()

    assert (again.moved, again.followed, again.mails) == (0, 0, 0)
    assert read_all_rows() == before


def test_the_purge_leaves_every_real_row_and_nothing_else(world):
    purge_demonstration()

    assert read_all_rows() == world.before


def test_the_purge_keeps_a_real_subscriber_and_removes_what_they_were_told_of_fictitious_boards(world):
    reader = Subscription.objects.create(
        email="reader@example.com", frequency="immediate", confirmed_at=timezone.now()
    )
    reader.areas.set(Area.objects.filter(code__in=["DEMO1", "QF7"]))
    Mail.objects.filter(subject__contains="Northvale: behind").update(
        subscription=reader, to_address=reader.email
    )

    purge_demonstration()

    assert [area.code for area in reader.areas.all()] == ["QF7"]
    assert not Mail.objects.exists()


def test_the_demonstration_can_come_back_after_a_purge(world):
    purge_demonstration()

    again = load()

    assert again.mails == world.played.mails
    assert len(find_fictitious()) == 29


def test_the_purge_refuses_while_a_real_target_rests_on_a_fictitious_indicator(world):
    real = make_target(body=Area.objects.get(code="QF7"))
    make_version(target=real, indicator=Indicator.objects.get(slug="demonstration-survey"))
    before = read_all_rows()

    with pytest.raises(CommandError, match="rests on a fictitious one .*nothing was removed") as refusal:
        call_command("purge_demo")

    assert refusal.value.returncode == 1
    assert read_all_rows() == before


def test_fictitious_boards_are_in_no_count_and_hidden_when_switched_off(world):
    today = timezone.localdate()
    shown = find_verdicts(AsAt(today, today), demonstration=True)
    hidden = find_verdicts(AsAt(today, today), demonstration=False)

    assert len(shown) - len(hidden) == 29
    assert count_verdicts(shown) == count_verdicts(hidden)
    assert not any(row.area.demonstration for row in hidden)


def test_the_command_delivers_what_it_wrote_and_a_second_run_sends_nothing(world, mailoutbox, capsys):
    call_command("load_demonstration", verbosity=0)
    call_command("load_demonstration", verbosity=0)

    assert len(mailoutbox) == 8
    assert {tuple(message.to) for message in mailoutbox} == {(SUBSCRIBER,)}
    assert (
        "6 fictitious boards are loaded: 0 verdicts moved, 0 mails written, 8 delivered."
        in capsys.readouterr().out
    )


def test_it_is_refused_where_demonstration_is_off(world, settings):
    settings.DEMONSTRATION = False
    before = read_all_rows()

    with pytest.raises(DemonstrationOff, match="Set DEMONSTRATION=True"):
        load()
    with pytest.raises(CommandError, match="Set DEMONSTRATION=True") as refusal:
        call_command("load_demonstration", verbosity=0)

    assert refusal.value.returncode == 2
    assert read_all_rows() == before


def test_it_needs_the_services_of_the_reference_data(world):
    purge_demonstration()
    Service.objects.all().delete()

    with pytest.raises(BrokenDemonstration, match="run load_reference first"):
        load()

    assert not Area.objects.filter(demonstration=True).exists()


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("areas.csv", "DEMO1", "QF7", "areas.csv, line 2, column code: 'QF7'.*a real body bears it"),
        ("areas.csv", "icb", "england", "areas.csv, line 2, column kind: 'england' is not one of icb"),
        ("indicators.csv", ",Fictitious,", ",OHID,", "indicators.csv, line 2, column publisher"),
        ("targets.csv", ",false,", ",true,", "column compared_with_boards"),
        ("rollout.csv", "partial,2023-06-01", "partial,2023-04-01", "rollout.csv, line 2, column known_from"),
        ("rollout.csv", ",inpatients,", ",dentists,", "The service dentists is not in the database"),
        ("observations/survey_edition_3.csv", "18.9", "189", "survey_edition_3.csv, line 7, column value"),
        ("observations/survey_edition_3.csv", "DEMO6", "DEMO9", "line 32: No area has the code DEMO9"),
    ],
)
def test_a_broken_table_is_named_and_nothing_is_changed(world, folder, table, old, new, message):
    purge_demonstration()
    replace_in(folder / table, old, new)

    with pytest.raises(BrokenDemonstration, match=message):
        load(folder)

    assert read_all_rows() == world.before


def test_another_demonstration_asks_for_a_purge_first(world, folder):
    replace_in(folder / "observations" / "survey_edition_1.csv", "14.6", "14.7")

    with pytest.raises(BrokenDemonstration, match="run purge_demo first"):
        load(folder)


def print_off_track(capsys) -> list[str]:
    capsys.readouterr()
    call_command("off_track")
    return capsys.readouterr().out.splitlines()


def test_off_track_prints_promises_then_services_then_comparisons_and_counts(world, capsys):
    lines = print_off_track(capsys)

    assert max(map(len, lines)) <= 120
    assert re.split(r"\s{2,}", lines[0])[:6] == [
        "Body",
        "Target or service",
        "Latest figure",
        "Path",
        "Position",
        "Basis",
    ]
    places = [lines.index(heading) for heading in ("Promises", "Services")]
    places += [place for place, line in enumerate(lines) if line.startswith("Comparisons")]
    assert places == sorted(places)
    assert len(places) == 4
    assert lines[-1] == (
        "Services: 36 boards, of them 0 report every service in place, 0 report otherwise and 36 have not reported."
    )


def test_off_track_shows_who_and_why(world, capsys):
    lines = print_off_track(capsys)

    [northvale] = [line for line in lines if "Demo: Northvale" in line and "Behind" in line]
    assert re.split(r"\s{2,}", northvale)[1:] == [
        "10% or less of adults",
        "18.9% (17.7% to 20.1%) 14.6%",
        "↑ Behind",
        "Firm",
        "fictitious",
    ]
    text = " ".join(" ".join(lines).split())
    for shown in (
        "✕ Missed",
        "≈ Not shown to",
        "◐ Partly",
        "✓ In place, late",
        "✕ Not in place",
    ):
        assert shown in text
    for on_track in ("Quillmarsh", "✓ On track"):
        assert on_track not in text


def test_off_track_hides_fictitious_boards_when_switched_off(world, settings, capsys):
    shown = print_off_track(capsys)
    settings.DEMONSTRATION = False

    lines = print_off_track(capsys)

    assert not any("Demo" in line or "fictitious" in line for line in lines)
    assert lines[-5:] == shown[-5:]


def test_as_at_before_the_second_edition_northvale_is_still_on_track(world):
    day = date(2024, 9, 9)
    rows = find_verdicts(AsAt(day, datetime(2026, 11, 22, tzinfo=UTC).date()), demonstration=True)

    [northvale] = [row for row in rows if row.version.target.slug == "demo-northvale-adults-2040"]
    assert (northvale.assessment.position, northvale.assessment.reading_label) == ("on_track", "2022")
