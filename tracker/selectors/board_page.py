"""One board on one page: its result, what it said, did and is told, where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from icbs.models import Area, AreaCode, AreaKind, AreaLink
from icbs.selectors import (
    BodyRollout,
    Succession,
    find_regions,
    find_rollout,
    find_succession,
    suggest_boards,
)
from kit.as_at import AsAt
from targets.models import TargetVersion
from targets.selectors.figures import Key, TargetFigures, find_figures
from targets.selectors.verdicts import VerdictRow, find_verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """`former`: promises of bodies no longer in being, the board's own or its predecessors'."""

    board: Area
    as_at: AsAt
    region: Area | None
    promises: list[VerdictRow]
    comparisons: list[VerdictRow]
    figures: Mapping[Key, TargetFigures]
    rollout: BodyRollout | None
    succession: Succession
    former: list[TargetVersion]

    @property
    def is_closed(self) -> bool:
        return self.board.closed is not None and self.board.closed <= self.as_at.on

    @property
    def is_to_come(self) -> bool:
        return self.board.opened is not None and self.board.opened > self.as_at.on

    @property
    def last_day(self) -> date | None:
        """The last day on which the board was in being."""
        return self.board.closed - timedelta(days=1) if self.board.closed else None

    @property
    def rows(self) -> list[VerdictRow]:
        return [*self.promises, *self.comparisons]


def find_board(code: str, *, demonstration: bool) -> Area | None:
    """The area of a code in any case; of an ONS code, which follows the boundary, the body that bears it."""
    wanted = code.strip()
    areas = Area.objects.shown(demonstration=demonstration)
    area = areas.filter(code__iexact=wanted).first()
    if area is None:
        alias = AreaCode.objects.filter(code__iexact=wanted).select_related("area").first()
        area = alias.area if alias and (demonstration or not alias.area.demonstration) else None
    return area


def find_board_page(board: Area, as_at: AsAt, *, demonstration: bool) -> BoardPage:
    """Everything known of a board on a day, in at most eleven queries after the board itself."""
    succession = _known_on(find_succession(board), board, as_at.on)
    in_being = board.is_in_being(as_at.on)
    rows = find_verdicts(as_at, demonstration=demonstration, area=board) if in_being else []
    bodies = find_rollout(as_at.on, demonstration=demonstration, areas=[board]) if in_being else []
    gone = {link.from_area_id for link in succession.predecessors if not link.from_area.is_in_being(as_at.on)}
    return BoardPage(
        board=board,
        as_at=as_at,
        region=find_regions([board], min(as_at.on, _last_day_of(board))).get(board.pk),
        promises=[row for row in rows if row.is_promise],
        comparisons=[row for row in rows if not row.is_promise],
        figures=find_figures(rows, as_at.on),
        rollout=bodies[0] if bodies else None,
        succession=succession,
        former=_find_promises(gone if in_being else gone | {board.pk}, as_at.on),
    )


def _last_day_of(board: Area) -> date:
    return board.closed - timedelta(days=1) if board.closed else date.max


def _known_on(succession: Succession, board: Area, on: date) -> Succession:
    """What had happened by the day; all of it for a board that was still to come."""
    if board.opened and board.opened > on:
        return succession

    def happened(links: list[AreaLink]) -> list[AreaLink]:
        return [link for link in links if link.valid_from <= on]

    return Succession(happened(succession.predecessors), happened(succession.successors))


def _find_promises(bodies: set[int], on: date) -> list[TargetVersion]:
    """What bodies promised, as known on a day: shown as theirs, without a verdict."""
    if not bodies:
        return []
    versions = TargetVersion.objects.in_force(on).filter(target__body__in=bodies)
    return list(versions.select_related("target__body").order_by("target__body__short_name", "target__slug"))


def is_board(area: Area) -> bool:
    return area.kind == AreaKind.ICB


def suggest_pages(text: str, area: Area | None, as_at: AsAt, *, demonstration: bool) -> list[tuple[str, str]]:
    """Words and address of what may have been meant by a code that is no board's."""
    if area and area.kind == AreaKind.ENGLAND:
        return [("England, on the summary", f"{reverse('home')}{as_at.query}")]
    boards = suggest_boards(text.replace("-", " "), as_at.on, demonstration=demonstration)
    return [
        (str(board), f"{reverse('icb_detail', kwargs={'code': board.code})}{as_at.query}") for board in boards
    ]
