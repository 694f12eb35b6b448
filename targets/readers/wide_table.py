"""Reads an edition kept as a wide table: one line an area, one column a year, the text as published."""

import csv
import io
from collections.abc import Iterator
from datetime import date

from kit.readers.csv_table import BrokenTable, read_table
from targets.readers.reading import Reading

WITHHELD = "NA"
FIRST_YEAR, LAST_YEAR = 1900, 2100


def read_wide_table(content: str, *, file: str) -> Iterator[Reading]:
    """Readings by calendar year. An empty cell is a year the edition has no row for.

    Raises:
        BrokenTable: a header that is no year, or a figure that is no percentage.
    """
    header = next(csv.reader(io.StringIO(content)), [])
    years = [name for name in header if name != "area"]
    if not years or not all(name.isascii() and name.isdigit() and len(name) == 4 for name in years):
        raise BrokenTable(
            f"{file}: the header must be 'area' and years, not {', '.join(header) or 'nothing'}."
        )
    far = [year for year in years if not FIRST_YEAR <= int(year) <= LAST_YEAR]
    if far:
        raise BrokenTable(
            f"{file}: the year {', '.join(far)} in the header is not from {FIRST_YEAR} to {LAST_YEAR}."
        )
    for row in read_table(content, file=file, columns=["area"]):
        for year in years:
            text = row.text(year)
            if not text:
                continue
            yield Reading(
                line=row.line,
                area_code=row.required("area"),
                period_label=year,
                period_start=date(int(year), 1, 1),
                period_end=date(int(year), 12, 31),
                value_text="" if text == WITHHELD else text,
                value_pct=None if text == WITHHELD else row.pct(year),
                note="The publisher withheld the figure." if text == WITHHELD else "",
            )
