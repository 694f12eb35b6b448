"""What the summary shows: promises, the national ambition, services, the map, what changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Min
from django.urls import reverse

from icbs.calc.wording import Tag as RolloutTag
from icbs.models import Area, AreaKind, HexCell
from icbs.selectors import BodyRollout, find_boards, find_hex_cells, find_rollout
from kit.as_at import AsAt
from targets.calc.statements import describe_no_edition
from targets.calc.wording import Tag
from targets.selectors.evidence import find_first_edition_day
from targets.selectors.verdicts import Counts, VerdictRow, count_verdicts, find_verdicts
from tracker.selectors.changes import Changes, find_changes
from tracker.selectors.sentences import (
    NO_TARGET,
    describe_bases,
    describe_counts,
    describe_with_basis,
    find_worst,
)
from tracker.selectors.services_summary import (
    TAGS,
    ServicesSummary,
    count_services,
    find_state,
    list_sentences,
)

VIEWS = {
    "promise": "The boards' own targets",
    "ambition": "Beside the national ambition",
    "services": "Services for 31 March 2024",
}


@dataclass(frozen=True, slots=True)
class MapCell:
    """One hexagon: a board, its tag and what it says."""

    row: int
    col: int
    label: str
    name: str
    sentence: str
    href: str
    tag: Tag | RolloutTag
    demonstration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Real boards in being on the day; fictitious ones take no part. `first_day`: only where there is none."""

    boards: list[Area]
    first_day: date | None
    promises: Counts
    england: list[VerdictRow]
    comparisons: Counts
    compared_with: VerdictRow | None
    no_edition: str
    services: ServicesSummary
    without_target: list[Area]
    changes: Changes
    view: str
    cells: list[MapCell]

    @property
    def promises_words(self) -> str:
        return describe_counts(self.promises)

    @property
    def promises_bases(self) -> str:
        return describe_bases(self.promises)

    @property
    def comparisons_words(self) -> str:
        return describe_counts(self.comparisons)

    @property
    def comparisons_bases(self) -> str:
        return describe_bases(self.comparisons)

    @property
    def ambition(self) -> str:
        """“5% by 2030”."""
        version = self.compared_with.version if self.compared_with else None
        if version is None or version.value_pct is None or version.deadline is None:
            return ""
        return f"{version.value_pct:g}% by {version.deadline.year}"


def find_summary(as_at: AsAt, view: str) -> Summary:
    """Everything in at most twelve queries, however many boards there are."""
    boards = find_boards(as_at.on, demonstration=False)
    rows = find_verdicts(as_at, demonstration=False, boards=boards)
    promises = [row for row in rows if row.is_promise and row.area.kind == AreaKind.ICB]
    england = [row for row in rows if row.is_promise and row.area.kind == AreaKind.ENGLAND]
    comparisons = [row for row in rows if not row.is_promise]
    bodies = find_rollout(as_at.on, demonstration=False, areas=boards)
    promising = {row.area.pk for row in promises}
    view = view if view in VIEWS else "promise"
    tags = _tag_boards(view, promises, comparisons, bodies)
    return Summary(
        boards=boards,
        first_day=None if boards else _find_first_day(),
        promises=count_verdicts(promises),
        england=england,
        comparisons=count_verdicts(comparisons),
        compared_with=comparisons[0] if comparisons else None,
        no_edition=_describe_no_edition(rows, as_at),
        services=count_services(bodies),
        without_target=[board for board in boards if board.pk not in promising],
        changes=find_changes(rows, as_at),
        view=view,
        cells=_make_cells(boards, find_hex_cells(as_at.on), tags, as_at),
    )


def _describe_no_edition(rows: list[VerdictRow], as_at: AsAt) -> str:
    """Said on a day before the first edition held; one query on a day on which no figure was known."""
    indicators = {row.version.indicator_id for row in rows if row.version.indicator_id}
    if any(row.assessment.reading for row in rows) or not indicators:
        return ""
    first = find_first_edition_day(indicators)
    return describe_no_edition(as_at.on, first) if first and first > as_at.on else ""


def _find_first_day() -> date | None:
    """The day on which the first boards began."""
    return Area.objects.boards().real().aggregate(day=Min("opened"))["day"]


def _tag_boards(
    view: str, promises: list[VerdictRow], comparisons: list[VerdictRow], bodies: list[BodyRollout]
) -> dict[int, tuple[Tag | RolloutTag, str]]:
    """A tag and a sentence for each board that has one in this view, by the board's key."""
    if view == "services":
        return {body.area.pk: (TAGS[find_state(body)], list_sentences(body)) for body in bodies}
    by_board: dict[int, list[VerdictRow]] = {}
    for row in promises if view == "promise" else comparisons:
        by_board.setdefault(row.area.pk, []).append(row)
    return {board: _tag_rows(rows) for board, rows in by_board.items()}


def _tag_rows(rows: list[VerdictRow]) -> tuple[Tag, str]:
    """Of several promises the worst judged one; its sentence says so."""
    worst = find_worst(rows)
    assert worst is not None
    sentence = f"{worst.version.target.title}: {describe_with_basis(worst)}"
    if len(rows) > 1:
        sentence += f" The board set {len(rows)} targets; this is the one furthest behind that can be judged."
    return worst.tag, sentence


def _make_cells(
    boards: Iterable[Area],
    places: Mapping[int, HexCell],
    tags: Mapping[int, tuple[Tag | RolloutTag, str]],
    as_at: AsAt,
) -> list[MapCell]:
    cells = []
    for board in boards:
        place = places.get(board.pk)
        if place is None:
            continue
        tag, sentence = tags.get(board.pk, (NO_TARGET, "No target of its own was found."))
        address = reverse("icb_detail", kwargs={"code": board.code})
        cells.append(
            MapCell(
                place.row, place.col, place.label, board.short_name, sentence, f"{address}{as_at.query}", tag
            )
        )
    return cells
