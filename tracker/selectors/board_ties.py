"""What ties a board to other areas: its region, whom it came from and went to, how its boundary changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q

from icbs.models import Area, AreaCode, AreaKind, AreaLink, LinkKind
from targets.calc.sums import Handover, Union, find_union
from targets.models import Target

NOTE_FIELDS = ("on", "detail", "source_title", "source_url")


@dataclass(frozen=True, slots=True)
class BoundaryChange:
    """What happened to the boundary on a day."""

    on: date
    detail: str
    source_title: str
    source_url: str


@dataclass(frozen=True, slots=True)
class Found:
    """An area with the notes on its boundary and the links that tell where it came from and went to.

    `has_promised`: keys of the areas in those links that ever set a target.
    """

    area: Area
    notes: list[BoundaryChange]
    links: list[AreaLink]
    has_promised: set[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """As they were on a day; for a board still to come, as they will be.

    `predecessors` and `successors`: links with what came to the board and went from it. `made_of`: those
    predecessors that ceased with that. `heirs`: who took over when it closed. `union`: whether it is nothing
    but whole predecessors. `changes`: of its boundary, from its first day on.
    """

    region: Area | None
    predecessors: list[AreaLink]
    successors: list[AreaLink]
    made_of: list[Area]
    heirs: list[Area]
    union: Union
    changes: list[BoundaryChange]


def find_board(code: str, *, demonstration: bool) -> Found | None:
    """The area of a code in any case; of an ONS code, which follows the boundary, the body that bears it.

    One query for a board that lies in a region; two or three more for a code that is none of a linked area.
    """
    wanted = code.strip()
    rows = _find_rows(Q(code__iexact=wanted))
    ends = [area for row in rows for area in (row.from_area, row.to_area)]
    area = next((area for area in ends if area.code.casefold() == wanted.casefold()), None)
    if area is None:
        area = Area.objects.filter(Q(code__iexact=wanted)).first() or _find_by_alias(wanted)
        rows = _find_rows(Q(pk=area.pk)) if area else []
    if area is None or (area.demonstration and not demonstration):
        return None
    return Found(area, _find_notes(area, rows), *_sort_links(rows))


def _find_by_alias(code: str) -> Area | None:
    alias = AreaCode.objects.filter(code__iexact=code).select_related("area").first()
    return alias.area if alias else None


def _find_rows(which: Q) -> list[Any]:
    """Its region, whom it followed, who follows it, and what its predecessors exchanged.

    Each link comes once for each note on the boundary of the area it starts from: a join costs less than
    a query of its own.
    """
    board = Area.objects.filter(which).values("pk")
    came_from = AreaLink.objects.filter(kind=LinkKind.SUCCEEDED_BY, to_area__in=board).values("from_area")
    bodies = Q(from_area__in=board) | Q(to_area__in=board) | Q(from_area__in=came_from)
    notes = {name: F(f"from_area__boundary_notes__{name}") for name in NOTE_FIELDS}
    return list(
        AreaLink.objects.filter(
            Q(bodies | Q(to_area__in=came_from), kind=LinkKind.SUCCEEDED_BY)
            | Q(kind=LinkKind.MEMBER_OF, from_area__in=board, to_area__kind=AreaKind.NHS_REGION)
        )
        .annotate(has_promised=Exists(Target.objects.filter(body=OuterRef("from_area"))))
        .annotate(**{f"note_{name}": column for name, column in notes.items()})
        .select_related("from_area", "to_area")
        .order_by("valid_from", "from_area__short_name", "to_area__short_name", notes["on"])
    )


def _sort_links(rows: list[Any]) -> tuple[list[AreaLink], set[int]]:
    """Each link once, and whose promises there may be."""
    links: dict[int, AreaLink] = {row.pk: row for row in rows}
    return list(links.values()), {row.from_area_id for row in rows if row.has_promised}


def _find_notes(area: Area, rows: list[Any]) -> list[BoundaryChange]:
    """From the rows of the links that start from the area; without any by a query."""
    own = [row for row in rows if row.from_area_id == area.pk]
    if not own:
        notes = area.boundary_notes.values_list(*NOTE_FIELDS)
        return [BoundaryChange(*note) for note in notes.order_by("on")]
    found = {
        row.note_on: BoundaryChange(*(getattr(row, f"note_{name}") for name in NOTE_FIELDS))
        for row in own
        if row.note_on
    }
    return list(found.values())


def find_ties(found: Found, on: date) -> Ties:
    """What had happened by a day; all of it for a board that was still to come. No query."""
    board = found.area
    passed = [link for link in found.links if link.kind == LinkKind.SUCCEEDED_BY]
    if board.opened is None or board.opened <= on:
        passed = [link for link in passed if link.valid_from <= on]
    predecessors = [link for link in passed if link.to_area_id == board.pk]
    successors = [link for link in passed if link.from_area_id == board.pk]
    return Ties(
        region=_find_region(found.links, min(on, last_day_of(board))),
        predecessors=predecessors,
        successors=successors,
        made_of=[link.from_area for link in predecessors if _ceased(link)],
        heirs=[link.to_area for link in successors if _ceased(link)],
        union=find_union(board.code, board.opened, map(_make_handover, passed)),
        changes=_find_changes(found, predecessors + successors, on),
    )


def _find_region(links: Iterable[AreaLink], on: date) -> Area | None:
    held = [
        link.to_area
        for link in links
        if link.kind == LinkKind.MEMBER_OF
        and link.valid_from <= on
        and (link.valid_to is None or link.valid_to > on)
    ]
    return held[-1] if held else None


def _ceased(link: AreaLink) -> bool:
    """Whether the body that handed over closed with it. One that went on keeps its promises and figures."""
    closed = link.from_area.closed
    return closed is not None and closed <= link.valid_from


def _make_handover(link: AreaLink) -> Handover:
    return Handover(link.from_area.code, link.to_area.code, link.valid_from, whole=link.share == 1)


def _find_changes(found: Found, links: Iterable[AreaLink], on: date) -> list[BoundaryChange]:
    """The notes up to a day; a link tells of a change that has no note."""
    changes = {note.on: note for note in found.notes if note.on <= on}
    for link in links:
        if link.valid_from not in changes and link.valid_from <= on and _moves_boundary(link, found.area):
            changes[link.valid_from] = _make_change(link, found.area)
    return [changes[day] for day in sorted(changes)]


def _moves_boundary(link: AreaLink, board: Area) -> bool:
    if link.to_area_id == board.pk:
        return board.opened is None or board.opened < link.valid_from
    return not _ceased(link)


def _make_change(link: AreaLink, board: Area) -> BoundaryChange:
    came = link.to_area_id == board.pk
    words = f"A part of {link.from_area.short_name} came to it"
    if not came:
        words = f"A part of it went to {link.to_area.short_name}"
    detail = f"{words}. {link.note}" if link.note else words
    return BoundaryChange(link.valid_from, detail, link.source_title, link.source_url)


def last_day_of(board: Area) -> date:
    return board.closed - timedelta(days=1) if board.closed else date.max
