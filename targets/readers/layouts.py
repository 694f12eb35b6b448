"""The layouts files of figures come in, and how each writes who and when; recognised by column names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kit.readers.csv_table import BrokenTable
from targets.calc.groups import canonical_age, canonical_age_from_bounds, canonical_sex
from targets.calc.periods import FINANCIAL, Period, check_days, name_period, parse_period

Groups = tuple[str, str, str, str]

FIGURE_ROLES = ("value", "lower95", "upper95", "lower998", "upper998", "count", "denominator", "note")
KINDS_OF_PERIOD = {
    "calendar_year": (1, 12),
    "financial_year": (4, 12),
    "three_year": (0, 36),
    "quarter": (0, 3),
}
PERCENTAGE = "Percentage"
NOTHING = ("", "NA")


class UnknownLayout(BrokenTable):
    """The header is that of no layout the tracker reads."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`columns`: name of each column by its role. The roles of `groups` and `period` are what their readers take.

    `optional`: roles that a file may lack. `closed`: a column of another name is refused, but for `ignored`.
    `withheld`: texts that stand for a withheld value. `minus_one`: -1 without a count is a missing value.
    """

    slug: str
    label: str
    columns: Mapping[str, str]
    optional: frozenset[str]
    groups: tuple[str, ...]
    period: tuple[str, ...]
    read_groups: Callable[..., Groups]
    read_period: Callable[..., Period]
    also_needed: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    closed: bool = False
    withheld: frozenset[str] = frozenset()
    minus_one: bool = False

    @property
    def needed(self) -> list[str]:
        return [
            *(name for role, name in self.columns.items() if role not in self.optional),
            *self.also_needed,
        ]

    def missing(self, header: Sequence[str]) -> list[str]:
        return [name for name in self.needed if fold_name(name) not in header]


def fold_name(name: str) -> str:
    return " ".join(name.split()).casefold()


def recognise_layout(names: Sequence[str], *, file: str) -> Layout:
    """The layout with the most needed columns of those that lack none.

    Raises:
        UnknownLayout: names the columns found, the nearest layout and what it lacks.
        BrokenTable: a column given twice, or one that the template does not have.
    """
    header = [fold_name(name) for name in names]
    fitting = [layout for layout in LAYOUTS if not layout.missing(header)]
    if not fitting:
        raise _refuse_header(names, header, file)
    layout = max(fitting, key=lambda one: len(one.needed))
    read = {fold_name(name) for name in (*layout.columns.values(), *layout.also_needed)}
    twice = sorted({name for name in header if name in read and header.count(name) > 1})
    if twice:
        raise BrokenTable(f"{file} gives the column {', '.join(twice)} more than once: remove one of them.")
    strange = [name for name in header if name not in read | layout.ignored]
    if layout.closed and strange:
        raise BrokenTable(
            f"{file}: the {layout.label} has no column {', '.join(name[:40] or '(no name)' for name in strange[:10])}. "
            f"Rename or remove it; the columns are {', '.join(layout.columns.values())}."
        )
    return layout


def _refuse_header(names: Sequence[str], header: Sequence[str], file: str) -> UnknownLayout:
    def share_found(layout: Layout) -> float:
        return 1 - len(layout.missing(header)) / len(layout.needed)

    nearest = max(LAYOUTS, key=share_found)
    found = ", ".join(" ".join(name.split())[:40] or "(no name)" for name in names[:40])
    more = f" and {len(names) - 40} more" if len(names) > 40 else ""
    return UnknownLayout(
        f"{file} is in no layout the tracker reads. Columns found: {found}{more}. The nearest layout is the "
        f"{nearest.label}; it needs {', '.join(nearest.needed)}. Lacking: {', '.join(nearest.missing(header))}. "
        "Add these columns, or put the figures into the plain template."
    )


def _read_period(text: str, sortable: str, period_range: str, year_type: str) -> Period:
    period = parse_period(text, sortable=sortable, period_range=period_range)
    in_calendar_years = period.label[:4].isdigit() and period.start.month == 1 and period.months % 12 == 0
    if in_calendar_years and year_type == FINANCIAL:
        years = name_period(date(period.start.year, 4, 1), date(period.end.year + 1, 3, 31)).label
        raise ValueError(
            f"{period.label} is in calendar years, but the indicator counts in financial years: write {years}."
        )
    return period


def _read_groups(sex: str, age: str, category_type: str, category: str) -> Groups:
    return canonical_sex(sex), canonical_age(age), _squeeze(category_type), _squeeze(category)


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _read_template_groups(sex: str, age: str, category_type: str, category: str) -> Groups:
    given = canonical_sex(sex) if sex.strip() else ""
    return given, canonical_age(age), _squeeze(category_type), _squeeze(category)


def _read_template_period(text: str, first: str, last: str, year_type: str) -> Period:
    if not first.strip() and not last.strip():
        return _read_period(text, "", "", year_type)
    label = _squeeze(text)
    if not label:
        raise ValueError("The period is empty: write what the publisher calls it.")
    start, end = _read_day(first, "period_start"), _read_day(last, "period_end")
    check_days(start, end)
    return Period(label, start, end)


def _read_day(text: str, column: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(
            f"{column} is {text[:40]!r}, not a day such as 2024-03-31: fill both period_start and period_end in, or neither."
        ) from None


def _read_year(year: str, year_type: str) -> Period:
    if not year_type:
        raise ValueError(
            "The row gives only a year, and the tracker does not know whether its indicator counts in calendar or "
            "financial years: add the indicator first."
        )
    digits = year.strip().removesuffix(".0")
    if not (len(digits) == 4 and digits.isascii() and digits.isdigit()):
        raise ValueError(f"The year {year[:40]!r} is not a year such as 2023.")
    return parse_period(digits, year_type=year_type)


def _read_quoted_groups(sex: str, age: str, category_type: str, category: str) -> Groups:
    return _read_groups(sex, age, category_type.strip(' "'), category.strip(' "'))


def _read_bounded_groups(sex: str, first: str, last: str, decile: str, category: str) -> Groups:
    age = canonical_age_from_bounds(_read_whole(first, "first age"), _read_whole(last, "last age"))
    number, kind = _read_whole(decile, "deprivation decile"), _squeeze(category)
    if (number is None) != (not kind):
        raise ValueError(
            "Only one of deprivation_decile and deprivation_category is filled in: fill in both, or neither."
        )
    if number is None:
        return canonical_sex(sex), age, "", ""
    if not 1 <= number <= 10:
        raise ValueError(f"The deprivation decile {number} is not from 1 to 10: correct it.")
    return canonical_sex(sex), age, f"Deprivation decile ({kind})", f"Decile {number}"


def _read_whole(text: str, what: str) -> int | None:
    digits = text.strip().removesuffix(".0")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 3):
        raise ValueError(f"The {what} {text[:40]!r} is not a whole number: correct it, or leave it empty.")
    return int(digits)


def _read_dates(first: str, last: str, kind: str, _year_type: str) -> Period:
    period = name_period(_read_any_day(first, "date_from"), _read_any_day(last, "date_to"))
    wanted = KINDS_OF_PERIOD.get(kind.strip().casefold())
    if wanted and (period.months != wanted[1] or (wanted[0] and period.start.month != wanted[0])):
        raise ValueError(
            f"The period_type is {kind.strip()}, but the days run from {period.start} to {period.end}: correct "
            "one of them."
        )
    return period


def _read_any_day(text: str, column: str) -> date:
    words = text.strip()
    parts = words.split("/")
    if len(parts) == 3:
        words = "-".join(reversed(parts))
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise ValueError(f"{column} is {text[:40]!r}, not a day such as 2024-03-31.") from None


def _read_tidy_groups(unit: str, measure: str, inequality: str) -> Groups:
    if measure.strip() != PERCENTAGE:
        raise ValueError(
            f"The measure is {measure[:40]!r}, not {PERCENTAGE}: leave out what is no share of people."
        )
    if inequality.strip() not in NOTHING:
        raise ValueError(
            f"The row is about a part of the population ({inequality[:40]!r}), which this layout does not define: "
            "put it into the plain template with its category."
        )
    return canonical_sex(unit), "", "", ""


def _read_tidy_period(text: str, year_type: str) -> Period:
    return _read_period(text, "", "", year_type)


_GROUP_ROLES = ("sex", "age", "category_type", "category")
_LIMIT_ROLES = frozenset(FIGURE_ROLES) - {"value"}

FINGERTIPS = Layout(
    slug="fingertips",
    label="Fingertips download",
    columns={
        "indicator": "Indicator ID",
        "parent": "Parent Code",
        "area": "Area Code",
        "sex": "Sex",
        "age": "Age",
        "category_type": "Category Type",
        "category": "Category",
        "period": "Time period",
        "sortable": "Time period Sortable",
        "range": "Time period range",
        "value": "Value",
        "lower95": "Lower CI 95.0 limit",
        "upper95": "Upper CI 95.0 limit",
        "lower998": "Lower CI 99.8 limit",
        "upper998": "Upper CI 99.8 limit",
        "count": "Count",
        "denominator": "Denominator",
        "note": "Value note",
    },
    optional=_LIMIT_ROLES | {"parent", "sortable", "range"},
    groups=_GROUP_ROLES,
    period=("period", "sortable", "range"),
    read_groups=_read_groups,
    read_period=_read_period,
    also_needed=("Area Type",),
)

FINGERTIPS_NEXT_UPLOAD = Layout(
    slug="fingertips_next_upload",
    label="upload table of the new Fingertips",
    columns={
        "area": "area_code",
        "date_from": "date_from",
        "date_to": "date_to",
        "kind": "period_type",
        "sex": "sex",
        "age_from": "age_from_years_inclusive",
        "age_to": "age_to_years_inclusive",
        "decile": "deprivation_decile",
        "category": "deprivation_category",
        "value": "value",
        "lower95": "lower_ci_95",
        "upper95": "upper_ci_95",
        "lower998": "lower_ci_99_8",
        "upper998": "upper_ci_99_8",
        "count": "count",
        "denominator": "denominator",
    },
    optional=_LIMIT_ROLES | {"kind"},
    groups=("sex", "age_from", "age_to", "decile", "category"),
    period=("date_from", "date_to", "kind"),
    read_groups=_read_bounded_groups,
    read_period=_read_dates,
)

FINGERTIPS_NEXT_DATA = Layout(
    slug="fingertips_next_data",
    label="data table of the new Fingertips",
    columns={
        "indicator": "IndicatorId",
        "area": "AreaCode",
        "sex": "Sex",
        "age": "Age",
        "category_type": "CategoryType",
        "category": "Category",
        "year": "Year",
        "value": "Value",
        "lower95": "LowerCI",
        "upper95": "UpperCI",
        "count": "Count",
        "denominator": "Denominator",
    },
    optional=_LIMIT_ROLES,
    groups=_GROUP_ROLES,
    period=("year",),
    read_groups=_read_quoted_groups,
    read_period=_read_year,
    minus_one=True,
)

TIDY = Layout(
    slug="tidy",
    label="long table by area, period and measure",
    columns={
        "area": "area_code",
        "period": "period",
        "unit": "unit",
        "measure": "measure",
        "inequality": "inequality",
        "value": "value",
    },
    optional=frozenset({"inequality"}),
    groups=("unit", "measure", "inequality"),
    period=("period",),
    read_groups=_read_tidy_groups,
    read_period=_read_tidy_period,
    also_needed=("area_type", "indicator"),
    withheld=frozenset({"NA"}),
)

TEMPLATE = Layout(
    slug="template",
    label="plain template",
    columns={
        "area": "area_code",
        "period": "period",
        "period_start": "period_start",
        "period_end": "period_end",
        "indicator": "indicator_id",
        "sex": "sex",
        "age": "age",
        "category_type": "category_type",
        "category": "category",
        **{role: role for role in FIGURE_ROLES},
    },
    optional=_LIMIT_ROLES | {"period_start", "period_end", "indicator", *_GROUP_ROLES},
    groups=_GROUP_ROLES,
    period=("period", "period_start", "period_end"),
    read_groups=_read_template_groups,
    read_period=_read_template_period,
    ignored=frozenset({"area_name"}),
    closed=True,
    withheld=frozenset({"NA"}),
)

LAYOUTS = (TEMPLATE, TIDY, FINGERTIPS, FINGERTIPS_NEXT_UPLOAD, FINGERTIPS_NEXT_DATA)
