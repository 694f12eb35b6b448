"""Tables that join several apps."""

from collections.abc import Iterable
from datetime import date

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from kit.as_at import AsAt
from kit.calc.formats import NOT_PUBLISHED, format_day, format_interval
from kit.columns import Tag, TagColumn
from targets.selectors.predecessors import FormerFigure, FormerFigures
from targets.tables import BADGE, EXPORT_PLACES, NUMERIC, WORDS, DayColumn, HiddenColumn
from tracker.selectors.board_list import NOT_FOUND, BoardRow

NOTHING_KNOWN = "Nothing known yet"
NO_REPORT = "No report"
INDICATIVE = format_html(' <span class="nhsuk-tag nhsuk-tag--white tracker-tag">{}</span>', "Indicative")


class VerdictColumn(TagColumn):
    """A tag with the mark *Indicative* behind it where the row's `basis` field says so."""

    def __init__(self, *args, basis: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.basis = basis

    def render(self, value: Tag | None, record: BoardRow | None = None) -> str | SafeString:
        tag = super().render(value)
        return mark_safe(tag + INDICATIVE) if getattr(record, self.basis) == "Indicative" else tag


class BoardTable(tables.Table):
    name = tables.Column("Board", default="Not known")
    code = tables.Column("Code", visible=False)
    region = tables.Column("Region", default="Not known")
    target = tables.Column("Its own target", default=NOT_FOUND)
    position = VerdictColumn(
        verbose_name="Position", basis="basis", default=NOT_FOUND, order_by=("position_rank", "name")
    )
    basis = tables.Column("Basis of the position", visible=False)
    ambition = VerdictColumn(
        verbose_name="Beside the national ambition",
        basis="ambition_basis",
        default="Not laid beside it",
        order_by=("ambition_rank", "name"),
    )
    ambition_basis = tables.Column("Basis beside the national ambition", visible=False)
    figure = tables.Column("Latest figure", order_by=("figure_pct", "name"))
    figure_pct = tables.Column("Latest figure, %", visible=False)
    services = tables.Column("Services", order_by=("services_rank", "name"))
    updated_on = tables.Column("Last update", empty_values=())

    class Meta:
        attrs = {"class": "tracker-dense"}

    caption = "Integrated Care Boards"
    caption_hidden = True
    row_header = "name"

    def __init__(self, *args, as_at: AsAt, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.as_at = as_at

    def render_name(self, value: str, record: BoardRow) -> SafeString:
        address = reverse("icb_detail", kwargs={"code": record.code}) + self.as_at.query
        link = format_html('<a class="nhsuk-link" href="{}">{}</a>', address, value)
        return mark_safe(f"{link} {BADGE}") if record.demonstration else link

    def value_name(self, value: str) -> str:
        return value

    def render_updated_on(self, value: date | None) -> str:
        return format_day(value) if value else NOTHING_KNOWN

    def value_updated_on(self, value: date | None) -> date | str:
        return value or NOTHING_KNOWN


class ServiceTable(tables.Table):
    """A board's services, each with the report in force."""

    name = tables.Column("Service")
    status = TagColumn(verbose_name="Against its deadline", order_by=("status_word",), default="No report")
    deadline = tables.Column("Deadline")
    days = tables.Column("Days", order_by=("day_count",))
    report = tables.Column("Latest report")
    reported_on = tables.Column("Known from", empty_values=())
    source = tables.Column("Source")

    class Meta:
        attrs = {"class": "tracker-dense"}

    caption = "Tobacco dependence services"
    caption_hidden = True
    row_header = "name"
    empty_text = "No service is held."

    def render_deadline(self, value: date) -> str:
        return format_day(value)

    def value_deadline(self, value: date) -> date:
        return value

    def render_reported_on(self, value: date | None) -> str:
        return format_day(value) if value else NO_REPORT

    def value_reported_on(self, value: date | None) -> date | str:
        return value or NO_REPORT


class PeopleColumn(tables.Column):
    """A number of people: whole on the page, as published in a download."""

    empty_values = ()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, attrs=NUMERIC, **kwargs)

    def render(self, value: float | None) -> str:
        return NOT_PUBLISHED if value is None else f"{value:,.0f}"

    def value(self, value: float | None) -> float | str:
        return NOT_PUBLISHED if value is None else value


class FormerTable(tables.Table):
    """Figures of the boards a board was made of, each as published, and our sums."""

    row_header = "period"

    period = tables.Column("Period", order_by=("time", "is_sum", "body"))
    body = tables.Column("Board", attrs=WORDS)
    code = HiddenColumn(verbose_name="Code")
    figure = tables.Column(
        "Figure (95% interval)", accessor="value_pct", empty_values=(), order_by="value_pct", attrs=NUMERIC
    )
    lower95 = HiddenColumn(
        accessor="limits__lower95_pct", verbose_name="Lower 95% limit, %", words="no interval held"
    )
    upper95 = HiddenColumn(
        accessor="limits__upper95_pct", verbose_name="Upper 95% limit, %", words="no interval held"
    )
    interval_source = HiddenColumn(accessor="limits__source", verbose_name="Interval")
    count = PeopleColumn(verbose_name="People counted")
    denominator = PeopleColumn(verbose_name="Out of")
    what = tables.Column("What it is", attrs=WORDS)
    known_from = DayColumn(verbose_name="Known from")
    edition = tables.Column("Edition", attrs=WORDS)
    source_title = HiddenColumn(verbose_name="Source")
    source_url = HiddenColumn(verbose_name="Address")

    class Meta:
        attrs = {"class": "tracker-dense"}

    def render_figure(self, record: FormerFigure) -> str:
        if record.value_pct is None:
            return record.note or NOT_PUBLISHED
        return format_interval(record.value_pct, record.limits.lower95_pct, record.limits.upper95_pct)

    def value_figure(self, record: FormerFigure) -> float | str:
        if record.value_pct is None:
            return record.note or NOT_PUBLISHED
        return round(record.value_pct, EXPORT_PLACES)


def make_former_tables(former: Iterable[FormerFigures]) -> list[FormerTable]:
    """One an indicator."""
    made = []
    for figures in former:
        table = FormerTable(figures.rows, prefix=f"predecessors-{figures.indicator.slug}-")
        table.caption = f"{figures.indicator.short_name}: figures of the boards before"
        if figures.demonstration:
            table.caption = f"{table.caption} (demonstration: fictitious)"
        made.append(table)
    return made
