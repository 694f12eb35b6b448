"""What taking an edition in, or withdrawing one, would do: done in a transaction that is rolled back."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Abs

from kit.calc.formats import format_day
from targets.models import Change, Indicator, Observation, Release, ReleaseKind
from targets.selectors.judging import Judged, judge_as_at
from targets.services.import_release import Outcome, ReadFile, Request, take_in, withdraw_release
from targets.services.timeline import EQUAL_TO

SHOWN_DIFFERENCES = 50
SHOWN_NEW = 20
JUDGED_NUMBERS = (
    "reading_label",
    "value_pct",
    "lower95_pct",
    "upper95_pct",
    "lower998_pct",
    "upper998_pct",
    "baseline_label",
    "baseline_pct",
    "target_pct",
    "expected_straight_pct",
    "expected_constant_rate_pct",
    "gap_pp",
)
COUNTS = ("read", "new", "unchanged", "revised", "duplicate", "dropped")

Preview = dict[str, Any]
"""Plain values that can be kept as JSON."""


def preview_import(read: ReadFile, request: Request, *, on: date) -> Preview:
    """Counts, first differences, every rejection, and the verdicts of the day that would change.

    Raises:
        RefusedRelease: it cannot be taken in.
    """
    basis = find_basis(read.staged.indicators)
    with _rolled_back():
        before = judge_as_at(on)
        outcome = take_in(read, request)
        made = [release for release in outcome.releases if release not in outcome.known]
        return {
            "on": on.isoformat(),
            "basis": basis,
            "counts": count_rows(outcome),
            "editions": [_describe_edition(release) for release in made],
            "known": [
                f"{release.title} (known from {format_day(release.known_from)})" for release in outcome.known
            ],
            **_find_differences(made),
            "rejected": [{"line": row["line"], "reason": row["reason"]} for row in outcome.rejected],
            **_compare_verdicts(before, judge_as_at(on)),
        }


def preview_withdrawal(release: Release, *, on: date, now: datetime) -> Preview:
    """The figures and the verdicts of the day that would be other ones without this edition.

    Raises:
        RefusedRelease: it is an estimate of ours.
    """
    with _rolled_back():
        before = judge_as_at(on)
        withdraw_release(release, because="Preview", by=None, now=now)
        gone, back = _find_what_answers_instead(release)
        release.refresh_from_db()
        preview = {
            "on": on.isoformat(),
            "gone_count": gone.count(),
            "gone": [_describe_row(row, row.value_pct, None) for row in _newest_first(gone)[:SHOWN_NEW]],
            "back_count": back.count(),
            "back": [
                _describe_row(row, row.value_pct, row.instead_pct)
                for row in _largest_first(back, F("instead_pct"))[:SHOWN_DIFFERENCES]
            ],
            **_compare_verdicts(before, judge_as_at(on)),
        }
    release.refresh_from_db()
    return preview


def find_basis(indicators: Iterable[int]) -> list[int]:
    """The published editions in force that an import is compared with; another one changes what it would do."""
    editions = Release.objects.filter(
        indicator__in=list(indicators), kind=ReleaseKind.PUBLISHED, withdrawn_at=None
    )
    return list(editions.order_by("pk").values_list("pk", flat=True))


def count_rows(outcome: Outcome) -> dict[str, int]:
    """By what became of them: read = new + unchanged + revised + duplicate + rejected."""
    return {name: getattr(outcome, name) for name in COUNTS} | {"rejected": len(outcome.rejected)}


@contextmanager
def _rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _describe_edition(release: Release) -> dict[str, Any]:
    names = ("new", "unchanged", "revised", "dropped", "duplicate")
    return {
        "title": release.title,
        "indicator": release.indicator.short_name,
        **{name: getattr(release, f"{name}_count") for name in names},
    }


def _find_differences(releases: list[Release]) -> Preview:
    """The largest revisions, the figures no longer given, and some of the new ones."""
    rows = Observation.objects.filter(release__in=releases)
    revised = rows.filter(change=Change.REVISED)
    dropped = rows.filter(change=Change.DROPPED)
    new = rows.filter(change=Change.NEW)
    return {
        "revised": [
            _describe_row(row, _former_pct(row), row.value_pct)
            for row in _largest_first(revised, F("replaces__value_pct"))[:SHOWN_DIFFERENCES]
        ],
        "dropped": [
            _describe_row(row, _former_pct(row), None) for row in _newest_first(dropped)[:SHOWN_DIFFERENCES]
        ],
        "new": [_describe_row(row, None, row.value_pct) for row in _newest_first(new)[:SHOWN_NEW]],
    }


def _former_pct(row: Observation) -> float | None:
    return row.replaces.value_pct if row.replaces else None


def _newest_first(rows: QuerySet[Any]) -> QuerySet[Any]:
    return _with_names(rows).order_by("-period_end", "series__area__short_name", "pk")


def _largest_first(rows: QuerySet[Any], other_pct: F) -> QuerySet[Any]:
    """By the size of the difference; where one side is withheld there is none, and these come last."""
    sized = _with_names(rows).annotate(size_pp=Abs(F("value_pct") - other_pct))
    return sized.order_by(F("size_pp").desc(nulls_last=True), "-period_end", "series__area__short_name", "pk")


def _with_names(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("series__area", "series__indicator", "replaces")


def _describe_row(row: Observation, before_pct: float | None, after_pct: float | None) -> dict[str, Any]:
    series = row.series
    return {
        "area": series.area.short_name,
        "code": series.area.code,
        "indicator": series.indicator.short_name,
        "period": row.period_label,
        "group": _describe_group(series, series.indicator),
        "before_pct": before_pct,
        "after_pct": after_pct,
    }


def _describe_group(series: Any, indicator: Indicator) -> str:
    """Who the figure is about where that is not everyone the indicator is judged on."""
    parts = [series.sex] if series.sex != indicator.sex else []
    parts += [series.age] if series.age != indicator.age else []
    parts += [f"{series.category_type}: {series.category}"] if series.category else []
    return ", ".join(parts)


def _find_what_answers_instead(release: Release) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """Rows of a withdrawn edition that nothing answers for now, and rows that an older figure answers for.

    Where a later edition answers, it did so before, too.
    """
    instead = Observation.objects.filter(
        series=OuterRef("series"),
        period_start=OuterRef("period_start"),
        period_end=OuterRef("period_end"),
        estimated=False,
        known_to=None,
    )
    names = {
        "pk": "pk",
        "pct": "value_pct",
        "dropped": "dropped",
        "known": "known_from",
        "edition": "release",
    }
    rows: QuerySet[Any] = Observation.objects.filter(release=release).annotate(
        **{f"instead_{name}": Subquery(instead.values(field)[:1]) for name, field in names.items()}
    )
    nothing = Q(instead_pk=None) | Q(instead_dropped=True)
    older = Q(instead_known__lt=F("known_from")) | Q(
        instead_known=F("known_from"), instead_edition__lt=release.pk
    )
    other = (
        Q(dropped=True)
        | Q(value_pct=None, instead_pct__isnull=False)
        | Q(value_pct__isnull=False, instead_pct=None)
        | Q(apart_pp__gt=EQUAL_TO * 101)
    )
    gone = rows.filter(nothing, Q(instead_pk=None) | older, dropped=False)
    back = rows.annotate(apart_pp=Abs(F("value_pct") - F("instead_pct"))).filter(
        older, other, instead_dropped=False
    )
    return gone, back


def _compare_verdicts(before: list[Judged], after: list[Judged]) -> Preview:
    """Those whose position, basis or flag changes; `rejudged` counts those that stay on other numbers."""
    former = {row.pair.key: row for row in before}
    changes, rejudged = [], 0
    for row in after:
        old = former.get(row.pair.key)
        if old is None or old.assessment.input_digest == row.assessment.input_digest:
            continue
        if _verdict_of(old) != _verdict_of(row):
            changes.append(_describe_verdict(old, row))
        elif _numbers_of(old) != _numbers_of(row):
            rejudged += 1
    return {"verdicts": changes, "rejudged": rejudged}


def _verdict_of(row: Judged) -> tuple[str, str, str]:
    return row.assessment.position, row.assessment.basis, row.assessment.flag


def _numbers_of(row: Judged) -> list[Any]:
    return [getattr(row.assessment, name) for name in JUDGED_NUMBERS]


def _describe_verdict(old: Judged, new: Judged) -> dict[str, Any]:
    area = new.pair.area
    sides = {
        side: {
            "position": str(row.assessment.position),
            "basis": str(row.assessment.basis),
            "period": row.assessment.reading_label,
            "value_pct": row.assessment.value_pct,
        }
        for side, row in (("before", old), ("after", new))
    }
    return {
        "area": area.short_name,
        "code": area.code,
        "demonstration": area.demonstration,
        "target": new.pair.version.target.title,
        "kind": str(new.pair.kind),
        **sides,
    }
