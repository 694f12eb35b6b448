"""Reads one row of figures: the rules that hold in every layout."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from operator import itemgetter

from targets.calc.groups import canonical_code, plain_text
from targets.calc.periods import Period
from targets.readers.layouts import FIGURE_ROLES, Groups, Layout, fold_name
from targets.readers.numbers import check_count, read_limits, read_number, read_value
from targets.readers.reading import IndicatorFacts, Reading, Rejection

WITHHELD_NOTE = "The publisher withheld the figure."
MISSING_NOTE = "The publisher gave no figure."
NOTE_LENGTH = 500
AREA_LENGTH = 12
PERIOD_LENGTH = 40
GROUP_LENGTHS = (("sex", 20), ("age", 20), ("category type", 200), ("category", 200))
MINUS_ONE = ("-1", "-1.0")
CACHED = 65_536


class RowReader:
    """Reads the rows below one header. Columns are found once; texts that repeat are understood once."""

    def __init__(
        self,
        layout: Layout,
        names: Sequence[str],
        *,
        facts: Mapping[int, IndicatorFacts],
        default: IndicatorFacts | None,
        find_fault: Callable[[list[str]], str],
    ) -> None:
        """`find_fault`: why the cells of a row cannot be read as they stand, or an empty text."""
        header = [fold_name(name) for name in names]
        places = {
            role: header.index(fold_name(name))
            for role, name in layout.columns.items()
            if fold_name(name) in header
        }

        def cells_of(roles: Sequence[str]) -> Callable[[Sequence[str]], tuple[str, ...]]:
            """A column that is missing is the empty cell put behind each row; one more makes it a tuple."""
            return itemgetter(*[places.get(role, -1) for role in roles], -1)

        self.layout, self.width, self.find_fault = layout, len(names), find_fault
        self.names_indicator = "indicator" in places
        self.year_types = {key: row.year_type for key, row in facts.items()}
        self.default_year_type = default.year_type if default else ""
        self.place_of = cells_of(("indicator", "area", "parent"))
        self.groups_of = cells_of(layout.groups)
        self.period_of = cells_of(layout.period)
        self.figures_of = cells_of(FIGURE_ROLES)
        self.understand_groups = lru_cache(CACHED)(self._understand_groups)
        self.understand_period = lru_cache(CACHED)(self._understand_period)

    def read(self, line: int, cells: list[str]) -> Reading | Rejection:
        fault = self.find_fault(cells) if len(cells) == self.width else _explain_width(cells, self.width)
        if fault:
            return Rejection(line=line, reason=fault)
        cells.append("")
        try:
            return self._read(line, cells)
        except ValueError as refusal:
            return self._refuse(line, cells, str(refusal))

    def _read(self, line: int, cells: list[str]) -> Reading:
        id_text, area_text, parent, _ = self.place_of(cells)
        indicator_id = self._read_indicator(id_text)
        area_code = _read_area(area_text)
        sex, age, category_type, category = self.understand_groups(self.groups_of(cells))
        period = self.understand_period(self.period_of(cells), self._year_type(indicator_id))
        value_text, *limits, count_text, denominator_text, note, _ = self.figures_of(cells)
        value_text = value_text.strip()
        if value_text in self.layout.withheld:
            note, value_text = note or WITHHELD_NOTE, ""
        elif self.layout.minus_one and value_text in MINUS_ONE and count_text.strip() in ("", *MINUS_ONE):
            value_text = count_text = ""
            limits = ["" if text.strip() in MINUS_ONE else text for text in limits]
        value = read_value(value_text)
        count = read_number(count_text, "count")
        denominator = read_number(denominator_text, "denominator")
        if denominator is not None and denominator <= 0:
            denominator = None
        if count is not None:
            check_count(count, denominator)
        if note or value is None:
            note = _read_note(note) or ("" if value_text else MISSING_NOTE)
        return Reading(
            area_code,
            period.label,
            period.start,
            period.end,
            value_text,
            value,
            *read_limits(value, value_text, limits),
            count,
            denominator,
            note,
            line,
            indicator_id,
            sex,
            age,
            category_type,
            category,
            _read_parent(parent),
        )

    def _read_indicator(self, text: str) -> int | None:
        indicator_id = _read_id(text) if self.names_indicator else None
        if indicator_id is None and self.names_indicator and "indicator" not in self.layout.optional:
            raise ValueError("The row names no indicator: fill in its number.")
        return indicator_id

    def _year_type(self, indicator_id: int | None) -> str:
        return self.default_year_type if indicator_id is None else self.year_types.get(indicator_id, "")

    def _understand_groups(self, cells: tuple[str, ...]) -> Groups:
        groups = self.layout.read_groups(*cells[:-1])
        for (what, most), text in zip(GROUP_LENGTHS, groups, strict=True):
            if len(text) > most:
                raise ValueError(
                    f"The {what} has {len(text)} characters, and at most {most} are kept: shorten it."
                )
        if (not groups[2]) != (not groups[3]):
            raise ValueError("Only one of category type and category is filled in: fill in both, or neither.")
        return groups

    def _understand_period(self, cells: tuple[str, ...], year_type: str) -> Period:
        period = self.layout.read_period(*cells[:-1], year_type)
        if len(period.label) > PERIOD_LENGTH:
            raise ValueError(
                f"The period has {len(period.label)} characters, and at most {PERIOD_LENGTH} are kept: shorten it."
            )
        if period.months < 1:
            raise ValueError(
                f"The period from {period.start} to {period.end} is shorter than a month: check both days."
            )
        return period

    def _refuse(self, line: int, cells: list[str], reason: str) -> Rejection:
        """With what can be read of the place."""
        id_text, area_text, *_ = self.place_of(cells)
        indicator_id, area_code, period = None, "", None
        sex, age, category_type, category = "", "", "", ""
        named = False
        with suppress(ValueError):
            indicator_id = self._read_indicator(id_text)
            named = True
        with suppress(ValueError):
            area_code = _read_area(area_text)
        with suppress(ValueError):
            sex, age, category_type, category = self.understand_groups(self.groups_of(cells))
            if named and area_code:
                period = self.understand_period(self.period_of(cells), self._year_type(indicator_id))
        return Rejection(
            line=line,
            reason=reason,
            indicator_id=indicator_id,
            area_code=area_code,
            sex=sex,
            age=age,
            category_type=category_type,
            category=category,
            period=period,
        )


def _explain_width(cells: Sequence[str], width: int) -> str:
    return (
        f"The row has {len(cells)} cells where the header has {width}: look for a comma too many or too few, or a "
        "quotation mark that is not closed."
    )


@lru_cache(maxsize=1024)
def _read_id(text: str) -> int | None:
    digits = text.strip().removesuffix(".0")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9 and int(digits)):
        raise ValueError(f"The indicator {text[:40]!r} is not a number such as 92443: correct it.")
    return int(digits)


@lru_cache(maxsize=CACHED)
def _read_area(text: str) -> str:
    code = canonical_code(text)
    if not code:
        raise ValueError("The area code is empty: fill it in, or leave the row out.")
    if len(code) > AREA_LENGTH:
        raise ValueError(
            f"The area code {code[:40]!r} has {len(code)} characters, and none has more than {AREA_LENGTH}: correct it."
        )
    return code


@lru_cache(maxsize=CACHED)
def _read_parent(text: str) -> str:
    """Only said along with a row, so a code that cannot be one is left out rather than refused."""
    code = canonical_code(text)
    return code if len(code) <= AREA_LENGTH else ""


@lru_cache(maxsize=1024)
def _read_note(text: str) -> str:
    return plain_text(text)[:NOTE_LENGTH].rstrip()
