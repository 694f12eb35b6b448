"""Downloads of public tables: every row, not one page, in the order and with the filters of the page."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from io import StringIO
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import IO

import django_tables2 as tables
import openpyxl
import tablib
from django.core.exceptions import BadRequest
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from kit.as_at import read_as_at

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
ROWS_AT_A_TIME = 500
MOST_ROWS_IN_A_SHEET = 10_000
"""A spreadsheet is written whole before it is sent; CSV and JSON are sent as they are read."""


def export_table(request: HttpRequest, table: tables.Table, *, name: str) -> HttpResponse | None:
    """The table as the file that `<prefix>_export` asks for; None when it asks for none.

    Rows that know whether they are fictitious get a last column, `demonstration`.

    Raises:
        BadRequest: the address asks for a format that is not offered.
    """
    wanted = request.GET.get(f"{table.prefix or ''}_export")
    if not wanted:
        return None
    _check_format(wanted)
    response = _write_json(table) if wanted == "json" else _write_sheet(table, wanted)
    response["Content-Disposition"] = _name_file(request, name, wanted)
    return response


def stream_rows(
    request: HttpRequest,
    wanted: str,
    names: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    name: str,
    count: int,
) -> HttpResponseBase:
    """Any number of rows as a file. CSV and JSON are sent as they are read, so memory holds a few hundred rows.

    `count` is the number of rows, which a spreadsheet may not have too many of. Empty cells stay empty.

    Raises:
        BadRequest: the format is not offered, or holds fewer rows than there are.
    """
    _check_format(wanted)
    response: HttpResponseBase
    if wanted == "xlsx":
        if count > MOST_ROWS_IN_A_SHEET:
            raise BadRequest(
                f"A spreadsheet from here holds at most {MOST_ROWS_IN_A_SHEET:,} rows, and there are {count:,}. "
                "Take the CSV file instead: spreadsheet programs open it, too."
            )
        response = FileResponse(_write_book(names, rows), content_type=CONTENT_TYPES[wanted])
    else:
        write = _stream_json if wanted == "json" else _stream_csv
        response = StreamingHttpResponse(write(names, rows), content_type=CONTENT_TYPES[wanted])
    response["Content-Disposition"] = _name_file(request, name, wanted)
    return response


def _check_format(wanted: str) -> None:
    if wanted not in CONTENT_TYPES:
        raise BadRequest(f"There is no download as “{wanted[:20]}”. Choose csv, xlsx or json.")


def _name_file(request: HttpRequest, name: str, wanted: str) -> str:
    return f'attachment; filename="{name}-as-known-on-{read_as_at(request).on.isoformat()}.{wanted}"'


def _stream_csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    lines = chain([names], ([_as_cell(value) for value in row] for row in rows))
    while some := list(islice(lines, ROWS_AT_A_TIME)):
        text = StringIO()
        csv.writer(text).writerows(some)
        yield text.getvalue()


def _stream_json(names: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A list of objects, one a line; a value that is not known is null."""
    objects = (
        json.dumps(dict(zip(names, row, strict=True)), default=str, ensure_ascii=False) for row in rows
    )
    yield "["
    before = "\n"
    while some := list(islice(objects, ROWS_AT_A_TIME)):
        yield before + ",\n".join(some)
        before = ",\n"
    yield "\n]\n"


def _write_book(names: Sequence[str], rows: Iterable[Sequence[object]]) -> IO[bytes]:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Figures")
    sheet.append(list(names))
    for row in rows:
        sheet.append([_as_cell(value) for value in row])
    file = TemporaryFile()  # noqa: SIM115  the response closes it when it has been sent
    book.save(file)
    file.seek(0)
    return file


def _write_json(table: tables.Table) -> HttpResponse:
    names = _column_names(table)
    rows = [dict(zip(names, row, strict=True)) for row in _read_rows(table)]
    return JsonResponse(rows, safe=False, json_dumps_params={"ensure_ascii": False, "indent": 1})


def _write_sheet(table: tables.Table, wanted: str) -> HttpResponse:
    rows = [[_as_cell(value) for value in row] for row in _read_rows(table)]
    headers = [_as_cell(column.header) for column in _exported_columns(table)]
    if _knows_demonstration(table):
        headers.append("demonstration")
    sheet = tablib.Dataset(*rows, headers=headers, title="Figures")
    return HttpResponse(sheet.export(wanted), content_type=CONTENT_TYPES[wanted])


def _exported_columns(table: tables.Table) -> list:
    return [column for column in table.columns.iterall() if not column.column.exclude_from_export]


def _column_names(table: tables.Table) -> list[str]:
    names = [column.name for column in _exported_columns(table)]
    return [*names, "demonstration"] if _knows_demonstration(table) else names


def _read_rows(table: tables.Table) -> Iterator[list[object]]:
    names = [column.name for column in _exported_columns(table)]
    marked = _knows_demonstration(table)
    for row in table.rows:
        cells = [_as_plain(row.get_cell_value(name)) for name in names]
        yield [*cells, bool(_read_mark(row.record))] if marked else cells


def _knows_demonstration(table: tables.Table) -> bool:
    if "demonstration" in [column.name for column in _exported_columns(table)]:
        return False
    return any(_read_mark(row.record) is not None for row in table.rows[:1])


def _read_mark(record: object) -> bool | None:
    return record.get("demonstration") if isinstance(record, dict) else getattr(record, "demonstration", None)


def _as_plain(value: object) -> object:
    """Numbers, days and yes or no stay what they are; all else becomes text, nothing an empty one."""
    if value is None:
        return ""
    return value if isinstance(value, int | float | date) else str(value)


def _as_cell(value: object) -> object:
    """No text from anyone may run as a formula in the reader's spreadsheet."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.startswith(STARTS_A_FORMULA):
        return f"'{value}"
    return value
