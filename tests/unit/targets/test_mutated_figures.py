from hypothesis import example, given, settings

from kit.readers.csv_table import BrokenTable
from targets.calc.periods import FIRST_YEAR, LAST_YEAR
from targets.readers.reading import Reading, Rejection
from tests.factories.figure_tables import read_content
from tests.factories.mutated_files import INTACT, mutated_files


def check_reading(row: Reading) -> None:
    """What the database asks of a row."""
    assert 1 <= len(row.area_code) <= 12
    assert FIRST_YEAR <= row.period_start.year <= row.period_end.year <= LAST_YEAR
    assert row.period_end >= row.period_start
    assert row.period_months >= 1
    assert (row.value_pct is None) == (row.value_text == "")
    assert row.value_pct is None or 0 <= row.value_pct <= 100
    assert row.note or row.value_pct is not None
    if row.lower95_pct is not None:
        assert 0 <= row.lower95_pct <= row.value_pct <= row.upper95_pct <= 100
    if row.lower998_pct is not None:
        assert 0 <= row.lower998_pct <= row.lower95_pct <= row.upper95_pct <= row.upper998_pct <= 100
    assert row.denominator is None or row.denominator > 0
    assert row.sex in ("", "Persons", "Male", "Female", "Not applicable")
    assert bool(row.category_type) == bool(row.category)


def check_texts(row: Reading | Rejection) -> None:
    label = row.period_label if isinstance(row, Reading) else row.period.label if row.period else ""
    lengths = [(label, 40), (row.age, 20), (row.category_type, 200), (row.category, 200)]
    if isinstance(row, Reading):
        lengths += [(row.value_text, 40), (row.note, 500)]
    else:
        lengths += [(row.reason, 500)]
    for text, most in lengths:
        assert len(text) <= most
        assert "\x00" not in text
        text.encode()


@given(mutated_files())
@settings(max_examples=200, deadline=None)
@example(INTACT[0] + b"\n" * 3)
@example(INTACT[0].replace(b"13.9", b"0e99999999999"))
@example(INTACT[0].replace(b"13.9", b'"13.9'))
@example(INTACT[2].replace(b"2023", b"9999"))
def test_a_damaged_file_gives_rows_and_named_refusals_and_nothing_else(content):
    rows = []
    try:
        for row in read_content(content).rows:
            assert isinstance(row, Reading | Rejection)
            rows.append(row)
    except BrokenTable as refusal:
        assert str(refusal).endswith(".")  # noqa: PT017  any other exception fails the test

    assert [row.line for row in rows] == sorted({row.line for row in rows})
    assert all(row.line >= 2 for row in rows)
    for row in rows:
        check_texts(row)
        if isinstance(row, Reading):
            check_reading(row)
        else:
            assert row.reason.endswith(".")


def test_undamaged_files_give_their_three_readings():
    for content in INTACT:
        assert [type(row) for row in read_content(content).rows] == [Reading] * 3
