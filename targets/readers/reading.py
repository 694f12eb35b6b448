"""What a file of figures gives: readings, refused rows, and what has to be known to read them."""

from dataclasses import dataclass, field
from datetime import date

from targets.calc.periods import Period, count_months


@dataclass(slots=True)
class Reading:
    """One figure of an edition. `value_pct` None: the edition shows the place, but withholds the figure.

    `sex`, `age`: empty where the file does not say. `line` and `parent_code` say where the row stood, and
    two rows that differ only in them are equal. Not frozen: a frozen row takes three times as long to make,
    and files have a million.
    """

    area_code: str
    period_label: str
    period_start: date
    period_end: date
    value_text: str
    value_pct: float | None
    lower95_pct: float | None = None
    upper95_pct: float | None = None
    lower998_pct: float | None = None
    upper998_pct: float | None = None
    count: float | None = None
    denominator: float | None = None
    note: str = ""
    line: int = field(default=0, compare=False)
    indicator_id: int | None = None
    sex: str = ""
    age: str = ""
    category_type: str = ""
    category: str = ""
    parent_code: str = field(default="", compare=False)

    @property
    def period_months(self) -> int:
        return count_months(self.period_start, self.period_end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A refused row, with what could be read of its place; `period` None: the place is not fully known."""

    line: int
    reason: str
    indicator_id: int | None = None
    area_code: str = ""
    sex: str = ""
    age: str = ""
    category_type: str = ""
    category: str = ""
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorFacts:
    """What the tracker knows of an indicator that a row may leave unsaid: `year_type` calendar or financial."""

    fingertips_id: int | None
    year_type: str
    sex: str
    age: str
