"""What the data page shows: every indicator, the figures and editions held of it, and what is due."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q

from icbs.models import AreaKind
from kit.as_at import AsAt
from kit.calc.formats import format_day, join_words
from targets.calc.wording import describe_people
from targets.models import Break, Collection, Indicator, Observation, Release, ReleaseKind, Series
from targets.selectors.calendar import Due, describe_next_due, find_next_due
from targets.selectors.editions import KIND_WORDS

KEPT_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """The figures of one kind of area: ours or published. `closed`: areas that were closed by the day."""

    kind: str
    demonstration: bool
    estimated: bool
    areas: int
    closed: int
    figures: int
    first: date
    last: date
    last_regular: date | None

    @property
    def words(self) -> str:
        """“42 boards (12 of them closed)”."""
        if self.kind == AreaKind.ENGLAND:
            return "England"
        one, many = KIND_WORDS[AreaKind(self.kind)]
        fictitious = "fictitious " if self.demonstration else ""
        closed = f" ({self.closed} of them closed)" if self.closed else ""
        return f"{self.areas:,} {fictitious}{one if self.areas == 1 else many}{closed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorEntry:
    """One indicator as known on a day. `editions`: published ones, the newest first, the withdrawn apart."""

    on: date
    indicator: Indicator
    demonstration: bool
    holdings: list[Holding]
    editions: list[Release]
    estimates: list[Release]
    withdrawn: list[Release]
    first_day: date | None
    marks: list[Break]
    due: Due | None
    stand_ins: list[Indicator]

    @property
    def name(self) -> str:
        return self.indicator.short_name

    @property
    def slug(self) -> str:
        return self.indicator.slug

    @property
    def judged_people(self) -> str:
        return describe_people(self.indicator.age, self.indicator.population)

    @property
    def is_sample(self) -> bool:
        return self.indicator.collection == Collection.SAMPLE

    @property
    def collection(self) -> str:
        return "Sample survey" if self.is_sample else "Full count"

    @property
    def figure_count(self) -> int:
        return sum(holding.figures for holding in self.holdings)

    @property
    def areas(self) -> str:
        """“England and 337 councils; our estimates for 48 boards (12 of them closed)”."""
        published = [holding.words for holding in self.holdings if not holding.estimated]
        ours = [holding.words for holding in self.holdings if holding.estimated]
        parts = [join_words(published)] if published else []
        parts += [f"our estimates for {join_words(ours)}"] if ours else []
        return "; ".join(parts)

    @property
    def periods(self) -> str:
        if not self.holdings:
            return ""
        first = min(holding.first for holding in self.holdings)
        return describe_span(first, max(holding.last for holding in self.holdings))

    @property
    def newest(self) -> Release | None:
        return self.editions[0] if self.editions else None

    @property
    def newest_known_from(self) -> date | None:
        return self.newest.known_from if self.newest else None

    @property
    def edition_count(self) -> int:
        return len(self.editions)

    @property
    def next_words(self) -> str:
        return describe_next_due(self.indicator, self.due, self.on)

    @property
    def due_words(self) -> str:
        """For a table."""
        if self.indicator.ended_note:
            return "Ended"
        if self.due is None:
            return "No calendar known" if self.indicator.publication_lag_days is None else "Not worked out"
        return f"{format_day(self.due.day)}{' (overdue)' if self.due.is_overdue(self.on) else ''}"

    @property
    def no_figures(self) -> str:
        """Why nothing is shown, where nothing is."""
        if self.editions or self.holdings:
            return ""
        if self.first_day:
            return (
                f"No edition was known on {format_day(self.on)}; the first one held was known from "
                f"{format_day(self.first_day)}."
            )
        return "No edition has been taken in yet."

    @property
    def sources(self) -> list[tuple[str, str]]:
        """Each source once, that of the newest edition first."""
        return list(dict.fromkeys((row.source_title, row.source_url) for row in self.editions))


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPage:
    """Indicators with figures come first, each part from A to Z."""

    on: date
    entries: list[IndicatorEntry]

    @property
    def held(self) -> list[IndicatorEntry]:
        return [entry for entry in self.entries if entry.editions]

    @property
    def empty(self) -> list[IndicatorEntry]:
        return [entry for entry in self.entries if not entry.editions]

    @property
    def sentence(self) -> str:
        """What is held, in one sentence with the numbers; fictitious indicators are in no count."""
        held = [entry for entry in self.held if not entry.demonstration]
        if not held:
            return f"No edition of any indicator was known on {format_day(self.on)}."
        publishers = len({entry.indicator.publisher for entry in held})
        editions = [row for entry in held for row in entry.editions]
        newest = max(editions, key=lambda row: (row.known_from, row.pk))
        return (
            f"{_count(len(held), 'indicator')} from {_count(publishers, 'publisher')} in "
            f"{_count(len(editions), 'edition')}, {_count(sum(row.figure_count for row in held), 'figure')} in all; "
            f"the newest edition, “{newest.title}”, was known from {format_day(newest.known_from)}."
        )

    @property
    def overdue(self) -> list[IndicatorEntry]:
        return [entry for entry in self.entries if entry.due and entry.due.is_overdue(self.on)]


def find_data_page(as_at: AsAt, *, demonstration: bool) -> DataPage:
    """Everything in at most five queries, however many areas and figures there are."""
    indicators = _find_indicators(demonstration=demonstration)
    releases = list(
        Release.objects.filter(indicator__in=indicators)
        .defer("rejected", "covers")
        .order_by("-known_from", "-pk")
    )
    holdings = _find_holdings(indicators, releases, as_at.on, demonstration=demonstration)
    marks = defaultdict(list)
    for mark in Break.objects.filter(indicator__in=indicators).select_related("area").order_by("on"):
        marks[mark.indicator_id].append(mark)
    last = {
        pk: max(days)
        for pk, rows in holdings.items()
        if (days := [row.last_regular for row in rows if row.last_regular])
    }
    dues = find_next_due(indicators, as_at.on, last=last)
    by_indicator = defaultdict(list)
    for release in releases:
        by_indicator[release.indicator_id].append(release)
    entries = [
        _make_entry(
            row,
            as_at.on,
            holdings=holdings.get(row.pk, []),
            releases=by_indicator[row.pk],
            marks=marks[row.pk],
            due=dues[row.pk],
            stand_ins=[other for other in indicators if other.proxy_for_id == row.pk],
        )
        for row in indicators
    ]
    return DataPage(on=as_at.on, entries=sorted(entries, key=lambda row: (not row.editions, row.name)))


def find_indicator(slug: str, *, demonstration: bool) -> Indicator | None:
    """None for an unknown one, and for a fictitious one while demonstration is off. One query."""
    return next((row for row in _find_indicators(demonstration=demonstration) if row.slug == slug), None)


def _find_indicators(*, demonstration: bool) -> list[Any]:
    """With `fictitious`: whether figures of demonstration bodies belong to it."""
    of_demonstration = Series.objects.filter(indicator=OuterRef("pk"), area__demonstration=True)
    rows = Indicator.objects.annotate(fictitious=Exists(of_demonstration)).select_related("proxy_for")
    return [row for row in rows.order_by("short_name") if demonstration or not row.fictitious]


def _make_entry(
    indicator: Any,
    on: date,
    *,
    holdings: list[Holding],
    releases: list[Release],
    marks: list[Break],
    due: Due | None,
    stand_ins: list[Indicator],
) -> IndicatorEntry:
    live = [row for row in releases if row.withdrawn_at is None]
    published = [row for row in live if row.kind == ReleaseKind.PUBLISHED]
    return IndicatorEntry(
        on=on,
        indicator=indicator,
        demonstration=indicator.fictitious,
        holdings=holdings,
        editions=[row for row in published if row.known_from <= on],
        estimates=[row for row in live if row.kind == ReleaseKind.ESTIMATE and row.known_from <= on],
        withdrawn=[row for row in releases if row.withdrawn_at and row.kind == ReleaseKind.PUBLISHED],
        first_day=min((row.known_from for row in published), default=None),
        marks=marks,
        due=due,
        stand_ins=stand_ins,
    )


def _find_holdings(
    indicators: Iterable[Indicator], releases: Iterable[Release], on: date, *, demonstration: bool
) -> dict[int, list[Holding]]:
    """By the key of the indicator. Counting millions of figures is kept until an edition comes or goes."""
    facts = [(row.pk, row.recorded_at, row.withdrawn_at) for row in releases]
    state = hashlib.sha256(repr(facts).encode()).hexdigest()
    found = cache.get_or_set(
        f"data-holdings-{on}-{demonstration}-{state}",
        lambda: _count_holdings(indicators, on, demonstration=demonstration),
        KEPT_SECONDS,
    )
    return found or {}


def _count_holdings(
    indicators: Iterable[Indicator], on: date, *, demonstration: bool
) -> dict[int, list[Holding]]:
    rows = Observation.objects.known_on(on).filter(series__indicator__in=list(indicators))
    if not demonstration:
        rows = rows.filter(series__area__demonstration=False)
    regular = Q(series__period_months=F("series__indicator__period_months"))
    counted = (
        rows.order_by()
        .values(
            "estimated",
            indicator=F("series__indicator"),
            kind=F("series__area__kind"),
            demonstration=F("series__area__demonstration"),
        )
        .annotate(
            areas=Count("series__area", distinct=True),
            closed=Count("series__area", distinct=True, filter=Q(series__area__closed__lte=on)),
            figures=Count("pk"),
            first=Min("period_start"),
            last=Max("period_end"),
            last_regular=Max("period_end", filter=regular & Q(estimated=False)),
        )
    )
    holdings: dict[int, list[Holding]] = defaultdict(list)
    kinds = list(KIND_WORDS)
    ordered: list[Any] = sorted(counted, key=lambda row: (kinds.index(row["kind"]), row["estimated"]))
    for row in ordered:
        holdings[row.pop("indicator")].append(Holding(**row))
    return dict(holdings)


def describe_span(first: date, last: date) -> str:
    """From the first day of the first period to the last day of the last one.

    >>> describe_span(date(2011, 1, 1), date(2024, 12, 31)), describe_span(date(2013, 4, 1), date(2023, 3, 31))
    ('2011 to 2024', '2013/14 to 2022/23')
    """
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        start, end = str(first.year), str(last.year)
    elif (first.month, first.day, last.month, last.day) == (4, 1, 3, 31):
        start, end = _financial(first.year), _financial(last.year - 1)
    else:
        start, end = format_day(first), format_day(last)
    return start if start == end else f"{start} to {end}"


def _financial(year: int) -> str:
    return f"{year}/{(year + 1) % 100:02}"


def _count(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else one + 's'}"
