"""Reads of areas and services: who is in being, where a board lies, how far each service is in place."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Min, Q

from icbs.calc.rollout import RolloutVerdict, Status, judge_rollout
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


KNOWN_STATUSES = {Status.NOT_STARTED, Status.PLANNED, Status.PARTIAL, Status.FULL, Status.DECOMMISSIONED}
ALL_SERVICES = "All of them"


@dataclass(frozen=True, slots=True)
class RolloutCount:
    """How many real boards have a service in place, between what is known and what may be.

    `known` counts boards whose state was reported; a stated confidence and don't know are no state.
    """

    service: str
    deadline: date | None
    in_place: int
    not_in_place: int
    dont_know: int
    no_report: int

    @property
    def known(self) -> int:
        return self.in_place + self.not_in_place

    @property
    def total(self) -> int:
        return self.known + self.dont_know + self.no_report

    @property
    def most_in_place(self) -> int:
        return self.total - self.not_in_place

    @property
    def of_known(self) -> str:
        if not self.known:
            return "no board's state is known"
        return f"{self.in_place} of {self.known} ({_share(self.in_place, self.known)})"

    @property
    def of_all(self) -> str:
        if self.in_place == self.most_in_place:
            return f"{self.in_place} of {self.total} ({_share(self.in_place, self.total)})"
        return (
            f"between {self.in_place} and {self.most_in_place} of {self.total} "
            f"({_share(self.in_place, self.total)} to {_share(self.most_in_place, self.total)})"
        )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "no boards"


def count_rollout(bodies: Iterable[BodyRollout]) -> list[RolloutCount]:
    """One count a service, and one of the boards that have all of them. Fictitious boards are left out."""
    real = [body for body in bodies if not body.area.demonstration and body.services]
    if not real:
        return []
    counts = [
        _count(row.service.short_name, row.deadline, [[body.services[place]] for body in real])
        for place, row in enumerate(real[0].services)
    ]
    return [*counts, _count(ALL_SERVICES, None, [body.services for body in real])]


def _count(name: str, deadline: date | None, boards: Sequence[Sequence[RolloutRow]]) -> RolloutCount:
    states = Counter(_find_state(rows) for rows in boards)
    return RolloutCount(
        name, deadline, states["in_place"], states["not_in_place"], states["dont_know"], states["no_report"]
    )


def _find_state(rows: Sequence[RolloutRow]) -> str:
    """One known not to be in place settles it; else every one must be known to be in place."""
    if any(row.verdict.status in KNOWN_STATUSES - {Status.FULL} for row in rows):
        return "not_in_place"
    if all(row.verdict.status == Status.FULL for row in rows):
        return "in_place"
    return "no_report" if all(row.verdict.status is None for row in rows) else "dont_know"


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One board in the matrix of boards and services; `cells` by the service's slug."""

    body: BodyRollout
    region: str
    region_code: str
    cells: dict[str, RolloutRow]

    @property
    def name(self) -> str:
        return self.body.area.short_name

    @property
    def demonstration(self) -> bool:
        return self.body.area.demonstration


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """`first_board_on` is set only where no board is in being."""

    services: list[Service]
    rows: list[MatrixRow]
    counts: list[RolloutCount]
    first_board_on: date | None

    @property
    def deadline(self) -> date | None:
        return max((service.deadline for service in self.services), default=None)

    @property
    def real_count(self) -> int:
        return sum(not row.demonstration for row in self.rows)

    @property
    def reporting_count(self) -> int:
        return sum(not row.demonstration and row.body.reported_count > 0 for row in self.rows)

    @property
    def sentence(self) -> str:
        """What is known of the boards, in a sentence with the numbers."""
        if not self.counts:
            return "There is nothing to count."
        every = self.counts[-1]
        if not self.reporting_count:
            return (
                f"None of the {self.real_count} boards has a published report, so between 0 and "
                f"{self.real_count} of them have all {len(self.services)} services in place."
            )
        return (
            f"All {len(self.services)} services are in place in {every.of_all} boards. {self._known(every)}"
        )

    def _known(self, every: RolloutCount) -> str:
        quiet = self.real_count - self.reporting_count
        return f"Of those whose state is known: {every.of_known}. {quiet} have no published report."


def find_matrix(on: date, *, demonstration: bool) -> Matrix:
    """Every service of every board in being, the regions and the counts. At most five queries."""
    bodies = find_rollout(on, demonstration=demonstration)
    regions = find_regions([body.area for body in bodies], on)
    rows = [_make_matrix_row(body, regions.get(body.area.pk)) for body in bodies]
    opened = Area.objects.boards().real().aggregate(first=Min("opened"))["first"] if not rows else None
    services = (
        [row.service for row in bodies[0].services] if bodies else list(Service.objects.order_by("order"))
    )
    return Matrix(services=services, rows=rows, counts=count_rollout(bodies), first_board_on=opened)


def _make_matrix_row(body: BodyRollout, region: Area | None) -> MatrixRow:
    return MatrixRow(
        body=body,
        region=region.short_name if region else "No region known",
        region_code=region.code if region else "",
        cells={row.service.slug: row for row in body.services},
    )
