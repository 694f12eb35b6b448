"""Is a reply of the Fingertips API what was asked for? Checked before anything of it is taken in."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b

from targets.calc.groups import plain_text

FIRST_COLUMN = "Indicator ID"
ENGLAND = "E92000001"
HEAD_BYTES = 4096
QUOTED = 200
PARENT_COLUMN, AREA_COLUMN = "parent code", "area code"
ROW_COLUMNS = (
    PARENT_COLUMN,
    AREA_COLUMN,
    "sex",
    "age",
    "category type",
    "category",
    "time period",
    "time period sortable",
    "time period range",
    "value",
)


class RefusedReply(ValueError):
    """The reply is not the figures that were asked for; the message says why."""


def may_pass(status: int) -> bool:
    """Whether the same question may be answered in a while: too many questions, or a fault on their side."""
    return status == 429 or 500 <= status <= 599


def check_status(status: int, *, body: bytes, location: str = "") -> None:
    """
    Args:
        body: the beginning of what came with the status.
        location: where a redirect points; it is never followed.

    Raises:
        RefusedReply: any status but 200.
    """
    if status == 200:
        return
    if 300 <= status <= 399:
        raise RefusedReply(
            f"Fingertips answered {status} and pointed to {quote(location.encode()) or 'no address'}. No address "
            "but the configured one is called: if the service has moved, correct FINGERTIPS_URL."
        )
    raise RefusedReply(f"Fingertips answered {status}: {_quote_or_nothing(body)}.")


def check_encoding(encoding: str) -> None:
    """A reply is read as it comes, so a packed one cannot grow beyond the limit.

    Raises:
        RefusedReply: the reply is compressed.
    """
    if encoding.strip().lower() not in ("", "identity"):
        raise RefusedReply(
            f"Fingertips sent a compressed reply ({quote(encoding.encode())}), though a plain one was asked for."
        )


def check_head(head: bytes) -> None:
    """
    Args:
        head: the first HEAD_BYTES of the reply.

    Raises:
        RefusedReply: empty, or not a table whose first column is `Indicator ID`.
    """
    if not head.strip():
        raise RefusedReply("Fingertips sent an empty reply.")
    first_line = head.decode("utf-8-sig", "replace").partition("\n")[0]
    try:
        cells = next(csv.reader(io.StringIO(first_line, newline="")), [])
    except csv.Error:
        cells = []
    if len(cells) < 2 or cells[0].strip().casefold() != FIRST_COLUMN.casefold():
        raise RefusedReply(
            f"Fingertips sent no table that begins with the column {FIRST_COLUMN}, but: {quote(head)}."
        )


def check_rows(rows: Iterable[tuple[int, list[str]]], *, fingertips_id: int) -> int:
    """The number of rows, of which each is about the indicator and there once.

    England comes once without a parent and again with England as its parent; where the areas asked for
    are England itself it comes with that parent twice. Any other row that is there twice under one parent
    shows that the pair of area types does not fit: then Fingertips repeats all of them.

    Args:
        rows: line numbers and cells, the header first.

    Raises:
        RefusedReply: another indicator's rows, no rows, rows cut off or repeated.
    """
    table = iter(rows)
    _, names = next(table, (0, [""]))
    header = [" ".join(name.split()).casefold() for name in names]
    places = [header.index(name) for name in ROW_COLUMNS if name in header]
    area = header.index(AREA_COLUMN) if AREA_COLUMN in header else None
    wanted = str(fingertips_id)
    seen: set[bytes] = set()
    count = 0
    for line, cells in table:
        count += 1
        if len(cells) != len(header):
            raise RefusedReply(
                f"Line {line} has {len(cells)} cells where the header has {len(header)}: the reply is cut off or "
                "damaged."
            )
        if cells[0].strip() != wanted:
            raise RefusedReply(
                f"Indicator {wanted} was asked for, but line {line} is about indicator "
                f"{quote(cells[0].encode()) or '(none)'}."
            )
        if area is None or cells[area].strip() == ENGLAND:
            continue
        mark = blake2b("\x1f".join([cells[place] for place in places]).encode(), digest_size=16).digest()
        if mark in seen:
            raise RefusedReply(
                f"Line {line} repeats an earlier row ({quote(cells[area].encode())}): wrong pair of area types. "
                "Correct the pair of child and parent in the indicator's Fingertips area types."
            )
        seen.add(mark)
    if not count:
        raise RefusedReply("Fingertips sent no rows.")
    return count


def read_available(body: bytes, *, fingertips_id: int) -> set[int] | None:
    """The area types for which an indicator has figures; None where the reply does not say.

    >>> sorted(read_available(b'[{"IndicatorId": 1, "AreaTypeId": 15}]', fingertips_id=1))
    [15]
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        return None
    pairs = [(entry.get("IndicatorId"), entry.get("AreaTypeId")) for entry in found]
    if not all(isinstance(kind, int) and indicator == fingertips_id for indicator, kind in pairs):
        return None
    return {kind for _, kind in pairs}


def read_retry_after(text: str, *, now: datetime) -> float | None:
    """Seconds to wait, as the header Retry-After says: seconds or a moment. None where it says neither.

    >>> read_retry_after("120", now=datetime(2026, 11, 23, 5, 30, tzinfo=UTC))
    120.0
    """
    words = text.strip()
    if words.isascii() and words.isdigit():
        return float(words[:9])
    try:
        moment = parsedate_to_datetime(words)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def quote(text: bytes) -> str:
    """The first words of a reply, without tags, control characters and line breaks.

    >>> quote(b"<h1>Service\\r\\n unavailable</h1>")
    'Service unavailable'
    """
    words = plain_text(text[:HEAD_BYTES].decode("utf-8-sig", "replace"))
    shown = " ".join("".join(mark if mark.isprintable() else " " for mark in words).split())
    return shown if len(shown) <= QUOTED else f"{shown[:QUOTED].rstrip()}…"


def _quote_or_nothing(body: bytes) -> str:
    return quote(body).rstrip(".") or "nothing came with it"
