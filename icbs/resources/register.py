"""A register as a table: what every resource shares, its two file formats and its refusals."""

from collections import Counter
from io import BytesIO
from typing import Any

import tablib
from django.db.models import Model
from django.utils.html import format_html
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import Diff, ModelResource
from import_export.results import Result

from icbs.resources.cells import DayWidget, JsonWidget, NumberWidget, TextWidget, WholeWidget, YesNoWidget
from kit.exports import STARTS_A_FORMULA
from kit.readers.csv_table import BrokenTable
from kit.readers.source_file import SourceFile, find_cell_fault

LINE = "(line)"
"""The column that says where a row stood in its file."""
MAX_BYTES = 2_000_000
MAX_ROWS = 5_000


def read_register(content: bytes) -> tablib.Dataset:
    """The rows of a CSV or XLSX file as text, each with its line.

    Raises:
        BrokenTable: too large, no table, or a row with more cells than the header.
    """
    if len(content) > MAX_BYTES:
        raise BrokenTable(
            f"The file has {len(content):,} bytes, and at most {MAX_BYTES:,} are read: split it."
        )
    with SourceFile(BytesIO(content), name="The file") as source:
        rows = list(source.iter_rows())
    if len(rows) > MAX_ROWS:
        raise BrokenTable(f"The file has {len(rows):,} rows, and at most {MAX_ROWS:,} are read: split it.")
    (_, header), *entries = rows
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    table = tablib.Dataset(headers=[*names, LINE])
    for line, cells in entries:
        _check_row(line, cells, len(names))
        padded = [*cells[: len(names)], *[""] * (len(names) - len(cells))]
        table.append([*padded, line])
    return table


def _check_row(line: int, cells: list[str], width: int) -> None:
    if fault := find_cell_fault(cells):
        raise BrokenTable(f"Line {line}: {fault}")
    if any(cells[width:]):
        raise BrokenTable(f"Line {line} has more cells than the header: look for a comma too many.")


class RegisterCsv(CSV):
    """Read as bytes: limits and encoding are checked before anything is parsed."""

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"

    def create_dataset(self, in_stream: bytes, **_: Any) -> tablib.Dataset:
        return read_register(in_stream)


class RegisterXlsx(XLSX):
    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        return read_register(in_stream)


class PlainDiff(Diff):
    """Old and new beside each other; the packaged one carries styles that the security policy stops."""

    def as_html(self) -> list[str]:
        return [
            format_html("{}", new)
            if old == new or self.new
            else format_html("<del>{}</del> <ins>{}</ins>", old or "empty", new or "empty")
            for old, new in zip(self.left, self.right, strict=True)
        ]


class LinedResult(Result):
    """Refusals by the line of the file."""

    def append_invalid_row(self, number: int, row: Any, validation_error: Any) -> None:
        super().append_invalid_row(row.get(LINE, number + 1), row, validation_error)

    def append_error_row(self, number: int, row: Any, errors: Any) -> None:
        super().append_error_row(row.get(LINE, number + 1), row, errors)


class RegisterResource(ModelResource):
    """One row an entry, found by its key. All rows of a file or none; an equal entry is left alone.

    Texts that a spreadsheet would run as a formula leave with an apostrophe in front, and come back without.
    """

    WIDGETS_MAP = {
        **dict.fromkeys(("CharField", "TextField", "SlugField"), TextWidget),
        "DateField": DayWidget,
        "FloatField": NumberWidget,
        "PositiveSmallIntegerField": WholeWidget,
        "BooleanField": YesNoWidget,
        "JSONField": JsonWidget,
    }

    class Meta:
        use_transactions = True
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return PlainDiff

    @classmethod
    def get_result_class(cls) -> type[Result]:
        return LinedResult

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        known = [field.column_name for field in self.get_import_fields()]
        given = [name for name in dataset.headers if name != LINE]
        needed = [self.fields[name].column_name for name in self.get_import_id_fields()]
        if unknown := [name or "a column without a name" for name in given if name not in known]:
            raise ValueError(f"No column of this register: {', '.join(unknown)}. It has: {', '.join(known)}.")
        if missing := [name for name in needed if name not in given]:
            raise ValueError(f"The file lacks what tells its rows apart: {', '.join(missing)}.")
        if twice := [name for name, count in Counter(given).items() if count > 1]:
            raise ValueError(f"The file has more than one column {', '.join(twice)}: keep one.")
        self.seen: dict[tuple[str, ...], Any] = {}

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        for name, cell in row.items():
            if isinstance(cell, str):
                row[name] = _without_apostrophe(cell.strip())
        fields = [self.fields[name] for name in self.get_import_id_fields()]
        columns = [field.column_name for field in fields]
        key = tuple(str(row.get(column) or "") for column in columns)
        line = row.get(LINE, kwargs.get("row_number"))
        if not all(key):
            raise ValueError(f"Fill in {', '.join(columns)}: they tell the entries apart.")
        if key in self.seen:
            raise ValueError(f"The same entry stands in line {self.seen[key]}, too: keep one of them.")
        self.seen[key] = line
        for field in fields:
            _check_cell(field, row)

    def export_field(self, field: Any, instance: Model, **kwargs: Any) -> Any:
        cell = super().export_field(field, instance, **kwargs)
        return f"'{cell}" if isinstance(cell, str) and cell.startswith(STARTS_A_FORMULA) else cell


def _check_cell(field: Any, row: Any) -> None:
    try:
        field.clean(row)
    except ValueError as error:
        raise ValueError(f"{field.column_name}: {error}") from None


def _without_apostrophe(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(STARTS_A_FORMULA) else cell
