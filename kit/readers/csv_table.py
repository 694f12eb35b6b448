"""Reads a small CSV table strictly: every refusal names the file, the line, what is wrong and what to do."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path


class BrokenTable(ValueError):
    """A table cannot be read; the message is for the person who keeps the file."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. Cells are read by name; an empty cell is None."""

    file: str
    line: int
    cells: dict[str, str]

    def refuse(self, column: str, wanted: str) -> BrokenTable:
        return BrokenTable(
            f"{self.file}, line {self.line}, column {column}: {self.cells[column]!r} is not {wanted}. "
            "Correct the line and load again; nothing was changed."
        )

    def refuse_line(self, message: str) -> BrokenTable:
        """For what is wrong with more than one cell."""
        return BrokenTable(
            f"{self.file}, line {self.line}: {message.rstrip('.')}. "
            "Correct the line and load again; nothing was changed."
        )

    def text(self, column: str) -> str:
        return self.cells[column].strip()

    def required(self, column: str) -> str:
        if not self.text(column):
            raise self.refuse(column, "filled in, and it must be")
        return self.text(column)

    def choice(self, column: str, options: Sequence[str]) -> str:
        if self.text(column) not in options:
            raise self.refuse(column, f"one of {', '.join(option or '(empty)' for option in options)}")
        return self.text(column)

    def flag(self, column: str) -> bool:
        return self.choice(column, ["true", "false"]) == "true"

    def day(self, column: str) -> date | None:
        if not self.text(column):
            return None
        try:
            return date.fromisoformat(self.text(column))
        except ValueError:
            raise self.refuse(column, "a day written as 2024-03-31") from None

    def required_day(self, column: str) -> date:
        self.required(column)
        day = self.day(column)
        assert day is not None
        return day

    def whole(self, column: str) -> int | None:
        if not self.text(column):
            return None
        try:
            number = int(self.text(column))
        except ValueError:
            raise self.refuse(column, "a whole number") from None
        if number < 0:
            raise self.refuse(column, "0 or more")
        return number

    def number(self, column: str, *, least: float = 0.0, most: float = float("inf")) -> float | None:
        if not self.text(column):
            return None
        try:
            number = float(self.text(column))
        except ValueError:
            raise self.refuse(column, "a number") from None
        if not least <= number <= most:
            raise self.refuse(column, f"a number from {least:g} to {most:g}")
        return number

    def pct(self, column: str) -> float | None:
        return self.number(column, least=0, most=100)


def read_text(path: Path) -> str:
    """The text of a bundled file without its byte-order mark. Raises BrokenTable."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BrokenTable(f"{path} is missing: restore it from the repository.") from None
    except UnicodeDecodeError as error:
        raise BrokenTable(f"{path.name} is not UTF-8 (byte {error.start}): save it as UTF-8.") from None


def read_table(content: str, *, file: str, columns: Sequence[str]) -> list[Row]:
    """Every row of a table whose header holds `columns`.

    Raises:
        BrokenTable: empty, a column missing or given twice, or a line with too few or too many cells.
    """
    reader = csv.reader(io.StringIO(content.removeprefix("\ufeff")))
    header = next(reader, None)
    if header is None:
        raise BrokenTable(f"{file} is empty: restore it from the repository.")
    missing = [column for column in columns if column not in header]
    if missing:
        raise BrokenTable(f"{file} lacks the column {', '.join(missing)}; it has {', '.join(header)}.")
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise BrokenTable(f"{file} gives the column {', '.join(twice)} more than once: remove one of them.")
    rows = []
    for cells in reader:
        if len(cells) != len(header):
            raise BrokenTable(
                f"{file}, line {reader.line_num}: {len(cells)} cells where the header has {len(header)}. "
                "Correct the line and load again; nothing was changed."
            )
        rows.append(Row(file, reader.line_num, dict(zip(header, cells, strict=True))))
    return rows
