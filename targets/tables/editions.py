"""Tables of what is held and of what one edition changed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_tables2.data import TableQuerysetData

from kit.as_at import AsAt
from kit.calc.formats import format_day, format_pct, join_words, places_to_tell_apart, round_half_up
from kit.columns import TagColumn, draw_badge
from targets.selectors.edition_verdicts import EditionVerdicts, VerdictChange
from targets.selectors.editions import DROPPED, NEW, WHAT, Edition, describe_kinds
from targets.tables.columns import NUMERIC, WORDS, DayColumn, HiddenColumn, PctColumn


class IndicatorTable(tables.Table):
    """What is held of each indicator; its name leads to its part of the page."""

    caption = "Indicators, what is held of them and when the next edition is due"
    caption_hidden = True
    row_header = "name"
    empty_text = "No indicator is registered."

    name = tables.Column("Indicator")
    slug = HiddenColumn(verbose_name="Short name in downloads")
    collection = tables.Column("Kind")
    areas = tables.Column("Areas", orderable=False, attrs=WORDS, empty_values=())
    periods = tables.Column("Periods", empty_values=())
    edition_count = tables.Column("Editions", attrs=NUMERIC)
    newest_known_from = DayColumn(verbose_name="Newest known from", empty_values=())
    due_words = tables.Column("Next edition due", orderable=False)

    def render_name(self, record: Any) -> SafeString:
        link = format_html('<a class="nhsuk-link" href="#{}">{}</a>', record.slug, record.name)
        return format_html("{} {}", link, draw_badge()) if record.demonstration else link

    def value_name(self, record: Any) -> str:
        return record.name

    def render_areas(self, value: str) -> str:
        return value or "No figures yet"

    def render_periods(self, value: str) -> str:
        return value or "No figures yet"

    def render_newest_known_from(self, value: date | None) -> str:
        return format_day(value) if value else "No edition yet"

    def value_newest_known_from(self, value: date | None) -> date | str:
        return value or "No edition yet"


class CountedRows(TableQuerysetData):
    """Rows of the database whose number is known already: no query counts them."""

    def __init__(self, rows: QuerySet[Any], count: int) -> None:
        super().__init__(rows)
        self.count = count

    def __len__(self) -> int:
        return self.count


class FigureChangeTable(tables.Table):
    """Figures that an edition changed, read page by page."""

    caption = "Figures it changed, the largest revisions first"
    caption_hidden = True
    row_header = "area"
    empty_text = "No figure matches. Clear the filters to see every changed figure."
    note = "Differences are worked out before rounding, in percentage points."

    area = tables.Column("Area", order_by=("area", "period_start", "pk"))
    period = tables.Column("Period", order_by=("period_start", "area", "pk"))
    what = tables.Column("What changed", order_by=("what", "pk"))
    before = tables.Column(
        "Before", accessor="before_pct", order_by=("before_pct", "pk"), attrs=NUMERIC, empty_values=()
    )
    after = tables.Column(
        "In this edition", accessor="after_pct", order_by=("after_pct", "pk"), attrs=NUMERIC, empty_values=()
    )
    difference_pp = tables.Column("Difference", attrs=NUMERIC, empty_values=())
    also = tables.Column("Also changed", orderable=False, accessor="pk", attrs=WORDS)

    def __init__(self, *args: Any, edition: Edition, as_at: AsAt, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.indicator, self.as_at = edition.release.indicator, as_at

    def order_difference_pp(self, rows: QuerySet[Any], is_descending: bool) -> tuple[QuerySet[Any], bool]:
        difference = F("difference_pp")
        order = difference.desc(nulls_last=True) if is_descending else difference.asc(nulls_last=True)
        return rows.order_by(order, "pk"), True

    def render_area(self, record: Mapping[str, Any]) -> SafeString:
        name: SafeString | str = record["area"]
        if record["kind"] == "icb":
            address = reverse("icb_detail", kwargs={"code": record["area_code"]}) + self.as_at.query
            name = format_html('<a class="nhsuk-link" href="{}">{}</a>', address, name)
        group = self._name_group(record)
        words = format_html("{}, {}", name, group) if group else format_html("{}", name)
        return format_html("{} {}", words, draw_badge()) if record["demonstration"] else words

    def _name_group(self, record: Mapping[str, Any]) -> str:
        """Of whom, where it is not the people that verdicts rest on."""
        sex = record["sex"] if record["sex"] != self.indicator.sex else ""
        age = record["age"] if record["age"] != self.indicator.age else ""
        category = f"{record['category_type']}: {record['category']}" if record["category"] else ""
        return ", ".join(word for word in (sex, age, category) if word)

    def render_what(self, value: str) -> str:
        return WHAT[value]

    def render_before(self, record: Mapping[str, Any]) -> str:
        return "not given" if record["what"] == NEW else self._write(record, "before_pct")

    def render_after(self, record: Mapping[str, Any]) -> str:
        return "no longer given" if record["what"] == DROPPED else self._write(record, "after_pct")

    def _write(self, record: Mapping[str, Any], name: str) -> str:
        return format_pct(record[name], places_to_tell_apart(record["before_pct"], record["after_pct"]))

    def render_difference_pp(self, value: float | None, record: Mapping[str, Any]) -> str:
        if value is None:
            return "no difference to give"
        if abs(value) < 1e-7:
            return "none"
        places = places_to_tell_apart(record["before_pct"], record["after_pct"])
        size = round_half_up(abs(value), places)
        return f"{size:.{places}f} points {'higher' if value > 0 else 'lower'}"

    def render_also(self, record: Mapping[str, Any]) -> str:
        return describe_other_changes(record) or "nothing else"


PARTS = {
    "lower95_pct": "lower 95% limit",
    "upper95_pct": "upper 95% limit",
    "lower998_pct": "lower 99.8% limit",
    "upper998_pct": "upper 99.8% limit",
    "count": "count",
    "denominator": "denominator",
}


def describe_other_changes(record: Mapping[str, Any]) -> str:
    """Which limits and counts differ: “count (1,204 to 1,206)”. Only of a revised figure."""
    if record["what"] in (NEW, DROPPED):
        return ""
    return join_words(
        [
            f"{words} ({_write_part(before, name)} to {_write_part(after, name)})"
            for name, words in PARTS.items()
            for before, after in [(record[f"before_{name}"], record[f"after_{name}"])]
            if not _is_same(before, after)
        ]
    )


def _is_same(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else abs(one - other) <= 1e-9 * (1 + abs(one))


def _write_part(value: float | None, name: str) -> str:
    if value is None:
        return "none"
    return f"{value:.2f}%" if name.endswith("_pct") else f"{value:,.10g}"


class NewFigureTable(tables.Table):
    caption = "Figures it gave for the first time, by period"
    caption_hidden = True
    row_header = "period"

    period = tables.Column("Period", orderable=False)
    kinds = tables.Column("Figures by kind of area", orderable=False, attrs=WORDS)
    count = tables.Column("New figures", orderable=False, attrs=NUMERIC)


class RejectedTable(tables.Table):
    caption = "Rows that were refused"
    caption_hidden = True
    row_header = "line"

    line = tables.Column("Line of the file", attrs=NUMERIC)
    reason = tables.Column("Why", orderable=False, attrs=WORDS)


class EditionVerdictTable(tables.Table):
    caption = "Verdicts that read otherwise because of it"
    caption_hidden = True
    row_header = "body"

    body = tables.Column("Body")
    body_code = HiddenColumn(verbose_name="Code")
    kind = tables.Column("Kind")
    target = tables.Column("Target", attrs=WORDS)
    target_id = HiddenColumn(verbose_name="Target number")
    before = TagColumn(verbose_name="Without it", order_by="before__word")
    after = TagColumn(verbose_name="With it", order_by="after__word")
    direction = tables.Column("Better or worse", empty_values=())
    before_pct = PctColumn(verbose_name="Figure without it", words="no figure")
    period_before = HiddenColumn(verbose_name="Its period", words="no figure")
    after_pct = PctColumn(verbose_name="Figure with it", words="no figure")
    period_after = HiddenColumn(verbose_name="Its period with it", words="no figure")
    why = tables.Column("Why", attrs=WORDS)

    def __init__(self, *args: Any, edition: Edition, as_at: AsAt, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = edition.release.known_from
        self.query = f"?as_at={day.isoformat()}" if day != as_at.today else ""

    def render_body(self, record: VerdictChange) -> SafeString:
        address = reverse("target_detail", kwargs={"pk": record.target_id}) + self.query
        if not record.is_promise:
            address += f"{'&' if self.query else '?'}area={record.body_code}"
        link = format_html('<a class="nhsuk-link" href="{}">{}</a>', address, record.body)
        return format_html("{} {}", link, draw_badge()) if record.demonstration else link

    def value_body(self, record: VerdictChange) -> str:
        return record.body

    def render_direction(self, record: VerdictChange) -> str:
        return record.direction_words


def make_new_table(edition: Edition) -> NewFigureTable:
    rows = [
        {
            "period": period,
            "kinds": describe_kinds(kinds),
            "count": sum(kinds.values()),
            "demonstration": fictitious,
        }
        for period, kinds, fictitious in edition.new_periods
    ]
    return NewFigureTable(rows, prefix="new-")


def make_edition_tables(
    edition: Edition, changed: CountedRows, verdicts: EditionVerdicts, as_at: AsAt
) -> dict[str, tables.Table]:
    """The tables of an edition's page by the name of their download."""
    made: dict[str, tables.Table] = {
        "changes": FigureChangeTable(changed, edition=edition, as_at=as_at, prefix="changes-"),
        "new": make_new_table(edition),
        "verdicts": EditionVerdictTable(verdicts.changes, edition=edition, as_at=as_at, prefix="verdicts-"),
        "rejected": RejectedTable(edition.release.rejected, prefix="rejected-"),
    }
    if edition.fictitious:
        for table in made.values():
            table.caption = f"{table.caption} (demonstration: fictitious)"
            table.caption_hidden = False
    return made
