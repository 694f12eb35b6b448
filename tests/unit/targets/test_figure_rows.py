from datetime import date

import pytest

from targets.readers.reading import Rejection
from tests.factories.figure_files import FINGERTIPS
from tests.factories.figure_tables import PUBLISHED, read_content, read_plain, read_row


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0.0), ("100", 100.0), ("1E-05", 1e-05), (" 9.8 ", 9.8), ("13.8821327715042", 13.8821327715042)],
)
def test_values_are_kept_as_printed_and_as_numbers(text, value):
    row = read_plain(value=text)

    assert (row.value_text, row.value_pct) == (text.strip(), value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("250.3", "250.3 is not a percentage from 0 to 100: correct the value."),
        ("-0.1", "-0.1 is not a percentage"),
        ("nan", "'nan' is not a number"),
        ("inf", "'inf' is not a number"),
        ("1e999", "'1e999' is not a number"),
        ("1_0", "'1_0' is not a number"),
        ("\u0661\u0662", "is not a number"),
        ("12.5%", "write 13.9 for 13.9%"),
        ("1,2", "write it without commas"),
        ("*", "'*' is not a number"),
        ("9." + "1" * 39, "41 characters"),
    ],
)
def test_values_that_are_no_percentage_are_refused(text, words):
    assert words in read_plain(value=text).reason


@pytest.mark.parametrize(
    ("note", "kept"), [("", "The publisher gave no figure."), ("<b>too few</b>", "too few")]
)
def test_an_empty_value_is_a_withheld_one_never_zero(note, kept):
    row = read_plain(value="", note=note)

    assert (row.value_pct, row.value_text, row.note) == (None, "", kept)


def test_long_notes_are_cut():
    assert read_plain(note="<i>" + "word " * 200 + "</i>").note == ("word " * 100).strip()


@pytest.mark.parametrize(
    ("cells", "limits"),
    [
        ({"lower95": "9.1", "upper95": "10.4"}, (9.1, 10.4, None, None)),
        (
            {"lower95": "9.1", "upper95": "10.4", "lower998": "8.8", "upper998": "10.9"},
            (9.1, 10.4, 8.8, 10.9),
        ),
        ({"lower95": "9.8", "upper95": "9.8"}, (9.8, 9.8, None, None)),
        ({"lower95": "9.84", "upper95": "10.4"}, (9.8, 10.4, None, None)),
        ({"lower95": "9.1", "upper95": "9.75"}, (9.1, 9.8, None, None)),
        (
            {"lower95": "9.1", "upper95": "10.4", "lower998": "9.14", "upper998": "10.36"},
            (9.1, 10.4, 9.1, 10.4),
        ),
        (
            {"lower95": "9.84", "upper95": "10.4", "lower998": "9.82", "upper998": "10.5"},
            (9.8, 10.4, 9.8, 10.5),
        ),
        (
            {"lower95": "9.84", "upper95": "10.4", "lower998": "9.842", "upper998": "10.5"},
            (9.8, 10.4, 9.8, 10.5),
        ),
        ({"value": "0", "lower95": "-1.4E-15", "upper95": "0.3"}, (0.0, 0.3, None, None)),
        ({"value": "100", "lower95": "99", "upper95": "100.0000000001"}, (99.0, 100.0, None, None)),
        ({"lower95": " ", "upper95": ""}, (None, None, None, None)),
    ],
)
def test_limits_that_miss_by_rounding_alone_are_set_to_what_they_enclose(cells, limits):
    row = read_plain(**cells)

    assert (row.lower95_pct, row.upper95_pct, row.lower998_pct, row.upper998_pct) == limits


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"lower95": "9.1"}, "Only one of the two 95% limits is filled in"),
        ({"lower95": "9.1", "upper95": "10.4", "upper998": "11"}, "Only one of the two 99.8% limits"),
        ({"lower998": "9.1", "upper998": "10.4"}, "the 95% limits are not"),
        ({"value": "", "lower95": "9.1", "upper95": "10.4"}, "but the value is not"),
        (
            {"lower95": "9.86", "upper95": "10.4"},
            "The lower 95% limit 9.86 lies above the value 9.8, by more than rounding explains: correct one of them.",
        ),
        ({"lower95": "9.1", "upper95": "9.74"}, "The upper 95% limit 9.74 lies below the value 9.8"),
        ({"value": "9.80", "lower95": "9.1", "upper95": "9.79"}, "lies below the value 9.8"),
        (
            {"lower95": "9.1", "upper95": "10.4", "lower998": "9.2", "upper998": "11"},
            "The lower 99.8% limit 9.2 lies above the lower 95% limit 9.1",
        ),
        (
            {"lower95": "9.1", "upper95": "10.4", "lower998": "9", "upper998": "10.3"},
            "The upper 99.8% limit 10.3 lies below the upper 95% limit 10.4",
        ),
        ({"lower95": "-0.5", "upper95": "10.4"}, "The limit -0.5 is not a percentage"),
        ({"lower95": "9.1", "upper95": "nan"}, "The upper 95% limit 'nan' is not a number"),
    ],
)
def test_limits_that_do_not_hold_are_refused(cells, words):
    assert words in read_plain(**cells).reason


@pytest.mark.parametrize(
    ("cells", "count", "denominator"),
    [
        ({"count": "12", "denominator": "46608551.500242"}, 12.0, 46608551.500242),
        ({"count": "12", "denominator": "0"}, 12.0, None),
        ({"count": "12", "denominator": "-1"}, 12.0, None),
        ({"count": "278.0000000001", "denominator": "278"}, 278.0000000001, 278.0),
        ({"count": "", "denominator": "1946158.0"}, None, 1946158.0),
    ],
)
def test_counts_may_be_fractional_and_denominators_missing(cells, count, denominator):
    row = read_plain(**cells)

    assert (row.count, row.denominator) == (count, denominator)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"count": "279", "denominator": "278"}, "The count 279 is above the denominator 278"),
        ({"count": "-2"}, "The count -2 is below 0"),
        ({"denominator": "many"}, "The denominator 'many' is not a number"),
        ({"area_code": " "}, "The area code is empty"),
        ({"area_code": "E540000391234"}, "has 13 characters"),
        ({"indicator_id": "abc"}, "The indicator 'abc' is not a number"),
        ({"indicator_id": "0"}, "The indicator '0' is not a number"),
        ({"sex": "F"}, "The sex 'F' is not known"),
        ({"age": "x" * 21}, "The age has 21 characters, and at most 20"),
        ({"category_type": "Decile"}, "Only one of category type and category"),
        ({"category_type": "t" * 201, "category": "c"}, "The category type has 201 characters"),
        ({"category_type": "t", "category": "c" * 201}, "The category has 201 characters"),
        ({"note": "a\x00b"}, "control character U+0000"),
        ({"note": "n" * 10_001}, "10,001 characters"),
        ({"period": "2022/24"}, "write 2022/23"),
    ],
)
def test_every_rule_of_a_row_names_what_is_wrong(cells, words):
    row = read_plain(**cells)

    assert isinstance(row, Rejection)
    assert words in row.reason
    assert row.line == 2


def test_a_row_of_fingertips_must_name_its_indicator():
    assert "names no indicator" in read_row(FINGERTIPS, PUBLISHED | {"Indicator ID": ""}).reason


@pytest.mark.parametrize("line", [b"QRL,2022/23", b"QRL,2022/23,9.8,", b"QRL,Bath, Bristol,2022/23,9.8"])
def test_a_line_with_too_few_or_too_many_cells_is_refused_and_the_next_one_read(line):
    bad, good = read_content(b"area_code,period,value\n" + line + b"\nQRL,2022/23,9.8\n").rows

    assert bad == Rejection(line=2, reason=bad.reason)
    assert "cells where the header has 3" in bad.reason
    assert (good.line, good.value_pct) == (3, 9.8)


def test_a_refused_row_tells_its_place_as_far_as_it_could_be_read():
    where = {
        "indicator_id": "93085",
        "sex": "Female",
        "age": "18+",
        "category_type": "Decile",
        "category": "First",
    }
    known = read_plain(**where, value="x")
    no_sex = read_plain(**where | {"sex": "?"})
    no_area = read_plain(**where, area_code="")

    place = {"indicator_id": 93085, "age": "18+", "category_type": "Decile", "category": "First", "line": 2}
    assert known == Rejection(
        **place, area_code="QRL", sex="Female", reason=known.reason, period=known.period
    )
    assert known.period.start == date(2022, 4, 1)
    assert (no_sex.indicator_id, no_sex.area_code, no_sex.period) == (93085, "QRL", None)
    assert no_area == Rejection(**place, sex="Female", reason=no_area.reason)
