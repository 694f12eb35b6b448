"""The life of a file that staff handed in: read, shown, confirmed, taken in, or discarded.

Each step is claimed by a conditional update, so that twice does what once does. A run that was killed leaves
its state and its last sign of life; after STOPPED_AFTER another run may go on in its place.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kit.readers.csv_table import BrokenTable
from kit.readers.source_file import SourceFile
from targets.models import Indicator, StagedRow, Upload, UploadState
from targets.services.import_release import (
    NamesNoIndicator,
    ReadFile,
    RefusedRelease,
    Request,
    read_file,
    take_in,
)
from targets.services.preview_import import Preview, count_rows, find_basis, preview_import
from targets.services.staging import Staged, clear_batch

Clock = Callable[[], datetime]

STOPPED_AFTER = timedelta(minutes=15)
"""Longer than anything that is done between two signs of life."""
AT_ONCE_BYTES = 2_000_000
"""A smaller file is read and taken in while its sender waits."""

AT_WORK = (UploadState.READING, UploadState.APPLYING)
MAY_BE_DISCARDED = (UploadState.WAITING, UploadState.READING, UploadState.READY, UploadState.REFUSED)
MAY_BE_READ_AGAIN = (UploadState.READY, UploadState.REFUSED)


class _OtherwiseThanShown(Exception):
    """Taking it in would no longer do what the preview says."""


class _TakenOver(Exception):
    """The upload was discarded, or another run reads it."""


def is_stopped(upload: Upload, *, now: datetime) -> bool:
    """Whoever worked on it gave no sign of life for so long that it must have been killed."""
    if upload.state not in AT_WORK:
        return False
    return upload.beat_at is None or upload.beat_at < now - STOPPED_AFTER


def has_stopped(now: datetime) -> Q:
    """The same as a condition."""
    return Q(state__in=AT_WORK) & (Q(beat_at=None) | Q(beat_at__lt=now - STOPPED_AFTER))


def is_small(upload: Upload) -> bool:
    return upload.size_bytes < AT_ONCE_BYTES


def read_upload(key: int, *, clock: Clock) -> None:
    """Stage the rows of the file chunk by chunk, then keep what taking it in would do.

    A file that cannot be taken in, or of which no row is good, ends as refused with the reason. Does nothing
    where another run is at it.
    """
    batch = uuid4()
    if not _claim_reading(key, batch, clock()):
        return
    upload = Upload.objects.select_related("indicator", "recorded_by").get(pk=key)
    staged = Staged(batch=batch)
    try:
        read = _read(upload, staged, clock)
        preview = preview_import(read, make_request(upload), on=timezone.localdate(clock()))
    except _TakenOver:
        clear_batch(batch)
    except (RefusedRelease, BrokenTable) as refusal:
        clear_batch(batch)
        _end_reading(key, batch, state=UploadState.REFUSED, problem=_as_problem(refusal))
    except Exception:
        clear_batch(batch)
        _end_reading(key, batch, state=UploadState.WAITING, beat_at=None)
        raise
    else:
        found = {"layout": read.layout, "file_sha256": read.sha256, "staged": read.staged.as_json()}
        ending = _judge_preview(preview)
        kept = _end_reading(key, batch, preview=preview, beat_at=clock(), **found, **ending)
        if not kept or ending["state"] == UploadState.REFUSED:
            clear_batch(batch)


def confirm_upload(key: int, *, clock: Clock) -> bool:
    """Whether this call confirmed it: of two at once, one does. `take_in_upload` then does the work."""
    ready = Upload.objects.filter(pk=key, state=UploadState.READY)
    return bool(ready.update(state=UploadState.APPLYING, beat_at=clock()))


def take_confirmation_back(key: int) -> None:
    """Where nobody could be told to take it in."""
    Upload.objects.filter(pk=key, state=UploadState.APPLYING).update(state=UploadState.READY)


def take_in_upload(key: int, *, clock: Clock) -> bool:
    """Take a confirmed file in, in one transaction; whether it is taken in now. Twice does what once does.

    Where it would do something else than the preview says, nothing is changed and a new preview is kept.
    """
    try:
        with transaction.atomic():
            upload = _lock(key)
            if upload.state != UploadState.APPLYING:
                return upload.state == UploadState.APPLIED
            _take_in_as_shown(upload)
            upload.state, upload.beat_at = UploadState.APPLIED, clock()
            upload.save(update_fields=["state", "beat_at"])
    except _OtherwiseThanShown:
        _show_anew(key, clock)
        return False
    except (RefusedRelease, BrokenTable) as refusal:
        _refuse_applying(key, refusal)
        return False
    return True


def discard_upload(key: int) -> bool:
    """Drop what was read; the file stays. Not possible once it is being taken in."""
    with transaction.atomic():
        upload = _lock(key)
        if upload.state not in MAY_BE_DISCARDED:
            return False
        if upload.batch:
            clear_batch(upload.batch)
        upload.state = UploadState.DISCARDED
        upload.save(update_fields=["state"])
    return True


def read_again(key: int) -> bool:
    """Back to waiting: because the areas, the indicators or the editions held have changed since."""
    again = Upload.objects.filter(pk=key, state__in=MAY_BE_READ_AGAIN)
    return bool(again.update(state=UploadState.WAITING, problem="", beat_at=None))


def make_request(upload: Upload) -> Request:
    return Request(
        file_name=upload.file_name,
        known_from=upload.known_from,
        known_from_basis=upload.known_from_basis,
        source_title=upload.source_title,
        source_url=upload.source_url,
        title=upload.title,
        indicator=upload.indicator,
        only_named_areas=upload.only_named_areas,
        recorded_by=upload.recorded_by,
    )


def _claim_reading(key: int, batch: UUID, now: datetime) -> bool:
    free = Q(state=UploadState.WAITING) | (Q(state=UploadState.READING) & has_stopped(now))
    former = Upload.objects.filter(pk=key).values_list("batch", flat=True).first()
    claimed = Upload.objects.filter(free, pk=key).update(
        state=UploadState.READING,
        batch=batch,
        beat_at=now,
        rows_read=0,
        bytes_read=0,
        problem="",
        staged={},
        preview={},
    )
    if claimed and former:
        clear_batch(former)
    return bool(claimed)


def _read(upload: Upload, staged: Staged, clock: Clock) -> ReadFile:
    """With each chunk, who looks at the upload sees how far it has come."""
    mine = Upload.objects.filter(pk=upload.pk, state=UploadState.READING, batch=staged.batch)

    def beat(source: SourceFile) -> None:
        if not mine.update(rows_read=staged.read, bytes_read=source.bytes_read, beat_at=clock()):
            raise _TakenOver

    return _read_file(upload, staged, progress=beat)


def _read_file(upload: Upload, staged: Staged, **options: Any) -> ReadFile:
    try:
        file = upload.file.open("rb")
    except FileNotFoundError:
        raise BrokenTable(
            f"{upload.file_name} is no longer where uploaded files are kept: upload it again."
        ) from None
    with file:
        return read_file(cast(BinaryIO, file), make_request(upload), staged=staged, **options)


def _end_reading(key: int, batch: UUID, **values: Any) -> bool:
    mine = Upload.objects.filter(pk=key, state=UploadState.READING, batch=batch)
    return bool(mine.update(**values))


def _lock(key: int) -> Upload:
    return (
        Upload.objects.select_for_update(of=("self",)).select_related("indicator", "recorded_by").get(pk=key)
    )


def _take_in_as_shown(upload: Upload) -> None:
    """Raises _OtherwiseThanShown where editions came or went since, or the counts are other ones."""
    read = _find_read(upload)
    list(Indicator.objects.select_for_update().filter(pk__in=read.staged.indicators).order_by("pk"))
    if find_basis(read.staged.indicators) != upload.preview["basis"]:
        raise _OtherwiseThanShown
    outcome = take_in(read, make_request(upload))
    counts = count_rows(outcome)
    if counts != upload.preview["counts"]:
        raise _OtherwiseThanShown
    if not _has_good_row(counts):
        raise RefusedRelease(_explain_no_row(counts["read"]))
    upload.releases.set(outcome.releases)


def _find_read(upload: Upload) -> ReadFile:
    """What was staged; where it was cleared in the meantime, the file is read anew."""
    staged = Staged.from_json(upload.staged)
    if staged.indicators and not StagedRow.objects.filter(batch=staged.batch).exists():
        return _read_file(upload, Staged(batch=staged.batch))
    return ReadFile(upload.file_sha256, upload.layout, staged)


def _show_anew(key: int, clock: Clock) -> None:
    """A confirmed upload goes back to be confirmed again, with what it would do now."""
    upload = Upload.objects.select_related("indicator", "recorded_by").get(pk=key)
    try:
        with transaction.atomic():
            preview: Preview = preview_import(
                _find_read(upload), make_request(upload), on=timezone.localdate(clock())
            )
            transaction.set_rollback(True)
    except (RefusedRelease, BrokenTable) as refusal:
        _refuse_applying(key, refusal)
        return
    Upload.objects.filter(pk=key, state=UploadState.APPLYING).update(
        preview=preview | {"changed": True}, beat_at=clock(), **_judge_preview(preview)
    )


def _judge_preview(preview: Preview) -> dict[str, Any]:
    """Ready to confirm, or refused because no row of the file is good."""
    counts = preview["counts"]
    if _has_good_row(counts):
        return {"state": UploadState.READY, "problem": ""}
    return {"state": UploadState.REFUSED, "problem": _explain_no_row(counts["read"])}


def _has_good_row(counts: dict[str, int]) -> bool:
    return counts["read"] > counts["rejected"]


def _explain_no_row(read: int) -> str:
    if not read:
        return "No row of it can be taken in: below its header it has none. Upload the file with its figures."
    rows = "its only row is" if read == 1 else f"all {read:,} rows are"
    return (
        f"No row of it can be taken in: {rows} rejected for the reasons below. "
        "Mend the file and upload it again; or add what is missing here and read the file again."
    )


def _refuse_applying(key: int, refusal: Exception) -> None:
    Upload.objects.filter(pk=key, state=UploadState.APPLYING).update(
        state=UploadState.REFUSED, problem=_as_problem(refusal)
    )


def _as_problem(refusal: Exception) -> str:
    hint = " Upload it again and choose the indicator." if isinstance(refusal, NamesNoIndicator) else ""
    return f"{refusal}{hint}"[:1000] or "It could not be read."
