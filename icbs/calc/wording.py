"""The one place that puts a rollout verdict into a word, a sign, a colour and a sentence."""

from dataclasses import dataclass
from datetime import date

from icbs.calc.rollout import Verdict
from kit.calc.formats import format_day


@dataclass(frozen=True, slots=True)
class Tag:
    """Never colour alone: `word` and `sign` carry the meaning. `colour` is an NHS tag modifier."""

    word: str
    sign: str
    colour: str


TAGS: dict[Verdict, Tag] = {
    Verdict.IN_PLACE: Tag("In place", "✓", "green"),
    Verdict.IN_PLACE_LATE: Tag("In place, late", "✓", "blue"),
    Verdict.PARTLY: Tag("Partly", "◐", "yellow"),
    Verdict.NOT_IN_PLACE: Tag("Not in place", "✕", "red"),
    Verdict.DECOMMISSIONED: Tag("Decommissioned", "↓", "red"),
    Verdict.ON_TRACK: Tag("On track", "✓", "green"),
    Verdict.AT_RISK: Tag("At risk", "◐", "yellow"),
    Verdict.OFF_TRACK: Tag("Off track", "✕", "red"),
    Verdict.DONT_KNOW: Tag("Don't know", "?", "grey"),
    Verdict.NO_REPORT: Tag("No report", "–", "white"),
}


def tag_for(verdict: str) -> Tag:
    return TAGS[Verdict(verdict)]


def describe_days(*, days_late: int | None, days_overdue: int | None) -> str:
    """
    >>> describe_days(days_late=42, days_overdue=None), describe_days(days_late=None, days_overdue=1)
    ('42 days late', '1 day overdue')
    """
    days, word = (days_late, "late") if days_late else (days_overdue, "overdue")
    return f"{days:,} {'day' if days == 1 else 'days'} {word}" if days else ""


def describe_rollout(
    *,
    verdict: str,
    service: str,
    deadline: date,
    days_late: int | None = None,
    days_overdue: int | None = None,
) -> str:
    """One sentence on one service against its deadline."""
    by = f"the deadline of {format_day(deadline)}"
    days = describe_days(days_late=days_late, days_overdue=days_overdue)
    against = f"{days} against {by}" if days else f"against {by}"
    return {
        Verdict.IN_PLACE: f"{service}: in place by {by}.",
        Verdict.IN_PLACE_LATE: f"{service}: in place, {against}.",
        Verdict.PARTLY: f"{service}: partly in place, {against}.",
        Verdict.NOT_IN_PLACE: f"{service}: not in place, {against}.",
        Verdict.DECOMMISSIONED: f"{service}: decommissioned.",
        Verdict.ON_TRACK: f"{service}: stated to be on track for {by}.",
        Verdict.AT_RISK: f"{service}: at risk of missing {by}.",
        Verdict.OFF_TRACK: f"{service}: not expected to be in place by {by}.",
        Verdict.DONT_KNOW: f"{service}: whether it is in place is not known.",
        Verdict.NO_REPORT: f"{service}: no report has been published.",
    }[Verdict(verdict)]
