"""Every published figure of an indicator, and our estimates, as rows of a download."""

from collections.abc import Iterator, Sequence
from datetime import date

from django.db.models import Case, QuerySet, Value, When

from icbs.models import AreaKind
from targets.models import Indicator, Observation

COLUMNS: dict[str, str] = {
    "indicator": "series__indicator__slug",
    "area_code": "series__area__code",
    "area": "series__area__short_name",
    "area_kind": "series__area__kind",
    "sex": "series__sex",
    "age": "series__age",
    "category_type": "series__category_type",
    "category": "series__category",
    "period": "period_label",
    "period_start": "period_start",
    "period_end": "period_end",
    "value_text": "value_text",
    "value_pct": "value_pct",
    "lower95_pct": "lower95_pct",
    "upper95_pct": "upper95_pct",
    "lower998_pct": "lower998_pct",
    "upper998_pct": "upper998_pct",
    "count": "count",
    "denominator": "denominator",
    "note": "note",
    "our_estimate": "estimated",
    "edition": "release__title",
    "known_from": "known_from",
    "source": "release__source_title",
    "source_url": "release__source_url",
    "demonstration": "series__area__demonstration",
}
ROWS_AT_A_TIME = 2000


def find_figure_rows(
    indicator: Indicator, on: date, *, demonstration: bool
) -> QuerySet[Observation, Sequence[object]]:
    """All areas, groups and periods as known on a day, England first. One query, read a slice at a time."""
    rows = Observation.objects.known_on(on).filter(series__indicator=indicator)
    if not demonstration:
        rows = rows.filter(series__area__demonstration=False)
    after_england = Case(When(series__area__kind=AreaKind.ENGLAND, then=Value(0)), default=Value(1))
    ordered = rows.annotate(after_england=after_england).order_by(
        "after_england",
        "series__area__kind",
        "series__area__code",
        "series__sex",
        "series__age",
        "series__category_type",
        "series__category",
        "period_start",
        "period_end",
        "pk",
    )
    return ordered.values_list(*COLUMNS.values())


def read_rows(rows: QuerySet[Observation, Sequence[object]]) -> Iterator[Sequence[object]]:
    return rows.iterator(chunk_size=ROWS_AT_A_TIME)
