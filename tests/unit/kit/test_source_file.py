import csv
import hashlib
import io
import time
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from kit.readers import source_file, workbook
from kit.readers.csv_table import BrokenTable
from kit.readers.source_file import FileTooLarge, SourceFile, find_cell_fault

HEADER = "area_code,period,value\n"


def table(content: str | bytes, name: str = "figures.csv") -> SourceFile:
    return SourceFile(io.BytesIO(content.encode() if isinstance(content, str) else content), name=name)


def sheet(*rows: list[object], formats: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, number_format in (formats or {}).items():
        book.active[cell].number_format = number_format
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def repack(content: bytes, **parts: bytes) -> bytes:
    """A workbook with some of its parts replaced; names are written with __ for / and end in .xml."""
    replaced = {name.replace("__", "/") + ".xml": text for name, text in parts.items()}
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in {*old.namelist(), *replaced}:
            new.writestr(name, replaced.get(name) or old.read(name))
    return packed.getvalue()


def test_rows_come_with_the_physical_line_they_start_on():
    with table('a,b\r\n1,"two\r\nlines"\r\n\r\n3,4\r\n,\r\n5,6') as source:
        rows = list(source.iter_rows())

    assert rows == [(1, ["a", "b"]), (2, ["1", "two\r\nlines"]), (5, ["3", "4"]), (7, ["5", "6"])]


def test_a_byte_order_mark_and_old_line_ends_are_read():
    with table(b"\xef\xbb\xbfa,b\r1,\xe2\x80\x93\r") as source:
        assert list(source.iter_rows()) == [(1, ["a", "b"]), (2, ["1", "\u2013"])]


def test_a_file_can_be_read_twice_and_hashed_in_between():
    content = (HEADER + "QRL,2023,9\n" * 50_000).encode()
    with table(content) as source:
        first = source.iter_rows()
        head = [next(first) for _ in range(3)]

        assert source.sha256 == hashlib.sha256(content).hexdigest()
        assert [*head, *first] == list(source.iter_rows())
        assert source.bytes_read == source.size == len(content)


def test_progress_is_the_share_of_bytes_read():
    with table(HEADER + "QRL,2023,9\n" * 200_000) as source:
        rows = source.iter_rows()
        next(rows)
        assert 0 < source.bytes_read < source.size / 4


def test_a_path_is_opened_and_closed(tmp_path):
    path = tmp_path / "figures.csv"
    path.write_text(HEADER)

    with SourceFile(path) as source:
        assert (source.name, source.size) == ("figures.csv", len(HEADER))
        assert list(source.iter_rows()) == [(1, ["area_code", "period", "value"])]
    assert source._file.closed


def test_a_file_object_is_left_open():
    content = io.BytesIO(HEADER.encode())
    with SourceFile(content) as source:
        list(source.iter_rows())
    assert content.read(0) == b""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \r\n\n", "is empty"),
        (b"<!DOCTYPE html><html>", "is a web page"),
        (b"\xef\xbb\xbf\n <html>", "is a web page"),
        (b'<?xml version="1.0"?><Error/>', "is a web page"),
        (b'{"message": "no"}', "is JSON"),
        (b"An error has occurred. Please try again later.", "a message rather than a header"),
        (b"a;b\n1;2\n", "not separated by commas"),
        (b"a\tb\n1\t2\n", "not separated by commas"),
        (b"\xff\xfea\x00,\x00", "UTF-16"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"%PDF-1.7", "a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or protected Excel file"),
        (b"PK\x05\x06" + bytes(18), "an empty archive"),
        (b"PK\x03\x04 and then nothing", "damaged or protected workbook"),
    ],
)
def test_what_is_no_table_is_refused_by_its_first_bytes(content, words):
    with pytest.raises(BrokenTable, match=words):
        table(content)


@pytest.mark.parametrize("path", ["missing.csv", ".", "bad\0name"])
def test_a_path_that_cannot_be_opened_is_refused(tmp_path, path):
    with pytest.raises(BrokenTable, match="cannot be opened|is not a file"):
        SourceFile(f"{tmp_path}/{path}")


def test_a_byte_that_is_not_utf_8_is_named_with_its_place():
    source = table(HEADER.encode() + b"QRL,2023,9\nQRL,2024,\x929\n")

    with pytest.raises(BrokenTable, match="line 3, character 10: the byte 0x92 is not UTF-8"):
        list(source.iter_rows())


def test_a_quotation_mark_that_is_never_closed_does_not_take_the_file_into_memory():
    source = table(HEADER + '"QRL,2023,9\n' + "QRL,2023,9\n" * 50_000)

    with pytest.raises(BrokenTable, match=r"line 2: .*quotation mark that is not closed"):
        list(source.iter_rows())


def test_a_row_may_not_be_longer_than_a_limit_even_where_the_csv_module_would_take_it():
    before = csv.field_size_limit(10**9)
    try:
        rows = table(HEADER + "x" * 400_000 + ",2023,9\n").iter_rows()
        with pytest.raises(BrokenTable, match="line 2: the row is longer than 300,000 characters"):
            list(rows)
    finally:
        csv.field_size_limit(before)


def test_a_file_of_two_gigabytes_is_refused_unread(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)

    started = time.perf_counter()
    with pytest.raises(FileTooLarge, match="2,000 MB, and at most 600 MB"):
        SourceFile(path)
    assert time.perf_counter() - started < 1


def test_more_rows_than_the_limit_are_refused(monkeypatch):
    monkeypatch.setattr(source_file, "MAX_ROWS", 3)

    with table(HEADER + "QRL,2023,9\n" * 3) as source:
        assert len(list(source.iter_rows())) == 4
    with table(HEADER + "\n" * 4) as source, pytest.raises(FileTooLarge, match="more than 3 rows"):
        list(source.iter_rows())


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["a", "b\x00"], "control character U+0000"),
        (["a\x1b"], "control character U+001B"),
        (["\x7f"], "control character U+007F"),
        (["a" * 10_001], "10,001 characters, and at most 10,000"),
    ],
)
def test_a_fault_in_a_cell_is_named(cells, words):
    assert words in find_cell_fault(cells)


def test_line_breaks_letters_of_any_script_and_long_rows_are_no_fault():
    assert find_cell_fault(["two\nlines", "\u00a0\u2013\u00e9", "x" * 9_000, "y" * 9_000]) == ""


def test_a_workbook_gives_the_same_rows_as_a_csv_file():
    rows = [["area_code", "period", "value", "from"], ["QRL", 2023, 13.9, date(2023, 1, 1)]]
    content = sheet(
        *rows,
        [None],
        ["QE1", "2021/22", 0.1 + 0.2, datetime.fromisoformat("2023-01-01 12:30")],
        [True, -1, 1e-5, 14.0],
    )
    with table(content, "figures.xlsx") as source:
        assert list(source.iter_rows()) == [
            (1, ["area_code", "period", "value", "from"]),
            (2, ["QRL", "2023", "13.9", "2023-01-01"]),
            (4, ["QE1", "2021/22", "0.3", "2023-01-01 12:30:00"]),
            (5, ["TRUE", "-1", "1e-05", "14"]),
        ]
        assert source.is_workbook
        assert source.sha256 == hashlib.sha256(content).hexdigest()


def test_formulas_and_percent_formats_of_a_workbook_stay_visible():
    content = sheet(["a", "b"], ["=1+1", 0.139], formats={"B2": "0.0%"})
    with table(content) as source:
        assert list(source.iter_rows())[1] == (2, ["=1+1", "13.9%"])


def test_rows_of_a_workbook_are_as_long_as_its_header_unless_more_is_filled():
    content = sheet(["a", "b", " ", None], ["1"], ["1", "2", None, None], ["1", "2", "3"])
    with table(content) as source:
        assert [cells for _, cells in source.iter_rows()] == [
            ["a", "b"],
            ["1", ""],
            ["1", "2"],
            ["1", "2", "3"],
        ]


def test_cells_far_out_in_a_workbook_are_refused():
    book = openpyxl.Workbook()
    book.active["ZZZ2"] = 1
    content = io.BytesIO()
    book.save(content)

    with table(content.getvalue()) as source, pytest.raises(BrokenTable, match="beyond column 500"):
        list(source.iter_rows())


def test_a_zip_bomb_is_refused_from_its_list_of_parts():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for number in range(40):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", bytes(8_000_000), compresslevel=1)
    assert packed.tell() < 2_000_000

    started = time.perf_counter()
    with pytest.raises(FileTooLarge, match="unpacks to 320 MB"):
        table(packed.getvalue())
    assert time.perf_counter() - started < 1


def test_sizes_that_an_archive_only_declares_count():
    """A few hundred bytes that claim to unpack to 4 GB."""
    content = bytearray(sheet(["a", "b"]))
    place = content.index(b"PK\x01\x02")
    content[place + 24 : place + 28] = (4_000_000_000).to_bytes(4, "little")

    with pytest.raises(FileTooLarge, match="4,000 MB"):
        table(bytes(content))


@pytest.mark.parametrize(
    ("part", "size", "words"),
    [
        ("xl__worksheets__sheet1", 30_000_000, "more than 200 times its size"),
        ("xl__sharedStrings", 21_000_000, "at most 20 MB"),
        ("xl__styles", 11_000_000, "at most 10 MB"),
    ],
)
def test_a_part_that_unpacks_to_too_much_is_refused(part, size, words):
    with pytest.raises(FileTooLarge, match=words):
        table(repack(sheet(["a", "b"]), **{part: bytes(size)}))


def test_a_row_of_enormous_length_is_refused_before_it_is_parsed(monkeypatch):
    monkeypatch.setattr(workbook, "MAX_ROW_XML", 20_000)
    monkeypatch.setattr(workbook, "SCAN_BLOCK", 1_000)

    with table(sheet(*[["a", "b"]] * 2_000)) as source:
        assert len(list(source.iter_rows())) == 2_000
    with pytest.raises(FileTooLarge, match="a row of more than 20,000 bytes"):
        table(sheet(["a", "b"], ["x"] * 2_000, ["a", "b"]))


def test_too_many_parts_and_other_archives_are_refused():
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(1_001):
            archive.writestr(str(number), "")
    with pytest.raises(FileTooLarge, match="1,001 parts"):
        table(many.getvalue())

    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("figures.csv", HEADER)
    with pytest.raises(BrokenTable, match="an archive, not a workbook"):
        table(other.getvalue())


def test_an_archive_inside_a_workbook_is_refused():
    packed = io.BytesIO(sheet(["a", "b"]))
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("xl/embeddings/more.zip", b"PK\x03\x04")

    with pytest.raises(BrokenTable, match=r"another archive \(xl/embeddings/more.zip\)"):
        table(packed.getvalue())


@pytest.mark.parametrize(
    "parts",
    [
        {"xl__worksheets__sheet1": b"<worksheet><sheetData><row><c>"},
        {"xl__workbook": b"not xml"},
        {"xl__workbook": b'<!DOCTYPE w [<!ENTITY a "aa">]><workbook>&a;</workbook>'},
    ],
)
def test_a_damaged_workbook_is_refused(parts):
    with pytest.raises(BrokenTable, match="damaged or protected workbook|no sheet|document type"):
        list(table(repack(sheet(["a", "b"]), **parts)).iter_rows())


def test_entities_that_multiply_in_a_workbook_are_refused():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><sst><si><t>&b;</t></si></sst>'

    with pytest.raises(BrokenTable, match="xl/sharedStrings.xml declares a document type"):
        table(repack(sheet(["a", "b"]), xl__sharedStrings=bomb))
