"""An uploaded file: read in chunks, shown without changing anything, taken in once, withdrawn and back."""

import threading
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from icbs.models import Area
from targets.models import Observation, Release, StagedRow, Upload
from targets.services import staging, uploads
from targets.services.assess import assess_targets
from targets.services.import_release import import_file, withdraw_release
from targets.services.preview_import import preview_withdrawal
from targets.services.uploads import (
    STOPPED_AFTER,
    confirm_upload,
    discard_upload,
    is_stopped,
    make_request,
    read_again,
    read_upload,
    take_in_upload,
)
from tests.factories.figure_files import Figure, write_fingertips, write_upload
from tests.factories.reference import read_all_rows
from tests.factories.rows import make_area, make_indicator, make_target, make_version
from tests.factories.uploads import make_upload

FIRST, SECOND = date(2023, 9, 5), date(2024, 10, 1)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def clock() -> datetime:
    return NOW


@pytest.fixture
def indicator(db):
    for code in ("NORTH", "SOUTH"):
        make_area(code=code, short_name=code.title())
    return make_indicator(slug="smokers", short_name="Smokers", fingertips_id=92443, age="18+")


def hand_in(*figures: Figure, layout=write_fingertips, **changes) -> Upload:
    upload = make_upload(layout(figures), **changes)
    read_upload(upload.pk, clock=clock)
    upload.refresh_from_db()
    return upload


def take_in(*figures: Figure, **changes) -> Upload:
    upload = hand_in(*figures, **changes)
    assert confirm_upload(upload.pk, clock=clock)
    assert take_in_upload(upload.pk, clock=clock)
    upload.refresh_from_db()
    return upload


def read_all_but_uploads() -> dict:
    kept = read_all_rows()
    del kept["targets.Upload"], kept["targets.StagedRow"]
    return kept


def known_today() -> dict[tuple[str, str], float | None]:
    rows = Observation.objects.known_on(NOW.date()).select_related("series__area")
    return {(row.series.area.code, row.period_label): row.value_pct for row in rows}


def make_promise(indicator) -> None:
    """Of North: 10% in 2021, 5% by 2030, so that 2022 needs 9.4%."""
    board = Area.objects.get(code="NORTH")
    make_version(
        status="published",
        target=make_target(body=board),
        indicator=indicator,
        baseline_pct=10.0,
        baseline_period_start=date(2021, 1, 1),
        baseline_period_end=date(2021, 12, 31),
    )


def test_reading_shows_what_would_happen_and_changes_nothing(indicator):
    take_in(
        Figure(area="NORTH", value="12.5"),
        Figure(area="SOUTH", value="14"),
        Figure(area="SOUTH", period="2021"),
    )
    before = read_all_but_uploads()

    upload = hand_in(
        Figure(area="NORTH", value="12.1"),
        Figure(area="SOUTH", value="14"),
        Figure(area="NORTH", period="2023", value="11.9"),
        Figure(area="NOWHERE"),
        known_from=SECOND,
    )

    assert read_all_but_uploads() == before
    assert upload.state == "ready"
    assert upload.preview["counts"] == {
        "read": 4, "new": 1, "unchanged": 1, "revised": 1, "duplicate": 0, "dropped": 0, "rejected": 1,
    }  # fmt: skip
    [revised] = upload.preview["revised"]
    assert (revised["area"], revised["period"], revised["before_pct"], revised["after_pct"]) == (
        "North", "2022", 12.5, 12.1,
    )  # fmt: skip
    [refused] = upload.preview["rejected"]
    assert refused["line"] == 5
    assert "No area has the code NOWHERE" in refused["reason"]
    assert StagedRow.objects.filter(batch=upload.batch).count() == 3


def test_what_is_shown_is_what_confirming_does(indicator):
    take_in(Figure(area="NORTH"), Figure(area="SOUTH", value="14"))
    upload = hand_in(Figure(area="NORTH", value="12.1"), known_from=SECOND)

    assert confirm_upload(upload.pk, clock=clock)
    assert take_in_upload(upload.pk, clock=clock)

    upload.refresh_from_db()
    [release] = upload.releases.all()
    shown = upload.preview["counts"]
    assert upload.state == "applied"
    assert (release.revised_count, release.dropped_count) == (shown["revised"], shown["dropped"]) == (1, 1)
    assert known_today() == {("NORTH", "2022"): 12.1}
    assert not StagedRow.objects.exists()


def test_confirming_twice_does_what_once_does(indicator):
    upload = hand_in(Figure(area="NORTH"))

    confirmed = [confirm_upload(upload.pk, clock=clock) for _ in range(2)]
    taken_in = [take_in_upload(upload.pk, clock=clock) for _ in range(2)]

    assert (confirmed, taken_in) == ([True, False], [True, True])
    assert Release.objects.count() == 1


def test_the_same_file_again_says_so_and_changes_nothing(indicator):
    take_in(Figure(area="NORTH"))
    again = hand_in(Figure(area="NORTH"))
    before = read_all_but_uploads()

    assert again.preview["known"] == ["Smokers: figures.csv (known from 5 September 2023)"]
    assert confirm_upload(again.pk, clock=clock)
    assert take_in_upload(again.pk, clock=clock)

    after = read_all_but_uploads()
    link = "targets.Upload_releases"
    assert {name: rows for name, rows in after.items() if name != link} == {
        name: rows for name, rows in before.items() if name != link
    }


@pytest.mark.parametrize("change", ["an edition came", "an edition went"])
def test_what_changed_since_it_was_shown_is_shown_again_before_anything_is_done(indicator, change):
    first = take_in(Figure(area="NORTH", value="12.5"))
    upload = hand_in(Figure(area="NORTH", value="12.1"), known_from=SECOND)
    if change == "an edition came":
        take_in(Figure(area="NORTH", value="12.3"), known_from=date(2024, 1, 1))
    else:
        withdraw_release(first.releases.get(), because="A mistake", by=None, now=NOW)
    confirm_upload(upload.pk, clock=clock)
    before = read_all_but_uploads()

    assert not take_in_upload(upload.pk, clock=clock)

    upload.refresh_from_db()
    assert read_all_but_uploads() == before
    assert (upload.state, upload.preview["changed"]) == ("ready", True)
    came = change == "an edition came"
    assert [row["before_pct"] for row in upload.preview["revised"]] == ([12.3] if came else [])
    assert upload.preview["counts"]["new"] == (0 if came else 1)
    assert confirm_upload(upload.pk, clock=clock)
    assert take_in_upload(upload.pk, clock=clock)
    assert known_today() == {("NORTH", "2022"): 12.1}


def test_verdicts_that_would_change_are_named_with_both_positions(indicator):
    make_promise(indicator)
    take_in(Figure(area="NORTH", value="9", lower95="8.9", upper95="9.1", lower998="8.8", upper998="9.2"))
    worse = Figure(area="NORTH", value="12", lower95="11.9", upper95="12.1", lower998="11.8", upper998="12.2")

    upload = hand_in(worse, known_from=SECOND)

    [verdict] = upload.preview["verdicts"]
    assert (verdict["area"], verdict["target"], verdict["kind"]) == ("North", "5% by 2030", "promise")
    assert (verdict["before"]["position"], verdict["after"]["position"]) == ("on_track_clear", "off_track")
    confirm_upload(upload.pk, clock=clock)
    take_in_upload(upload.pk, clock=clock)
    [judged] = assess_targets(now=NOW).judged
    assert judged.assessment.position == verdict["after"]["position"]


def test_a_file_that_names_no_indicator_needs_one(indicator):
    named = hand_in(Figure(area="NORTH"), layout=write_upload, indicator=indicator)
    nameless = hand_in(Figure(area="NORTH"), layout=write_upload)

    assert named.state == "ready"
    assert nameless.state == "refused"
    assert nameless.problem == (
        "figures.csv names no indicator: say which indicator it is about. "
        "Upload it again and choose the indicator."
    )


@pytest.mark.parametrize(
    ("figures", "words", "rejected"),
    [
        ([], "below its header it has none", 0),
        ([Figure(area="NOWHERE")], "its only row is rejected", 1),
        ([Figure(area="NOWHERE"), Figure(area="NORTH", period="2042")], "all 2 rows are rejected", 2),
    ],
)
def test_a_file_without_a_good_row_is_refused_and_cannot_be_confirmed(indicator, figures, words, rejected):
    before = read_all_but_uploads()

    upload = hand_in(*figures, layout=write_upload, indicator=indicator)

    assert upload.state == "refused"
    assert upload.problem.startswith("No row of it can be taken in: ")
    assert words in upload.problem
    assert len(upload.preview["rejected"]) == rejected
    assert not confirm_upload(upload.pk, clock=clock)
    assert read_all_but_uploads() == before
    assert not StagedRow.objects.exists()


def test_a_confirmed_file_that_has_no_good_row_is_not_taken_in(indicator):
    upload = hand_in(Figure(area="NOWHERE"))
    Upload.objects.filter(pk=upload.pk).update(state="applying")

    assert not take_in_upload(upload.pk, clock=clock)

    upload.refresh_from_db()
    assert (upload.state, Release.objects.count()) == ("refused", 0)


def test_a_verdict_on_the_same_numbers_from_another_edition_is_not_counted(indicator):
    make_promise(indicator)
    figure = {"area": "NORTH", "lower95": "8.9", "upper95": "9.1", "lower998": "8.8", "upper998": "9.2"}
    take_in(Figure(value="9", **figure))

    same = hand_in(Figure(value="9", **figure), Figure(area="SOUTH"), known_from=SECOND)
    other = hand_in(Figure(value="9.05", **figure), known_from=SECOND)

    assert (same.preview["verdicts"], same.preview["rejudged"]) == ([], 0)
    assert (other.preview["verdicts"], other.preview["rejudged"]) == ([], 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><body>Sorry</body></html>", "is a web page, not a table"),
        (b"apples,pears\n1,2\n", "apples"),
        (b"", "is empty"),
        (b"area_code,period,value\nNORTH,2022,\xff\xfe\n", "line 2"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(indicator, content, words):
    before = read_all_but_uploads()
    upload = make_upload(content, indicator=indicator)

    read_upload(upload.pk, clock=clock)

    upload.refresh_from_db()
    assert upload.state == "refused"
    assert words in upload.problem
    assert read_all_but_uploads() == before
    assert not StagedRow.objects.exists()


@pytest.mark.parametrize("seed", range(40))
def test_a_file_damaged_anywhere_ends_as_shown_or_refused_and_changes_nothing(indicator, seed):
    chance = Random(seed)
    content = bytearray(
        write_fingertips([Figure(area="NORTH", period=str(year)) for year in range(2010, 2016)])
    )
    for _ in range(chance.randint(1, 12)):
        place = chance.randrange(len(content))
        content[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
    before = read_all_but_uploads()
    upload = make_upload(bytes(content))

    read_upload(upload.pk, clock=clock)

    upload.refresh_from_db()
    assert read_all_but_uploads() == before
    assert upload.state in ("ready", "refused")
    assert (
        upload.problem
        if upload.state == "refused"
        else all(row["line"] >= 2 and row["reason"] for row in upload.preview["rejected"])
    )


def test_a_file_taken_in_with_another_day_is_refused(indicator):
    take_in(Figure(area="NORTH"))

    again = hand_in(Figure(area="NORTH"), known_from=SECOND)

    assert again.state == "refused"
    assert "was taken in as known from 5 September 2023" in again.problem


def test_a_refused_file_is_read_again_once_its_reason_is_gone(indicator):
    upload = hand_in(Figure(area="NORTH"), layout=write_upload)
    Upload.objects.filter(pk=upload.pk).update(indicator=indicator)

    assert read_again(upload.pk)
    read_upload(upload.pk, clock=clock)

    upload.refresh_from_db()
    assert (upload.state, upload.problem) == ("ready", "")


def test_rows_cleared_in_the_meantime_are_read_anew_from_the_file(indicator):
    upload = hand_in(Figure(area="NORTH"), Figure(area="SOUTH"))
    staging.clear_old_batches(timezone.now() + timedelta(days=2))
    assert not StagedRow.objects.exists()

    confirm_upload(upload.pk, clock=clock)

    assert take_in_upload(upload.pk, clock=clock)
    assert len(known_today()) == 2


def test_a_file_that_is_gone_from_storage_is_refused(indicator):
    upload = make_upload(write_fingertips([Figure(area="NORTH")]))
    upload.file.storage.delete(upload.file.name)

    read_upload(upload.pk, clock=clock)

    upload.refresh_from_db()
    assert upload.state == "refused"
    assert "upload it again" in upload.problem


def test_a_discarded_file_is_not_taken_in_and_leaves_no_rows(indicator):
    upload = hand_in(Figure(area="NORTH"))

    assert discard_upload(upload.pk)

    assert not confirm_upload(upload.pk, clock=clock)
    assert not take_in_upload(upload.pk, clock=clock)
    assert not StagedRow.objects.exists()
    assert upload.file.storage.exists(upload.file.name)


def test_once_it_is_taken_in_it_cannot_be_discarded(indicator):
    upload = take_in(Figure(area="NORTH"))

    assert not discard_upload(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "applied"


def test_each_chunk_says_how_far_reading_has_come(indicator, monkeypatch):
    monkeypatch.setattr(staging, "CHUNK_ROWS", 2)
    upload = make_upload(
        write_fingertips([Figure(area="NORTH", period=str(year)) for year in range(2010, 2016)])
    )
    beats = []

    def tick() -> datetime:
        beats.append(Upload.objects.values_list("rows_read", flat=True).get(pk=upload.pk))
        return NOW

    read_upload(upload.pk, clock=tick)

    upload.refresh_from_db()
    assert (upload.rows_read, upload.bytes_read) == (6, upload.size_bytes)
    assert {2, 4, 6} <= set(beats)


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_from_another_connection(indicator, monkeypatch):
    monkeypatch.setattr(staging, "CHUNK_ROWS", 2)
    upload = make_upload(
        write_fingertips([Figure(area="NORTH", period=str(year)) for year in range(2010, 2016)])
    )
    seen = []

    def look() -> None:
        try:
            row = Upload.objects.get(pk=upload.pk)
            seen.append((row.state, row.rows_read, StagedRow.objects.filter(batch=row.batch).count()))
        finally:
            connection.close()

    def tick() -> datetime:
        watcher = threading.Thread(target=look)
        watcher.start()
        watcher.join()
        return NOW

    read_upload(upload.pk, clock=tick)

    assert ("reading", 2, 4) in seen
    assert ("reading", 4, 6) in seen


def test_a_run_that_was_killed_while_reading_is_gone_on_with_after_a_while(indicator):
    upload = make_upload(write_fingertips([Figure(area="NORTH")]))
    Upload.objects.filter(pk=upload.pk).update(state="reading", beat_at=NOW - timedelta(minutes=1))

    read_upload(upload.pk, clock=clock)
    upload.refresh_from_db()
    assert (upload.state, is_stopped(upload, now=NOW)) == ("reading", False)

    Upload.objects.filter(pk=upload.pk).update(beat_at=NOW - STOPPED_AFTER - timedelta(seconds=1))
    upload.refresh_from_db()
    assert is_stopped(upload, now=NOW)
    read_upload(upload.pk, clock=clock)
    upload.refresh_from_db()
    assert upload.state == "ready"


def test_a_run_that_was_killed_while_taking_in_is_gone_on_with(indicator, monkeypatch):
    upload = hand_in(Figure(area="NORTH"))
    confirm_upload(upload.pk, clock=clock)

    class Killed(BaseException):
        pass

    def die(*_arguments, **_named):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "count_rows", die)
        with pytest.raises(Killed):
            take_in_upload(upload.pk, clock=clock)

    assert not Release.objects.exists()
    assert take_in_upload(upload.pk, clock=clock)
    assert Release.objects.count() == 1


def test_a_reader_that_was_overtaken_leaves_the_other_run_alone(indicator, monkeypatch):
    monkeypatch.setattr(staging, "CHUNK_ROWS", 1)
    upload = make_upload(write_fingertips([Figure(area="NORTH"), Figure(area="SOUTH")]))
    ticks = []

    def tick() -> datetime:
        """After its first chunk the first run is taken for dead, and a second one reads the whole file."""
        ticks.append(None)
        if len(ticks) == 2:
            Upload.objects.filter(pk=upload.pk).update(beat_at=NOW - STOPPED_AFTER * 2)
            read_upload(upload.pk, clock=clock)
        return NOW

    read_upload(upload.pk, clock=tick)

    upload.refresh_from_db()
    assert upload.state == "ready"
    assert set(StagedRow.objects.values_list("batch", flat=True)) == {upload.batch}
    assert StagedRow.objects.count() == 2


def test_an_error_nobody_foresaw_lets_the_file_be_read_again(indicator, monkeypatch):
    upload = make_upload(write_fingertips([Figure(area="NORTH")]))

    def fail(*_arguments, **_named):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "preview_import", fail)
        with pytest.raises(ZeroDivisionError):
            read_upload(upload.pk, clock=clock)

    upload.refresh_from_db()
    assert (upload.state, StagedRow.objects.count()) == ("waiting", 0)
    read_upload(upload.pk, clock=clock)
    upload.refresh_from_db()
    assert upload.state == "ready"


def test_two_confirmations_at_once_take_it_in_once(indicator):
    upload = hand_in(Figure(area="NORTH"))
    confirm_upload(upload.pk, clock=clock)
    stale = Upload.objects.get(pk=upload.pk)

    take_in_upload(upload.pk, clock=clock)
    take_in_upload(stale.pk, clock=clock)

    assert Release.objects.count() == 1


def test_a_withdrawal_is_shown_without_being_done(indicator):
    make_promise(indicator)
    take_in(Figure(area="NORTH", value="9", lower95="8.9", upper95="9.1", lower998="8.8", upper998="9.2"))
    wrong = take_in(
        Figure(area="NORTH", value="12", lower95="11.9", upper95="12.1", lower998="11.8", upper998="12.2"),
        Figure(area="SOUTH", value="14"),
        known_from=SECOND,
    ).releases.get()
    before = read_all_rows()

    preview = preview_withdrawal(wrong, on=NOW.date(), now=NOW)

    assert read_all_rows() == before
    assert wrong.withdrawn_at is None
    [back] = preview["back"]
    assert (back["area"], back["before_pct"], back["after_pct"]) == ("North", 12.0, 9.0)
    [gone] = preview["gone"]
    assert (gone["area"], gone["before_pct"]) == ("South", 14.0)
    [verdict] = preview["verdicts"]
    assert (verdict["before"]["position"], verdict["after"]["position"]) == ("off_track", "on_track_clear")


def test_a_withdrawn_edition_that_a_later_one_repeats_changes_nothing_today(indicator):
    take_in(Figure(area="NORTH", value="12.5"))
    middle = take_in(Figure(area="NORTH", value="12.1"), known_from=date(2024, 1, 1)).releases.get()
    take_in(Figure(area="NORTH", value="12.1"), Figure(area="SOUTH", value="14"), known_from=SECOND)

    preview = preview_withdrawal(middle, on=NOW.date(), now=NOW)

    assert (preview["back_count"], preview["gone_count"]) == (0, 0)
    withdraw_release(middle, because="A mistake", by=None, now=NOW)
    assert known_today()["NORTH", "2022"] == 12.1


def test_what_was_withdrawn_can_be_taken_in_again(indicator):
    first = take_in(Figure(area="NORTH"))
    withdraw_release(first.releases.get(), because="A mistake", by=None, now=NOW)
    assert known_today() == {}

    take_in(Figure(area="NORTH"))

    assert known_today() == {("NORTH", "2022"): 12.5}
    assert Release.objects.count() == 2


def test_an_upload_and_the_command_do_the_same(indicator):
    upload = hand_in(Figure(area="NORTH"), Figure(area="SOUTH", value="14"))

    with upload.file.open("rb") as file:
        outcome = import_file(file, make_request(upload))

    assert outcome.new == upload.preview["counts"]["new"] == 2
