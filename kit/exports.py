"""Downloads of public tables: every row, not one page, in the order and with the filters of the page."""

from collections.abc import Iterator
from datetime import date

import django_tables2 as tables
import tablib
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse

from kit.as_at import read_as_at

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def export_table(request: HttpRequest, table: tables.Table, *, name: str) -> HttpResponse | None:
    """The table as the file that `<prefix>_export` asks for; None when it asks for none.

    Rows that know whether they are fictitious get a last column, `demonstration`.

    Raises:
        BadRequest: the address asks for a format that is not offered.
    """
    wanted = request.GET.get(f"{table.prefix or ''}_export")
    if not wanted:
        return None
    if wanted not in CONTENT_TYPES:
        raise BadRequest(f"There is no download as “{wanted[:20]}”. Choose csv, xlsx or json.")
    response = _write_json(table) if wanted == "json" else _write_sheet(table, wanted)
    file_name = f"{name}-as-known-on-{read_as_at(request).on.isoformat()}.{wanted}"
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


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
