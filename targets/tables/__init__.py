"""Public tables of targets, figures and editions. Rows are plain values, so a column cannot add a query."""

from targets.tables.columns import BADGE, EXPORT_PLACES, NUMERIC, WORDS, DayColumn, HiddenColumn
from targets.tables.editions import CountedRows, IndicatorTable, make_edition_tables
from targets.tables.target_pages import ComparisonTable, PromiseTable, ReadingTable, make_page_tables

__all__ = [
    "BADGE",
    "EXPORT_PLACES",
    "NUMERIC",
    "WORDS",
    "ComparisonTable",
    "CountedRows",
    "DayColumn",
    "HiddenColumn",
    "IndicatorTable",
    "PromiseTable",
    "ReadingTable",
    "make_edition_tables",
    "make_page_tables",
]
