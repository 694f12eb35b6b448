"""Files of figures, damaged in the ways that files are damaged; the same number gives the same file."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.factories.figure_files import (
    Figure,
    write_csv,
    write_fingertips,
    write_template,
    write_upload,
    write_website,
    write_workbook,
)

AREAS = ("NORTH", "SOUTH", "EAST", "WEST")
PERIODS = ("2019", "2020", "2021", "2022", "2023")
LAYOUTS = (write_fingertips, write_website, write_upload, write_template)
STRANGE = (
    *(
        "",
        " ",
        "NA",
        "-1",
        "-0.0",
        "NaN",
        "inf",
        "1e400",
        "1E-05",
        "1,000",
        "12.5%",
        "=1+1",
        "12.5.1",
        "²",
        "１２",
    ),
    *(
        "100.0000001",
        "-0.0000001",
        "0x10",
        "1_000",
        "9" * 45,
        "9" * 12_000,
        "2022/24",
        "2021 - 20",
        "2199",
        "0000",
    ),
    *(
        "Sep 2022",
        "2022 Q5",
        "20220000",
        "3y",
        "Male",
        "Everyone",
        "18+ yrs",
        "nE54000039",
        "E54000039 ",
        "É" * 15,
    ),
    *(
        '"',
        '""',
        "'",
        "\x00",
        "\x1b[0m",
        "\ud800",
        "\u202e",
        "<b>note</b>",
        "<!--",
        "a" * 501,
        "\r\n",
        "\n",
        ";",
    ),
)
BYTES = (
    b"\x00",
    b'"',
    b"\xff",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n",
    b",",
    b";",
    b"\t",
    b"9" * 9_000,
    b"\xed\xa0\x80",
)

Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class BrokenFile:
    name: str
    content: bytes
    damage: str


def make_broken_file(number: int) -> BrokenFile:
    """One file in five is a workbook; one in twenty stays whole."""
    random = Random(number)
    figures = _make_figures(random)
    if random.random() < 0.2:
        return _break_workbook(figures, random)
    content = random.choice(LAYOUTS)(figures)
    damages = []
    for _ in range(random.choice([0, *[1] * 12, *[2] * 5, 3, 4])):
        damage = random.choice(DAMAGES)
        damages.append(damage.__name__.strip("_"))
        content = damage(content, random)
    return BrokenFile("figures.csv", content, ", ".join(damages) or "whole")


def _make_figures(random: Random) -> list[Figure]:
    figures = []
    for area in AREAS:
        for period in PERIODS:
            value = random.choice([10.0, 12.5, 13.25])
            limits = {}
            if random.random() < 0.5:
                limits = {"lower95": f"{value - 1}", "upper95": f"{value + 1}"}
            if limits and random.random() < 0.5:
                limits |= {"lower998": f"{value - 2}", "upper998": f"{value + 2}"}
            if random.random() < 0.1:
                value, limits = None, {}
            figures.append(
                Figure(area=area, period=period, value="" if value is None else f"{value}", **limits)
            )
    return figures


def _break_workbook(figures: list[Figure], random: Random) -> BrokenFile:
    if random.random() < 0.5:
        content = write_workbook(figures)
        for _ in range(random.randint(1, 3)):
            content = random.choice([_flip_byte, _cut_off, _cut_out, _put_in])(content, random)
        return BrokenFile("figures.xlsx", content, "bytes of a workbook")
    spoiled = [
        Figure(
            area=figure.area,
            period=random.choice([figure.period] * 9 + [_printable(random)]),
            value=random.choice([figure.value] * 9 + [_printable(random)]),
            note=random.choice([""] * 9 + [_printable(random)]),
            lower95=figure.lower95,
            upper95=figure.upper95,
        )
        for figure in figures
    ]
    return BrokenFile("figures.xlsx", write_workbook(spoiled), "cells of a workbook")


def _printable(random: Random) -> str:
    """What a workbook can hold: no control characters."""
    return "".join(letter for letter in random.choice(STRANGE)[:3000] if letter.isprintable())


def _flip_byte(content: bytes, random: Random) -> bytes:
    place = random.randrange(len(content) or 1)
    return content[:place] + bytes([random.randrange(256)]) + content[place + 1 :]


def _cut_off(content: bytes, random: Random) -> bytes:
    return content[: random.randrange(len(content) + 1)]


def _cut_out(content: bytes, random: Random) -> bytes:
    start = random.randrange(len(content) + 1)
    return content[:start] + content[start + random.randrange(200) :]


def _repeat_part(content: bytes, random: Random) -> bytes:
    start = random.randrange(len(content) + 1)
    return content[:start] + content[start : start + random.randrange(400)] * 2 + content[start:]


def _put_in(content: bytes, random: Random) -> bytes:
    place = random.randrange(len(content) + 1)
    return content[:place] + random.choice(BYTES) + content[place:]


def _encode_otherwise(content: bytes, random: Random) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.replace("Area", "Aréa", random.randrange(2)).encode(
        random.choice(["utf-16", "latin-1", "utf-8-sig", "cp437"]), "replace"
    )


def _change_line_ends(content: bytes, random: Random) -> bytes:
    return content.replace(b"\r\n", b"\n").replace(b"\n", random.choice([b"\r", b"\r\n", b"\n\n", b"\n\r"]))


def _of_rows(change: Callable[[Rows, Random], None]) -> Callable[[bytes, Random], bytes]:
    """Damage to a table; what is no table any more stays as it is."""

    def damage(content: bytes, random: Random) -> bytes:
        text = content.decode("utf-8-sig", "replace")
        try:
            rows = list(csv.reader(io.StringIO(text)))
        except csv.Error:
            return content
        if rows and rows[0]:
            change(rows, random)
        return write_csv(rows).encode("utf-8", "replace")

    damage.__name__ = change.__name__
    return damage


@_of_rows
def _swap_cells(rows: Rows, random: Random) -> None:
    row = random.choice(rows)
    if row:
        one, other = random.randrange(len(row)), random.randrange(len(row))
        row[one], row[other] = row[other], row[one]


@_of_rows
def _spoil_cell(rows: Rows, random: Random) -> None:
    for _ in range(random.randint(1, 6)):
        row = random.choice(rows)
        if row:
            row[random.randrange(len(row))] = random.choice(STRANGE)


@_of_rows
def _spoil_figures(rows: Rows, random: Random) -> None:
    """Cells of the columns that hold values, limits, counts and periods."""
    names = ("value", "time period", "period", "count", "denominator", "date_from", "sex", "age", "area_code")
    columns = [
        place
        for place, name in enumerate(rows[0])
        if name.casefold() in names or "limit" in name.casefold() or "ci_" in name
    ]
    for row in rows[1:]:
        if columns and random.random() < 0.3:
            place = random.choice(columns)
            if place < len(row):
                row[place] = random.choice(STRANGE)


@_of_rows
def _drop_column(rows: Rows, random: Random) -> None:
    place = random.randrange(len(rows[0]))
    for row in rows:
        del row[place : place + 1]


@_of_rows
def _repeat_column(rows: Rows, random: Random) -> None:
    place = random.randrange(len(rows[0]))
    for row in rows:
        row += row[place : place + 1]


@_of_rows
def _cut_row(rows: Rows, random: Random) -> None:
    row = random.choice(rows)
    del row[random.randrange(len(row) + 1) :]


@_of_rows
def _lengthen_row(rows: Rows, random: Random) -> None:
    random.choice(rows).extend(random.choices(STRANGE, k=random.randint(1, 3)))


@_of_rows
def _repeat_rows(rows: Rows, random: Random) -> None:
    """As they are, or with another figure."""
    for _ in range(random.randint(1, 5)):
        row = list(random.choice(rows))
        if row and random.random() < 0.5:
            row[random.randrange(len(row))] = "11.1"
        rows.insert(random.randrange(len(rows) + 1), row)


@_of_rows
def _lose_rows(rows: Rows, random: Random) -> None:
    del rows[random.randrange(len(rows)) :: random.randint(1, 4)]


@_of_rows
def _shuffle_columns(rows: Rows, random: Random) -> None:
    order = random.sample(range(len(rows[0])), len(rows[0]))
    for row in rows:
        if len(row) == len(order):
            row[:] = [row[place] for place in order]


DAMAGES = (
    *(_flip_byte, _cut_off, _cut_out, _repeat_part, _put_in, _encode_otherwise, _change_line_ends),
    *(_swap_cells, _spoil_cell, _spoil_figures, _spoil_figures, _drop_column, _repeat_column, _cut_row),
    *(_lengthen_row, _repeat_rows, _repeat_rows, _lose_rows, _shuffle_columns),
)
