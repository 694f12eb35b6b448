"""What an edition covers: inside it a missing row was dropped, outside it nothing is said."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max, Min

from icbs.models import Area
from targets.models import Indicator, Series, StagedRow

Coverage = dict[str, Any]


def find_coverage(batch: UUID, indicator: Indicator, *, only_named: bool = False) -> Coverage:
    """Kinds of area (or the areas themselves), sexes, ages, categories, and a span for each length of period."""
    rows = StagedRow.objects.filter(batch=batch, indicator=indicator)
    series = Series.objects.filter(pk__in=rows.values("series"))
    groups = set(series.values_list("sex", "age", "category_type", "category"))
    spans = rows.values_list("period_months").annotate(first=Min("period_start"), last=Max("period_end"))
    coverage: Coverage = {
        "kinds": sorted(set(series.values_list("area__kind", flat=True))),
        "sexes": sorted({sex for sex, *_ in groups}),
        "ages": sorted({age for _, age, *_ in groups}),
        "categories": sorted({(kind, category) for *_, kind, category in groups}),
        "spans": {str(months): [first.isoformat(), last.isoformat()] for months, first, last in spans},
    }
    if only_named:
        coverage["areas"] = sorted(set(series.values_list("area_id", flat=True)))
    return coverage


def cover_every_period(indicator: Indicator, areas: Iterable[Area]) -> Coverage:
    """Whatever is judged of an indicator in some areas: what is missing there is no longer given."""
    return {
        "areas": sorted(area.pk for area in areas),
        "sexes": [indicator.sex],
        "ages": [indicator.age],
        "categories": [["", ""]],
        "spans": {str(indicator.period_months): [date.min.isoformat(), date.max.isoformat()]},
    }


def covered_places(coverage: Coverage, *, series: str, row: str) -> tuple[str, list[Any]]:
    """SQL and its values: whether a row of a series lies inside; the table of the areas is named `area`."""
    if not coverage.get("spans"):
        return "1 = 0", []
    if "areas" in coverage:
        where, values = _one_of(f"{series}.area_id", coverage["areas"])
    else:
        where, values = _one_of("area.kind", coverage["kinds"])
    parts, all_values = [where], list(values)
    for column, name in (("sex", "sexes"), ("age", "ages")):
        where, values = _one_of(f"{series}.{column}", coverage[name])
        parts.append(where)
        all_values += values
    pairs = coverage["categories"]
    marks = ", ".join(["(%s, %s)"] * len(pairs))
    parts.append(f"({series}.category_type, {series}.category) IN (VALUES {marks})")
    all_values += [word for pair in pairs for word in pair]
    spans = []
    for months, (first, last) in coverage["spans"].items():
        spans.append(f"({series}.period_months = %s AND {row}.period_start >= %s AND {row}.period_end <= %s)")
        all_values += [int(months), first, last]
    parts.append(f"({' OR '.join(spans)})")
    return " AND ".join(parts), all_values


def _one_of(column: str, options: list[Any]) -> tuple[str, list[Any]]:
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)", [options]
    return f"{column} IN ({', '.join(['%s'] * len(options))})", list(options)
