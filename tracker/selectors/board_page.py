"""One board on one page: its result, what it said, did and is told, where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from icbs.models import Area, AreaKind
from icbs.selectors import BodyRollout, find_rollout, suggest_boards
from kit.as_at import AsAt
from targets.selectors.figures import Key, TargetFigures, find_figures
from targets.selectors.predecessors import FormerFigures, find_former_figures
from targets.selectors.promises_left import LeftPromise, find_left_promises
from targets.selectors.verdicts import VerdictRow, find_verdicts
from tracker.selectors.board_ties import BoundaryChange, Found, Ties, find_ties, last_day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """`left`: what closed bodies had promised, the board's own or its predecessors'.

    `former`: figures of the boards it was made of, by indicator; never joined to its own.
    """

    board: Area
    as_at: AsAt
    ties: Ties
    promises: list[VerdictRow]
    comparisons: list[VerdictRow]
    figures: Mapping[Key, TargetFigures]
    rollout: BodyRollout | None
    left: list[LeftPromise]
    former: list[FormerFigures]

    @property
    def is_closed(self) -> bool:
        return self.board.closed is not None and self.board.closed <= self.as_at.on

    @property
    def is_to_come(self) -> bool:
        return self.board.opened is not None and self.board.opened > self.as_at.on

    @property
    def last_day(self) -> date | None:
        """The last day on which the board was in being."""
        return last_day_of(self.board) if self.board.closed else None

    @property
    def moved(self) -> BoundaryChange | None:
        """The latest change of its boundary since it began."""
        since = [change for change in self.ties.changes if self._began_before(change.on)]
        return since[-1] if since else None

    def _began_before(self, day: date) -> bool:
        return self.board.opened is None or self.board.opened < day

    @property
    def rows(self) -> list[VerdictRow]:
        return [*self.promises, *self.comparisons]


def find_board_page(found: Found, as_at: AsAt, *, demonstration: bool) -> BoardPage:
    """Everything known of a board on a day, with the board itself in twelve queries."""
    board, on = found.area, as_at.on
    ties = find_ties(found, on)
    in_being = board.is_in_being(on)
    rows = find_verdicts(as_at, demonstration=demonstration, area=board) if in_being else []
    bodies = find_rollout(on, demonstration=demonstration, areas=[board]) if in_being else []
    made_of = ties.made_of if in_being else []
    return BoardPage(
        board=board,
        as_at=as_at,
        ties=ties,
        promises=[row for row in rows if row.is_promise],
        comparisons=[row for row in rows if not row.is_promise],
        figures=find_figures(rows, on),
        rollout=bodies[0] if bodies else None,
        left=find_left_promises(_list_heirs(found, ties, made_of), on),
        former=find_former_figures(made_of, on, add_up=ties.union.hindrance is None),
    )


def _list_heirs(found: Found, ties: Ties, made_of: list[Area]) -> list[tuple[Area, Area]]:
    """Closed bodies that promised anything, each with whom the page asks about it: the board or its heirs."""
    board = found.area
    pairs = [(body, board) for body in made_of] + [(board, heir) for heir in ties.heirs]
    return [(body, successor) for body, successor in pairs if body.pk in found.has_promised]


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
