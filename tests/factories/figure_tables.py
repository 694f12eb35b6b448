"""Small files of figures in each layout, one good row each, and what reading them gives."""

import csv
import io

import openpyxl

from kit.readers.source_file import SourceFile
from targets.readers.figures import FigureFile, read_figures
from targets.readers.reading import IndicatorFacts, Reading, Rejection

NEXT_DATA = [
    *(
        "IndicatorId",
        "Category",
        "CategoryType",
        "Age",
        "Sex",
        "Trend",
        "Denominator",
        "CategoryTypeId",
        "UpperCI",
    ),
    *("Value", "Count", "AreaCode", "SexID", "AgeID", "Year", "LowerCI", "CategoryId"),
]
TIDY = [
    *("area_code", "area_name", "area_type", "period", "indicator", "measure", "unit", "value"),
    *("compared_to_England", "inequality"),
]
PLAIN = {"area_code": "QRL", "period": "2022/23", "value": "9.8"}
PUBLISHED = {
    "Indicator ID": "91547",
    "Area Code": "E54000039",
    "Area Type": "ICBs",
    "Sex": "Persons",
    "Age": "15+ yrs",
    "Time period": "2022/23",
    "Value": "13.9",
    "Time period Sortable": "20220000",
    "Time period range": "1y",
}
SAMPLE = {
    "IndicatorId": "93085",
    "Age": "All ages",
    "Sex": "Female",
    "Denominator": "2062",
    "UpperCI": "15.0",
    "Value": "13.5",
    "Count": "278",
    "AreaCode": "E06000008",
    "Year": "2018",
    "LowerCI": "12.1",
}
UPLOADED = {
    "area_code": "E06000008",
    "date_from": "2023-04-01",
    "date_to": "2024-03-31",
    "period_type": "financial_year",
    "sex": "female",
    "age_from_years_inclusive": "18",
    "age_to_years_inclusive": "64",
    "value": "13.5",
}
COMPILED = {
    "area_code": "E92000001",
    "area_type": "Country",
    "period": "2019",
    "indicator": "Smoking Prevalence in adults (18+) - current smokers (APS)",
    "measure": "Percentage",
    "unit": "Persons",
    "value": "13.9",
    "inequality": "NA",
}
FINANCIAL = IndicatorFacts(fingertips_id=93085, year_type="financial", sex="Female", age="All ages")
CALENDAR = IndicatorFacts(fingertips_id=None, year_type="calendar", sex="Persons", age="18+")


def csv_file(header: list[str], *rows: dict[str, str], **writing: object) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="", **writing)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def xlsx_file(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def read_content(content: bytes, *, default: IndicatorFacts | None = None) -> FigureFile:
    source = SourceFile(io.BytesIO(content), name="figures.csv")
    return read_figures(source, facts={93085: FINANCIAL, 91547: FINANCIAL}, default=default)


def read_row(
    header: list[str], row: dict[str, str], *, default: IndicatorFacts | None = None
) -> Reading | Rejection:
    (found,) = read_content(csv_file(header, row), default=default).rows
    return found


def read_plain(**cells: str) -> Reading | Rejection:
    row = PLAIN | cells
    return read_row(list(row), row)
