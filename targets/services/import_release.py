"""Takes a file of published figures in: one transaction, every row accounted for."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction

from kit.calc.formats import format_day
from kit.readers.source_file import SourceFile
from targets.models import Indicator, Release, ReleaseKind
from targets.readers.figures import read_figures
from targets.readers.reading import Reading, Rejection
from targets.services.editions import Edition, Scope, add_edition, take_edition_out
from targets.services.estimate_boards import remake_estimates
from targets.services.staging import Staged, clear_batch, make_facts, open_catalogue, stage_rows

ENGLAND = "E92000001"


class RefusedRelease(ValueError):
    """The edition cannot be taken in; nothing was changed."""


class NamesNoIndicator(RefusedRelease):
    """Neither the file nor who sends it says what it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A file and what is known about it besides its rows.

    `indicator`: needed where the file names none; rows that name another are then refused. `title` empty: made from
    the indicator and the file. `only_named_areas`: the file is a part, and says nothing of areas it does not name.
    """

    file_name: str
    known_from: date
    known_from_basis: str
    source_title: str
    source_url: str = ""
    title: str = ""
    indicator: Indicator | None = None
    only_named_areas: bool = False
    recorded_by: Any = None


@dataclass(slots=True)
class ReadFile:
    """A file whose rows lie in the staging table."""

    sha256: str
    layout: str
    staged: Staged


@dataclass(slots=True)
class Outcome:
    """What was taken in. read = new + unchanged + revised + duplicate + rejected. `known`: releases kept already."""

    read: int = 0
    new: int = 0
    unchanged: int = 0
    revised: int = 0
    duplicate: int = 0
    dropped: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    known: list[Release] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The contract of `import_observations`. Several indicators in one file: one release each."""
        releases = [release.pk for release in self.releases]
        return {
            "read": self.read,
            "new": self.new,
            "unchanged": self.unchanged,
            "revised": self.revised,
            "duplicate": self.duplicate,
            "dropped": self.dropped,
            "rejected": [{"line": row["line"], "reason": row["reason"]} for row in self.rejected],
            "release": releases[0] if releases else None,
            "releases": releases,
        }

    @property
    def changes(self) -> int:
        return self.new + self.revised + self.dropped


def import_file(
    file: Path | BinaryIO,
    request: Request,
    *,
    dry_run: bool = False,
    progress: Callable[[SourceFile], None] = lambda source: None,
) -> Outcome:
    """Read and take in, in one transaction: killed anywhere, nothing has happened.

    Raises:
        RefusedRelease: a file that names no indicator without one given, or one taken in with another day.
        BrokenTable: the file cannot be read (also UnknownLayout and FileTooLarge).
    """
    with transaction.atomic():
        read = read_file(file, request, progress=progress)
        outcome = take_in(read, request)
        if dry_run:
            transaction.set_rollback(True)
    return outcome


def read_file(
    file: Path | BinaryIO,
    request: Request,
    *,
    staged: Staged | None = None,
    progress: Callable[[SourceFile], None] = lambda source: None,
) -> ReadFile:
    """Stage the rows of a file, chunk by chunk. Outside a transaction each chunk stays when it is done."""
    catalogue = open_catalogue(request.indicator)
    default = make_facts(request.indicator) if request.indicator else None
    with SourceFile(file, name=request.file_name) as source:
        figures = read_figures(source, facts=catalogue.facts, default=default)
        if not figures.names_indicator and request.indicator is None:
            raise NamesNoIndicator(
                f"{request.file_name} names no indicator: say which indicator it is about."
            )
        staged = stage_rows(
            figures.rows,
            catalogue,
            known_from=request.known_from,
            staged=staged,
            progress=lambda _: progress(source),
        )
        progress(source)
        return ReadFile(source.sha256, figures.layout, staged)


@transaction.atomic
def take_in(read: ReadFile, request: Request) -> Outcome:
    """One release for each indicator with rows in the file. The same file again changes nothing."""
    staged = read.staged
    outcome = Outcome(read=staged.read)
    indicators = list(Indicator.objects.select_for_update().filter(pk__in=staged.indicators).order_by("pk"))
    others = [row for row in staged.rejected if row["indicator"] not in staged.indicators]
    for place, indicator in enumerate(indicators):
        own = [row for row in staged.rejected if row["indicator"] == indicator.pk]
        known = _find_taken_in(read.sha256, indicator, request)
        release = known or add_edition(
            _make_edition(read, request, indicator),
            staged,
            Scope(
                only_named=request.only_named_areas or _is_of_one_parent(staged, indicator),
                rejected=own + (others if place == 0 else []),
            ),
        )
        _count(outcome, release, known=bool(known))
        if not known and indicator.estimated_from_councils:
            remake_estimates(indicator)
    if not indicators:
        outcome.rejected = staged.rejected
    clear_batch(staged.batch)
    return outcome


@transaction.atomic
def take_in_readings(edition: Edition, readings: Iterable[Reading | Rejection]) -> tuple[Release, bool]:
    """An edition whose rows are in memory: bundled tables. Returns the release and whether it is new.

    One that staff withdrew stays withdrawn.

    Raises:
        RefusedRelease: a row that is refused, or a file taken in with another day.
    """
    request = Request(
        file_name=edition.file_name,
        known_from=edition.known_from,
        known_from_basis=edition.known_from_basis,
        source_title=edition.source_title,
    )
    known = _find_taken_in(edition.file_sha256, edition.indicator, request) or _find_withdrawn(edition)
    if known:
        return known, False
    catalogue = open_catalogue(edition.indicator)
    staged = stage_rows(readings, catalogue, known_from=edition.known_from)
    release = add_edition(edition, staged, Scope(rejected=staged.rejected)) if staged.indicators else None
    refused = release.rejected if release else staged.rejected
    if refused:
        first = refused[0]
        raise RefusedRelease(f"{edition.file_name}, line {first['line']}: {first['reason']}")
    if release is None:
        raise RefusedRelease(f"{edition.file_name} holds no figures.")
    clear_batch(staged.batch)
    return release, True


@transaction.atomic
def withdraw_release(release: Release, *, because: str, by: Any, now: datetime) -> None:
    """Take back an import that was a mistake. Twice changes nothing."""
    Indicator.objects.select_for_update().get(pk=release.indicator_id)
    release.refresh_from_db()
    if release.withdrawn_at is not None:
        return
    if release.kind != ReleaseKind.PUBLISHED:
        raise RefusedRelease(
            "Our estimates follow the published editions: withdraw the edition they come from."
        )
    take_edition_out(release, because=because, by=by, now=now)
    if release.indicator.estimated_from_councils:
        remake_estimates(release.indicator)


def hash_text(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def _find_taken_in(sha256: str, indicator: Indicator, request: Request) -> Release | None:
    kept = Release.objects.filter(
        indicator=indicator, kind=ReleaseKind.PUBLISHED, file_sha256=sha256, withdrawn_at=None
    ).first()
    if kept and kept.known_from != request.known_from:
        raise RefusedRelease(
            f"{request.file_name}: this file was taken in as known from {format_day(kept.known_from)}. "
            "To correct the day, withdraw that edition first and take the file in again."
        )
    return kept


def _find_withdrawn(edition: Edition) -> Release | None:
    return (
        Release.objects.filter(
            indicator=edition.indicator,
            kind=ReleaseKind.PUBLISHED,
            file_sha256=edition.file_sha256,
            known_from=edition.known_from,
        )
        .exclude(withdrawn_at=None)
        .last()
    )


def _is_of_one_parent(staged: Staged, indicator: Indicator) -> bool:
    """A file under a single parent other than England is a part: it says nothing of areas it does not name."""
    parents = set(staged.parents.get(indicator.pk, {})) - {"", ENGLAND}
    return len(parents) == 1


def _make_edition(read: ReadFile, request: Request, indicator: Indicator) -> Edition:
    return Edition(
        indicator=indicator,
        title=request.title or f"{indicator.short_name}: {request.file_name}"[:200],
        known_from=request.known_from,
        known_from_basis=request.known_from_basis,
        file_name=request.file_name,
        file_sha256=read.sha256,
        source_title=request.source_title,
        source_url=request.source_url,
        layout=read.layout,
        recorded_by=request.recorded_by,
    )


def _count(outcome: Outcome, release: Release, *, known: bool) -> None:
    outcome.duplicate += release.duplicate_count
    outcome.rejected += release.rejected
    if known:
        outcome.known.append(release)
        outcome.unchanged += release.accepted_count
    else:
        outcome.new += release.new_count
        outcome.revised += release.revised_count
        outcome.unchanged += release.unchanged_count
        outcome.dropped += release.dropped_count
    outcome.releases.append(release)
