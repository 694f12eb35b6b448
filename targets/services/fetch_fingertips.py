"""Asks Fingertips for the indicators in use, and takes in what differs from the last release."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone

from kit.readers.csv_table import BrokenTable
from kit.readers.source_file import SourceFile
from targets.models import Indicator, Release, ReleaseKind
from targets.readers.fingertips_reply import (
    HEAD_BYTES,
    RefusedReply,
    check_head,
    check_rows,
    read_available,
)
from targets.services.ask_fingertips import Fingertips
from targets.services.import_release import Outcome, RefusedRelease, Request, import_file

FILE_PATH = "all_data/csv/by_indicator_id"
AVAILABLE_PATH = "available_data"
AVAILABLE_TRIES = 2
AVAILABLE_BYTES = 5_000_000
KNOWN_FROM_BASIS = "The day the tracker first saw it at Fingertips"
IMPORTED, UNCHANGED, SKIPPED, REFUSED = "imported", "unchanged", "skipped", "refused"
WOULD_IMPORT = "would_import"

log = logging.getLogger(__name__)


class UnknownIndicator(ValueError):
    """What was asked for cannot be fetched."""


class _Skipped(Exception):
    """There is no reason to ask for, or to take in, this file."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One file to ask for: an indicator, the area type of its areas and that of their parents."""

    indicator: Indicator
    child: int
    parent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of one pair. `reason`: why it is not imported.

    `status`: imported, unchanged, skipped or refused; would_import in a dry run.
    """

    pair: Pair
    status: str
    reason: str = ""
    outcome: Outcome | None = None

    @property
    def has_refusals(self) -> bool:
        return self.status == REFUSED or bool(self.outcome and self.outcome.rejected)

    def as_json(self) -> dict[str, Any]:
        return {
            "indicator": self.pair.indicator.slug,
            "fingertips_id": self.pair.indicator.fingertips_id,
            "child_area_type": self.pair.child,
            "parent_area_type": self.pair.parent,
            "status": self.status,
            "reason": self.reason or None,
            "counts": self.outcome.as_json() if self.outcome else None,
        }

    def as_text(self) -> str:
        who = f"{self.pair.indicator.slug}, area type {self.pair.child}: {self.status.replace('_', ' ')}"
        if self.outcome is None:
            return f"{who}. {self.reason}"
        names = ("new", "revised", "dropped", "unchanged", "duplicate")
        counts = [f"{getattr(self.outcome, name):,} {name}" for name in names if getattr(self.outcome, name)]
        lines = [f"{who}. {self.reason or ', '.join(counts)}"]
        lines += [f"  line {row['line']}: {row['reason']}" for row in self.outcome.rejected]
        return "\n".join(lines)


def find_indicators(names: Iterable[str]) -> list[Indicator]:
    """Those named by slug or Fingertips id; none named: all that are still published at Fingertips.

    Raises:
        UnknownIndicator: a name that is none, or of an indicator that Fingertips is not asked for.
    """
    held = Indicator.objects.order_by("slug")
    wanted = list(dict.fromkeys(names))
    if not wanted:
        asked_for = held.exclude(fingertips_id=None).exclude(fingertips_area_types="")
        return list(asked_for.filter(ended_note=""))
    by_name = {str(row.fingertips_id): row for row in held if row.fingertips_id is not None}
    by_name |= {row.slug: row for row in held}
    found: dict[int, Indicator] = {}
    for name in wanted:
        indicator = by_name.get(name)
        if indicator is None:
            raise UnknownIndicator(
                f"The tracker holds no indicator {name!r}: give a slug or a Fingertips ID, such as "
                f"{', '.join(sorted(by_name)[:6]) or 'none yet'}."
            )
        if indicator.fingertips_id is None or not indicator.fingertips_area_types:
            raise UnknownIndicator(
                f"{indicator.slug} has no Fingertips ID or no area types to ask for: add them in the admin."
            )
        found[indicator.pk] = indicator
    return list(found.values())


def fetch_fingertips(
    names: Iterable[str] = (),
    *,
    clock: Callable[[], datetime],
    dry_run: bool = False,
    say: Callable[[str], None] = lambda words: None,
    service: Fingertips | None = None,
) -> list[Fetched]:
    """Ask for every file of the indicators; each that differs from the last release becomes one.

    One that fails keeps no other from being asked for; it is logged, and its reason is in the answer. The
    same run twice, or two at once, take nothing in twice.

    Raises:
        UnknownIndicator: see find_indicators.
    """
    service = service or Fingertips(url=settings.FINGERTIPS_URL, clock=clock)
    fetched = []
    for indicator in find_indicators(names):
        pairs = list_pairs(indicator)
        say(f"Asking for {indicator.slug}: {len(pairs)} kinds of area.")
        available = _ask_available(service, indicator)
        for pair in pairs:
            done = _fetch_pair(service, pair, available, dry_run=dry_run)
            if done.has_refusals:
                log.warning("Fingertips: %s", done.as_text())
            fetched.append(done)
    return fetched


def list_pairs(indicator: Indicator) -> list[Pair]:
    pairs = (words.split(":") for words in indicator.fingertips_area_types.split())
    return [Pair(indicator, int(child), int(parent)) for child, parent in pairs]


def _ask_available(service: Fingertips, indicator: Indicator) -> set[int] | None:
    """The area types Fingertips has; None where it does not say, and then every pair is asked for."""
    address = service.make_address(AVAILABLE_PATH, {"indicator_id": indicator.fingertips_id})
    with TemporaryFile() as file:
        try:
            service.ask(address, file, tries=AVAILABLE_TRIES)
        except RefusedReply as refused:
            log.info("Fingertips does not say what it has of %s: %s", indicator.slug, refused)
            return None
        file.seek(0)
        return read_available(file.read(AVAILABLE_BYTES), fingertips_id=indicator.fingertips_id or 0)


def _fetch_pair(service: Fingertips, pair: Pair, available: set[int] | None, *, dry_run: bool) -> Fetched:
    if available is not None and pair.child not in available:
        reason = (
            f"Fingertips lists no figures of indicator {pair.indicator.fingertips_id} for this kind of area."
        )
        return Fetched(pair=pair, status=SKIPPED, reason=reason)
    try:
        with TemporaryFile() as file:  # without a name: it goes with the process, however that ends
            return _take_in(service, pair, file, dry_run=dry_run)
    except _Skipped as skipped:
        return Fetched(pair=pair, status=SKIPPED, reason=str(skipped))
    except (RefusedReply, RefusedRelease, BrokenTable) as refused:
        return Fetched(pair=pair, status=REFUSED, reason=str(refused))
    except OperationalError:
        raise
    except Exception as error:
        log.exception("Fetching %s, area type %s failed.", pair.indicator.slug, pair.child)
        reason = f"It failed ({type(error).__name__}); the log says where. Nothing of it was taken in."
        return Fetched(pair=pair, status=REFUSED, reason=reason)


def _take_in(service: Fingertips, pair: Pair, file: BinaryIO, *, dry_run: bool) -> Fetched:
    now = service.clock()
    query = {
        "indicator_ids": pair.indicator.fingertips_id,
        "child_area_type_id": pair.child,
        "parent_area_type_id": pair.parent,
        "include_sortable_time_periods": "yes",
    }
    service.ask(service.make_address(FILE_PATH, {**query, "timestamp": int(now.timestamp())}), file)
    request = Request(
        file_name=f"fingertips_{pair.indicator.fingertips_id}_{pair.child}_{pair.parent}.csv",
        known_from=timezone.localdate(now),
        known_from_basis=KNOWN_FROM_BASIS,
        source_title=f"Fingertips, indicator {pair.indicator.fingertips_id}, area type {pair.child}",
        source_url=service.make_address(FILE_PATH, query),
        indicator=pair.indicator,
    )
    sha256 = _check_file(file, pair, request.file_name)
    with transaction.atomic():
        Indicator.objects.select_for_update().get(pk=pair.indicator.pk)
        held = _find_held(sha256, request)
        if held:
            return Fetched(pair=pair, status=UNCHANGED, reason=f"The same file as “{held.title}”.")
        outcome = import_file(file, request)
        if dry_run or not outcome.changes:
            transaction.set_rollback(True)
            outcome.releases.clear()
    if outcome.changes:
        return Fetched(pair=pair, status=WOULD_IMPORT if dry_run else IMPORTED, outcome=outcome)
    if len(outcome.rejected) == outcome.read:
        return Fetched(pair=pair, status=REFUSED, reason="No row could be taken in.", outcome=outcome)
    return Fetched(pair=pair, status=UNCHANGED, reason="No figure differs from those held.", outcome=outcome)


def _check_file(file: BinaryIO, pair: Pair, name: str) -> str:
    """Its hash, if it is what was asked for."""
    file.seek(0)
    check_head(file.read(HEAD_BYTES))
    with SourceFile(file, name=name) as source:
        check_rows(source.iter_rows(), fingertips_id=pair.indicator.fingertips_id or 0)
        return source.sha256


def _find_held(sha256: str, request: Request) -> Release | None:
    """The last release, if it came from this very file.

    Raises:
        _Skipped: staff withdrew what came from this file.
        RefusedRelease: another file was sent in between.
    """
    published = Release.objects.filter(indicator=request.indicator, kind=ReleaseKind.PUBLISHED)
    same = published.filter(file_sha256=sha256)
    held = same.filter(withdrawn_at=None).order_by("known_from", "pk").last()
    if held is None:
        withdrawn = same.order_by("withdrawn_at").last()
        if withdrawn:
            raise _Skipped(
                f"This file was taken in before and withdrawn on {timezone.localdate(withdrawn.withdrawn_at)}: "
                f"{withdrawn.withdrawn_because.rstrip('.')}. To have it back, import it by hand."
            )
        return None
    later = published.filter(
        withdrawn_at=None, source_url=request.source_url, known_from__gte=held.known_from, pk__gt=held.pk
    ).last()
    if later:
        raise RefusedRelease(
            f"Fingertips sends the file of {held.known_from} again, though it sent another on {later.known_from}. "
            f"Ask the publisher which is right; if it is this one, withdraw “{later.title}”."
        )
    return held
