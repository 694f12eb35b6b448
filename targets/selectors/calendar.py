"""When the next edition of each indicator is due: the day its publisher announced, else the usual lag."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Max

from kit.calc.formats import format_day
from targets.calc.choosing import next_edition_due
from targets.models import AnnouncedEdition, Indicator, Observation

Announced = Mapping[int, Sequence[AnnouncedEdition]]


@dataclass(frozen=True, slots=True)
class Due:
    """The day an edition is due. `announced`: by the publisher; else worked out from the usual lag."""

    day: date
    announced: bool
    source: str = ""
    source_url: str = ""

    def is_overdue(self, on: date) -> bool:
        return self.day < on


def find_next_due(
    indicators: Iterable[Indicator], on: date, *, last: Mapping[int, date] | None = None
) -> dict[int, Due | None]:
    """By the key of the indicator, from the figures known on a day. At most two queries.

    None: the indicator has ended, no calendar is known, or nothing is held and nothing announced. Who knows the
    last periods (`find_last_periods`) already gives them as `last`.
    """
    indicators = list(indicators)
    announced = find_announced(indicators)
    held = find_last_periods(indicators, on) if last is None else last
    return {row.pk: find_due_after(row, held.get(row.pk), announced) for row in indicators}


def find_due_after(indicator: Indicator, period_end: date | None, announced: Announced) -> Due | None:
    """When the edition after the one that ends with a period is due; of several announced ones the first.

    An indicator that has ended is never due, so it is never overdue.
    """
    if indicator.ended_note:
        return None
    for edition in announced.get(indicator.pk, ()):
        if period_end is None or edition.period_end > period_end:
            return Due(edition.due_on, True, edition.source_title, edition.source_url)
    if period_end is None:
        return None
    day = next_edition_due(period_end, indicator.period_months, indicator.publication_lag_days)
    return Due(day, False) if day else None


def find_announced(indicators: Iterable[Indicator]) -> Announced:
    """Announced editions by the key of the indicator, in the order of their periods. One query."""
    editions = defaultdict(list)
    for edition in AnnouncedEdition.objects.filter(indicator__in=list(indicators)).order_by("period_end"):
        editions[edition.indicator_id].append(edition)
    return editions


def find_last_periods(indicators: Iterable[Indicator], on: date) -> dict[int, date]:
    """Last day of the newest published period known on a day, by the key of the indicator. One query."""
    published = Observation.objects.known_on(on).filter(
        estimated=False,
        series__indicator__in=list(indicators),
        series__period_months=F("series__indicator__period_months"),
    )
    return dict(published.order_by().values_list("series__indicator").annotate(last=Max("period_end")))


def describe_next_due(indicator: Indicator, due: Due | None, on: date) -> str:
    """One sentence; what an ended indicator waits for is said by its own note."""
    if indicator.ended_note:
        return f"No further edition comes. {indicator.ended_note}"
    if due is None and indicator.publication_lag_days is None:
        return "No publication calendar is known."
    if due is None:
        return "Not worked out: no figure is held from which to count."
    how = "announced by the publisher" if due.announced else "worked out from the usual time to publication"
    if not due.is_overdue(on):
        return f"{format_day(due.day)}, {how}."
    days = (on - due.day).days
    return (
        f"Overdue: it was due on {format_day(due.day)} ({how}), {days:,} {'day' if days == 1 else 'days'} "
        f"before {format_day(on)}, and the tracker holds no newer edition."
    )
