"""The charts of a board's page: one a target and one an indicator of its predecessors, each with its table."""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from django.http import HttpRequest
from django_tables2 import Table

from kit.calc.dates import time_at_start_of
from kit.calc.formats import format_interval, join_words
from kit.paging import sort_and_page
from targets.charts import BLUE, GREY, INK, QUIET, Drawing, draw_target, label_chart
from targets.selectors.figures import ReadingRow
from targets.selectors.neighbours import describe_other_baselines
from targets.selectors.predecessors import SUM, FormerFigure, FormerFigures, Mark
from targets.selectors.target_page import describe_pace_of
from targets.selectors.verdicts import VerdictRow
from targets.tables import ReadingTable
from tracker.selectors.board_page import BoardPage
from tracker.selectors.board_words import describe_moved, describe_own, describe_sum

ALL_ROWS = 100
PLUM = "#7c2855"
LOOKS = ((INK, "circle"), (BLUE, "square"), (PLUM, "triangle-up"))
"""Colour and dot of each predecessor: both differ, so that neither is needed alone."""
SUM_LOOK = (QUIET, "diamond")
LEGEND_LETTERS = 28
"""Letters a line of the legend holds on a phone."""
ROOM_FOR_A_WORD_PX = 22
CHART_HEIGHT_PX = 480
YEARS_ON_A_PHONE = 5


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
    moved: str

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
        other_baselines=describe_other_baselines(row, figures),
        figure=draw_target(row, figures.readings, figures.england, figures.breaks) if has_figure else None,
        label=label_chart(row),
        table=sort_and_page(request, table, per_page=ALL_ROWS),
        sources=_find_sources(figures.readings),
        moved=describe_moved(page, figures.readings),
    )


def _find_sources(readings: Iterable[ReadingRow]) -> list[ReadingRow]:
    """One figure an edition, the newest edition first."""
    by_edition = {reading.edition: reading for reading in readings}
    return sorted(by_edition.values(), key=lambda reading: reading.known_from, reverse=True)


@dataclass(frozen=True, slots=True)
class FormerSection:
    """One indicator of a board's predecessors; without a value no chart."""

    figures: FormerFigures
    figure: dict[str, Any] | None
    label: str
    table: Table
    sum_words: str
    own_words: str

    @property
    def id(self) -> str:
        return f"predecessors-{self.figures.indicator.slug}"

    @property
    def newest(self) -> FormerFigure:
        return max(self.figures.figures, key=lambda row: row.known_from)


def draw_former_sections(
    page: BoardPage, tables: Sequence[Table], request: HttpRequest
) -> list[FormerSection]:
    """One section an indicator; `tables` hold its figures in the same order."""
    pairs = zip(page.former, tables, strict=True)
    return [_draw_former_section(page, figures, table, request) for figures, table in pairs]


def _draw_former_section(
    page: BoardPage, figures: FormerFigures, table: Table, request: HttpRequest
) -> FormerSection:
    has_figure = any(row.value_pct is not None for row in figures.figures)
    return FormerSection(
        figures=figures,
        figure=draw_former(figures) if has_figure else None,
        label=(
            f"{figures.indicator.unit}: figures of {join_words(figures.bodies)} by year, each by itself"
            f"{', and our sum of them' if figures.sums else ''}."
        ),
        table=sort_and_page(request, table, per_page=ALL_ROWS),
        sum_words=describe_sum(page, figures),
        own_words=describe_own(page, figures),
    )


def draw_former(figures: FormerFigures) -> dict[str, Any]:
    """Dots for each predecessor and for the sum. No line joins them, so none crosses a break."""
    chart = Drawing()
    for body, look in zip(figures.bodies, cycle(LOOKS), strict=False):
        _add_dots(chart, body, [row for row in figures.figures if row.body == body], look)
    if figures.sums:
        _add_dots(chart, SUM, figures.sums, SUM_LOOK)
    times = [row.time for row in figures.figures]
    for place, mark in enumerate(figures.marks):
        _add_mark(chart, mark, place, middle=(min(times) + max(times)) / 2)
    _lay_out(chart, figures)
    return chart.finish()


def _add_dots(chart: Drawing, name: str, rows: Sequence[FormerFigure], look: tuple[str, str]) -> None:
    """Dots with whiskers and dots without are two traces: a whisker of no length would draw its cap."""
    shown = [row for row in rows if row.value_pct is not None]
    with_interval = [row for row in shown if row.limits.lower95_pct is not None]
    without = [row for row in shown if row.limits.lower95_pct is None]
    colour, symbol = look
    words = "<br>".join(textwrap.wrap(name, LEGEND_LETTERS))
    for dots in filter(None, (with_interval, without)):
        chart.add_scatter(
            x=[row.time for row in dots],
            y=[row.value_pct for row in dots],
            mode="markers",
            name=words,
            legendgroup=words,
            showlegend=dots is (with_interval or without),
            marker={
                "color": colour,
                "size": 10,
                "symbol": [f"{symbol}-open" if row.is_estimate or row.is_sum else symbol for row in dots],
                "line": {"width": 2, "color": colour},
            },
            error_y=_draw_whiskers(dots, colour) if dots is with_interval else None,
            text=[_describe_dot(row) for row in dots],
            hovertemplate="%{text}<extra></extra>",
        )


def _draw_whiskers(dots: Sequence[FormerFigure], colour: str) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [(row.limits.upper95_pct or 0) - (row.value_pct or 0) for row in dots],
        "arrayminus": [(row.value_pct or 0) - (row.limits.lower95_pct or 0) for row in dots],
        "color": colour,
        "thickness": 1.5,
        "width": 4,
    }


def _describe_dot(row: FormerFigure) -> str:
    value = format_interval(row.value_pct, row.limits.lower95_pct, row.limits.upper95_pct)
    return f"{row.period}, {SUM if row.is_sum else row.body}: {value}{', our estimate' if row.is_estimate else ''}"


def _add_mark(chart: Drawing, mark: Mark, place: int, *, middle: float) -> None:
    """A vertical with its word above the plot, towards the middle; one row each so that none hides another."""
    time = time_at_start_of(mark.on)
    line = {"color": QUIET, "width": 1.5, "dash": "solid" if mark.is_break else "dot"}
    chart.add_shape(type="line", x0=time, x1=time, y0=0, y1=1, yref="paper", line=line)
    chart.add_annotation(
        x=time,
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=place * ROOM_FOR_A_WORD_PX,
        xanchor="left" if time < middle else "right",
        text=f"{mark.word}, {mark.on:%b %Y}",
        font={"color": QUIET, "size": 16},
    )


def _lay_out(chart: Drawing, figures: FormerFigures) -> None:
    times = [row.time for row in figures.figures]
    heights = [row.limits.upper95_pct or row.value_pct or 0 for row in figures.rows]
    years = range(int(min(times)), int(max(times)) + 1)
    shown = [year for year in years if (years[-1] - year) % (len(years) // YEARS_ON_A_PHONE + 1) == 0]
    chart.layout = {
        "template": "none",
        "height": CHART_HEIGHT_PX,
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": -0.12, "yanchor": "top"},
        "xaxis": {
            "range": [min(times) - 0.6, max(times) + 0.6],
            "tickmode": "array",
            "tickvals": [year + 0.5 for year in shown],
            "ticktext": [str(year) for year in shown],
            "ticks": "outside",
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "linecolor": GREY,
        },
        "yaxis": {
            "range": [0, min(max(heights) * 1.12, 100.0)],
            "title": {"text": figures.indicator.unit},
            "ticksuffix": "%",
            "gridcolor": "#e8edee",
            "zeroline": True,
            "zerolinecolor": GREY,
        },
        "margin": {"t": 16 + len(figures.marks) * ROOM_FOR_A_WORD_PX, "r": 16},
        "meta": {"phone_margin": {"r": 8}},
    }
