"""Columns that the public tables of targets and figures share."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kit.as_at import AsAt
from kit.calc.formats import NOT_PUBLISHED, format_day, format_pct, format_pp

NUMERIC = {
    "th": {"class": "nhsuk-table__header--numeric"},
    "td": {"class": "nhsuk-table__cell--numeric"},
}
BADGE = (
    '<span class="nhsuk-tag nhsuk-tag--purple tracker-tag tracker-tag--demonstration">Demonstration</span>'
)
WORDS = {"td": {"class": "tracker-table__words"}}
EXPORT_PLACES = 6
GAP_NOTE = "Gaps are worked out before rounding."
NO_FIGURE = "no figure"


class PctColumn(tables.Column):
    """A percentage: one decimal on the page, six in a download, words where there is none."""

    empty_values = ()  # so that pages and downloads, too, get the words

    def __init__(self, *arguments: Any, words: str = NOT_PUBLISHED, **options: Any) -> None:
        super().__init__(*arguments, attrs=NUMERIC, **options)
        self.words = words

    def render(self, value: float | None, record: Any) -> str:
        """With as many decimals as tell the row's figure from its path, where the row knows."""
        return self.say_none(record) if value is None else self.write(value, getattr(record, "places", 1))

    def value(self, value: float | None, record: Any) -> float | str:
        return self.say_none(record) if value is None else round(value, EXPORT_PLACES)

    def write(self, value: float, places: int) -> str:
        return format_pct(value, places)

    def say_none(self, record: Any) -> str:
        return self.words


class GapColumn(PctColumn):
    """A distance from a path in percentage points."""

    def write(self, value: float, places: int) -> str:
        return format_pp(value, places).replace("percentage points", "points")

    def say_none(self, record: Any) -> str:
        return NO_FIGURE if record.value_pct is None else self.words


class DayColumn(tables.Column):
    """A day as written on pages; ISO in downloads."""

    def render(self, value: date | str) -> str:
        return format_day(value) if isinstance(value, date) else value

    def value(self, value: date | str) -> date | str:
        return value


class HiddenColumn(tables.Column):
    """Only in downloads."""

    empty_values = ()

    def __init__(self, *arguments: Any, words: str = "", **options: Any) -> None:
        super().__init__(*arguments, visible=False, orderable=False, **options)
        self.words = words

    def value(self, value: object) -> object:
        if isinstance(value, float):
            return round(value, EXPORT_PLACES)
        return self.words if value in (None, "") else value


class LinkedTable(tables.Table):
    """A table whose links keep the day the reader looks back to."""

    def __init__(self, *arguments: Any, as_at: AsAt, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.query = as_at.query

    def link(self, words: str, name: str, *, beside: str = "", **arguments: object) -> SafeString:
        address = f"{reverse(name, kwargs=arguments)}{self.query}"
        if beside:
            address += f"{'&' if self.query else '?'}area={beside}"
        return format_html('<a class="nhsuk-link" href="{}">{}</a>', address, words)
