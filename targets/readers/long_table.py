"""Reads an edition kept as a long table: one line a figure, with its limits as published."""

from collections.abc import Iterator

from kit.readers.csv_table import BrokenTable, Row, read_table
from targets.readers.reading import Reading
from targets.readers.wide_table import WITHHELD

COLUMNS = (
    "area",
    "period_start",
    "period_end",
    "period",
    "value",
    "lower95",
    "upper95",
    "lower998",
    "upper998",
    "denominator",
)
LIMITS = ("lower998", "lower95", "upper95", "upper998")


def read_long_table(content: str, *, file: str) -> Iterator[Reading]:
    """Readings line by line. `NA` is a figure the publisher withheld; an empty limit was not published.

    Raises:
        BrokenTable: a column missing or unknown, a period that ends before it starts, a figure that is no
            percentage, limits without their partner or their value, or that do not enclose it.
    """
    rows = read_table(content, file=file, columns=COLUMNS)
    for row in rows:
        unknown = set(row.cells) - set(COLUMNS)
        if unknown:
            raise BrokenTable(f"{file} has the unknown column {', '.join(sorted(unknown))}: remove it.")
        yield _read_row(row)


def _read_row(row: Row) -> Reading:
    start, end = row.required_day("period_start"), row.required_day("period_end")
    if end < start:
        raise row.refuse("period_end", "a day on or after the start of the period")
    withheld = row.required("value") == WITHHELD
    value_pct = None if withheld else row.pct("value")
    limits = _read_limits(row, value_pct)
    denominator = row.whole("denominator")
    if denominator == 0:
        raise row.refuse("denominator", "above 0")
    return Reading(
        line=row.line,
        area_code=row.required("area"),
        period_label=row.required("period"),
        period_start=start,
        period_end=end,
        value_text="" if withheld else row.text("value"),
        value_pct=value_pct,
        lower95_pct=limits["lower95"],
        upper95_pct=limits["upper95"],
        lower998_pct=limits["lower998"],
        upper998_pct=limits["upper998"],
        denominator=None if denominator is None else float(denominator),
        note="The publisher withheld the figure." if withheld else "",
    )


def _read_limits(row: Row, value_pct: float | None) -> dict[str, float | None]:
    limits = {column: row.pct(column) for column in LIMITS}
    for lower, upper in (("lower95", "upper95"), ("lower998", "upper998")):
        for column, partner in ((lower, upper), (upper, lower)):
            if limits[column] is None and limits[partner] is not None:
                raise row.refuse(column, f"filled in, though {partner} is")
    given = [(column, limit) for column, limit in limits.items() if limit is not None]
    if not given:
        return limits
    if value_pct is None:
        raise row.refuse(given[0][0], "empty, though the figure was withheld")
    if limits["lower95"] is None:
        raise row.refuse("lower95", "filled in, though the 99.8% limits are")
    half = len(given) // 2
    _refuse_unordered(row, value_pct, given[:half][::-1], sign=-1)
    _refuse_unordered(row, value_pct, given[half:], sign=1)
    return limits


def _refuse_unordered(row: Row, value_pct: float, limits: list[tuple[str, float]], *, sign: int) -> None:
    """`limits` from the value outwards: downwards with sign -1, upwards with 1."""
    inner = value_pct
    for column, limit in limits:
        if sign * limit < sign * inner:
            raise row.refuse(
                column, f"{inner:g} or {'more' if sign > 0 else 'less'}: limits enclose the value"
            )
        inner = limit
