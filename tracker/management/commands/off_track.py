from collections.abc import Iterable, Mapping
from itertools import zip_longest
from textwrap import fill, wrap

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from icbs.selectors import BodyRollout, RolloutRow, find_rollout
from kit.as_at import AsAt
from kit.calc.formats import format_day, format_interval, format_pct, join_words, places_to_tell_apart
from targets.calc.types import Position
from targets.calc.wording import GROUP_WORDS, describe_goal
from targets.selectors.verdicts import VerdictRow, count_verdicts, find_verdicts

OFF_TRACK = {
    Position.OFF_TRACK,
    Position.BEHIND_POINT,
    Position.MISSED,
    Position.MISSED_POINT,
    Position.MISSED_WITHIN_ERROR,
}
COLUMNS = {
    "Body": 23,
    "Target or service": 27,
    "Latest figure": 22,
    "Path": 6,
    "Position": 16,
    "Basis": 10,
    "": 10,
}
"""Column widths in characters."""
LINE = sum(COLUMNS.values()) + len(COLUMNS) - 1
BADGE = "fictitious"

Cells = tuple[str, ...]


class Command(BaseCommand):
    help = "The bodies off track today: promises, services past their deadline, comparisons; then the counts."

    def handle(self, **options):
        today = timezone.localdate()
        demonstration = settings.DEMONSTRATION
        verdicts = find_verdicts(AsAt(today, today), demonstration=demonstration)
        rollout = find_rollout(today, demonstration=demonstration)
        promises = [row for row in verdicts if row.is_promise]
        comparisons = [row for row in verdicts if not row.is_promise]
        sections = {
            "Promises": [_show_verdict(row, row.version.target.title) for row in _pick_off_track(promises)],
            "Services": [
                _show_service(row) for body in rollout for row in body.services if row.verdict.missed
            ],
            "Comparisons with the national ambition, outside the promises": [
                _show_verdict(row, _describe_goal(row)) for row in _pick_off_track(comparisons)
            ],
        }
        self.stdout.write(_draw_table(sections) if any(sections.values()) else "No body is off track.")
        self.stdout.write("")
        for sentence in (
            _count("Promises", promises),
            _count("Comparisons with the national ambition", comparisons),
            _count_services([body for body in rollout if not body.area.demonstration]),
        ):
            self.stdout.write(fill(sentence, LINE))


def _pick_off_track(rows: Iterable[VerdictRow]) -> list[VerdictRow]:
    """Real bodies first, A to Z."""
    off_track = [row for row in rows if row.assessment.position in OFF_TRACK]
    return sorted(off_track, key=lambda row: (row.area.demonstration, row.area.short_name.casefold()))


def _describe_goal(row: VerdictRow) -> str:
    version = row.version
    by = f" by {version.deadline.year}" if version.deadline else ""
    return f"{describe_goal(version.comparator, version.value_pct)}{by}"


def _show_verdict(row: VerdictRow, what: str) -> Cells:
    found = row.assessment
    places = places_to_tell_apart(found.value_pct, found.expected_pct)
    value = format_interval(found.value_pct, found.lower95_pct, found.upper95_pct, places)
    return (
        row.area.short_name,
        what,
        f"{value} in {found.reading_label}",
        format_pct(found.expected_pct, places),
        f"{row.tag.sign} {row.tag.word}",
        row.basis_word,
        BADGE if row.area.demonstration else "",
    )


def _show_service(row: RolloutRow) -> Cells:
    status = row.latest.get_status_display() if row.latest else ""
    return (
        row.area.short_name,
        f"{row.service.short_name} by {format_day(row.deadline)}",
        ", ".join(filter(None, [status, row.days_words])),
        "",
        f"{row.tag.sign} {row.tag.word}",
        "",
        BADGE if row.area.demonstration else "",
    )


def _draw_table(sections: Mapping[str, list[Cells]]) -> str:
    widths = list(COLUMNS.values())
    lines = [_draw_line(list(COLUMNS), widths), "-" * LINE]
    for heading, rows in sections.items():
        lines += ["", heading] if rows else []
        for cells in rows:
            wrapped = [wrap(cell, width) for cell, width in zip(cells, widths, strict=True)]
            lines += [_draw_line(line, widths) for line in zip_longest(*wrapped, fillvalue="")]
    return "\n".join(lines)


def _draw_line(cells: Iterable[str], widths: Iterable[int]) -> str:
    return " ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _count(what: str, rows: Iterable[VerdictRow]) -> str:
    counts = count_verdicts(rows)
    found = join_words([f"{counts.of(group)} {words}" for group, words in GROUP_WORDS.items()])
    basis = f"{sum(counts.firm.values())} firm, {sum(counts.indicative.values())} indicative"
    return f"{what}: {counts.total}, of them {found} ({basis})."


def _count_services(bodies: list[BodyRollout]) -> str:
    """Boards by what they report of their services; only real ones."""
    full = sum(body.in_place_count == len(body.services) for body in bodies)
    silent = sum(body.reported_count == 0 for body in bodies)
    return (
        f"Services: {len(bodies)} boards, of them {full} report every service in place, "
        f"{len(bodies) - full - silent} report otherwise and {silent} have not reported."
    )
