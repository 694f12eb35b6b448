"""Files of figures laid out as publishers send them, with fixed, readable numbers."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openpyxl import Workbook


def _split(header: str) -> list[str]:
    return next(csv.reader([header]))


FINGERTIPS = _split(
    "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,Category Type,"
    "Category,Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,Lower CI 99.8 limit,"
    "Upper CI 99.8 limit,Count,Denominator,Value note,Recent Trend,Compared to England value or percentiles,"
    "Compared to percentiles,Time period Sortable,New data,Compared to goal,Time period range"
)
WEBSITE = [
    {"Area Name": "AreaName", "Compared to percentiles": "Compared to parent value or percentiles"}.get(
        name, name
    )
    for name in FINGERTIPS[:-1]
]
UPLOAD = _split(
    "area_code,date_from,date_to,period_type,sex,age_from_years_inclusive,age_to_years_inclusive,"
    "deprivation_decile,deprivation_category,count,value,denominator,lower_ci_95,upper_ci_95,lower_ci_99_8,"
    "upper_ci_99_8"
)
TEMPLATE = _split(
    "area_code,period,indicator_id,sex,age,category_type,category,value,lower95,upper95,lower998,upper998,"
    "count,denominator,note"
)
FINGERTIPS_ID = 92443


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A row as printed; `period` is a calendar year, or three: 2020 - 22. Empty texts are empty cells."""

    area: str
    period: str = "2022"
    value: str = "12.5"
    lower95: str = ""
    upper95: str = ""
    lower998: str = ""
    upper998: str = ""
    count: str = ""
    denominator: str = ""
    note: str = ""
    sex: str = "Persons"
    age: str = "18+"
    category_type: str = ""
    category: str = ""
    parent: str = ""
    indicator: int | None = FINGERTIPS_ID


def write_fingertips(figures: Iterable[Figure]) -> bytes:
    """The API's 27 columns: UTF-8 without a mark, CRLF, quotes where needed."""
    rows = [[cells.get(name, "") for name in FINGERTIPS] for cells in map(_fingertips_cells, figures)]
    return write_csv([FINGERTIPS, *rows], end="\r\n").encode()


def write_website(figures: Iterable[Figure]) -> bytes:
    """The website's 26 columns: with a byte-order mark, every cell quoted, LF."""
    rows = [[cells.get(name, "") for name in WEBSITE] for cells in map(_fingertips_cells, figures)]
    return write_csv([WEBSITE, *rows], quoting=csv.QUOTE_ALL).encode("utf-8-sig")


def write_upload(figures: Iterable[Figure]) -> bytes:
    rows = [
        [
            *(figure.area, f"{figure.period}-01-01", f"{figure.period}-12-31", "Calendar_Year"),
            *(figure.sex, figure.age.rstrip("+"), "", "", "", figure.count, figure.value, figure.denominator),
            *(figure.lower95, figure.upper95, figure.lower998, figure.upper998),
        ]
        for figure in figures
    ]
    return write_csv([UPLOAD, *rows]).encode()


def write_template(figures: Iterable[Figure]) -> bytes:
    return write_csv([TEMPLATE, *map(_template_cells, figures)]).encode()


def write_workbook(figures: Iterable[Figure]) -> bytes:
    """The plain template as XLSX, numbers as numbers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Figures")
    sheet.append(TEMPLATE)
    for figure in figures:
        sheet.append([_as_number(cell) for cell in _template_cells(figure)])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def write_csv(rows: Iterable[Sequence[object]], *, end: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    content = io.StringIO()
    csv.writer(content, lineterminator=end, quoting=quoting).writerows(rows)
    return content.getvalue()


def _fingertips_cells(figure: Figure) -> dict[str, object]:
    return {
        "Indicator ID": figure.indicator,
        "Indicator Name": "Smoking Prevalence in adults (aged 18 and over) - current smokers (APS)",
        "Parent Code": figure.parent,
        "Area Code": figure.area,
        "Area Name": f"Area {figure.area}",
        "AreaName": f"Area {figure.area}",
        "Area Type": "ICBs",
        "Sex": figure.sex,
        "Age": f"{figure.age} yrs" if figure.age[:1].isdigit() else figure.age,
        "Category Type": figure.category_type,
        "Category": figure.category,
        "Time period": figure.period,
        "Value": figure.value,
        "Lower CI 95.0 limit": figure.lower95,
        "Upper CI 95.0 limit": figure.upper95,
        "Lower CI 99.8 limit": figure.lower998,
        "Upper CI 99.8 limit": figure.upper998,
        "Count": figure.count,
        "Denominator": figure.denominator,
        "Value note": figure.note,
        "Recent Trend": "Cannot be calculated",
        "Compared to England value or percentiles": "Not compared",
        "Time period Sortable": f"{figure.period[:4]}0000",
        "Time period range": "3y" if " - " in figure.period else "1y",
    }


def _template_cells(figure: Figure) -> list[str]:
    return [
        *(figure.area, figure.period, "" if figure.indicator is None else str(figure.indicator)),
        *(figure.sex, figure.age, figure.category_type, figure.category, figure.value),
        *(figure.lower95, figure.upper95, figure.lower998, figure.upper998),
        *(figure.count, figure.denominator, figure.note),
    ]


def _as_number(cell: str) -> object:
    try:
        return float(cell)
    except ValueError:
        return cell or None
