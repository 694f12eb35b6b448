"""The matrix of boards and services, and its counts. Rows are plain values: a column adds no query."""

from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from icbs.models import Service
from icbs.selectors import Matrix, MatrixRow, RolloutCount, RolloutRow
from kit.as_at import AsAt
from kit.calc.formats import format_day
from kit.columns import draw_badge, draw_tag

NUMERIC = {
    "th": {"class": "nhsuk-table__header--numeric"},
    "td": {"class": "nhsuk-table__cell--numeric"},
}
WORDS = {"td": {"class": "tracker-table__words"}}
NO_REPORT = "no report"


class ServiceColumn(tables.Column):
    """The state of one service as a tag, with its days; downloads carry the word."""

    def render(self, value: RolloutRow) -> SafeString:
        tag = draw_tag(value.tag)
        return format_html("{} {}", tag, value.days_words) if value.days_words else tag

    def value(self, value: RolloutRow) -> str:
        return value.tag.word


class DetailColumn(tables.Column):
    """One part of a service's state, only in downloads."""

    def __init__(self, part: str, **options: Any) -> None:
        super().__init__(visible=False, orderable=False, **options)
        self.part = part

    def value(self, value: RolloutRow) -> object:
        latest = value.latest
        found: dict[str, object] = {
            "days": value.days_words or "no days to count",
            "reported": latest.get_status_display() if latest else NO_REPORT,
            "true_on": latest.on if latest else NO_REPORT,
            "source": latest.source_title if latest else NO_REPORT,
        }
        return found[self.part]


class MatrixTable(tables.Table):
    caption = "Boards and services"
    caption_hidden = True
    row_header = "name"
    empty_text = "No board matches. Clear the filters to see every board."

    name = tables.Column("Board")
    code = tables.Column("Code", accessor="body__area__code", visible=False)
    region = tables.Column("Region")
    in_place = tables.Column("In place", accessor="body__in_place_count", attrs=NUMERIC)
    last_update = tables.Column("Last report", accessor="body__last_update", empty_values=())

    class Meta:
        sequence = ("name", "code", "region", "...", "in_place", "last_update")

    def __init__(
        self, rows: list[MatrixRow], *, services: list[Service], as_at: AsAt, **options: Any
    ) -> None:
        self.query = as_at.query
        columns = [column for service in services for column in _list_columns(service)]
        super().__init__(rows, extra_columns=columns, **options)

    def render_name(self, record: MatrixRow) -> SafeString:
        address = reverse("icb_detail", kwargs={"code": record.body.area.code}) + self.query
        link = format_html('<a class="nhsuk-link" href="{}">{}</a>', address, record.name)
        return format_html("{} {}", link, draw_badge()) if record.demonstration else link

    def value_name(self, record: MatrixRow) -> str:
        return record.name

    def render_in_place(self, record: MatrixRow) -> str:
        if not record.body.reported_count:
            return NO_REPORT
        return f"{record.body.in_place_count} of {len(record.body.services)}"

    def render_last_update(self, value: date | None) -> str:
        return format_day(value) if value else NO_REPORT

    def value_last_update(self, value: date | None) -> date | str:
        return value or NO_REPORT


def _list_columns(service: Service) -> list[tuple[str, tables.Column]]:
    name, accessor, words = service.slug.replace("-", "_"), f"cells__{service.slug}", service.short_name
    details = {"days": "days", "reported": "as reported", "true_on": "true on", "source": "source"}
    return [
        (name, ServiceColumn(accessor=accessor, verbose_name=words, order_by=f"{accessor}__tag__word")),
        *(
            (f"{name}_{part}", DetailColumn(part, accessor=accessor, verbose_name=f"{words}: {label}"))
            for part, label in details.items()
        ),
    ]


class RolloutCountTable(tables.Table):
    caption = "How many boards have each service in place"
    row_header = "service"
    empty_text = "No board is in being on this day."

    service = tables.Column(orderable=False)
    of_all = tables.Column("In place, of all boards", orderable=False, attrs=WORDS)
    of_known = tables.Column("In place, of the boards known", orderable=False, attrs=WORDS)
    in_place = tables.Column("In place", attrs=NUMERIC, orderable=False)
    not_in_place = tables.Column("Partly or not in place", attrs=NUMERIC, orderable=False)
    dont_know = tables.Column("Don't know", attrs=NUMERIC, orderable=False)
    no_report = tables.Column("No report", attrs=NUMERIC, orderable=False)


def make_matrix_table(matrix: Matrix, rows: list[MatrixRow], service: str, as_at: AsAt) -> MatrixTable:
    """Every service, or the one that was asked for."""
    services = [entry for entry in matrix.services if service in ("", entry.slug)]
    return MatrixTable(rows, services=services, as_at=as_at)


def make_count_table(counts: list[RolloutCount]) -> RolloutCountTable:
    return RolloutCountTable(counts, prefix="counts-", orderable=False)
