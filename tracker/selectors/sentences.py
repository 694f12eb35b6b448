"""Counts of verdicts and of services in words, as the summary and a board's page say them."""

from collections.abc import Iterable

from targets.calc.types import POSITION_RANK, Position
from targets.calc.wording import GROUPS, Tag
from targets.selectors.verdicts import Counts, VerdictRow

NO_TARGET = Tag("No target found", "○", "white")
SHORT_WORDS = {
    "on_track": "on track",
    "too_close": "too close to call",
    "behind": "behind",
    "missed": "missed",
    "unjudged": "cannot be judged",
}


def describe_counts(counts: Counts) -> str:
    """“2 are on track, 0 too close to call, 4 behind, 0 missed, 4 cannot be judged”."""
    first, *others = GROUPS
    number = counts.of(first)
    start = f"{number} {'is' if number == 1 else 'are'} {SHORT_WORDS[first]}"
    return ", ".join([start, *(f"{counts.of(group)} {SHORT_WORDS[group]}" for group in others)])


def describe_bases(counts: Counts) -> str:
    """How many of the verdicts are firm and how many indicative; targets that cannot be judged have neither."""
    firm = sum(number for group, number in counts.firm.items() if group != "unjudged")
    indicative = sum(number for group, number in counts.indicative.items() if group != "unjudged")
    verdicts = firm + indicative
    if not verdicts:
        return "There is no verdict to call firm or indicative."
    if not firm:
        return (
            f"None of the {verdicts} verdicts is firm: all are indicative."
            if verdicts > 1
            else ("The one verdict is indicative, not firm.")
        )
    return (
        f"Of the {verdicts} {'verdict' if verdicts == 1 else 'verdicts'} {firm} {'is' if firm == 1 else 'are'} "
        f"firm and {indicative} indicative."
    )


def find_worst(rows: Iterable[VerdictRow]) -> VerdictRow | None:
    """The judged verdict furthest from its path's good end; without one the first row."""
    rows = list(rows)
    judged = [row for row in rows if row.is_judged]
    if judged:
        return max(judged, key=lambda row: POSITION_RANK[Position(row.assessment.position)] or 0)
    return rows[0] if rows else None


def describe_with_basis(row: VerdictRow) -> str:
    """The verdict's sentence; what makes it indicative and old is said behind it."""
    words = [row.sentence if row.sentence.endswith(".") else f"{row.sentence}."]
    if row.is_judged and not row.is_firm:
        words.append(f"Indicative: {row.assessment.basis_reason}.")
    if row.stale_words:
        words.append(f"{row.stale_words}.")
    return " ".join(words)
