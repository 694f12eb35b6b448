"""The boards as rows of one table: plain values, so that no column reads the database."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from icbs.models import Area
from icbs.selectors import BodyRollout, find_boards, find_regions, find_rollout
from kit.as_at import AsAt
from kit.calc.formats import format_pct
from targets.calc.types import POSITION_RANK, Position
from targets.calc.wording import Tag
from targets.selectors.verdicts import VerdictRow, find_verdicts
from tracker.selectors.sentences import find_worst
from tracker.selectors.services_summary import describe_services

NOT_FOUND = "No target found"
MARCH_2024 = date(2024, 3, 31)
OFF_TRACK = {Position.MISSED, Position.MISSED_WITHIN_ERROR, Position.OFF_TRACK}


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One board. A rank orders tags; `group` and the yes-or-no fields serve the filters."""

    code: str
    name: str
    region: str
    target: str
    target_count: int
    position: Tag | None
    position_rank: int
    basis: str
    group: str
    ambition: Tag | None
    ambition_rank: int
    ambition_basis: str
    figure: str
    figure_pct: float | None
    services: str
    services_rank: int
    updated_on: date | None
    off_track_march_2024: bool
    demonstration: bool

    @property
    def has_target(self) -> bool:
        return self.target_count > 0


def list_boards(as_at: AsAt, *, demonstration: bool) -> list[BoardRow]:
    """Every board in being, A to Z, the fictitious ones last."""
    boards = find_boards(as_at.on, demonstration=demonstration)
    regions = find_regions(boards, as_at.on)
    bodies = find_rollout(as_at.on, demonstration=demonstration, areas=boards)
    rows: dict[int, list[VerdictRow]] = defaultdict(list)
    for row in find_verdicts(as_at, demonstration=demonstration):
        rows[row.area.pk].append(row)
    return [_make_row(body, regions.get(body.area.pk), rows[body.area.pk]) for body in bodies]


def _make_row(body: BodyRollout, region: Area | None, rows: list[VerdictRow]) -> BoardRow:
    board = body.area
    promises = [row for row in rows if row.is_promise]
    worst = find_worst(promises)
    ambition = next((row for row in rows if not row.is_promise), None)
    shown = _find_latest(rows)
    return BoardRow(
        code=board.code,
        name=board.short_name,
        region=region.short_name if region else "Not known",
        target=_describe_targets(promises, worst),
        target_count=len(promises),
        position=worst.tag if worst else None,
        position_rank=_rank(worst),
        basis=_describe_basis(worst),
        group=worst.group if worst else "none",
        ambition=ambition.tag if ambition else None,
        ambition_rank=_rank(ambition),
        ambition_basis=_describe_basis(ambition),
        figure=_describe_figure(shown),
        figure_pct=shown.assessment.value_pct if shown else None,
        services=describe_services(body),
        services_rank=body.in_place_count if body.reported_count else -1,
        updated_on=_find_last_day(rows, body),
        off_track_march_2024=body.missed_deadline or any(_is_off_track(row) for row in promises),
        demonstration=board.demonstration,
    )


def _describe_targets(promises: list[VerdictRow], worst: VerdictRow | None) -> str:
    if worst is None:
        return NOT_FOUND
    more = f" (and {len(promises) - 1} more)" if len(promises) > 1 else ""
    return f"{worst.version.target.title}{more}"


def _rank(row: VerdictRow | None) -> int:
    """Best first; then what cannot be judged; last what there is not."""
    if row is None:
        return 10
    rank = POSITION_RANK[Position(row.assessment.position)]
    return 9 if rank is None else rank


def _describe_basis(row: VerdictRow | None) -> str:
    return row.basis_word if row and row.is_judged else "No verdict"


def _find_latest(rows: Iterable[VerdictRow]) -> VerdictRow | None:
    """The comparison's row, which is of adult smoking; without one the promise of the latest figure."""
    held = [row for row in rows if row.assessment.value_pct is not None]
    return max(held, key=lambda row: (not row.is_promise, row.assessment.reading_time or 0), default=None)


def _describe_figure(row: VerdictRow | None) -> str:
    if row is None:
        return "Not published, and no estimate is possible"
    words = f"{format_pct(row.assessment.value_pct)} in {row.assessment.reading_label}"
    if row.figure_kind:
        words += f", {row.figure_kind}"
    return f"{words}; newer ones are overdue" if row.stale else words


def _find_last_day(rows: Iterable[VerdictRow], body: BodyRollout) -> date | None:
    """The newest day on which the public could learn something of what this row says."""
    days = [row.version.known_from for row in rows if row.is_promise]
    days += [row.assessment.reading.known_from for row in rows if row.assessment.reading]
    if body.last_update:
        days.append(body.last_update)
    return max(days, default=None)


def _is_off_track(row: VerdictRow) -> bool:
    return row.version.deadline == MARCH_2024 and row.assessment.position in OFF_TRACK


def filter_boards(
    rows: Iterable[BoardRow], *, region: str, position: str, has_target: str, off_track: bool
) -> list[BoardRow]:
    """Rows that fit every filter given; an empty text does not filter."""
    return [
        row
        for row in rows
        if region in ("", row.region)
        and position in ("", row.group)
        and has_target in ("", "yes" if row.has_target else "no")
        and (row.off_track_march_2024 or not off_track)
    ]


@dataclass(frozen=True, slots=True)
class BoardsHeading:
    """What the list says first. `total` counts rows; the sentence counts real boards alone."""

    total: int
    sentence: str


def describe_boards(rows: Iterable[BoardRow]) -> BoardsHeading:
    rows = list(rows)
    real = [row for row in rows if not row.demonstration]
    if not real:
        return BoardsHeading(len(rows), "No Integrated Care Board was in being on this day.")
    with_target = sum(row.has_target for row in real)
    reported = sum(row.services_rank >= 0 for row in real)
    return BoardsHeading(
        len(rows),
        f"{len(real)} boards: {with_target} with a target of their own that we found, "
        f"{len(real) - with_target} without; {reported} with a published report on their services.",
    )
