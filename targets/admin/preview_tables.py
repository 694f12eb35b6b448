"""What an import or a withdrawal would do, in words for a page of the admin."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kit.calc.formats import format_pct, places_to_tell_apart, round_half_up
from targets.calc.wording import describe_basis, group_of, tag_for


@dataclass(frozen=True, slots=True)
class FigureLine:
    """`before` and `after` in as many decimals as tell them apart."""

    area: str
    period: str
    before: str
    after: str
    difference: str


@dataclass(frozen=True, slots=True)
class VerdictLine:
    area: str
    target: str
    before: str
    after: str


def list_figures(rows: Iterable[dict[str, Any]]) -> list[FigureLine]:
    """`rows` as the preview keeps them."""
    return [_describe_figure(row) for row in rows]


def list_verdicts(rows: Iterable[dict[str, Any]]) -> list[VerdictLine]:
    return [
        VerdictLine(
            area=f"{row['area']}{' (Demonstration)' if row['demonstration'] else ''}",
            target=row["target"] if row["kind"] == "promise" else f"beside: {row['target']}",
            before=_describe_verdict(row["before"]),
            after=_describe_verdict(row["after"]),
        )
        for row in rows
    ]


def _describe_figure(row: dict[str, Any]) -> FigureLine:
    before, after = row["before_pct"], row["after_pct"]
    places = places_to_tell_apart(before, after)
    return FigureLine(
        area=f"{row['area']} ({row['code']})" + (f", {row['group']}" if row["group"] else ""),
        period=f"{row['indicator']}, {row['period']}",
        before=format_pct(before, places),
        after=format_pct(after, places),
        difference=_describe_difference(before, after, places),
    )


def _describe_difference(before: float | None, after: float | None, places: int) -> str:
    if before is None or after is None:
        return "none to be worked out"
    if abs(after - before) < 1e-9:
        return "the figure stays; its limits, count or denominator change"
    return f"{round_half_up(after - before, places):+.{places}f} percentage points"


def _describe_verdict(side: dict[str, Any]) -> str:
    tag = tag_for(side["position"])
    words = f"{tag.sign} {tag.word}"
    if group_of(side["position"]) != "unjudged":
        words += f" ({describe_basis(side['basis']).lower()})"
    if side["value_pct"] is None:
        return words
    return f"{words}: {format_pct(side['value_pct'])} in {side['period']}"
