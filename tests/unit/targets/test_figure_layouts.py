import csv
from datetime import date

import pytest

from kit.readers.csv_table import BrokenTable
from targets.readers.layouts import UnknownLayout
from targets.readers.reading import Reading, Rejection
from tests.factories.figure_files import FINGERTIPS, UPLOAD, WEBSITE
from tests.factories.figure_tables import (
    CALENDAR,
    COMPILED,
    FINANCIAL,
    NEXT_DATA,
    PLAIN,
    PUBLISHED,
    SAMPLE,
    TIDY,
    UPLOADED,
    csv_file,
    read_content,
    read_plain,
    read_row,
    xlsx_file,
)


def test_the_api_layout_is_read_whole():
    figures = read_content(
        csv_file(
            FINGERTIPS,
            PUBLISHED
            | {
                "Parent Code": "E92000001",
                "Lower CI 95.0 limit": "13.1",
                "Upper CI 95.0 limit": "14.7",
                "Lower CI 99.8 limit": "12.6",
                "Upper CI 99.8 limit": "15.2",
                "Count": "1946158.0",
                "Denominator": "14001137.5",
                "Value note": "Potential underestimate",
            },
        )
    )

    assert (figures.layout, figures.names_indicator) == ("fingertips", True)
    assert list(figures.rows) == [
        Reading(
            area_code="E54000039",
            period_label="2022/23",
            period_start=date(2022, 4, 1),
            period_end=date(2023, 3, 31),
            value_text="13.9",
            value_pct=13.9,
            lower95_pct=13.1,
            upper95_pct=14.7,
            lower998_pct=12.6,
            upper998_pct=15.2,
            count=1946158.0,
            denominator=14001137.5,
            note="Potential underestimate",
            indicator_id=91547,
            sex="Persons",
            age="15+",
        )
    ]


def test_a_row_remembers_its_line_its_parent_and_the_length_of_its_period():
    (row,) = read_content(csv_file(FINGERTIPS, PUBLISHED | {"Parent Code": "nE40000012"})).rows

    assert (row.line, row.parent_code, row.period_months) == (2, "E40000012", 12)


def test_england_twice_gives_two_equal_rows():
    once = PUBLISHED | {"Area Code": "E92000001", "Parent Code": ""}
    rows = list(read_content(csv_file(FINGERTIPS, once, once | {"Parent Code": "E92000001"})).rows)

    assert [row.line for row in rows] == [2, 3]
    assert rows[0] == rows[1]


def test_the_website_layout_is_read_with_its_mark_its_quotes_and_its_notes():
    note = (
        '<span class="tooltipValueNote">* Value suppressed for disclosure control due to small count</span>'
    )
    content = csv_file(
        WEBSITE,
        PUBLISHED
        | {"Indicator ID": "92443", "Time period": "2019", "Time period Sortable": "20190000", "Value": ""}
        | {"Value note": note, "Time period range": ""},
        quoting=csv.QUOTE_ALL,
        lineterminator="\n",
        extrasaction="ignore",
    )

    (row,) = read_content(b"\xef\xbb\xbf" + content).rows

    assert (row.value_pct, row.value_text) == (None, "")
    assert row.note == "* Value suppressed for disclosure control due to small count"


@pytest.mark.parametrize(
    "renamed",
    [
        {"Area Name": "AreaName"},
        {"Compared to percentiles": "Compared to Region value or percentiles"},
        {"Compared to percentiles": "Compared to parent value or percentiles"},
        {"Compared to goal": "Target data"},
        {"Indicator ID": " indicator  id "},
    ],
)
def test_columns_are_found_by_name_in_any_order(renamed):
    header = [renamed.get(name, name) for name in reversed(FINGERTIPS)]
    row = {renamed.get(name, name): text for name, text in PUBLISHED.items()}

    assert read_row(header, row) == read_row(FINGERTIPS, PUBLISHED)


def test_a_download_may_lack_every_column_that_is_not_needed():
    needed = [
        *(
            "Indicator ID",
            "Area Code",
            "Area Type",
            "Sex",
            "Age",
            "Category Type",
            "Category",
            "Time period",
            "Value",
        )
    ]
    row = {name: PUBLISHED[name] for name in needed if name in PUBLISHED}

    assert read_row(needed, row).value_pct == 13.9


def test_one_start_of_two_periods_is_told_apart():
    one = read_row(FINGERTIPS, PUBLISHED | {"Indicator ID": "92445", "Time period": "2019"} | sortable("1y"))
    three = read_row(
        FINGERTIPS, PUBLISHED | {"Indicator ID": "92445", "Time period": "2019 - 21"} | sortable("3y")
    )

    assert (one.period_months, three.period_months) == (12, 36)


def sortable(period_range: str) -> dict[str, str]:
    return {"Time period Sortable": "20190000", "Time period range": period_range}


def test_a_text_that_contradicts_its_sortable_form_is_refused():
    row = read_row(FINGERTIPS, PUBLISHED | {"Time period Sortable": "20210000"})

    assert row == Rejection(
        line=2,
        reason="The period 2022/23 contradicts its sortable form '20210000' (20220000 was expected): correct one of "
        "them.",
        indicator_id=91547,
        area_code="E54000039",
        sex="Persons",
        age="15+",
    )


def test_categories_and_ages_that_do_not_apply_stay_apart():
    decile = {
        "Category Type": "Deprivation deciles (IMD2019, 4/21 geography)",
        "Category": "Most deprived  decile",
    }
    row = read_row(FINGERTIPS, PUBLISHED | decile | {"Age": "Not applicable"})

    assert (row.age, row.category_type, row.category) == (
        "Not applicable",
        "Deprivation deciles (IMD2019, 4/21 geography)",
        "Most deprived decile",
    )


def test_the_data_table_of_the_new_fingertips_takes_the_kind_of_year_from_the_indicator():
    quoted = {"CategoryType": '"Deprivation deciles (IMD2019)"', "Category": "Most deprived decile"}
    row = read_row(NEXT_DATA, SAMPLE | quoted)

    assert (row.period_label, row.period_start, row.period_end) == (
        "2018/19",
        date(2018, 4, 1),
        date(2019, 3, 31),
    )
    assert (row.category_type, row.category) == ("Deprivation deciles (IMD2019)", "Most deprived decile")
    assert (row.sex, row.age, row.indicator_id, row.count, row.denominator) == (
        "Female",
        "All ages",
        93085,
        278,
        2062,
    )
    assert (row.lower95_pct, row.upper95_pct) == (12.1, 15.0)


def test_a_bare_year_of_an_indicator_nobody_knows_is_refused():
    row = read_row(NEXT_DATA, SAMPLE | {"IndicatorId": "11111"})

    assert "does not know whether its indicator counts in calendar or financial years" in row.reason
    assert (row.indicator_id, row.period) == (11111, None)


@pytest.mark.parametrize("count", ["", "-1"])
def test_minus_one_is_a_missing_number_in_the_data_table(count):
    row = read_row(
        NEXT_DATA,
        SAMPLE | {"Value": "-1", "Count": count, "LowerCI": "-1", "UpperCI": "-1", "Denominator": "-1"},
    )

    assert (row.value_pct, row.value_text, row.count, row.denominator) == (None, "", None, None)
    assert (row.lower95_pct, row.upper95_pct, row.note) == (None, None, "The publisher gave no figure.")


@pytest.mark.parametrize(
    ("header", "row"), [(NEXT_DATA, SAMPLE | {"Value": "-1"}), (FINGERTIPS, PUBLISHED | {"Value": "-1"})]
)
def test_minus_one_is_a_wrong_value_beside_a_count_and_elsewhere(header, row):
    assert read_row(header, row).reason == "-1 is not a percentage from 0 to 100: correct the value."


@pytest.mark.parametrize(
    ("cells", "label", "months"),
    [
        ({}, "2023/24", 12),
        ({"date_from": "01/04/2023", "date_to": "31/03/2024"}, "2023/24", 12),
        ({"date_from": "2021-01-01", "date_to": "2023-12-31", "period_type": "three_year"}, "2021 - 23", 36),
        (
            {"date_from": "2023-04-01", "date_to": "2023-06-30", "period_type": "quarter"},
            "2023-04-01 to 2023-06-30",
            3,
        ),
        (
            {"date_from": "2023-09-01", "date_to": "2024-08-31", "period_type": ""},
            "2023-09-01 to 2024-08-31",
            12,
        ),
    ],
)
def test_the_upload_table_gives_real_days(cells, label, months):
    row = read_row(UPLOAD, UPLOADED | cells, default=FINANCIAL)

    assert (row.period_label, row.period_months, row.sex, row.age, row.indicator_id) == (
        label,
        months,
        "Female",
        "18-64",
        None,
    )


def test_deciles_of_the_upload_table_become_categories():
    geography = "counties_and_unitary_authorities_apr_2021_geography"
    row = read_row(UPLOAD, UPLOADED | {"deprivation_decile": "3", "deprivation_category": geography})

    assert (row.category_type, row.category) == (f"Deprivation decile ({geography})", "Decile 3")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (
            {"date_from": "06/04/2023", "date_to": "05/05/2024"},
            "The period_type is financial_year, but the days run",
        ),
        ({"date_from": "2023-01-01", "date_to": "2023-12-31"}, "The period_type is financial_year"),
        ({"date_from": "2024-04-01", "date_to": "2024-03-31"}, "before it starts"),
        ({"date_from": "April"}, "date_from is 'April', not a day"),
        ({"date_to": "32/03/2024"}, "date_to is '32/03/2024', not a day"),
        ({"age_from_years_inclusive": "old"}, "first age 'old' is not a whole number"),
        ({"age_from_years_inclusive": "70"}, "no group of people"),
        ({"deprivation_decile": "3"}, "Only one of deprivation_decile and deprivation_category"),
        ({"deprivation_decile": "11", "deprivation_category": "x"}, "11 is not from 1 to 10"),
    ],
)
def test_wrong_cells_of_the_upload_table_are_refused(cells, words):
    assert words in read_row(UPLOAD, UPLOADED | cells).reason


def test_the_long_table_takes_its_sex_from_the_unit_and_knows_withheld_figures():
    figures = read_content(csv_file(TIDY, COMPILED, COMPILED | {"value": "NA"}), default=CALENDAR)
    given, withheld = figures.rows

    assert (figures.layout, figures.names_indicator) == ("tidy", False)
    assert (given.sex, given.age, given.value_text, given.indicator_id) == ("Persons", "", "13.9", None)
    assert (withheld.value_pct, withheld.value_text) == (None, "")
    assert withheld.note == "The publisher withheld the figure."


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"measure": "Count"}, "The measure is 'Count', not Percentage"),
        ({"unit": "Households"}, "The sex 'Households' is not known"),
        ({"inequality": "Most deprived"}, "a part of the population"),
    ],
)
def test_rows_of_the_long_table_that_are_no_share_of_all_people_are_refused(cells, words):
    assert words in read_row(TIDY, COMPILED | cells).reason


def test_the_plain_template_needs_three_columns_only():
    figures = read_content(csv_file(list(PLAIN), PLAIN))

    assert (figures.layout, figures.names_indicator) == ("template", False)
    assert list(figures.rows) == [
        Reading(
            area_code="QRL",
            period_label="2022/23",
            period_start=date(2022, 4, 1),
            period_end=date(2023, 3, 31),
            value_text="9.8",
            value_pct=9.8,
        )
    ]


def test_days_in_the_plain_template_make_the_period_and_its_text_the_label():
    row = read_plain(period="Survey of 2018", period_start="2018-01-02", period_end="2018-04-06")

    assert (row.period_label, row.period_start, row.period_end) == (
        "Survey of 2018",
        date(2018, 1, 2),
        date(2018, 4, 6),
    )


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"period_start": "2018-01-01", "period_end": ""}, "period_end is '', not a day"),
        ({"period_start": "1/1/2018", "period_end": "2018-12-31"}, "period_start is '1/1/2018'"),
        ({"period_start": "2018-12-31", "period_end": "2018-01-01"}, "before it starts"),
        ({"period_start": "2018-01-01", "period_end": "2018-01-05"}, "shorter than a month"),
        ({"period_start": "1700-01-01", "period_end": "1700-12-31"}, "1700 is not from"),
        ({"period": "", "period_start": "2018-01-01", "period_end": "2018-12-31"}, "The period is empty"),
        ({"period": "x" * 41, "period_start": "2018-01-01", "period_end": "2018-12-31"}, "41 characters"),
    ],
)
def test_days_of_the_plain_template_that_are_no_period_are_refused(cells, words):
    assert words in read_plain(**cells).reason


def test_a_workbook_is_read_by_the_same_rules():
    days = [date(2022, 4, 1), date(2023, 3, 31)]
    template = xlsx_file(
        ["area_code", "period", "period_start", "period_end", "value", "indicator_id", "note"],
        ["QRL", "2022/23", *days, 9.8, 93085, None],
        ["QE1", 2022, None, None, "NA", None, "small numbers"],
        ["QE1", 2022, None, None, "=1+1", None, None],
    )
    figures = read_content(template, default=CALENDAR)
    first, second, third = figures.rows

    assert (figures.layout, figures.names_indicator) == ("template", True)
    assert (first.value_pct, first.value_text, first.period_end, first.indicator_id) == (
        9.8,
        "9.8",
        days[1],
        93085,
    )
    assert (second.period_label, second.value_pct, second.note) == ("2022", None, "small numbers")
    assert (third.line, third.reason) == (
        4,
        "The value '=1+1' is not a number: paste the values instead of formulas.",
    )


def test_a_fingertips_download_saved_as_a_workbook_is_read():
    content = xlsx_file(FINGERTIPS, [PUBLISHED.get(name) for name in FINGERTIPS])

    assert list(read_content(content).rows) == [read_row(FINGERTIPS, PUBLISHED)]


def test_calendar_years_of_an_indicator_in_financial_years_are_refused():
    assert "write 2022/23" in read_row(list(PLAIN), PLAIN | {"period": "2022"}, default=FINANCIAL).reason
    assert (
        "write 2020/21 - 22/23"
        in read_row(list(PLAIN), PLAIN | {"period": "2020 - 22"}, default=FINANCIAL).reason
    )


def test_an_unknown_header_is_refused_with_what_was_found_the_nearest_layout_and_what_it_lacks():
    with pytest.raises(UnknownLayout) as caught:
        read_content(b"Indicator ID,Area Code,Area Type,Sex,Age,Time period,Val\n")

    assert str(caught.value) == (
        "figures.csv is in no layout the tracker reads. Columns found: Indicator ID, Area Code, Area Type, Sex, Age, "
        "Time period, Val. The nearest layout is the Fingertips download; it needs Indicator ID, Area Code, Sex, Age, "
        "Category Type, Category, Time period, Value, Area Type. Lacking: Category Type, Category, Value. Add these "
        "columns, or put the figures into the plain template."
    )


def test_a_header_with_nothing_known_is_pointed_to_the_plain_template():
    with pytest.raises(UnknownLayout, match="The nearest layout is the plain template"):
        read_content(b"An error occurred, try again\n")


def test_a_column_given_twice_is_refused_and_an_unread_one_may_repeat():
    with pytest.raises(BrokenTable, match="gives the column value more than once"):
        read_content(b"area_code,period,value,Value\n")
    header = [*FINGERTIPS, "extra", "extra"]
    assert read_row(header, PUBLISHED) == read_row(FINGERTIPS, PUBLISHED)


def test_a_column_the_plain_template_does_not_have_is_refused_rather_than_left_unread():
    with pytest.raises(BrokenTable, match="has no column lower_95"):
        read_content(b"area_code,area_name,period,value,lower_95\n")


def test_a_header_alone_is_a_file_without_rows():
    assert list(read_content(csv_file(FINGERTIPS)).rows) == []
