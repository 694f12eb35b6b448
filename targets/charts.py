"""Charts of readings against the path to their target. Drawn in the browser from what stands here."""

import json
from collections.abc import Iterable, Sequence
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
LEFT_PART = 0.42
"""Share of the width left of which a word stands to the right of its line, lest a phone cuts it off."""
SHAPE_WORDS = {Shape.STRAIGHT: "equal steps", Shape.CONSTANT_RATE: "equal percentage a year"}
SHAPE_LABELS = {Shape.STRAIGHT: "Equal steps", Shape.CONSTANT_RATE: "Equal % a year"}


def draw_target(
    row: VerdictRow,
    readings: Sequence[ReadingRow],
    england: Sequence[ReadingRow] | None = None,
    breaks: Sequence[Break] = (),
) -> dict[str, Any]:
    """The figure of one target in one area, for the `chart` component."""
    chart = go.Figure()
    path = find_path(row)
    published = [reading for reading in readings if reading.value_pct is not None]
    if england:
        _add_england(chart, england, breaks, below=_starts_above(published, england))
    if path:
        _add_path(chart, path, other_shape(row.version), own=False)
        _add_path(chart, path, headline_shape(row.version), own=True)
    _add_readings(chart, published)
    _add_goal(chart, row)
    span = _find_span(row, (*published, *(england or ())))
    marks = _add_breaks(chart, breaks, span)
    top = max(_heights(row, (*published, *(england or ()))), default=20.0)
    _lay_out(chart, row, span, top, marks)
    return json.loads(chart.to_json())


def label_chart(row: VerdictRow) -> str:
    """The chart in words, for who cannot see it."""
    unit = row.version.indicator.unit if row.version.indicator else "Figures"
    return (
        f"{unit}, {row.area.short_name}: published figures by year against the path to "
        f"{describe_goal(row.version.comparator, row.version.value_pct)}. {row.sentence}"
    )


def _add_england(
    chart: go.Figure, england: Sequence[ReadingRow], breaks: Sequence[Break], *, below: bool
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
    _write(chart, england[0].time, england[0].value_pct, "England", GREY, yshift=-14 if below else 14)


def _starts_above(published: Sequence[ReadingRow], england: Sequence[ReadingRow]) -> bool:
    first = england[0]
    near = [reading.value_pct or 0.0 for reading in published if reading.time <= first.time + 2]
    return bool(near) and max(near) >= (first.value_pct or 0.0)


def _cut_at_breaks(
    figures: Sequence[ReadingRow], breaks: Sequence[Break]
) -> tuple[list[float], list[float | None]]:
    """A break leaves a gap in a line."""
    days = [time_at_start_of(entry.on) for entry in breaks if entry.kind == BreakKind.BREAK]
    times: list[float] = []
    values: list[float | None] = []
    for figure in figures:
        if times and any(times[-1] < day <= figure.time for day in days):
            times.append(figure.time)
            values.append(None)
        times.append(figure.time)
        values.append(figure.value_pct)
    return times, values


def _add_path(chart: go.Figure, path: PathLine, shape: Shape, *, own: bool) -> None:
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
    place = path.baseline_time + length * (0.74 if own else 0.65)
    side: dict[str, Any] = {"xanchor": "left", "yshift": 16} if own else {"xanchor": "right", "yshift": -14}
    [height] = path.expect([place], shape)
    _write(chart, place, height, "Its path" if own else SHAPE_LABELS[shape], BLUE, name="wide", **side)


def _add_readings(chart: go.Figure, published: Sequence[ReadingRow]) -> None:
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


def _add_dots(chart: go.Figure, dots: Sequence[ReadingRow], *, whiskers: bool) -> None:
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


def _add_goal(chart: go.Figure, row: VerdictRow) -> None:
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


def _add_breaks(chart: go.Figure, breaks: Sequence[Break], span: tuple[float, float]) -> int:
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
            showarrow=False,
            font={"color": QUIET, "size": 16},
        )
    return len(shown)


def _write(
    chart: go.Figure,
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
    chart.add_annotation(x=time, y=height, text=words, showarrow=False, font=font, bgcolor=behind, **place)


def _find_span(row: VerdictRow, figures: Iterable[ReadingRow]) -> tuple[float, float]:
    """First and last time on the axis, with a little room for words at both ends."""
    times = [figure.time for figure in figures]
    times += [time for time in (row.assessment.target_time, row.assessment.baseline_time) if time is not None]
    if not times:
        return (0.0, 1.0)
    room = max(0.06 * (max(times) - min(times)), 0.5)
    return (min(times) - room, max(times) + room)


def _lay_out(chart: go.Figure, row: VerdictRow, span: tuple[float, float], top: float, marks: int) -> None:
    unit = row.version.indicator.unit if row.version.indicator else "%"
    chart.update_layout(
        template="none",
        showlegend=False,
        xaxis={
            "range": list(span),
            "tickformat": "d",
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "linecolor": GREY,
        },
        yaxis={
            "range": [0, min(top * 1.12, 100.0)],
            "title": {"text": unit},
            "ticksuffix": "%",
            "gridcolor": "#e8edee",
            "zeroline": True,
            "zerolinecolor": GREY,
        },
        margin={"t": 16 + marks * ROOM_FOR_A_WORD_PX, "r": 16, "b": 40},
        meta={"phone_margin": {"r": 8}},
    )


def _heights(row: VerdictRow, figures: Iterable[ReadingRow]) -> list[float]:
    levels = [row.version.value_pct, row.assessment.baseline_pct]
    for figure in figures:
        levels += [figure.value_pct, figure.limits.upper95_pct]
    return [level for level in levels if level is not None]
