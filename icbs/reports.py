"""Rollout as records for scripts and as lines for a terminal."""

from collections.abc import Iterable

from icbs.selectors import BodyRollout


def list_rollout_records(bodies: Iterable[BodyRollout]) -> list[dict[str, object]]:
    """One record a body and service, as scripts may rely on it (design section 7)."""
    return [
        {
            "area": body.area.code,
            "service": row.service.slug,
            "status": row.latest.status if row.latest else None,
            "source": row.latest.source_title if row.latest else None,
            "verdict": str(row.verdict.verdict),
            "demonstration": body.area.demonstration,
        }
        for body in bodies
        for row in body.services
    ]


def print_rollout(bodies: Iterable[BodyRollout]) -> str:
    lines = [
        f"{row.tag.sign} {row.tag.word:<16} {row.days_words:<20} {body.area.short_name}: {row.service.short_name}"
        for body in bodies
        for row in body.services
    ]
    return "\n".join(lines) or "No board is in being on this day."
