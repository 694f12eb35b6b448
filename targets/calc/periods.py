"""The texts publishers write for a period, as days."""

import re
from calendar import month_name, monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 1900, 2100
LONGEST_MONTHS = 120
FINANCIAL = "financial"
EXAMPLES = "write it as 2023, 2022/23, 2021 - 23, 2021/22 - 23/24, 2023/24 Q1 or Apr 2023"

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_END = r"(\d{4}|\d\d)"
_RANGE = re.compile(r"(\d{1,3})([yqm])", re.ASCII | re.IGNORECASE)
_SORTABLE = re.compile(r"(\d{8})(?:\.0)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days, both included, and the text it is shown by."""

    label: str
    start: date
    end: date

    @property
    def months(self) -> int:
        """Whole months, to the nearest."""
        return count_months(self.start, self.end)


@dataclass(frozen=True, slots=True)
class _Found:
    """Months counted from `month` of `year`; `sortables`: every form the publisher may give."""

    label: str
    year: int
    month: int
    months: int
    sortables: tuple[str, ...]
    in_years: bool = True


@lru_cache(maxsize=4096)
def count_months(start: date, end: date) -> int:
    """Months from the first day to the last, both included, to the nearest whole month.

    >>> count_months(date(2022, 4, 1), date(2023, 3, 31)), count_months(date(2024, 1, 2), date(2024, 4, 4))
    (12, 3)
    """
    days = end.day / monthrange(end.year, end.month)[1]
    lost = (start.day - 1) / monthrange(start.year, start.month)[1]
    return round((end.year - start.year) * 12 + end.month - start.month + days - lost)


def parse_period(
    text: str, *, sortable: str = "", period_range: str = "", year_type: str = "calendar"
) -> Period:
    """The period a publisher's text names, checked against its other forms where they are given.

    Args:
        text: as published; kinds of dash and spaces do not matter, but `2023-24` is a financial year and
            `2023 - 24` two calendar years, unless the range says otherwise.
        sortable: YYYYQQMM of the start, as Fingertips gives it: `20230100` for 2023/24 Q1.
        period_range: length as Fingertips gives it: `1y`, `3y`.
        year_type: `financial` makes a bare `2023` the year from 1 April 2023.

    Raises:
        ValueError: says plainly what is wrong: no known form, years outside 1900 to 2100, ends that do not
            follow, months or quarters that do not exist, or forms that contradict each other.

    Source: data formats of Fingertips (OHID), NHS England and ONS.

    >>> parse_period("2023/24 Q1", sortable="20230100").start
    datetime.date(2023, 4, 1)
    >>> parse_period("2021-23"), parse_period("2021-23").months
    (Period(label='2021 - 23', start=datetime.date(2021, 1, 1), end=datetime.date(2023, 12, 31)), 36)
    """
    words = " ".join(text.translate(_DASHES).split())
    if not words:
        raise ValueError(f"The period is empty: {EXAMPLES}.")
    found = _find(words, period_range.strip().lower(), year_type)
    period = _make_period(found)
    _check_range(found, period_range.strip())
    _check_sortable(found, sortable.strip())
    return period


def name_period(start: date, end: date) -> Period:
    """The period of two days, labelled as Fingertips would where it is made of whole years.

    Raises:
        ValueError: it ends before it starts, lies outside 1900 to 2100, or is shorter than half a month.

    >>> name_period(date(2023, 4, 1), date(2024, 3, 31)).label
    '2023/24'
    >>> name_period(date(2021, 1, 1), date(2023, 12, 31)).label
    '2021 - 23'
    """
    check_days(start, end)
    period = Period(_label_days(start, end), start, end)
    if period.months < 1:
        raise ValueError(f"The period from {start} to {end} is shorter than a month: check both days.")
    return period


def check_days(start: date, end: date) -> None:
    if end < start:
        raise ValueError(f"The period ends on {end}, before it starts on {start}: correct one of the days.")
    _check_years(start.year, end.year)


def _check_years(first: int, last: int) -> None:
    for year in (first, last):
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError(f"The year {year} is not from {FIRST_YEAR} to {LAST_YEAR}: correct the period.")


def _label_days(start: date, end: date) -> str:
    years, rest = divmod(count_months(start, end), 12)
    whole = start.day == 1 and rest == 0 and (end + timedelta(days=1)).day == 1
    if whole and start.month == 1:
        return str(start.year) if years == 1 else f"{start.year} - {end.year % 100:02}"
    if whole and start.month == 4:
        first = _financial_label(start.year)
        last = f"{(end.year - 1) % 100:02}/{end.year % 100:02}"
        return first if years == 1 else f"{first} - {last}"
    return f"{start.isoformat()} to {end.isoformat()}"


def _financial_label(year: int) -> str:
    return f"{year}/{(year + 1) % 100:02}"


def _make_period(found: _Found) -> Period:
    if not 1 <= found.months <= LONGEST_MONTHS:
        raise ValueError(
            f"{found.label} does not end after it starts, or runs for more than ten years: {EXAMPLES}."
        )
    last = found.year * 12 + found.month - 1 + found.months - 1
    _check_years(found.year, last // 12)
    end_year, end_month = last // 12, last % 12 + 1
    end = date(end_year, end_month, monthrange(end_year, end_month)[1])
    return Period(found.label, date(found.year, found.month, 1), end)


def _check_range(found: _Found, period_range: str) -> None:
    if not period_range:
        return
    match = _RANGE.fullmatch(period_range)
    if match is None:
        if found.in_years:
            raise ValueError(f"The time period range {period_range[:40]!r} is not one such as 1y or 3y.")
        return
    unit = match[2].lower()
    if unit == "y" and not found.in_years:
        return
    if int(match[1]) * {"y": 12, "q": 3, "m": 1}[unit] != found.months:
        raise ValueError(
            f"The period {found.label} does not last {period_range}, as its range says: correct one of them."
        )


def _check_sortable(found: _Found, sortable: str) -> None:
    if not sortable:
        return
    match = _SORTABLE.fullmatch(sortable)
    if match is None or match[1] not in found.sortables:
        raise ValueError(
            f"The period {found.label} contradicts its sortable form {sortable[:40]!r} "
            f"({' or '.join(found.sortables)} was expected): correct one of them."
        )


def _find(words: str, period_range: str, year_type: str) -> _Found:
    for pattern, read in _FORMS:
        match = pattern.fullmatch(words)
        if match:
            return read(match, period_range, year_type)
    raise ValueError(f"{words[:40]!r} is no period the tracker knows: {EXAMPLES}.")


def _end_year(first: int, text: str) -> int:
    """The year `text` stands for, with two digits the first one from `first` on."""
    if len(text) == 4:
        return int(text)
    year = first - first % 100 + int(text)
    return year if year >= first else year + 100


def _financial_start(first: str, end: str) -> int:
    year = int(first)
    if _end_year(year, end) != year + 1:
        raise ValueError(
            f"{first}/{end} does not name two years that follow each other: write {_financial_label(year)}."
        )
    return year


def _month_number(name: str) -> int:
    key = name.lower()
    for number in range(1, 13):
        full = month_name[number].lower()
        if key in (full, full[:3]) or (number == 9 and key == "sept"):
            return number
    raise ValueError(f"{name!r} is no month: write Jan, Feb, Mar and so on.")


def _month_sortables(year: int, month: int) -> tuple[str, ...]:
    """By calendar month, and counted from April in the financial year."""
    start_year = year if month >= 4 else year - 1
    return f"{year}00{month:02}", f"{start_year}00{(month - 4) % 12 + 1:02}"


def _read_year(match: re.Match[str], _period_range: str, year_type: str) -> _Found:
    year = int(match[1])
    if year_type == FINANCIAL:
        return _Found(_financial_label(year), year, 4, 12, (f"{year}0000",))
    return _Found(match[1], year, 1, 12, (f"{year}0000",))


def _read_financial_year(match: re.Match[str], *_hints: str) -> _Found:
    year = _financial_start(match[1], match[2])
    return _Found(f"{match[1]}/{match[2]}", year, 4, 12, (f"{year}0000",))


def _read_years(match: re.Match[str], period_range: str, _year_type: str) -> _Found:
    first, last = int(match[1]), _end_year(int(match[1]), match[3])
    follows = last == first + 1
    if follows and (period_range == "1y" or (match[2] == "-" and period_range != "2y")):
        return _Found(f"{match[1]}-{match[3]}", first, 4, 12, (f"{first}0000",))
    if last <= first:
        raise ValueError(f"{match[0]} ends before it starts, or where it starts: {EXAMPLES}.")
    return _Found(f"{match[1]} - {match[3]}", first, 1, (last - first + 1) * 12, (f"{first}0000",))


def _read_financial_years(match: re.Match[str], *_hints: str) -> _Found:
    first = _financial_start(match[1], match[2])
    last = _end_year(first, match[3])
    if last <= first or _end_year(last, match[4]) != last + 1:
        raise ValueError(f"{match[0]} does not name financial years in order: write 2021/22 - 23/24.")
    label = f"{match[1]}/{match[2]} - {match[3]}/{match[4]}"
    return _Found(label, first, 4, (last - first + 1) * 12, (f"{first}0000",))


def _quarter_start(year: str, end: str | None, quarter: str) -> tuple[int, int]:
    """Year and month in which a quarter starts, counted from April where the year is financial."""
    number = int(quarter)
    if not 1 <= number <= 4:
        raise ValueError(f"Q{quarter} is no quarter: write Q1, Q2, Q3 or Q4.")
    if end is None:
        return int(year), number * 3 - 2
    start = _financial_start(year, end)
    return (start, number * 3 + 1) if number < 4 else (start + 1, 1)


def _year_text(year: str, end: str | None) -> str:
    return year if end is None else f"{year}/{end}"


def _read_quarter(match: re.Match[str], *_hints: str) -> _Found:
    year, end, quarter = match.groups()
    start_year, month = _quarter_start(year, end, quarter)
    label = f"{_year_text(year, end)} Q{quarter}"
    return _Found(label, start_year, month, 3, (f"{year}0{quarter}00",), in_years=False)


def _read_cumulative(match: re.Match[str], *_hints: str) -> _Found:
    year, end, first, last = match.groups()
    start_year, month = _quarter_start(year, end, first)
    _quarter_start(year, end, last)
    if first != "1" or last == "1":
        raise ValueError(f"{match[0]} does not add up quarters from the first on: write 2023/24 Q1-Q3.")
    label = f"{_year_text(year, end)} Q{first}-Q{last}"
    return _Found(label, start_year, month, int(last) * 3, (f"{year}0{last}00",), in_years=False)


def _read_quarters(match: re.Match[str], *_hints: str) -> _Found:
    year, end, first, last_year, last_end, last = match.groups()
    if (end is None) != (last_end is None):
        raise ValueError(f"{match[0]} mixes calendar and financial years: write 2022/23 Q2 - 2023/24 Q1.")
    start = _quarter_start(year, end, first)
    stop = _quarter_start(last_year, last_end, last)
    months = (stop[0] - start[0]) * 12 + stop[1] - start[1] + 3
    label = f"{_year_text(year, end)} Q{first} - {_year_text(last_year, last_end)} Q{last}"
    return _Found(label, *start, months, (f"{year}0{first}00",), in_years=months == 12)


def _read_month(match: re.Match[str], *_hints: str) -> _Found:
    year, month = int(match[2]), _month_number(match[1])
    return _Found(match[0], year, month, 1, _month_sortables(year, month), in_years=False)


def _read_months(match: re.Match[str], *_hints: str) -> _Found:
    year, month = int(match[2]), _month_number(match[1])
    months = (_end_year(year, match[4]) - year) * 12 + _month_number(match[3]) - month + 1
    label = f"{match[1]} {match[2]} - {match[3]} {match[4]}"
    sortables = (f"{year}0000", *_month_sortables(year, month))
    return _Found(label, year, month, months, sortables, in_years=months % 12 == 0)


def _read_year_ending(match: re.Match[str], *_hints: str) -> _Found:
    last = int(match[2]) * 12 + _month_number(match[1]) - 1
    year, month = (last - 11) // 12, (last - 11) % 12 + 1
    return _Found(match[0], year, month, 12, (f"{year}0000", *_month_sortables(year, month)))


_Read = Callable[[re.Match[str], str, str], _Found]
_QUARTER = rf"(\d{{4}})(?:[/-]{_END})? ?Q(\d)"
_FORMS: tuple[tuple[re.Pattern[str], _Read], ...] = tuple(
    (re.compile(pattern, re.ASCII | re.IGNORECASE), read)
    for pattern, read in (
        (r"(\d{4})", _read_year),
        (rf"(\d{{4}}) ?/ ?{_END}", _read_financial_year),
        (rf"(\d{{4}})( ?- ?){_END}", _read_years),
        (rf"(\d{{4}})/{_END} ?- ?{_END}/{_END}", _read_financial_years),
        (_QUARTER, _read_quarter),
        (rf"{_QUARTER} ?- ?Q(\d)", _read_cumulative),
        (rf"{_QUARTER} ?- ?{_QUARTER}", _read_quarters),
        (r"([a-z]{3,9}) (\d{4})", _read_month),
        (rf"([a-z]{{3,9}}) (\d{{4}}) ?- ?([a-z]{{3,9}}) {_END}", _read_months),
        (r"year ending ([a-z]{3,9}) (\d{4})", _read_year_ending),
    )
)
