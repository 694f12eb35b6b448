"""Reads the first sheet of an XLSX workbook as rows of text, after a look at what it unpacks to."""

import io
import re
import warnings
from collections.abc import Iterable, Iterator
from datetime import datetime, time
from itertools import islice, pairwise
from typing import Any
from zipfile import ZipFile, ZipInfo

import openpyxl

from kit.readers.csv_table import BrokenTable

MAX_UNPACKED = 300_000_000
MAX_STRINGS = 20_000_000
MAX_OTHER_PART = 10_000_000
MAX_ROW_XML = 4_000_000
MAX_PARTS = 1_000
MAX_RATIO = 200
MAX_COLUMNS = 500
MAX_SHEET_ROWS = 1_048_576  # Excel's own

SHEETS = "xl/worksheets/"
BATCH = 500
SCAN_BLOCK = 1 << 20
SMALL_PART = 100_000
HEAD = 4_096
_ARCHIVES = (".zip", ".gz", ".7z", ".rar", ".bz2", ".xz", ".xlsx", ".xlsm", ".xls", ".jar")
_ROW = re.compile(rb"<(?:\w{1,20}:)?row[\s/>]")
_SEAM = 32


class FileTooLarge(BrokenTable):
    """A file goes beyond a limit; nothing of it was kept."""


def check_workbook(file: io.RawIOBase, name: str) -> None:
    """Looks at the list of parts, and at rows of enormous length, before anything is parsed.

    Python unpacks no more of a part than the list declares, so a list that lies does no harm.

    Raises:
        FileTooLarge: too many parts, or parts that unpack to too much.
        BrokenTable: another kind of archive, one inside another, damaged or protected.
    """
    try:
        with ZipFile(file) as archive:
            parts = archive.infolist()
            _check_parts(parts, name)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_declaration(archive, part, name)
                if part.filename.startswith(SHEETS) and part.filename.endswith(".xml"):
                    _check_sheet(archive, part, name)
    except BrokenTable:
        raise
    except Exception as error:  # noqa: BLE001  zipfile, zlib and struct share no narrower base
        raise _refuse_broken(name, error) from None


def read_workbook(file: io.RawIOBase, name: str) -> Iterator[tuple[int, list[str]]]:
    """Row number from 1, and cells as text: as many as the first row with any has, unless more are filled.

    Days are written 2024-03-31; a number as Excel shows it without its format, but with % where that has one;
    a formula as its text, for its result may not be stored.

    Raises:
        BrokenTable: no sheet, damaged, too many rows or columns.
    """
    file.seek(0)
    try:
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # noqa: BLE001  openpyxl raises whatever its parts meet
        raise _refuse_broken(name, error) from None
    try:
        yield from _fit_to_header(_iter_texts(book, name))
    finally:
        book.close()


def _refuse_broken(name: str, error: Exception) -> BrokenTable:
    return BrokenTable(
        f"{name} is a damaged or protected workbook ({type(error).__name__}): open it, save it as .xlsx without "
        "a password, and send it again."
    )


def _check_parts(parts: list[ZipInfo], name: str) -> None:
    if len(parts) > MAX_PARTS:
        raise FileTooLarge(f"{name} has {len(parts):,} parts, and at most {MAX_PARTS:,} are read.")
    total = sum(part.file_size for part in parts)
    if total > MAX_UNPACKED:
        raise FileTooLarge(
            f"{name} unpacks to {total / 1e6:,.0f} MB, and at most {MAX_UNPACKED / 1e6:,.0f} MB are read: "
            "send it as CSV."
        )
    if all(part.filename != "xl/workbook.xml" for part in parts):
        raise BrokenTable(f"{name} is an archive, not a workbook: unpack it and send the table inside.")
    for part in parts:
        if part.filename.lower().endswith(_ARCHIVES):
            raise BrokenTable(f"{name} holds another archive ({part.filename}): save the sheet alone.")
        _check_part(part, name)


def _check_part(part: ZipInfo, name: str) -> None:
    limit = MAX_OTHER_PART
    if part.filename.startswith((SHEETS, "xl/media/")):
        limit = MAX_UNPACKED
    elif part.filename == "xl/sharedStrings.xml":
        limit = MAX_STRINGS
    if part.file_size > limit:
        raise FileTooLarge(
            f"{name}: its part {part.filename} unpacks to {part.file_size / 1e6:,.0f} MB, and at most "
            f"{limit / 1e6:,.0f} MB are read: send the sheet as CSV."
        )
    if part.file_size > SMALL_PART and part.file_size > MAX_RATIO * max(part.compress_size, 1):
        raise FileTooLarge(
            f"{name}: its part {part.filename} unpacks to more than {MAX_RATIO} times its size: send the sheet "
            "as CSV."
        )


def _check_declaration(archive: ZipFile, part: ZipInfo, name: str) -> None:
    with archive.open(part) as stream:
        if b"<!" in stream.read(HEAD).replace(b"<!--", b""):
            raise BrokenTable(
                f"{name}: its part {part.filename} declares a document type, which no workbook needs: save the "
                "sheet anew as .xlsx."
            )


def _check_sheet(archive: ZipFile, part: ZipInfo, name: str) -> None:
    """Parsing holds a whole row in memory, so the way from the start of a row to the next is limited."""
    seam, gap = b"", 0
    with archive.open(part) as stream:
        while block := stream.read(SCAN_BLOCK):
            text = seam + block
            starts = [match.start() for match in _ROW.finditer(text)]
            marks = [-gap, *starts, len(text)]
            widest = max(later - earlier for earlier, later in pairwise(marks))
            if widest > MAX_ROW_XML:
                raise FileTooLarge(
                    f"{name} has a row of more than {MAX_ROW_XML:,} bytes: keep the columns that are read only."
                )
            seam = text[-_SEAM:]
            gap = max(0, len(text) - marks[-2] - len(seam))


def _iter_texts(book: Any, name: str) -> Iterator[tuple[int, list[str]]]:
    if not book.worksheets:
        raise BrokenTable(f"{name} has no sheet with cells: put the table on the first sheet.")
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = enumerate(sheet.iter_rows(), start=1)
        while True:
            with warnings.catch_warnings(action="ignore"):
                batch = [(number, _read_cells(cells, number, name)) for number, cells in islice(rows, BATCH)]
            if not batch:
                return
            yield from batch
    except BrokenTable:
        raise
    except Exception as error:  # noqa: BLE001  as above
        raise _refuse_broken(name, error) from None


def _read_cells(cells: tuple[Any, ...], number: int, name: str) -> list[str]:
    if number > MAX_SHEET_ROWS:
        raise FileTooLarge(f"{name} has more than {MAX_SHEET_ROWS:,} rows: send it as CSV.")
    if len(cells) > MAX_COLUMNS:
        raise BrokenTable(
            f"{name}, line {number}: there are cells beyond column {MAX_COLUMNS}: clear what is not the table."
        )
    return [_write_text(cell) for cell in cells]


def _write_text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        if "%" in (cell.number_format or ""):
            return f"{value * 100:.15g}%"
        return str(value) if isinstance(value, int) else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return str(value)


def _fit_to_header(rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    width = 0
    for number, cells in rows:
        if not width:
            width = max((place for place, text in enumerate(cells, start=1) if text.strip()), default=0)
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        yield number, cells + [""] * (width - len(cells))
