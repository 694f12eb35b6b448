"""The charts of a board's page: one a target, each with the table of its figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from kit.paging import sort_and_page
from targets.charts import draw_target, label_chart
from targets.selectors.figures import ReadingRow
from targets.selectors.neighbours import describe_other_baselines
from targets.selectors.target_page import describe_pace_of
from targets.selectors.verdicts import VerdictRow
from targets.tables import ReadingTable
from tracker.selectors.board_page import BoardPage

ALL_ROWS = 100


@dataclass(frozen=True, slots=True)
class TargetSection:
    """One target of a board: verdict, pace, chart and table; without figures no chart."""

    row: VerdictRow
    pace: str
    other_baselines: list[str]
    figure: dict[str, Any] | None
    label: str
    table: ReadingTable
    sources: list[ReadingRow]

    @property
    def id(self) -> str:
        return f"target-{self.row.version.target_id}"


def draw_sections(page: BoardPage, request: HttpRequest) -> list[TargetSection]:
    """Own promises first, then what they are laid beside."""
    return [_draw_section(page, row, request) for row in page.rows]


def _draw_section(page: BoardPage, row: VerdictRow, request: HttpRequest) -> TargetSection:
    figures = page.figures[row.pair.key]
    table = ReadingTable(figures.rows, prefix=f"target-{row.version.target_id}-")
    has_figure = any(reading.value_pct is not None for reading in figures.readings)
    return TargetSection(
        row=row,
        pace=describe_pace_of(row) if row.is_judged else "",
        other_baselines=describe_other_baselines(row, figures.readings),
        figure=draw_target(row, figures.readings, figures.england, figures.breaks) if has_figure else None,
        label=label_chart(row),
        table=sort_and_page(request, table, per_page=ALL_ROWS),
        sources=_find_sources(figures.readings),
    )


def _find_sources(readings: Iterable[ReadingRow]) -> list[ReadingRow]:
    """One figure an edition, the newest edition first."""
    by_edition = {reading.edition: reading for reading in readings}
    return sorted(by_edition.values(), key=lambda reading: reading.known_from, reverse=True)
