"""Downloads of any size: sent as they are read, harmless in a spreadsheet, refused where too large for one."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import date

import pytest
from django.core.exceptions import BadRequest
from django.test import RequestFactory
from openpyxl import load_workbook

from kit.exports import MOST_ROWS_IN_A_SHEET, stream_rows

NAMES = ["area", "day", "value", "ours"]
ROWS = [["England", date(2024, 1, 31), 10.4, False], ["=1+1", date(2024, 2, 29), None, True]]
MANY = 100_000
MEGABYTE = 1_000_000


def ask(wanted: str, rows=ROWS, count: int = 2):
    request = RequestFactory().get("/?as_at=2024-04-30")
    return stream_rows(request, wanted, NAMES, rows, name="figures", count=count)


def read(response) -> bytes:
    return b"".join(response.streaming_content)


def make_many() -> Iterator[list[object]]:
    return ([f"Area {number}", date(2024, 1, 1), number / 7, False] for number in range(MANY))


def test_csv_holds_every_row_and_no_formula():
    response = ask("csv")

    rows = list(csv.reader(io.StringIO(read(response).decode())))

    assert rows == [NAMES, ["England", "2024-01-31", "10.4", "no"], ["'=1+1", "2024-02-29", "", "yes"]]
    assert response["Content-Disposition"].endswith('"figures-as-known-on-2024-04-30.csv"')


@pytest.mark.parametrize("rows", [ROWS, []])
def test_json_keeps_numbers_days_and_what_is_not_known(rows):
    found = json.loads(read(ask("json", rows)))

    assert [list(row.values()) for row in found] == [
        [value.isoformat() if isinstance(value, date) else value for value in row] for row in rows
    ]


def test_sheet_holds_every_row_and_no_formula():
    response = ask("xlsx")
    sheet = load_workbook(io.BytesIO(read(response))).active
    response.file_to_stream.close()

    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[0] == NAMES
    assert cells[2][0] == "'=1+1"
    assert cells[1][2] == 10.4
    assert cells[2][2] is None


@pytest.mark.parametrize("wanted", ["csv", "json"])
def test_a_hundred_thousand_rows_pass_through_little_memory(wanted):
    tracemalloc.start()
    size = sum(len(piece) for piece in ask(wanted, make_many(), MANY).streaming_content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert size > 3 * MEGABYTE
    assert peak < MEGABYTE


def test_first_piece_is_sent_before_the_last_row_is_read():
    rows = make_many()

    next(iter(ask("csv", rows, MANY).streaming_content))

    assert sum(1 for _ in rows) > MANY - 1000


def test_too_large_a_sheet_is_refused_before_a_row_is_read():
    rows = make_many()

    with pytest.raises(BadRequest, match="Take the CSV file instead"):
        ask("xlsx", rows, MOST_ROWS_IN_A_SHEET + 1)
    assert sum(1 for _ in rows) == MANY


def test_another_format_is_refused():
    with pytest.raises(BadRequest, match="Choose csv, xlsx or json"):
        ask("pdf")
