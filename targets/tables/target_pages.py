"""Tables of the targets' list and of one target's page."""

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kit.as_at import AsAt
from kit.calc.formats import NOT_PUBLISHED, format_interval
from kit.columns import TagColumn, draw_badge
from targets.selectors.estimate_sums import EstimateSum
from targets.selectors.figures import ReadingRow
from targets.selectors.listing import TargetRow
from targets.selectors.target_page import TargetPage
from targets.tables.columns import (
    EXPORT_PLACES,
    GAP_NOTE,
    NUMERIC,
    WORDS,
    DayColumn,
    GapColumn,
    HiddenColumn,
    LinkedTable,
    PctColumn,
)


class PromiseTable(LinkedTable):
    caption = "Targets that bodies set themselves"
    caption_hidden = True
    row_header = "body"
    empty_text = "No target of a body matches. Clear the filters to see every target."
    note = GAP_NOTE

    body = tables.Column(verbose_name="Body")
    body_code = HiddenColumn(verbose_name="Code")
    target = tables.Column(verbose_name="Target", attrs=WORDS)
    target_id = HiddenColumn(verbose_name="Target number")
    kind = HiddenColumn(verbose_name="Kind")
    goal = HiddenColumn(verbose_name="Level")
    deadline = tables.Column(verbose_name="By", empty_values=())
    deadline_day = HiddenColumn(
        accessor="deadline", verbose_name="Deadline's last day", words="no date stated"
    )
    tag = TagColumn(verbose_name="Position", default="Not judged", order_by="tag__word")
    sentence = HiddenColumn(verbose_name="In words")
    basis = tables.Column(verbose_name="Basis", attrs=WORDS)
    basis_reason = HiddenColumn(verbose_name="Why indicative")
    measure = HiddenColumn(verbose_name="Measure read")
    latest = tables.Column(
        verbose_name="Latest figure",
        order_by="value_pct",
        exclude_from_export=True,
    )
    period = HiddenColumn(words=NOT_PUBLISHED)
    value_pct = HiddenColumn(verbose_name="Figure, %", words=NOT_PUBLISHED)
    lower95_pct = HiddenColumn(verbose_name="Lower 95% limit, %", words="no interval held")
    upper95_pct = HiddenColumn(verbose_name="Upper 95% limit, %", words="no interval held")
    expected_pct = PctColumn(verbose_name="Path needs", words="no path")
    gap_pp = GapColumn(verbose_name="Gap", words="no gap")
    stale = HiddenColumn(verbose_name="Stale")
    edition = HiddenColumn()
    known_from = HiddenColumn(verbose_name="Known from")

    def render_body(self, record: TargetRow) -> SafeString:
        code = record.body_code
        if record.verdict.area.kind == "england":
            return self.link(record.body, "target_detail", pk=record.target_id)
        link = self.link(record.body, "icb_detail", code=code)
        return format_html("{} {}", link, draw_badge()) if record.demonstration else link

    def value_body(self, record: TargetRow) -> str:
        return record.body

    def render_target(self, record: TargetRow) -> SafeString:
        beside = "" if record.verdict.is_promise else record.body_code
        return self.link(record.target, "target_detail", pk=record.target_id, beside=beside)

    def value_target(self, record: TargetRow) -> str:
        return record.target

    def render_deadline(self, record: TargetRow) -> str:
        return record.deadline_words

    def render_basis(self, record: TargetRow) -> str:
        return f"{record.basis}: {record.basis_reason}" if record.basis_reason else record.basis

    def value_basis(self, record: TargetRow) -> str:
        return record.basis


class ComparisonTable(PromiseTable):
    """One target beside every board, so what differs is the board: its name leads to the verdict."""

    caption = "Boards beside the national ambition"
    empty_text = "No board matches. Clear the filters to see every board."

    target = HiddenColumn(verbose_name="Target")
    deadline = HiddenColumn(accessor="deadline_words", verbose_name="By")

    def render_body(self, record: TargetRow) -> SafeString:
        return self.link(record.body, "target_detail", pk=record.target_id, beside=record.body_code)


class ReadingTable(tables.Table):
    """The figures of a chart, each beside what the path asks for by then, and the periods without one."""

    caption = "Figures, and what the path needs by then"
    row_header = "period"
    empty_text = "No figure is held for this area."
    note = GAP_NOTE

    period = tables.Column(order_by="time")
    figure = tables.Column(
        accessor="value_pct", verbose_name="Figure (95% interval)", empty_values=(), attrs=NUMERIC
    )
    lower95 = HiddenColumn(
        accessor="limits__lower95_pct", verbose_name="Lower 95% limit, %", words="no interval held"
    )
    upper95 = HiddenColumn(
        accessor="limits__upper95_pct", verbose_name="Upper 95% limit, %", words="no interval held"
    )
    interval_source = HiddenColumn(accessor="limits__source", verbose_name="Interval")
    measure = HiddenColumn(verbose_name="Measure")
    expected_pct = PctColumn(verbose_name="Path needs", words="before the path")
    other_expected_pct = PctColumn(verbose_name="Other shape needs", words="before the path")
    gap_pp = GapColumn(verbose_name="Gap", words="before the path")
    role = tables.Column(accessor="is_estimate", verbose_name="What it is", attrs=WORDS)
    known_from = DayColumn(verbose_name="Known from")
    edition = tables.Column()
    source_title = HiddenColumn(verbose_name="Source")
    source_url = HiddenColumn(verbose_name="Address")

    def render_figure(self, record: ReadingRow) -> str:
        if record.value_pct is None:
            return record.note or NOT_PUBLISHED
        limits = record.limits
        return format_interval(record.value_pct, limits.lower95_pct, limits.upper95_pct, record.places)

    def value_figure(self, record: ReadingRow) -> float | str:
        if record.value_pct is None:
            return record.note or NOT_PUBLISHED
        return round(record.value_pct, EXPORT_PLACES)

    def render_role(self, record: ReadingRow) -> str:
        if record.why_missing:
            return record.why_missing
        words = "Our estimate from council figures" if record.is_estimate else "Published"
        if record.limits.is_ours:
            words += "; interval by us"
        if record.stand_in:
            words += f"; measure: {record.stand_in}, a stand-in"
        if record.is_baseline:
            words += "; the path starts here"
        return f"{words}; the verdict rests on it" if record.is_used else words


class PartTable(tables.Table):
    """The councils in a board estimate, and their weights."""

    row_header = "council"

    council = tables.Column()
    code = HiddenColumn(verbose_name="Code")
    value_pct = PctColumn(verbose_name="Figure")
    lsoa_count = tables.Column(verbose_name="Weight (LSOAs)", attrs=NUMERIC)
    weighted = tables.Column(verbose_name="Figure × weight", attrs=NUMERIC)
    edition = HiddenColumn()

    def render_weighted(self, value: float) -> str:
        return f"{value:,.1f}"

    def value_weighted(self, value: float) -> float:
        return round(value, EXPORT_PLACES)


class ChangeTable(tables.Table):
    caption = "Verdicts and why they changed"
    caption_hidden = True
    row_header = "became_true_on"

    became_true_on = DayColumn(verbose_name="True from")
    cause = tables.Column(verbose_name="Cause")
    before = tables.Column(verbose_name="Position before")
    after = tables.Column(verbose_name="Position after")
    sentence = tables.Column(verbose_name="In words", orderable=False, attrs=WORDS)
    recorded_on = DayColumn(verbose_name="Recorded by the tracker")


class VersionTable(tables.Table):
    caption = "Versions of the target"
    caption_hidden = True
    row_header = "number"

    number = tables.Column(verbose_name="Version")
    wording = tables.Column(verbose_name="In our words", orderable=False, attrs=WORDS)
    goal = tables.Column(verbose_name="Level")
    deadline = tables.Column(verbose_name="By")
    stated_on = DayColumn(verbose_name="Stated on")
    known_from = DayColumn(verbose_name="Known from")
    source = tables.Column(verbose_name="Source", attrs=WORDS)


def make_part_table(made: EstimateSum) -> PartTable:
    table = PartTable(made.parts, prefix=f"councils-{made.slug}-")
    table.caption = f"Councils in the estimate for {made.period}, {made.role}"
    table.caption_hidden = True
    return table


def make_page_tables(page: TargetPage, as_at: AsAt) -> dict[str, tables.Table]:
    """The tables of one target's page by the name of their download."""
    tables_by_name: dict[str, tables.Table] = {
        "figures": ReadingTable(page.figures.rows, prefix="figures-"),
        "verdicts": ChangeTable(page.changes, prefix="verdicts-"),
        "versions": VersionTable(page.versions, prefix="versions-"),
        "boards-beside": ComparisonTable(page.beside, as_at=as_at, prefix="beside-"),
        **{f"councils-{made.slug}": make_part_table(made) for made in page.sums},
    }
    if page.target.body.demonstration:
        for table in tables_by_name.values():
            table.caption = f"{table.caption} (demonstration: fictitious)"
            table.caption_hidden = False
    return tables_by_name
