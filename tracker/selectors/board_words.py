"""The sentences of a board's page: each section opens with its own."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from kit.calc.formats import format_day, format_interval, join_words
from targets.calc.boundaries import Dated, describe_boundaries
from targets.calc.statements import describe_no_edition
from targets.calc.sums import Hindrance
from targets.calc.wording import GROUPS
from targets.selectors.figures import ReadingRow
from targets.selectors.predecessors import FormerFigures
from targets.selectors.verdicts import VerdictRow
from tracker.selectors.board_page import BoardPage
from tracker.selectors.sentences import SHORT_WORDS

BESIDE = {
    "on_track": "is at or below the path to the national ambition",
    "too_close": "is too close to the path of the national ambition to call",
    "behind": "is above the path to the national ambition",
    "missed": "has missed the national ambition",
    "unjudged": "cannot be laid beside the national ambition yet",
}


def describe_board(page: BoardPage) -> str:
    """The board in one sentence."""
    name = page.board.short_name
    if page.is_to_come:
        return f"{name} did not exist on {format_day(page.as_at.on)}. Its first day is {format_day(page.board.opened)}."
    if page.is_closed:
        return f"{name} no longer exists: it closed on {format_day(page.board.closed)}."
    parts = [_describe_promises(page.promises)]
    if page.comparisons:
        parts.append(BESIDE[page.comparisons[0].group])
    parts.append(_describe_services(page))
    return f"{name} {join_words(parts)}."


def _describe_promises(promises: list[VerdictRow]) -> str:
    if not promises:
        return "has set itself no target that we found"
    count = len(promises)
    return f"has set itself {count} {'target' if count == 1 else 'targets'} ({_count_groups(promises)})"


def _count_groups(rows: Iterable[VerdictRow]) -> str:
    """Only the groups that hold any: “1 on track, 1 cannot be judged”."""
    counts = Counter(row.group for row in rows)
    return ", ".join(f"{counts[group]} {SHORT_WORDS[group]}" for group in GROUPS if counts[group])


def _describe_services(page: BoardPage) -> str:
    if page.rollout is None or not page.rollout.reported_count:
        return "has no published report on its services"
    return f"has {page.rollout.in_place_count} of its {len(page.rollout.services)} services reported in place"


def describe_result(page: BoardPage) -> str:
    """The newest figure, and what kind of figure it is."""
    held = [row for row in [*page.comparisons, *page.promises] if row.assessment.value_pct is not None]
    if not held:
        first = next((figures.first_day for figures in page.figures.values() if figures.first_day), None)
        if first:
            return describe_no_edition(page.as_at.on, first, demonstration=page.board.demonstration)
        why = page.comparisons[0].sentence if page.comparisons else ""
        return why or "No figure has been published for this board."
    row = max(held, key=lambda row: row.assessment.reading_time or 0)
    found, indicator = row.assessment, row.indicator
    value = format_interval(found.value_pct, found.lower95_pct, found.upper95_pct)
    measure = indicator.short_name if indicator else "Latest figure"
    how = found.basis_reason or "a published figure"
    return f"{measure}: {value} in {found.reading_label} ({how})."


def describe_said(page: BoardPage) -> str:
    if not page.promises:
        return (
            "We found no target of its own. One may stand in a document we have not read: "
            "tell us, and it will be judged like every other."
        )
    count = len(page.promises)
    return f"It set itself {count} {'target' if count == 1 else 'targets'} that we found."


def describe_did(page: BoardPage) -> str:
    body = page.rollout
    if body is None or not body.services:
        return "Nothing is held about its services."
    deadlines = sorted({row.deadline for row in body.services})
    due = f"due by {join_words([format_day(day) for day in deadlines])}"
    if not body.reported_count:
        return (
            f"No report on its {len(body.services)} tobacco dependence services, {due}, has been published. "
            "That is not a verdict: whether they are in place is not known."
        )
    return (
        f"{body.in_place_count} of its {len(body.services)} tobacco dependence services, {due}, "
        f"{'is' if body.in_place_count == 1 else 'are'} reported in place."
    )


def describe_former(page: BoardPage) -> str:
    """Whose figures follow, and that nothing passes from them to the board."""
    names = join_words([body.short_name for body in page.ties.made_of])
    if not page.former:
        return f"No figure of {names} was known by {format_day(page.as_at.on)}." if names else ""
    return (
        f"These figures are those of {names}, each for the whole of that board as it was. They are not "
        f"joined to the figures of {page.board.short_name}, and it is not judged by them."
    )


def describe_no_sum(page: BoardPage) -> str:
    """Why the predecessors' figures cannot be added up to one of the board; empty where they can."""
    union, start = page.ties.union, "They cannot be added up to a figure for this board"
    if union.hindrance is Hindrance.DIVIDED:
        parts = [
            f"only a part of {link.from_area.short_name}{_describe_size(link.lsoa_count)}"
            for link in page.ties.predecessors
            if link.from_area.code in union.named
        ]
        verb = "was" if len(parts) == 1 else "were"
        return (
            f"{start}: {join_words(parts)} came to it. What was published for a board that {verb} divided is "
            "for the whole of it."
        )
    if union.hindrance is Hindrance.OWN_AREA:
        return f"{start}: it had an area of its own before."
    if union.hindrance is Hindrance.BOUNDARY_MOVED:
        return (
            f"{start}: area was exchanged with another board, so figures of different years differ in area."
        )
    return ""


def _describe_size(lsoa_count: int | None) -> str:
    return f" ({lsoa_count:,} neighbourhoods)" if lsoa_count else ""


def describe_sum(page: BoardPage, figures: FormerFigures) -> str:
    """The newest sum with its formula, or why this indicator has none where others may."""
    if page.ties.union.hindrance is not None:
        return ""
    if not figures.sums:
        return (
            "No sum of ours: for no year was a figure with its count and its denominator published for each of "
            "them. Percentages and estimates are never averaged."
        )
    newest = figures.sums[-1]
    value = format_interval(newest.value_pct, newest.limits.lower95_pct, newest.limits.upper95_pct)
    return (
        f"Our sum of whole predecessors adds up the people counted, and those among whom they were counted. {newest.period}: "
        f"{newest.formula} = {value}."
    )


def describe_own(page: BoardPage, figures: FormerFigures) -> str:
    """That the board has a series of its own in the same measure, where it has one."""
    measure, name = figures.indicator, page.board.short_name
    own = [
        reading
        for row in page.rows
        if row.indicator and row.indicator.pk == measure.pk
        for reading in page.figures[row.pair.key].readings
    ]
    if not own:
        return ""
    what = "our estimate from its councils' figures" if any(row.is_estimate for row in own) else "published"
    return f"{name} has figures of its own in this measure, {what}: they stand under Result."


def describe_moved(page: BoardPage, readings: Iterable[ReadingRow]) -> str:
    """For which boundary the figures of a table are, where it changed since the board began."""
    if page.moved is None:
        return ""
    figures = [
        Dated(reading.time, reading.known_from, reading.is_estimate)
        for reading in readings
        if reading.value_pct is not None
    ]
    return describe_boundaries(figures, page.moved.on)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardWords:
    """What the page and its sections say first."""

    board: str
    result: str
    said: str
    did: str
    former: str
    no_sum: str


def describe_page(page: BoardPage) -> BoardWords:
    return BoardWords(
        board=describe_board(page),
        result=describe_result(page),
        said=describe_said(page),
        did=describe_did(page),
        former=describe_former(page),
        no_sum=describe_no_sum(page),
    )
