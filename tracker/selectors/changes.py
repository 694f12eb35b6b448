"""What changed with the last publication that a verdict rests on: today's verdicts beside those of the day before it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.cache import cache
from django.urls import reverse

from kit.as_at import AsAt
from targets.calc.types import Position, find_direction
from targets.calc.wording import Tag, tag_for
from targets.models import Release, ReleaseKind
from targets.selectors.evidence import Pair, find_evidence
from targets.selectors.judging import judge_pairs
from targets.selectors.verdicts import VerdictRow

LINES = 5
KEPT_SECONDS = 600

Former = tuple[str, int | None]
"""A position and the key of the indicator it rests on."""


@dataclass(frozen=True, slots=True)
class Change:
    """One verdict that reads otherwise than before the publication.

    `direction`: better, worse, or empty for neither.
    """

    row: VerdictRow
    before: Tag
    direction: str
    href: str


@dataclass(frozen=True, slots=True)
class Changes:
    """`release` is the last publication that a verdict rests on; None before the first. `is_first`: nothing was held before."""

    release: Release | None
    is_first: bool
    found: list[Change]

    @property
    def shown(self) -> list[Change]:
        return self.found[:LINES]

    @property
    def worse_count(self) -> int:
        return sum(change.direction == "worse" for change in self.found)

    @property
    def better_count(self) -> int:
        return sum(change.direction == "better" for change in self.found)


def find_changes(rows: Iterable[VerdictRow], as_at: AsAt) -> Changes:
    """At most four queries. Of today's pairs only those that could be judged on the day before, too."""
    rows = list(rows)
    release = find_last_release(rows)
    if release is None:
        return Changes(None, True, [])
    day_before = release.known_from - timedelta(days=1)
    held = {row.pair.key: row for row in rows if _was_there(row, day_before)}
    former = _find_former([row.pair for row in held.values()], day_before)
    if not former:
        return Changes(release, True, [])
    changes = [_compare(*before, held[key], as_at) for key, before in former.items()]
    return Changes(release, False, sorted((change for change in changes if change), key=_by_weight))


def _find_former(pairs: list[Pair], day: date) -> dict[tuple[int, int], Former]:
    """The positions on a past day, and on which indicator; empty when no figure was held then.

    Kept for ten minutes: they hardly change.
    """
    keys = sorted(pair.key for pair in pairs)
    name = f"former-verdicts-{day}-{hashlib.sha256(repr(keys).encode()).hexdigest()}"
    return cache.get_or_set(name, lambda: _judge_former(pairs, day), KEPT_SECONDS) or {}


def _judge_former(pairs: list[Pair], day: date) -> dict[tuple[int, int], Former]:
    evidence = find_evidence(pairs, day)
    if not evidence.readings:
        return {}
    found = {row.pair.key: row.assessment for row in judge_pairs(pairs, evidence, day)}
    return {key: (str(before.position), before.indicator_id) for key, before in found.items()}


def find_last_release(rows: Iterable[VerdictRow]) -> Release | None:
    """The newest edition that a verdict rests on: a published one rather than our estimates from it."""
    used = [row.assessment.reading.release for row in rows if row.assessment.reading]
    published = [release for release in used if release.kind == ReleaseKind.PUBLISHED]
    return max(published or used, key=lambda release: release.known_from, default=None)


def _was_there(row: VerdictRow, day: date) -> bool:
    return row.version.known_from <= day and row.area.is_in_being(day)


def _compare(position: str, indicator_id: int | None, row: VerdictRow, as_at: AsAt) -> Change | None:
    before, after = Position(position), Position(row.assessment.position)
    tag = tag_for(before)
    if tag.word == row.tag.word:
        return None
    address = reverse("target_detail", kwargs={"pk": row.version.target_id})
    beside = "" if row.is_promise else f"{'&' if as_at.query else '?'}area={row.area.code}"
    direction = find_direction(before, after, same_measure=row.assessment.indicator_id == indicator_id)
    return Change(row, tag, direction, f"{address}{as_at.query}{beside}")


def _by_weight(change: Change) -> tuple[bool, int, str]:
    """Promises first; then what got worse, what got better, what did neither."""
    order = {"worse": 0, "better": 1, "": 2}
    return (not change.row.is_promise, order[change.direction], change.row.area.short_name)
