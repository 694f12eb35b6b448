"""One edition taken in: every row classified, and what may not come in changes nothing."""

from datetime import date

import pytest

from kit.readers.csv_table import BrokenTable
from targets.models import Observation, Release, Series
from targets.readers.long_table import read_long_table
from targets.readers.reading import Reading
from targets.readers.wide_table import read_wide_table
from targets.services.editions import Edition
from targets.services.import_release import RefusedRelease, take_in_readings, withdraw_release
from tests.factories.rows import NOW, make_area, make_indicator

FIRST, SECOND = date(2023, 9, 5), date(2024, 10, 1)
HEADER = "area,period_start,period_end,period,value,lower95,upper95,lower998,upper998,denominator"


def read(code: str, year: int, value_pct: float | None, /, **changes) -> Reading:
    values = {
        "area_code": code,
        "period_label": str(year),
        "period_start": date(year, 1, 1),
        "period_end": date(year, 12, 31),
        "value_text": "" if value_pct is None else f"{value_pct:g}",
        "value_pct": value_pct,
    }
    return Reading(**values | changes)


@pytest.fixture
def take_in(db):
    """Takes readings in as an edition of one indicator for the boards NORTH and SOUTH."""
    indicator = make_indicator()
    for code in ("NORTH", "SOUTH"):
        make_area(code=code)

    def take(*readings: Reading, known_from: date = FIRST, sha256: str | None = None) -> tuple[Release, bool]:
        edition = Edition(
            indicator=indicator,
            title=f"Edition of {known_from}",
            known_from=known_from,
            known_from_basis="The day it came out",
            file_name="edition.csv",
            file_sha256=sha256 or f"{known_from:%Y%m%d}",
            source_title="A publisher",
            source_url="",
        )
        return take_in_readings(edition, readings)

    return take


def counts(release: Release) -> dict[str, int]:
    names = ("new", "unchanged", "revised", "dropped")
    return {name: getattr(release, f"{name}_count") for name in names if getattr(release, f"{name}_count")}


def known_on(day: date) -> dict[tuple[str, int], float | None]:
    rows = Observation.objects.known_on(day).select_related("series__area")
    return {(row.series.area.code, row.period_start.year): row.value_pct for row in rows}


def everything() -> tuple[list, list, list]:
    return tuple(list(model.objects.order_by("pk").values()) for model in (Release, Series, Observation))


def test_the_first_edition_is_all_new(take_in):
    release, is_new = take_in(read("NORTH", 2021, 14.0), read("NORTH", 2022, 13.0), read("SOUTH", 2022, None))

    assert is_new
    assert counts(release) == {"new": 3}
    assert known_on(FIRST) == {("NORTH", 2021): 14.0, ("NORTH", 2022): 13.0, ("SOUTH", 2022): None}
    assert known_on(date(2023, 9, 4)) == {}


def test_a_later_edition_tells_new_unchanged_revised_and_dropped_apart(take_in):
    take_in(
        read("NORTH", 2021, 14.0),
        read("NORTH", 2022, 13.0),
        read("SOUTH", 2021, 15.0),
        read("SOUTH", 2022, 16.0),
    )

    release, _ = take_in(
        read("NORTH", 2021, 14.0),
        read("NORTH", 2022, 12.5),
        read("NORTH", 2023, 12.0),
        read("SOUTH", 2021, 15.0),
        known_from=SECOND,
    )

    assert counts(release) == {"new": 1, "unchanged": 2, "revised": 1, "dropped": 1}
    assert release.observations.filter(dropped=False).count() == 2
    assert release.observations.get(dropped=True).replaces.value_pct == 16.0
    assert known_on(date(2024, 9, 30)) == {
        ("NORTH", 2021): 14.0,
        ("NORTH", 2022): 13.0,
        ("SOUTH", 2021): 15.0,
        ("SOUTH", 2022): 16.0,
    }
    assert known_on(SECOND) == {
        ("NORTH", 2021): 14.0,
        ("NORTH", 2022): 12.5,
        ("NORTH", 2023): 12.0,
        ("SOUTH", 2021): 15.0,
    }


def test_a_figure_outside_the_span_of_a_later_edition_is_not_dropped(take_in):
    take_in(read("NORTH", 2015, 20.0), read("NORTH", 2022, 13.0))

    release, _ = take_in(read("NORTH", 2022, 13.0), read("NORTH", 2023, 12.0), known_from=SECOND)

    assert counts(release) == {"new": 1, "unchanged": 1}
    assert known_on(SECOND)["NORTH", 2015] == 20.0


@pytest.mark.parametrize(
    "changes",
    [
        {"lower95_pct": 12.0, "upper95_pct": 14.0},
        {"denominator": 900.0},
        {"value_pct": None, "value_text": ""},
    ],
)
def test_other_limits_another_denominator_or_a_withheld_figure_revise(take_in, changes):
    take_in(read("NORTH", 2022, 13.0))

    release, _ = take_in(read("NORTH", 2022, 13.0, **changes), known_from=SECOND)

    assert counts(release) == {"revised": 1}
    assert Observation.objects.current().get().release == release


def test_another_way_of_writing_the_same_figure_changes_nothing(take_in):
    first, _ = take_in(read("NORTH", 2022, 13.0, value_text="13"))

    release, _ = take_in(read("NORTH", 2022, 13.0, value_text="13.0"), known_from=SECOND)

    assert counts(release) == {"unchanged": 1}
    assert Observation.objects.current().get().release == first
    assert Observation.objects.get(release=release).change == "repeated"


def test_the_same_file_twice_is_one_release(take_in):
    first, _ = take_in(read("NORTH", 2022, 13.0))
    before = everything()

    again, is_new = take_in(read("NORTH", 2022, 13.0))

    assert (again, is_new) == (first, False)
    assert everything() == before


def test_the_same_line_twice_counts_once(take_in):
    release, _ = take_in(read("NORTH", 2022, 13.0), read("NORTH", 2022, 13.0))

    assert counts(release) == {"new": 1}


@pytest.mark.parametrize(
    ("readings", "message"),
    [
        (
            [read("NORTH", 2023, 12.0), read("NORTH", 2023, 11.0)],
            r"different figures for the same place and period \(2023\): 12 \(line 0\), 11",
        ),
        ([read("NORTH", 2023, 12.0), read("WEST", 2023, 11.0)], "No area has the code WEST"),
        ([], "holds no figures"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_and_changes_nothing(take_in, readings, message):
    take_in(read("NORTH", 2022, 13.0))
    before = everything()

    with pytest.raises(RefusedRelease, match=message):
        take_in(*readings, known_from=SECOND)

    assert everything() == before


def test_an_older_edition_taken_in_late_answers_for_its_own_days(take_in):
    take_in(read("NORTH", 2022, 13.0), read("SOUTH", 2022, 16.0), known_from=SECOND)

    late, _ = take_in(read("NORTH", 2022, 12.0), read("SOUTH", 2022, 16.0), known_from=FIRST)

    assert counts(late) == {"new": 2}
    assert known_on(FIRST) == {("NORTH", 2022): 12.0, ("SOUTH", 2022): 16.0}
    assert known_on(SECOND) == {("NORTH", 2022): 13.0, ("SOUTH", 2022): 16.0}
    second = Release.objects.get(known_from=SECOND)
    assert counts(second) == {"revised": 1, "unchanged": 1}
    assert Observation.objects.get(series__area__code="SOUTH", known_to=None).release == late


def test_a_late_edition_does_not_outlive_what_a_later_one_repeats(take_in):
    third = date(2026, 4, 30)
    take_in(read("NORTH", 2022, 13.0), known_from=FIRST)
    take_in(read("NORTH", 2022, 13.0), read("NORTH", 2023, 12.0), known_from=third)

    take_in(read("NORTH", 2022, 12.5), read("SOUTH", 2022, 16.0), known_from=SECOND)

    assert known_on(SECOND) == {("NORTH", 2022): 12.5, ("SOUTH", 2022): 16.0}
    assert known_on(third) == {("NORTH", 2022): 13.0, ("NORTH", 2023): 12.0}
    last = Release.objects.get(known_from=third)
    assert counts(last) == {"revised": 1, "new": 1, "dropped": 1}


def test_what_was_known_before_comes_back_when_an_edition_is_withdrawn(take_in):
    third = date(2026, 4, 30)
    take_in(read("NORTH", 2022, 13.0), read("SOUTH", 2022, 16.0), known_from=FIRST)
    mistake, _ = take_in(read("NORTH", 2022, 1.3), known_from=SECOND)
    last, _ = take_in(read("NORTH", 2022, 1.3), read("NORTH", 2023, 12.0), known_from=third)
    assert known_on(SECOND) == {("NORTH", 2022): 1.3}

    withdraw_release(mistake, because="A wrong file", by=None, now=NOW)

    assert known_on(SECOND) == {("NORTH", 2022): 13.0, ("SOUTH", 2022): 16.0}
    assert known_on(third) == {("NORTH", 2022): 1.3, ("NORTH", 2023): 12.0}
    last.refresh_from_db()
    assert counts(last) == {"revised": 1, "new": 1, "dropped": 1}
    assert mistake.observations.filter(change="withdrawn").count() == 2
    withdraw_release(mistake, because="Again", by=None, now=NOW)
    mistake.refresh_from_db()
    assert mistake.withdrawn_because == "A wrong file"


def test_a_bundled_edition_that_was_withdrawn_stays_withdrawn(take_in):
    first, _ = take_in(read("NORTH", 2022, 13.0))
    withdraw_release(first, because="Too early", by=None, now=NOW)

    again, is_new = take_in(read("NORTH", 2022, 13.0))

    assert (again, is_new) == (first, False)
    assert known_on(FIRST) == {}


def test_noise_in_the_last_digits_is_no_revision(take_in):
    take_in(read("NORTH", 2022, 13.123456789012, denominator=46608551.500242))

    release, _ = take_in(
        read("NORTH", 2022, 13.1234567890121, denominator=46608551.50024201), known_from=SECOND
    )

    assert counts(release) == {"unchanged": 1}


def test_a_figure_for_a_period_that_has_not_ended_is_refused(take_in):
    with pytest.raises(RefusedRelease, match="A figure for 2042 cannot be known on 5 September 2023"):
        take_in(read("NORTH", 2022, 13.0), read("NORTH", 2042, 3.0))

    assert everything()[0] == everything()[2] == []


def test_the_day_of_a_file_cannot_be_changed(take_in):
    take_in(read("NORTH", 2022, 13.0), sha256="a" * 64)
    before = everything()

    for day in (date(2023, 9, 4), SECOND):
        with pytest.raises(RefusedRelease, match="this file was taken in as known from 5 September 2023"):
            take_in(read("NORTH", 2022, 13.0), known_from=day, sha256="a" * 64)

    assert everything() == before


@pytest.mark.parametrize(
    ("years", "message"),
    [("1899,2022", "the year 1899 in"), ("2022,2101,2201", "the year 2101, 2201 in"), ("²⁰²²", "and years")],
)
def test_a_year_far_off_is_refused_by_name(years, message):
    with pytest.raises(BrokenTable, match=f"wide.csv: .*{message}"):
        list(read_wide_table(f"area,{years}\n", file="wide.csv"))


def table(*lines: str) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


def test_a_long_table_gives_figures_with_their_limits_as_published():
    full, bare, withheld = read_long_table(
        table(
            "NORTH,2022-01-01,2022-12-31,2022,13.0,12.0,14.1,11.4,14.8,900",
            "NORTH,2022-04-01,2023-03-31,2022/23,13,,,,,",
            "SOUTH,2022-01-01,2022-12-31,2022,NA,,,,,",
        ),
        file="edition.csv",
    )

    assert full == read(
        "NORTH",
        2022,
        13.0,
        value_text="13.0",
        lower95_pct=12.0,
        upper95_pct=14.1,
        lower998_pct=11.4,
        upper998_pct=14.8,
        denominator=900.0,
    )
    assert (bare.period_label, bare.value_text, bare.lower95_pct, bare.denominator) == (
        "2022/23",
        "13",
        None,
        None,
    )
    assert (withheld.value_pct, withheld.value_text, withheld.note) == (
        None,
        "",
        "The publisher withheld the figure.",
    )


@pytest.mark.parametrize(
    ("cells", "column", "wanted"),
    [
        ("2022-01-01,2022-12-31,2022,120,,,,,", "value", "from 0 to 100"),
        ("2022-01-01,2022-12-31,2022,,,,,,", "value", "filled in"),
        ("2022-01-01,2022-12-31,2022,about 13,,,,,", "value", "a number"),
        ("2022-12-31,2022-01-01,2022,13,,,,,", "period_end", "on or after the start"),
        ("2022,2022-12-31,2022,13,,,,,", "period_start", "a day written as"),
        ("2022-01-01,2022-12-31,2022,13,12,,,,", "upper95", "filled in, though lower95 is"),
        ("2022-01-01,2022-12-31,2022,13,,,11,15,", "lower95", "filled in, though the 99.8% limits are"),
        ("2022-01-01,2022-12-31,2022,13,13.5,14,,,", "lower95", "13 or less"),
        ("2022-01-01,2022-12-31,2022,13,12,12.5,,,", "upper95", "13 or more"),
        ("2022-01-01,2022-12-31,2022,13,12,14,12.5,15,", "lower998", "12 or less"),
        ("2022-01-01,2022-12-31,2022,13,12,14,11,13.5,", "upper998", "14 or more"),
        ("2022-01-01,2022-12-31,2022,NA,12,14,,,", "lower95", "empty, though the figure was withheld"),
        ("2022-01-01,2022-12-31,2022,13,,,,,0", "denominator", "above 0"),
    ],
)
def test_a_broken_line_of_a_long_table_is_named(cells, column, wanted):
    content = table("SOUTH,2022-01-01,2022-12-31,2022,10,,,,,", f"NORTH,{cells}")

    with pytest.raises(BrokenTable, match=f"edition.csv, line 3, column {column}: .*{wanted}"):
        list(read_long_table(content, file="edition.csv"))


@pytest.mark.parametrize(
    ("header", "message"),
    [(HEADER.replace(",value", ""), "lacks the column value"), (f"{HEADER},sex", "unknown column sex")],
)
def test_a_long_table_has_its_columns_and_no_others(header, message):
    line = ",".join(["NORTH", "2022-01-01", "2022-12-31", "2022", *[""] * (header.count(",") - 3)])

    with pytest.raises(BrokenTable, match=message):
        list(read_long_table(f"{header}\n{line}\n", file="edition.csv"))


def test_a_line_given_twice_is_counted_and_taken_once(take_in):
    release, _ = take_in(read("NORTH", 2021, 14.0), read("NORTH", 2021, 14.0))

    assert (release.new_count, release.duplicate_count) == (1, 1)
    assert Observation.objects.count() == 1
