"""Puts the rows of a file into the staging table in chunks, each in its own transaction."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from icbs.models import Area, AreaCode
from kit.bulk_rows import insert_rows
from kit.calc.formats import format_day
from targets.calc.periods import Period
from targets.models import Indicator, Series, StagedRow
from targets.readers.reading import IndicatorFacts, Reading, Rejection

Place = tuple[int, str, str, str, str, int]
PLACE = ("area_id", "sex", "age", "category_type", "category", "period_months")
CHUNK_ROWS = 10_000
KEEP_BATCH_FOR = timedelta(days=1)
COLUMNS = (
    "batch",
    "staged_at",
    "line",
    "indicator_id",
    "series_id",
    "area_id",
    "sex",
    "age",
    "category_type",
    "category",
    "period_months",
    "period_label",
    "period_start",
    "period_end",
    "value_text",
    "value_pct",
    "lower95_pct",
    "upper95_pct",
    "lower998_pct",
    "upper998_pct",
    "count",
    "denominator",
    "note",
    "refused",
)


to_text = cache(date.isoformat)
"""Days are few, and drivers take long to write them."""


@dataclass(slots=True)
class Staged:
    """What reading a file found; its good rows lie in the batch.

    `rejected`: line, reason and, where it could be read, the key of the indicator. `parents`: rows by the
    parent area they name, by the key of the indicator.
    """

    batch: UUID = field(default_factory=uuid4)
    read: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    indicators: list[int] = field(default_factory=list)
    parents: dict[int, dict[str, int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"batch": str(self.batch)}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Staged":
        parents = {int(key): value for key, value in kept["parents"].items()}
        return cls(**kept | {"batch": UUID(kept["batch"]), "parents": parents})


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the rows of a file may name: indicators by Fingertips id, areas by every code they ever bore.

    `default`: the indicator of rows that name none; `only`: refuse rows that name another.
    """

    indicators: dict[int, Indicator]
    areas: dict[str, tuple[int, date | None]]
    default: Indicator | None = None

    @property
    def facts(self) -> dict[int, IndicatorFacts]:
        return {key: make_facts(indicator) for key, indicator in self.indicators.items()}


def make_facts(indicator: Indicator) -> IndicatorFacts:
    return IndicatorFacts(
        fingertips_id=indicator.fingertips_id,
        year_type=indicator.year_type,
        sex=indicator.sex,
        age=indicator.age,
    )


def open_catalogue(default: Indicator | None = None) -> Catalogue:
    """With `default` the file belongs to that indicator, and rows that name another are refused."""
    named = Indicator.objects.exclude(fingertips_id=None)
    if default is not None:
        named = named.filter(pk=default.pk)
    areas: dict[str, tuple[int, date | None]] = {
        code: (area, None) for code, area in Area.objects.values_list("code", "pk")
    }
    for code, area, valid_from in AreaCode.objects.values_list("code", "area", "valid_from"):
        areas[code] = (area, valid_from)
    return Catalogue({row.fingertips_id: row for row in named if row.fingertips_id}, areas, default)


def stage_rows(
    rows: Iterable[Reading | Rejection],
    catalogue: Catalogue,
    *,
    known_from: date,
    staged: Staged | None = None,
    progress: Callable[[int], None] = lambda read: None,
) -> Staged:
    """Every row is staged or rejected. A figure for a period that was not over on `known_from` is rejected."""
    staged = staged or Staged()
    clear_old_batches(timezone.now())
    sorter = _Sorter(catalogue, known_from, staged)
    places = iter(rows)
    read_before = -1
    while staged.read > read_before:
        read_before = staged.read
        with transaction.atomic():
            insert_rows(StagedRow, COLUMNS, sorter.sort(islice(places, CHUNK_ROWS)))
        sorter.read_series()
        progress(staged.read)
    staged.indicators = sorted(sorter.parents)
    staged.parents = {key: dict(parents) for key, parents in sorter.parents.items()}
    _refresh_statistics()
    return staged


def clear_batch(batch: UUID) -> None:
    StagedRow.objects.filter(batch=batch)._raw_delete("default")


def clear_old_batches(now: datetime) -> None:
    """What a killed run left behind."""
    StagedRow.objects.filter(staged_at__lt=now - KEEP_BATCH_FOR)._raw_delete("default")


def _refresh_statistics() -> None:
    """Without them PostgreSQL plans for an empty table."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE targets_stagedrow")


class _Sorter:
    """Turns readings into staged rows; what cannot be placed goes to the rejections."""

    def __init__(self, catalogue: Catalogue, known_from: date, staged: Staged) -> None:
        self.catalogue, self.known_from, self.staged = catalogue, known_from, staged
        now = timezone.now()
        self.now = str(now.replace(tzinfo=None) if connection.vendor == "sqlite" else now)
        self.batch = str(staged.batch) if connection.vendor == "postgresql" else staged.batch.hex
        self.parents: dict[int, Counter[str]] = {}
        self.series: dict[int, dict[Place, int]] = {}

    def sort(self, rows: Iterable[Reading | Rejection]) -> Iterator[tuple[object, ...]]:
        """Asks the database nothing: while its rows are copied the connection is busy."""
        for row in rows:
            self.staged.read += 1
            if isinstance(row, Rejection):
                yield from self._keep_place(row)
                continue
            indicator = self._find_indicator(row.indicator_id)
            problem = self._find_problem(row, indicator)
            if problem:
                yield from self._keep_place(_refuse(row, problem))
                continue
            assert indicator is not None
            place = (
                self.catalogue.areas[row.area_code][0],
                row.sex or indicator.sex,
                row.age or indicator.age,
                row.category_type,
                row.category,
                row.period_months,
            )
            self._count_parent(indicator.pk, row.parent_code)
            yield (
                self.batch,
                self.now,
                row.line,
                indicator.pk,
                self._find_series(indicator, place),
                *place,
                row.period_label,
                to_text(row.period_start),
                to_text(row.period_end),
                row.value_text,
                row.value_pct,
                row.lower95_pct,
                row.upper95_pct,
                row.lower998_pct,
                row.upper998_pct,
                row.count,
                row.denominator,
                row.note,
                False,
            )

    def read_series(self) -> None:
        """Of the indicators met so far; rows that came before find theirs when the batch is compared."""
        for indicator in self.parents.keys() - self.series.keys():
            rows = Series.objects.filter(indicator=indicator).values_list(*PLACE, "pk")
            self.series[indicator] = {row[:-1]: row[-1] for row in rows.iterator(chunk_size=10_000)}

    def _find_series(self, indicator: Indicator, place: Place) -> int | None:
        """None: a series that is not held, or not read yet."""
        return self.series.get(indicator.pk, {}).get(place)

    def _find_indicator(self, fingertips_id: int | None) -> Indicator | None:
        if fingertips_id is None:
            return self.catalogue.default
        return self.catalogue.indicators.get(fingertips_id)

    def _find_problem(self, row: Reading, indicator: Indicator | None) -> str:
        if indicator is None:
            return self._explain_indicator(row.indicator_id)
        area = self.catalogue.areas.get(row.area_code)
        if area is None:
            return f"No area has the code {row.area_code}: add it to the areas, or leave the row out."
        if area[1] is not None and area[1] > self.known_from:
            return (
                f"The code {row.area_code} came into use on {format_day(area[1])}, after this edition was "
                f"known ({format_day(self.known_from)}): check the day of the edition."
            )
        if row.period_end > self.known_from and not self._may_come_early(row, indicator):
            return (
                f"A figure for {row.period_label} cannot be known on {format_day(self.known_from)}: correct "
                "the period, or the day of the edition."
            )
        return ""

    def _may_come_early(self, row: Reading, indicator: Indicator) -> bool:
        """An edition without a lag comes out in the year it is named for, such as a survey of its first months."""
        return indicator.publication_lag_days == 0 and row.period_start <= self.known_from

    def _explain_indicator(self, fingertips_id: int | None) -> str:
        if fingertips_id is None:
            return "The row names no indicator: say which one the file is about."
        if self.catalogue.default is not None:
            return (
                f"The row is about indicator {fingertips_id}, not about {self.catalogue.default.short_name}."
            )
        return (
            f"The tracker holds no indicator with the Fingertips ID {fingertips_id}: add it to the indicators "
            "first, or leave the row out."
        )

    def _reject(self, line: int, reason: str, indicator: Indicator | None) -> None:
        self.staged.rejected.append(
            {"line": line, "reason": reason, "indicator": indicator.pk if indicator else None}
        )

    def _count_parent(self, indicator: int, parent: str) -> None:
        self.parents.setdefault(indicator, Counter())[parent] += 1

    def _keep_place(self, row: Rejection) -> Iterator[tuple[object, ...]]:
        """A refused row whose place is known is staged too, so that its place does not count as dropped."""
        indicator = self._find_indicator(row.indicator_id)
        self._reject(row.line, row.reason, indicator)
        area = self.catalogue.areas.get(row.area_code)
        if indicator is None or area is None or row.period is None:
            return
        place = (
            area[0],
            row.sex or indicator.sex,
            row.age or indicator.age,
            row.category_type,
            row.category,
            row.period.months,
        )
        yield (
            self.batch,
            self.now,
            row.line,
            indicator.pk,
            self._find_series(indicator, place),
            *place,
            row.period.label,
            to_text(row.period.start),
            to_text(row.period.end),
            *("", None, None, None, None, None, None, None, ""),
            True,
        )


def _refuse(row: Reading, reason: str) -> Rejection:
    return Rejection(
        line=row.line,
        reason=reason,
        indicator_id=row.indicator_id,
        area_code=row.area_code,
        sex=row.sex,
        age=row.age,
        category_type=row.category_type,
        category=row.category,
        period=Period(row.period_label, row.period_start, row.period_end),
    )
