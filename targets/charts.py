"""Charts of readings against the path to their target. Drawn in the browser from what stands here."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go

from kit.calc.dates import time_at_start_of
from kit.calc.formats import format_interval, format_pct
from targets.calc.types import Shape
from targets.calc.wording import describe_goal
from targets.models import Break, BreakKind
from targets.selectors.figures import PathLine, ReadingRow, find_path, headline_shape, other_shape
from targets.selectors.verdicts import VerdictRow

INK, BLUE, QUIET, GREY = "#212b32", "#005eb8", "#4c6272", "#768692"
POINTS_ON_A_CURVE = 40
ROOM_FOR_A_WORD_PX = 22
APART_PP = 0.4
"""Points between two paths from which each gets its name."""
TICKS = 5
"""Years named on the axis, at most: as many as a phone has room for."""
LEFT_PART = 0.42
"""Share of the width left of which a word stands to the right of its line, lest a phone cuts it off."""
SHAPE_WORDS = {Shape.STRAIGHT: "equal steps", Shape.CONSTANT_RATE: "equal percentage a year"}
SHAPE_LABELS = {Shape.STRAIGHT: "Equal steps", Shape.CONSTANT_RATE: "Equal % a year"}


@dataclass(slots=True)
class Drawing:
    """The parts of a figure, checked by Plotly once when it is finished: each check costs milliseconds."""

    traces: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    layout: dict[str, Any] = field(default_factory=dict)

    def add_scatter(self, **trace: Any) -> None:
        self.traces.append({"type": "scatter", **trace})

    def add_annotation(self, **annotation: Any) -> None:
        self.annotations.append({"showarrow": False, **annotation})

    def add_shape(self, **shape: Any) -> None:
        self.shapes.append(shape)

    def finish(self) -> dict[str, Any]:
        layout = {**self.layout, "annotations": self.annotations, "shapes": self.shapes}
        return json.loads(go.Figure({"data": self.traces, "layout": layout}).to_json())


def draw_target(
    row: VerdictRow,
    readings: Sequence[ReadingRow],
    england: Sequence[ReadingRow] | None = None,
    breaks: Sequence[Break] = (),
) -> dict[str, Any]:
    """The figure of one target in one area, for the `chart` component."""
    chart = Drawing()
    path = find_path(row)
    published = [reading for reading in readings if reading.value_pct is not None]
    if england:
        _add_england(chart, england, breaks, below=_lies_above(published, england))
    if path:
        own, other = headline_shape(row.version), other_shape(row.version)
        _add_path(chart, path, other, own=False)
        _add_path(chart, path, own, own=True)
        _name_paths(chart, path, own, other)
    _add_readings(chart, published)
    _add_goal(chart, row)
    span = _find_span(row, (*published, *(england or ())))
    marks = _add_breaks(chart, breaks, span)
    top = max(_heights(row, (*published, *(england or ()))), default=20.0)
    _lay_out(chart, row, span, top, marks)
    return chart.finish()


def label_chart(row: VerdictRow) -> str:
    """The chart in words, for who cannot see it."""
    return (
        f"{_name_unit(row, ' (', ')')}, {row.area.short_name}: published figures by year against the path to "
        f"{describe_goal(row.version.comparator, row.version.value_pct)}. {row.sentence}"
    )


def _name_unit(row: VerdictRow, start: str, end: str) -> str:
    """What the figures measure; a stand-in says from which survey, between `start` and `end`."""
    if row.indicator is None:
        return "Figures"
    return f"{row.indicator.unit}{start}{row.figure_kind}{end}" if row.is_stand_in else row.indicator.unit


def _add_england(
    chart: Drawing, england: Sequence[ReadingRow], breaks: Sequence[Break], *, below: bool
) -> None:
    times, values = _cut_at_breaks(england, breaks)
    chart.add_scatter(
        x=times,
        y=values,
        mode="lines",
        name="England",
        line={"color": GREY, "width": 2},
        hovertemplate="England: %{y:.1f}%<extra></extra>",
    )
    middle = england[len(england) // 2]
    place: dict[str, Any] = (
        {"xanchor": "right", "yshift": -14} if below else {"xanchor": "left", "yshift": 14}
    )
    _write(chart, middle.time, middle.value_pct, "England", QUIET, **place)


def _lies_above(published: Sequence[ReadingRow], england: Sequence[ReadingRow]) -> bool:
    """Whether the area's figures lie above England's around the place of its name."""
    middle = england[len(england) // 2]
    near = [reading.value_pct or 0.0 for reading in published if abs(reading.time - middle.time) < 2]
    return bool(near) and sum(near) / len(near) >= (middle.value_pct or 0.0)


def _cut_at_breaks(
    figures: Sequence[ReadingRow], breaks: Sequence[Break]
) -> tuple[list[float], list[float | None]]:
    """A break leaves a gap in England's line; one of the area beside it does not."""
    days = [
        time_at_start_of(entry.on)
        for entry in breaks
        if entry.kind == BreakKind.BREAK and entry.area_id is None
    ]
    times: list[float] = []
    values: list[float | None] = []
    for figure in figures:
        if times and any(times[-1] < day <= figure.time for day in days):
            times.append(figure.time)
            values.append(None)
        times.append(figure.time)
        values.append(figure.value_pct)
    return times, values


def _add_path(chart: Drawing, path: PathLine, shape: Shape, *, own: bool) -> None:
    steps = POINTS_ON_A_CURVE if shape is Shape.CONSTANT_RATE or path.milestones else 1
    length = path.target_time - path.baseline_time
    times = [path.baseline_time + length * step / steps for step in range(steps + 1)]
    values = path.expect(times, shape)
    if any(value is None for value in values):
        return
    words = f"Path, {SHAPE_WORDS[shape]}"
    chart.add_scatter(
        x=times,
        y=values,
        mode="lines",
        name=words,
        line={"color": BLUE, "width": 3} if own else {"color": BLUE, "width": 1.5, "dash": "dash"},
        hovertemplate=f"{words}: %{{y:.1f}}%<extra></extra>",
    )


def _name_paths(chart: Drawing, path: PathLine, own: Shape, other: Shape) -> None:
    """Each line's name at a place of its own; two lines that run as one need one name."""
    length = path.target_time - path.baseline_time
    places = [path.baseline_time + length * share for share in (0.74, 0.65)]
    heights, others = path.expect(places, own), path.expect(places, other)
    _write(chart, places[0], heights[0], "Its path", BLUE, name="wide", xanchor="left", yshift=16)
    if None in (heights[1], others[1]) or abs((heights[1] or 0) - (others[1] or 0)) < APART_PP:
        return
    _write(chart, places[1], others[1], SHAPE_LABELS[other], BLUE, name="wide", xanchor="right", yshift=-14)


def _add_readings(chart: Drawing, published: Sequence[ReadingRow]) -> None:
    if not published:
        return
    for with_interval in (True, False):
        dots = [reading for reading in published if _has_interval(reading) is with_interval]
        if dots:
            _add_dots(chart, dots, whiskers=with_interval)
    used = next((reading for reading in published if reading.is_used), published[-1])
    above = used.gap_pp is None or used.gap_pp >= 0
    tallest = (used.limits.upper95_pct if above else used.limits.lower95_pct) or used.value_pct
    place: dict[str, Any] = (
        {"xanchor": "left", "yshift": 16} if above else {"xanchor": "center", "yshift": -20}
    )
    _write(chart, used.time, tallest, format_pct(used.value_pct), INK, weight=700, **place)


def _has_interval(reading: ReadingRow) -> bool:
    return reading.limits.lower95_pct is not None


def _add_dots(chart: Drawing, dots: Sequence[ReadingRow], *, whiskers: bool) -> None:
    chart.add_scatter(
        x=[reading.time for reading in dots],
        y=[reading.value_pct for reading in dots],
        mode="markers",
        name="Figures with their interval" if whiskers else "Figures without an interval",
        marker={
            "color": INK,
            "size": 10,
            "symbol": ["circle-open" if reading.is_estimate else "circle" for reading in dots],
            "line": {"width": 2},
        },
        error_y=_draw_whiskers(dots) if whiskers else None,
        text=[_describe_reading(reading) for reading in dots],
        hovertemplate="%{text}<extra></extra>",
    )


def _draw_whiskers(dots: Sequence[ReadingRow]) -> dict[str, Any]:
    def distance(reading: ReadingRow, limit: float | None) -> float:
        return 0.0 if limit is None or reading.value_pct is None else abs(limit - reading.value_pct)

    return {
        "type": "data",
        "symmetric": False,
        "array": [distance(reading, reading.limits.upper95_pct) for reading in dots],
        "arrayminus": [distance(reading, reading.limits.lower95_pct) for reading in dots],
        "color": INK,
        "thickness": 1.5,
        "width": 4,
    }


def _describe_reading(reading: ReadingRow) -> str:
    limits = reading.limits
    words = format_interval(reading.value_pct, limits.lower95_pct, limits.upper95_pct)
    return f"{reading.period}: {words}{', our estimate' if reading.is_estimate else ''}"


def _add_goal(chart: Drawing, row: VerdictRow) -> None:
    time, level = row.assessment.target_time, row.version.value_pct
    if time is None or level is None:
        return
    goal = describe_goal(row.version.comparator, level)
    chart.add_scatter(
        x=[time],
        y=[level],
        mode="markers",
        name="Target",
        marker={"color": BLUE, "size": 16, "symbol": "diamond", "line": {"color": "#ffffff", "width": 1}},
        hovertemplate=f"Target: {goal}<extra></extra>",
    )
    words = f"Target:<br>{goal.capitalize()}"
    _write(chart, time, level, words, BLUE, xanchor="right", xshift=14, yshift=-32, weight=700)


def _add_breaks(chart: Drawing, breaks: Sequence[Break], span: tuple[float, float]) -> int:
    """Verticals with their word above the plot, one row each so that none hides another."""
    shown = [entry for entry in breaks if span[0] <= time_at_start_of(entry.on) <= span[1]]
    for place, entry in enumerate(shown):
        time = time_at_start_of(entry.on)
        is_break = entry.kind == BreakKind.BREAK
        line = {"color": QUIET, "width": 1.5, "dash": "solid" if is_break else "dot"}
        chart.add_shape(type="line", x0=time, x1=time, y0=0, y1=1, yref="paper", line=line)
        is_left = (time - span[0]) / (span[1] - span[0]) < LEFT_PART
        chart.add_annotation(
            x=time,
            y=1,
            yref="paper",
            yanchor="bottom",
            yshift=place * ROOM_FOR_A_WORD_PX,
            xanchor="left" if is_left else "right",
            xshift=-8 if is_left else 8,
            text=f"{'Break' if is_break else 'Caution'}, {entry.on:%b %Y}",
            font={"color": QUIET, "size": 16},
        )
    return len(shown)


def _write(
    chart: Drawing,
    time: float,
    height: float | None,
    words: str,
    colour: str,
    *,
    weight: int = 400,
    **place: Any,
) -> None:
    place = {"xanchor": "left", **place}
    font = {"color": colour, "size": 16, "weight": weight}
    behind = "rgba(255, 255, 255, 0.75)"
    chart.add_annotation(x=time, y=height, text=words, font=font, bgcolor=behind, **place)


def _find_span(row: VerdictRow, figures: Iterable[ReadingRow]) -> tuple[float, float]:
    """First and last time on the axis, with a little room for words at both ends."""
    times = [figure.time for figure in figures]
    times += [time for time in (row.assessment.target_time, row.assessment.baseline_time) if time is not None]
    if not times:
        return (0.0, 1.0)
    room = max(0.06 * (max(times) - min(times)), 0.5)
    return (min(times) - room, max(times) + room)


def _lay_out(chart: Drawing, row: VerdictRow, span: tuple[float, float], top: float, marks: int) -> None:
    years = _choose_years(span)
    chart.layout = {
        "template": "none",
        "showlegend": False,
        "xaxis": {
            "range": list(span),
            "tickmode": "array",
            "tickvals": [year + 0.5 for year in years],
            "ticktext": [str(year) for year in years],
            "ticks": "outside",
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "linecolor": GREY,
        },
        "yaxis": {
            "range": [0, min(top * 1.12, 100.0)],
            "title": {"text": _name_unit(row, "<br>", "") if row.indicator else "%"},
            "ticksuffix": "%",
            "gridcolor": "#e8edee",
            "zeroline": True,
            "zerolinecolor": GREY,
        },
        "margin": {"t": 16 + marks * ROOM_FOR_A_WORD_PX, "r": 16, "b": 40},
        "meta": {"phone_margin": {"r": 8}},
    }


def _choose_years(span: tuple[float, float]) -> list[int]:
    """Round years in the span. A year's name stands at its middle, where its figure sits."""
    held = [year for year in range(int(span[0]), int(span[1]) + 1) if span[0] <= year + 0.5 <= span[1]]
    chosen = ([year for year in held if year % step == 0] for step in (1, 2, 5, 10, 20))
    return next((years for years in chosen if len(years) <= TICKS), held[:1])


def _heights(row: VerdictRow, figures: Iterable[ReadingRow]) -> list[float]:
    levels = [row.version.value_pct, row.assessment.baseline_pct]
    for figure in figures:
        levels += [figure.value_pct, figure.limits.upper95_pct]
    return [level for level in levels if level is not None]
