"""Reads of areas and services: who is in being, where a board lies, how far each service is in place."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from icbs.calc.rollout import RolloutVerdict, judge_rollout
from icbs.calc.wording import Tag, describe_days, describe_rollout, tag_for
from icbs.models import Area, AreaLink, HexCell, LinkKind, RolloutStatus, Service


@dataclass(frozen=True, slots=True)
class RolloutRow:
    """One service of one body against its deadline. `latest` is the report in force, None without one.

    `history`: every report known, oldest first.
    """

    area: Area
    service: Service
    deadline: date
    verdict: RolloutVerdict
    latest: RolloutStatus | None
    history: list[RolloutStatus]

    @property
    def tag(self) -> Tag:
        return tag_for(self.verdict.verdict)

    @property
    def days_words(self) -> str:
        return describe_days(days_late=self.verdict.days_late, days_overdue=self.verdict.days_overdue)

    @property
    def sentence(self) -> str:
        return describe_rollout(
            verdict=self.verdict.verdict,
            service=self.service.short_name,
            deadline=self.deadline,
            days_late=self.verdict.days_late,
            days_overdue=self.verdict.days_overdue,
        )


@dataclass(frozen=True, slots=True)
class BodyRollout:
    """Every service of one body."""

    area: Area
    services: list[RolloutRow]

    @property
    def in_place_count(self) -> int:
        return sum(row.verdict.verdict in ("in_place", "in_place_late") for row in self.services)

    @property
    def reported_count(self) -> int:
        return sum(row.verdict.verdict != "no_report" for row in self.services)

    @property
    def missed_deadline(self) -> bool:
        return any(row.verdict.missed for row in self.services)

    @property
    def last_update(self) -> date | None:
        return max((row.latest.known_from for row in self.services if row.latest), default=None)


def find_boards(on: date, *, demonstration: bool) -> list[Area]:
    """Boards in being on a day, A to Z; the fictitious ones last."""
    boards = Area.objects.boards().shown(demonstration=demonstration).in_being(on)
    return list(boards.order_by("demonstration", "short_name"))


def find_rollout(
    on: date, *, demonstration: bool, areas: Iterable[Area] | None = None, deadline: date | None = None
) -> list[BodyRollout]:
    """Every service of every board in being, as known on a day; against another `deadline` if given."""
    boards = list(areas) if areas is not None else find_boards(on, demonstration=demonstration)
    services = list(Service.objects.order_by("order"))
    history: dict[tuple[int, int], list[RolloutStatus]] = defaultdict(list)
    for status in RolloutStatus.objects.known_on(on).filter(area__in=boards).order_by("on", "pk"):
        history[status.area_id, status.service_id].append(status)
    return [
        BodyRollout(
            board,
            [_judge(board, service, history[board.pk, service.pk], on, deadline) for service in services],
        )
        for board in boards
    ]


def _judge(
    board: Area, service: Service, history: list[RolloutStatus], on: date, deadline: date | None
) -> RolloutRow:
    due = deadline or service.deadline
    verdict = judge_rollout(history=[(row.on, row.status) for row in history], deadline=due, on=on)
    return RolloutRow(board, service, due, verdict, history[-1] if history else None, history)


def find_rollout_history(area: Area, on: date) -> list[RolloutStatus]:
    """Every report on a body's services as known on a day, newest first."""
    return list(
        RolloutStatus.objects.known_on(on)
        .filter(area=area)
        .select_related("service")
        .order_by("-on", "service__order")
    )


def find_regions(boards: Iterable[Area], on: date) -> dict[int, Area]:
    """The NHS region of each board, by the board's key."""
    links = (
        AreaLink.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=on),
            kind=LinkKind.MEMBER_OF,
            from_area__in=list(boards),
            to_area__kind="nhs_region",
            valid_from__lte=on,
        )
        .select_related("to_area")
        .order_by("valid_from")
    )
    return {link.from_area_id: link.to_area for link in links}


@dataclass(frozen=True, slots=True)
class Succession:
    """Where a board came from and went to."""

    predecessors: list[AreaLink]
    successors: list[AreaLink]


def find_succession(area: Area) -> Succession:
    links = list(
        AreaLink.objects.filter(Q(from_area=area) | Q(to_area=area), kind=LinkKind.SUCCEEDED_BY)
        .select_related("from_area", "to_area")
        .order_by("valid_from", "from_area__short_name")
    )
    return Succession(
        predecessors=[link for link in links if link.to_area_id == area.pk],
        successors=[link for link in links if link.from_area_id == area.pk],
    )


def suggest_boards(text: str, on: date, *, demonstration: bool) -> list[Area]:
    """Boards whose code or name resembles what somebody looked for; at most five."""
    boards = Area.objects.boards().shown(demonstration=demonstration)
    words = text.strip()[:40]
    alike = boards.filter(Q(code__istartswith=words[:2]) | Q(short_name__icontains=words))
    return list(alike.order_by("short_name")[:5])


def find_hex_cells(on: date) -> dict[int, HexCell]:
    """The hex map's cells as drawn for a day, by the board's key."""
    layout = HexCell.objects.filter(valid_from__lte=on).order_by("-valid_from").values("valid_from")[:1]
    return {cell.area_id: cell for cell in HexCell.objects.filter(valid_from=layout)}
