from datetime import date

import pytest

from kit.readers.csv_table import BrokenTable, Row, read_table


def row(**cells: str) -> Row:
    return Row("areas.csv", 7, cells)


def test_rows_know_their_line():
    rows = read_table('\ufeffcode,name\nA,"Two\nlines"\nB,Bee\n', file="areas.csv", columns=["code", "name"])

    assert [(found.line, found.text("code")) for found in rows] == [(3, "A"), (4, "B")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "areas.csv is empty"),
        ("code\nA\n", "lacks the column name"),
        ("code,name,code\nA,B,C\n", "gives the column code more than once"),
        ("code,name\nA\n", "line 2: 1 cells where the header has 2"),
        ("code,name\nA,B,C\n", "line 2: 3 cells"),
    ],
)
def test_a_broken_table_is_refused(content, words):
    with pytest.raises(BrokenTable, match=words):
        read_table(content, file="areas.csv", columns=["code", "name"])


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (Row.required, " "),
        (Row.required_day, ""),
        (Row.day, "31/03/2024"),
        (Row.whole, "1.5"),
        (Row.whole, "-1"),
        (Row.pct, "120"),
        (Row.pct, "-0.1"),
        (Row.pct, "nan"),
        (Row.number, "many"),
        (Row.flag, "yes"),
    ],
)
def test_a_broken_cell_names_file_line_and_column(read, text):
    with pytest.raises(BrokenTable, match="areas.csv, line 7, column x: .*nothing was changed"):
        read(row(x=text), "x")


def test_cells_are_read_by_kind():
    cells = row(day="2024-03-31", empty="", pct="5", flag="true", kind="icb")

    assert cells.required_day("day") == date(2024, 3, 31)
    assert cells.day("empty") is cells.pct("empty") is cells.whole("empty") is None
    assert (cells.pct("pct"), cells.flag("flag"), cells.choice("kind", ["icb"])) == (5.0, True, "icb")


def test_a_line_is_refused_as_a_whole():
    refusal = str(row(x="1").refuse_line("The deadline comes before the baseline."))

    assert refusal == (
        "areas.csv, line 7: The deadline comes before the baseline. "
        "Correct the line and load again; nothing was changed."
    )
