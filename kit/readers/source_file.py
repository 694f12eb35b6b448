"""Opens a file that somebody sent, CSV or XLSX, and gives its rows one by one within fixed limits."""

import csv
import hashlib
import io
import os
import re
import stat
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Self

from kit.readers.csv_table import BrokenTable
from kit.readers.workbook import FileTooLarge, check_workbook, read_workbook

__all__ = ["FileTooLarge", "SourceFile", "find_cell_fault"]

MAX_BYTES = 600_000_000
MAX_ROWS = 3_000_000
MAX_FIELD = 10_000
MAX_RECORD = 300_000
BLOCK = 1 << 18
BOM = b"\xef\xbb\xbf"

_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_HARMLESS = bytes(code for code in range(256) if (code >= 0x20 and code != 0x7F) or code in b"\t\n\r")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_FOREIGN = (
    (b"\x1f\x8b", "a compressed file: unpack it and send the table inside"),
    (b"BZh", "a compressed file: unpack it and send the table inside"),
    (b"7z\xbc\xaf", "a compressed archive: unpack it and send the table inside"),
    (b"PK\x05\x06", "an empty archive: send the table itself"),
    (b"%PDF", "a PDF, not a table: ask the publisher for CSV or XLSX"),
    (b"\xd0\xcf\x11\xe0", "an old or protected Excel file: save it as .xlsx without a password"),
    (b"\xff\xfe", "in UTF-16 (Unicode text): save it as CSV UTF-8"),
    (b"\xfe\xff", "in UTF-16 (Unicode text): save it as CSV UTF-8"),
)


class SourceFile:
    """A table in a file, from a path or an open binary file that can be searched.

    The size is checked before anything is read. A file object is left open; a path is closed by `close`.

    Raises:
        FileTooLarge: more bytes than MAX_BYTES, while reading more rows than MAX_ROWS, or a workbook that
            unpacks to too much.
        BrokenTable: no such file, empty, a web page, a message or another kind of file, or broken inside.
    """

    def __init__(self, source: str | os.PathLike[str] | BinaryIO, *, name: str = "") -> None:
        self._owned = isinstance(source, str | os.PathLike)
        if isinstance(source, str | os.PathLike):
            self.name = name or Path(source).name
            self._file = _open_path(Path(source), self.name)
        else:
            self.name = name or Path(str(getattr(source, "name", "") or "The file")).name
            self._file = source
        try:
            self._check()
        except BaseException:
            self.close()
            raise

    def _check(self) -> None:
        try:
            self.size = self._file.seek(0, os.SEEK_END) or self._file.tell()
            if self.size > MAX_BYTES:
                raise FileTooLarge(
                    f"{self.name} has {self.size / 1e6:,.0f} MB, and at most {MAX_BYTES / 1e6:,.0f} MB are "
                    "read: send it in parts, one indicator a file."
                )
            self._file.seek(0)
            head = self._file.read(4096)
        except OSError as error:
            raise BrokenTable(f"{self.name} cannot be read: {error.strerror or error}.") from None
        self.is_workbook = head.startswith(b"PK\x03\x04")
        self._raw = _CountedReads(self._file)
        if self.is_workbook:
            check_workbook(self._raw, self.name)
        else:
            _check_text_head(head, self.name)

    @property
    def bytes_read(self) -> int:
        """How far into the file reading has come, for a progress bar of `size`."""
        return self._raw.position

    @cached_property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        self._file.seek(0)
        while block := self._file.read(BLOCK):
            digest.update(block)
        return digest.hexdigest()

    def iter_rows(self) -> Iterator[tuple[int, list[str]]]:
        """The physical line, from 1, and the cells of each row that has any, the header among them.

        A row of several lines counts by its first. Cells are text as in the file; faults in a cell are left
        to the reader of the row (`find_fault`).
        """
        rows = read_workbook(self._raw, self.name) if self.is_workbook else self._iter_csv()
        count = 0
        try:
            for line, cells in rows:
                count += 1
                if count > MAX_ROWS + 1:
                    raise FileTooLarge(
                        f"{self.name} has more than {MAX_ROWS:,} rows: send it in parts, one indicator a file."
                    )
                if any(cells):
                    yield line, cells
        except OSError as error:
            raise BrokenTable(f"{self.name} cannot be read: {error.strerror or error}.") from None

    def _iter_csv(self) -> Iterator[tuple[int, list[str]]]:
        self._pending = 0
        reader = csv.reader(self._iter_lines())
        line = 0
        try:
            for cells in reader:
                self._pending = 0
                yield line + 1, cells
                line = reader.line_num
        except csv.Error as error:
            raise BrokenTable(
                f"{self.name}, line {line + 1}: this is no row of a CSV file ({error}). Look for a quotation "
                "mark that is not closed."
            ) from None

    def _iter_lines(self) -> Iterator[str]:
        """Lines of text, never more than MAX_RECORD characters in memory for one row."""
        self._raw = _CountedReads(self._file)
        if self._raw.read(len(BOM)) != BOM:
            self._raw.seek(0)
        stream = io.TextIOWrapper(
            io.BufferedReader(self._raw, BLOCK), encoding="utf-8", errors="surrogateescape", newline=""
        )
        number = 0
        while line := stream.readline(MAX_RECORD):
            number += 1
            self._pending += len(line)
            if self._pending > MAX_FIELD:
                self._raw.doubtful = True
            if self._pending >= MAX_RECORD:
                raise BrokenTable(
                    f"{self.name}, line {number}: the row is longer than {MAX_RECORD:,} characters. Look for "
                    "a quotation mark that is not closed, or save the file anew as CSV UTF-8."
                )
            if not line.isascii():
                self._check_encoding(line, number)
            yield line

    def _check_encoding(self, line: str, number: int) -> None:
        wrong = _ESCAPED_BYTE.search(line)
        if wrong:
            raise BrokenTable(
                f"{self.name}, line {number}, character {wrong.start() + 1}: the byte "
                f"0x{ord(wrong[0]) - 0xDC00:02X} is not UTF-8. Save the file as CSV UTF-8 and send it again."
            )

    def find_fault(self, cells: list[str]) -> str:
        """As `find_cell_fault`, without a look at cells where nothing read so far can hold one."""
        return find_cell_fault(cells) if self._raw.doubtful else ""

    def close(self) -> None:
        if self._owned:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def find_cell_fault(cells: list[str]) -> str:
    """Why a row cannot be read as it stands: a cell too long or with control characters; empty if it can."""
    joined = "".join(cells)
    if joined.isprintable() and len(joined) <= MAX_FIELD:
        return ""
    longest = max(map(len, cells), default=0)
    if longest > MAX_FIELD:
        return (
            f"A cell has {longest:,} characters, and at most {MAX_FIELD:,} are read: look for a quotation mark "
            "that is not closed."
        )
    wrong = _CONTROL.search(joined)
    if wrong:
        return f"The row holds the control character U+{ord(wrong[0]):04X}: remove it."
    return ""


def _open_path(path: Path, name: str) -> BinaryIO:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise BrokenTable(f"{name} is not a file: give the path of a CSV or XLSX file.")
        return path.open("rb")
    except (OSError, ValueError) as error:
        if isinstance(error, BrokenTable):
            raise
        reason = getattr(error, "strerror", None) or error
        raise BrokenTable(f"{name} cannot be opened ({reason}): check the path.") from None


def _check_text_head(head: bytes, name: str) -> None:
    if not head.strip():
        raise BrokenTable(f"{name} is empty: fetch or save it again.")
    for start, what in _FOREIGN:
        if head.startswith(start):
            raise BrokenTable(f"{name} is {what}.")
    text = head.removeprefix(BOM).lstrip()
    if text.startswith(b"<"):
        raise BrokenTable(f"{name} is a web page, not a table: download the CSV file itself.")
    if text.startswith((b"{", b"[")):
        raise BrokenTable(f"{name} is JSON, not a table: ask for the CSV form.")
    first = text.splitlines()[0] if text else b""
    if b"," in first:
        return
    shown = first[:80].decode("utf-8", "replace")
    if b";" in first or b"\t" in first:
        raise BrokenTable(
            f"{name} is not separated by commas (its first line is {shown!r}): save it as CSV UTF-8 with commas."
        )
    raise BrokenTable(
        f"{name} begins with {shown!r}, a message rather than a header with columns: look at what the publisher "
        "sent, and fetch it again."
    )


class _CountedReads(io.RawIOBase):
    """Reads a file without owning it, and knows how far it has come and whether all of it was plain text."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.position = 0
        self.doubtful = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._file.seek(self.position)
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self.doubtful = self.doubtful or bool(data.translate(None, _HARMLESS))
        self.position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._file.seek(offset, whence) if whence != os.SEEK_CUR else self._file.seek(self.position + offset)
        self.position = self._file.tell()
        return self.position

    def tell(self) -> int:
        return self.position
