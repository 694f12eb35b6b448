"""The boards' services counted board by board against their deadline."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from icbs.calc.rollout import Verdict
from icbs.calc.wording import Tag
from icbs.selectors import BodyRollout, RolloutRow
from kit.calc.formats import format_day

NO_REPORT_YET = "No report published"
IN_PLACE = {Verdict.IN_PLACE, Verdict.IN_PLACE_LATE}
NOT_IN_PLACE = {
    Verdict.PARTLY,
    Verdict.NOT_IN_PLACE,
    Verdict.DECOMMISSIONED,
    Verdict.AT_RISK,
    Verdict.OFF_TRACK,
}


class State(StrEnum):
    """All services of one board taken together."""

    ALL = "all"
    ALL_LATE = "all_late"
    NOT_ALL = "not_all"
    EXPECTED = "expected"
    UNCLEAR = "unclear"
    NO_REPORT = "no_report"


TAGS = {
    State.ALL: Tag("All in place", "✓", "green"),
    State.ALL_LATE: Tag("All in place, late", "✓", "blue"),
    State.NOT_ALL: Tag("Not all in place", "✕", "red"),
    State.EXPECTED: Tag("Said to be on time", "◐", "green"),
    State.UNCLEAR: Tag("Not fully known", "?", "grey"),
    State.NO_REPORT: Tag("No report", "–", "white"),
}


def find_state(body: BodyRollout) -> State:
    verdicts = {row.verdict.verdict for row in body.services}
    if body.reported_count == 0:
        return State.NO_REPORT
    if verdicts & NOT_IN_PLACE:
        return State.NOT_ALL
    if verdicts <= IN_PLACE:
        return State.ALL_LATE if Verdict.IN_PLACE_LATE in verdicts else State.ALL
    return State.EXPECTED if verdicts <= {*IN_PLACE, Verdict.ON_TRACK} else State.UNCLEAR


@dataclass(frozen=True, slots=True)
class ServicesSummary:
    """How many boards stand in each state, and the deadline that every service has or the last one's."""

    deadline: date | None
    counts: Counter[State]

    @property
    def board_count(self) -> int:
        return self.counts.total()

    @property
    def has_reports(self) -> bool:
        return self.board_count > self.counts[State.NO_REPORT]

    @property
    def sentence(self) -> str:
        late = self.counts[State.ALL_LATE]
        late_words = f" ({late} of them late)" if late else ""
        other = self.counts[State.EXPECTED] + self.counts[State.UNCLEAR]
        other_words = f", {other} report only in part" if other else ""
        return (
            f"Of {self.board_count} boards, {self.counts[State.ALL] + late} report all services in place"
            f"{late_words}, {self.counts[State.NOT_ALL]} report that they are not{other_words}, "
            f"and {self.counts[State.NO_REPORT]} have no published report."
        )


def count_services(bodies: Iterable[BodyRollout]) -> ServicesSummary:
    bodies = list(bodies)
    deadlines = [row.deadline for body in bodies for row in body.services]
    return ServicesSummary(max(deadlines, default=None), Counter(find_state(body) for body in bodies))


def describe_services(body: BodyRollout) -> str:
    """“2 of 3 in place”, or that nothing was reported."""
    if not body.reported_count:
        return "No report"
    return f"{body.in_place_count} of {len(body.services)} in place"


def list_sentences(body: BodyRollout) -> str:
    return " ".join(row.sentence for row in body.services)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRow:
    """One service of a board as plain values for a table."""

    name: str
    status: Tag
    deadline: date
    days: str
    day_count: int
    report: str
    reported_on: date | None
    source: str
    demonstration: bool

    @property
    def status_word(self) -> str:
        return self.status.word


def list_services(body: BodyRollout) -> list[ServiceRow]:
    return [_make_row(row) for row in body.services]


def _make_row(row: RolloutRow) -> ServiceRow:
    latest, verdict = row.latest, row.verdict
    return ServiceRow(
        name=row.service.name,
        status=row.tag,
        deadline=row.deadline,
        days=row.days_words or ("In time" if verdict.verdict == Verdict.IN_PLACE else "Not counted"),
        day_count=verdict.days_late or verdict.days_overdue or 0,
        report=f"{latest.get_status_display()} on {format_day(latest.on)}" if latest else NO_REPORT_YET,
        reported_on=latest.known_from if latest else None,
        source=latest.source_title if latest else NO_REPORT_YET,
        demonstration=row.area.demonstration,
    )
