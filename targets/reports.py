"""Verdicts as records for scripts and as lines for a terminal."""

from collections.abc import Iterable

from kit.calc.formats import format_pct, places_to_tell_apart
from targets.calc.types import Kind
from targets.calc.wording import STAND_IN, describe_basis, tag_for
from targets.selectors.judging import Judged


def list_verdict_records(judged: Iterable[Judged]) -> list[dict[str, object]]:
    """One record a verdict, as scripts may rely on it (design section 7). `indicator`: what was read."""
    return [
        {
            "area": row.pair.area.code,
            "target": row.pair.version.target.slug,
            "kind": str(row.pair.kind),
            "indicator": row.assessment.indicator.slug if row.assessment.indicator else None,
            "basis": str(row.assessment.basis),
            "period": row.assessment.reading_label or None,
            "value": row.assessment.value_pct,
            "lower95": row.assessment.lower95_pct,
            "upper95": row.assessment.upper95_pct,
            "expected": row.assessment.expected_pct,
            "position": str(row.assessment.position),
            "flag": str(row.assessment.flag),
            "stale": row.stale,
            "demonstration": row.pair.area.demonstration,
        }
        for row in judged
    ]


def print_verdicts(judged: Iterable[Judged]) -> str:
    """A line a verdict: promises first, then comparisons."""
    lines = []
    for row in sorted(judged, key=lambda row: row.pair.kind != Kind.PROMISE):
        tag = tag_for(row.assessment.position)
        value, path = row.assessment.value_pct, row.assessment.expected_pct
        places = places_to_tell_apart(value, path)
        lines.append(
            f"{tag.sign} {tag.word:<26} {describe_basis(row.assessment.basis):<10} "
            f"{row.assessment.reading_label or '–':<8} {format_pct(value, places):>13} "
            f"path {format_pct(path, places):>13}  {row.pair.kind:<10} "
            f"{row.pair.area.short_name}: {row.pair.version.target.title}{_describe_stand_in(row)}"
        )
    return "\n".join(lines) or "No target is in force."


def _describe_stand_in(row: Judged) -> str:
    read, stated = row.assessment.indicator, row.pair.version.indicator
    return "" if read is None or read == stated else f" ({STAND_IN}{read.survey or read.short_name})"
