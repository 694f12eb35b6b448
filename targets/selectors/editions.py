"""What one edition changed, as lines up in the order in which the editions were known."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Abs

from icbs.models import AreaKind
from kit.calc.formats import format_day, format_pct, join_words
from targets.models import Change, Observation, Release, ReleaseKind, Series

KEPT_SECONDS = 600
ROWS_AT_A_TIME = 2000
SAME_PP = 1e-7
"""What separates two printings of one number is smaller; what a publisher revises is not."""
REVISED, LIMITS, DROPPED, NEW = "revised", "limits", "dropped", "new"
WHAT = {
    REVISED: "Figure revised",
    LIMITS: "Only its limits or counts revised",
    DROPPED: "No longer given",
    NEW: "New",
}
SAME_VALUE = Q(value_pct=None, replaces__value_pct=None) | Q(
    value_pct__gte=F("replaces__value_pct") - SAME_PP, value_pct__lte=F("replaces__value_pct") + SAME_PP
)
WHAT_CHANGED = Case(
    When(change=Change.NEW, then=Value(NEW)),
    When(change=Change.DROPPED, then=Value(DROPPED)),
    When(SAME_VALUE, then=Value(LIMITS)),
    default=Value(REVISED),
)
DIFFERENCE_PP = F("value_pct") - F("replaces__value_pct")
KIND_WORDS = {
    AreaKind.ENGLAND: ("England", "England"),
    AreaKind.NHS_REGION: ("NHS region", "NHS regions"),
    AreaKind.ICB: ("board", "boards"),
    AreaKind.COUNCIL: ("council", "councils"),
    AreaKind.TRUST: ("trust", "trusts"),
}
COLUMNS = {
    "area": F("series__area__short_name"),
    "area_code": F("series__area__code"),
    "kind": F("series__area__kind"),
    "demonstration": F("series__area__demonstration"),
    "sex": F("series__sex"),
    "age": F("series__age"),
    "category_type": F("series__category_type"),
    "category": F("series__category"),
    "period": F("period_label"),
    "before_text": F("replaces__value_text"),
    "before_pct": F("replaces__value_pct"),
    "after_text": F("value_text"),
    "after_pct": F("value_pct"),
    "difference_pp": DIFFERENCE_PP,
    "before_lower95_pct": F("replaces__lower95_pct"),
    "after_lower95_pct": F("lower95_pct"),
    "before_upper95_pct": F("replaces__upper95_pct"),
    "after_upper95_pct": F("upper95_pct"),
    "before_lower998_pct": F("replaces__lower998_pct"),
    "after_lower998_pct": F("lower998_pct"),
    "before_upper998_pct": F("replaces__upper998_pct"),
    "after_upper998_pct": F("upper998_pct"),
    "before_count": F("replaces__count"),
    "after_count": F("count"),
    "before_denominator": F("replaces__denominator"),
    "after_denominator": F("denominator"),
    "before_edition": F("replaces__release__title"),
}

CHANGE_COLUMNS = ["what", *COLUMNS, "period_start", "period_end", "note"]
"""Of a download, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """How many figures of one kind of area and one period were changed in one way. England's own in percent."""

    what: str
    kind: str
    demonstration: bool
    period: str
    period_start: date
    rows: int
    england_before_pct: float | None
    england_after_pct: float | None


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One release with what it changed. `beside`: every other release of its indicator, in order.

    `state`: names the editions that what it changed follows from.
    """

    release: Release
    fictitious: bool
    beside: list[Release]
    groups: list[Group]
    state: str

    @property
    def is_estimate(self) -> bool:
        return self.release.kind == ReleaseKind.ESTIMATE

    @property
    def is_withdrawn(self) -> bool:
        return self.release.withdrawn_at is not None

    @property
    def read_count(self) -> int:
        found = self.release
        return found.accepted_count + found.duplicate_count + len(found.rejected)

    @property
    def before(self) -> list[Release]:
        """The live releases of its kind that were known before it, the newest last."""
        own = self.release
        return [
            row
            for row in self.beside
            if row.kind == own.kind
            and row.withdrawn_at is None
            and (row.known_from, row.pk) < (own.known_from, own.pk)
        ]

    @property
    def estimates(self) -> list[Release]:
        """Our board estimates that stand and were made from it."""
        pk = self.release.pk
        return [row for row in self.beside if row.derived_from_id == pk and row.withdrawn_at is None]

    @property
    def others_that_day(self) -> list[Release]:
        """Published editions of the same indicator that became known on the same day."""
        day = self.release.known_from
        live = (row for row in self.beside if row.withdrawn_at is None and row.known_from == day)
        return [row for row in live if row.kind == ReleaseKind.PUBLISHED]

    @property
    def changed_count(self) -> int:
        """Figures that were known before and are not the same any more."""
        return sum(group.rows for group in self.groups if group.what != NEW)

    @cached_property
    def by_what(self) -> Counter[str]:
        return _add_up(self.groups, "what")

    @property
    def new_periods(self) -> list[tuple[str, Counter[str], bool]]:
        """Each period with new figures, the newest first: its label, areas by their kind, whether fictitious."""
        new = [group for group in self.groups if group.what == NEW]
        days = {group.period: group.period_start for group in new}
        return [
            (period, _add_up(own, "kind"), any(group.demonstration for group in own))
            for period in sorted(days, key=lambda label: days[label], reverse=True)
            for own in [[group for group in new if group.period == period]]
        ]

    def count_rows(self, *, what: str = "", kind: str = "", period: str = "") -> int:
        """How many changed figures pass a filter; new ones only where they are asked for."""
        return sum(
            group.rows
            for group in self.groups
            if (group.what == what if what else group.what != NEW)
            and kind in ("", group.kind)
            and period in ("", group.period)
        )


def _add_up(groups: Iterable[Group], name: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for group in groups:
        counts[getattr(group, name)] += group.rows
    return counts


def find_edition(pk: int, *, demonstration: bool) -> Edition | None:
    """None for an unknown one, and for a fictitious one while demonstration is off. Three queries."""
    of_demonstration = Series.objects.filter(indicator=OuterRef("indicator"), area__demonstration=True)
    found = Release.objects.filter(pk=pk).annotate(fictitious=Exists(of_demonstration))
    release: Any = found.select_related("indicator", "derived_from").defer("covers").first()
    if release is None or (release.fictitious and not demonstration):
        return None
    others = Release.objects.filter(indicator=release.indicator_id).exclude(pk=pk)
    beside = list(others.defer("rejected", "covers").order_by("known_from", "pk"))
    state = _name_state([release, *beside])
    groups = cache.get_or_set(
        f"edition-groups-{state}-{demonstration}",
        lambda: _count_groups(release, demonstration=demonstration),
        KEPT_SECONDS,
    )
    return Edition(
        release=release, fictitious=release.fictitious, beside=beside, groups=groups or [], state=state
    )


def _name_state(releases: list[Release]) -> str:
    """Differs whenever an edition of the indicator comes or goes: what one changed depends on those before it."""
    facts = [(row.pk, row.recorded_at, row.withdrawn_at) for row in releases]
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _select_changed(release: Release, *, demonstration: bool) -> QuerySet[Observation]:
    rows = Observation.objects.filter(
        release=release, change__in=[Change.NEW, Change.REVISED, Change.DROPPED]
    )
    return rows if demonstration else rows.filter(series__area__demonstration=False)


def _count_groups(release: Release, *, demonstration: bool) -> list[Group]:
    england = Q(
        series__area__kind=AreaKind.ENGLAND,
        series__sex=F("series__indicator__sex"),
        series__age=F("series__indicator__age"),
        series__category="",
        series__period_months=F("series__indicator__period_months"),
    )
    rows = (
        _select_changed(release, demonstration=demonstration)
        .order_by()
        .values(
            "period_start",
            what=WHAT_CHANGED,
            kind=F("series__area__kind"),
            demonstration=F("series__area__demonstration"),
            period=F("period_label"),
        )
        .annotate(
            rows=Count("pk"),
            england_before_pct=Max("replaces__value_pct", filter=england),
            england_after_pct=Max("value_pct", filter=england),
        )
    )
    return [Group(**row) for row in rows.order_by("period_start", "kind", "what")]


def list_changed(
    edition: Edition, *, demonstration: bool, what: str = "", kind: str = "", period: str = ""
) -> QuerySet[Any]:
    """Every changed figure as plain values: the largest revisions first, then those of limits, then what was dropped.

    New figures only where they are asked for.
    """
    rows = _select_changed(edition.release, demonstration=demonstration)
    rows = rows.annotate(what=WHAT_CHANGED)
    rows = rows.filter(what=what) if what else rows.exclude(change=Change.NEW)
    if kind:
        rows = rows.filter(series__area__kind=kind)
    if period:
        rows = rows.filter(period_label=period)
    rank = Case(
        When(what=REVISED, replaces__value_pct__isnull=False, value_pct__isnull=False, then=Value(0)),
        When(what=REVISED, then=Value(1)),
        When(what=LIMITS, then=Value(2)),
        default=Value(3),
    )
    after_england = Case(When(series__area__kind=AreaKind.ENGLAND, then=Value(0)), default=Value(1))
    return (
        rows.annotate(rank=rank, size_pp=Abs(DIFFERENCE_PP), after_england=after_england)
        .order_by("rank", "-size_pp", "after_england", "series__area__short_name", "period_start", "pk")
        .values("pk", "what", "period_start", "period_end", "note", **COLUMNS)
    )


def read_changed(rows: QuerySet[Any]) -> Iterator[list[object]]:
    """The rows of a download, a slice of the table at a time."""
    for row in rows.iterator(chunk_size=ROWS_AT_A_TIME):
        if row["difference_pp"] is not None:
            row["difference_pp"] = round(row["difference_pp"], 6)
        yield [WHAT[row["what"]] if name == "what" else row[name] for name in CHANGE_COLUMNS]


def describe_kinds(counts: Mapping[str, int]) -> str:
    """How many figures each kind of area has: “1 for England and 321 for councils”."""
    return join_words(
        [f"{counts[kind]:,} for {many}" for kind, (_, many) in KIND_WORDS.items() if counts.get(kind)]
    )


def describe_edition(edition: Edition) -> str:
    """What it changed, in one sentence with the numbers."""
    release, day = edition.release, format_day(edition.release.known_from)
    if edition.is_withdrawn:
        when = format_day(release.withdrawn_at.date()) if release.withdrawn_at else ""
        return f"This edition of {day} was withdrawn on {when}: it answers nothing any more."
    counts = edition.by_what
    revised = counts[REVISED] + counts[LIMITS]
    what = f"Our board estimates of {day}" if edition.is_estimate else f"The edition of {day}"
    if not edition.before:
        given = "are the first: they give" if edition.is_estimate else "is the first one held: it gave"
        return f"{what} {given} {_count(counts[NEW])}{_say_england(edition)}."
    if not revised and not counts[NEW] and not counts[DROPPED]:
        return f"{what} changed nothing: every figure in it was known before."
    deeds = [
        f"revised {_count(revised)}" if revised else "revised no figure",
        f"added {counts[NEW]:,}" if counts[NEW] else "added none",
        f"no longer {'give' if edition.is_estimate else 'gives'} {counts[DROPPED]:,}"
        if counts[DROPPED]
        else "",
    ]
    return f"{what} {join_words([deed for deed in deeds if deed])}{_say_england(edition)}."


def _count(number: int) -> str:
    return f"{number:,} {'figure' if number == 1 else 'figures'}"


def _say_england(edition: Edition) -> str:
    """England's newest revised figure, and its newest first one."""
    revised = _newest(edition, REVISED)
    new = _newest(edition, NEW)
    words = []
    if revised:
        before, after = format_pct(revised.england_before_pct), format_pct(revised.england_after_pct)
        words.append(f"England's {revised.period} figure went from {before} to {after}")
    if new:
        whose = "its" if revised else "England's"
        words.append(f"{whose} {new.period} figure, {format_pct(new.england_after_pct)}, is new")
    return f"; {join_words(words)}" if words else ""


def _newest(edition: Edition, what: str) -> Group | None:
    of_england = [
        group for group in edition.groups if group.what == what and group.england_after_pct is not None
    ]
    return max(of_england, key=lambda group: group.period_start, default=None)
