"""The one place that puts a position into a word, a tag, a sign and a sentence.

Pages, mails, exports and the admin all use it (pages.md, words and signs for positions).
"""

from dataclasses import dataclass, replace
from datetime import date

from kit.calc.formats import format_day, format_interval, format_pct, places_to_tell_apart
from targets.calc.choosing import Reason
from targets.calc.estimates import Obstacle
from targets.calc.types import Basis, Comparator, Position


@dataclass(frozen=True, slots=True)
class Tag:
    """Never colour alone: `word` and `sign` carry the meaning. `colour` is an NHS tag modifier."""

    word: str
    sign: str
    colour: str


TAGS: dict[Position, Tag] = {
    Position.ON_TRACK_CLEAR: Tag("On track", "✓", "green"),
    Position.ON_TRACK: Tag("On track", "✓", "green"),
    Position.ON_TRACK_POINT: Tag("On track", "✓", "green"),
    Position.BEHIND_WITHIN_ERROR: Tag("Too close to call", "≈", "yellow"),
    Position.OFF_TRACK: Tag("Behind", "↑", "red"),
    Position.BEHIND_POINT: Tag("Above its path", "↑", "orange"),
    Position.ACHIEVED_CONFIRMED: Tag("Met", "★", "blue"),
    Position.ACHIEVED_UNCONFIRMED: Tag("Met, not yet certain", "★", "blue"),
    Position.ACHIEVED_POINT: Tag("Met", "★", "blue"),
    Position.MISSED: Tag("Missed", "✕", "red"),
    Position.MISSED_POINT: Tag("Missed", "✕", "red"),
    Position.MISSED_WITHIN_ERROR: Tag("Not shown to have been met", "≈", "yellow"),
    Position.AWAITING_DEADLINE_READING: Tag("Result not published yet", "…", "grey"),
    Position.CANNOT_ASSESS: Tag("Cannot be judged", "–", "grey"),
}

REASONS: dict[Reason, str] = {
    Reason.NO_BASELINE: "No baseline was stated, and no figure is held for the time it was stated.",
    Reason.NO_READING: "The tracker holds no figure for this area.",
    Reason.NO_READING_AFTER_BASELINE: "No figure has been published since the baseline.",
    Reason.SUPPRESSED: "The publisher withheld the figure.",
    Reason.SERIES_BREAK: "The figures changed in kind between the baseline and the latest one.",
    Reason.NO_INDICATOR: "The tracker does not hold figures for what this target measures.",
    Reason.WORDS_ONLY: "The target states no figure.",
    Reason.RELATIVE_FORM: "The target is relative to a baseline; the tracker cannot judge this form yet.",
    Reason.GAP_FORM: "The target is to narrow a gap; the tracker cannot judge this form yet.",
    Reason.EVERY_GROUP_FORM: "The target holds in every group; figures for each group are not held.",
    Reason.NO_ESTIMATE: "No figure is published for this board, and none can be estimated from its councils.",
    Reason.PATH_UNDEFINED: "No path can be drawn from the baseline to the target.",
}

GROUPS: dict[str, frozenset[Position]] = {
    "on_track": frozenset(
        {
            Position.ACHIEVED_CONFIRMED,
            Position.ACHIEVED_UNCONFIRMED,
            Position.ACHIEVED_POINT,
            Position.ON_TRACK_CLEAR,
            Position.ON_TRACK,
            Position.ON_TRACK_POINT,
        }
    ),
    "too_close": frozenset({Position.BEHIND_WITHIN_ERROR, Position.MISSED_WITHIN_ERROR}),
    "behind": frozenset({Position.OFF_TRACK, Position.BEHIND_POINT}),
    "missed": frozenset({Position.MISSED, Position.MISSED_POINT}),
    "unjudged": frozenset({Position.CANNOT_ASSESS, Position.AWAITING_DEADLINE_READING}),
}
GROUP_WORDS: dict[str, str] = {
    "on_track": "on track or met",
    "too_close": "too close to call",
    "behind": "behind",
    "missed": "missed",
    "unjudged": "cannot be judged yet",
}


def tag_for(position: str, *, indicative: bool = False) -> Tag:
    """The tag of a position. An indicative verdict is never red (design rule 5.2).

    >>> tag_for("off_track").colour, tag_for("off_track", indicative=True).colour
    ('red', 'orange')
    """
    tag = TAGS[Position(position)]
    return replace(tag, colour="orange") if indicative and tag.colour == "red" else tag


def group_of(position: str) -> str:
    """The headline a position counts under: on_track, too_close, behind, missed or unjudged."""
    return next(group for group, positions in GROUPS.items() if Position(position) in positions)


def describe_goal(comparator: str, value_pct: float | None) -> str:
    """
    >>> describe_goal("lt", 10.0), describe_goal("le", 5.0), describe_goal("ge", 60.0)
    ('below 10%', '5% or less', '60% or more')
    """
    if value_pct is None or not comparator:
        return "no figure stated"
    number = f"{value_pct:g}%"
    return {
        Comparator.LT: f"below {number}",
        Comparator.LE: f"{number} or less",
        Comparator.GE: f"{number} or more",
    }[Comparator(comparator)]


def describe_missing_estimate(*, reason: str, councils: str, period: str, baseline: bool = False) -> str:
    """Why no figure can be estimated for a board, naming the councils that stand in the way."""
    year = f"{period}, the baseline year," if baseline else period
    why = {
        Obstacle.SPLIT_COUNCIL: f"{councils}: the board's edge runs through it, so a council average does not fit.",
        Obstacle.NO_COUNCIL: "no council lies wholly enough inside the board.",
        Obstacle.NOT_PUBLISHED: f"no figure for {councils} (not yet there, abolished, or left out).",
        Obstacle.SUPPRESSED: f"the publisher withheld the figure for {councils}.",
    }[Obstacle(reason)]
    return f"No figure is published for this board, and none can be estimated for {year} from its councils: {why}"


OUR_ESTIMATE = "our estimate"
STAND_IN = "a stand-in: "
STAND_IN_BECAUSE: dict[Reason, str] = {
    Reason.NO_READING: "the tracker holds no figure of {survey} for this area",
    Reason.NO_ESTIMATE: "{survey} has no figure for this board and none can be estimated from its councils",
    Reason.NO_BASELINE: "{survey} has no figure for this board in the year its path starts from, "
    "and none can be estimated from its councils",
}


def describe_stand_in(*, survey: str, people: str, stated: str, reason: str) -> str:
    """What was read instead of the indicator stated, and why.

    Args:
        survey, people: of the indicator that stands in; `people` as `describe_people` says them.
        stated: the survey, with its article, that the target is judged on where it can be.
        reason: why it cannot be: no_reading, no_estimate or no_baseline.

    >>> describe_stand_in(survey="GP Patient Survey", people="people aged 16 and over",
    ...                   stated="the Annual Population Survey", reason="no_reading")[:63]
    'a stand-in: GP Patient Survey, people aged 16 and over, because'
    """
    return f"{STAND_IN}{survey}, {people}, because {STAND_IN_BECAUSE[Reason(reason)].format(survey=stated)}"


def describe_people(age: str, population: str = "") -> str:
    """People by their age; for an age that is no number the population in words.

    >>> describe_people("16+"), describe_people("18-64"), describe_people("All ages", "Mothers")
    ('people aged 16 and over', 'people aged 18 to 64', 'mothers')
    """
    if age.endswith("+") and age[:-1].isdigit():
        return f"people aged {age[:-1]} and over"
    first, _, last = age.partition("-")
    if first.isdigit() and last.isdigit():
        return f"people aged {first} to {last}"
    return population[:1].lower() + population[1:]


def describe_basis(basis: str) -> str:
    return "Firm" if basis == Basis.FIRM else "Indicative"


def describe_verdict(
    *,
    position: str,
    comparator: str,
    target_pct: float | None,
    value_pct: float | None = None,
    lower95_pct: float | None = None,
    upper95_pct: float | None = None,
    expected_pct: float | None = None,
    deadline: date | None = None,
    period: str = "",
    decides: bool = False,
    indicative: bool = False,
    basis_reason: str = "",
    reason: str = "",
    reason_detail: str = "",
) -> str:
    """The position in one sentence with its numbers. `decides`: the reading is the deadline's own."""
    place = Position(position)
    if place is Position.CANNOT_ASSESS:
        return reason_detail or REASONS[Reason(reason)]
    if place is Position.AWAITING_DEADLINE_READING:
        waiting = (
            "The figure that decides this target has not been published "
            f"(its deadline was {format_day(deadline)}; the target is {describe_goal(comparator, target_pct)})."
        )
        return f"{waiting} {describe_interim(value_pct, period, basis_reason)}".strip()
    against = target_pct if decides else expected_pct
    places = places_to_tell_apart(value_pct, against)
    reading = format_interval(value_pct, lower95_pct, upper95_pct, places)
    goal = describe_goal(comparator, target_pct)
    at_goal = f"{reading} at the deadline of {format_day(deadline)}; the target was {goal}."
    if decides and indicative:
        return f"{at_goal} Only a published figure can decide it."
    if place in (Position.MISSED, Position.MISSED_POINT):
        return at_goal
    if place is Position.MISSED_WITHIN_ERROR:
        return f"{at_goal} A survey of this size cannot tell whether it was met."
    if place in (Position.ACHIEVED_CONFIRMED, Position.ACHIEVED_POINT):
        return f"{reading}; the target of {goal} is met."
    if place is Position.ACHIEVED_UNCONFIRMED:
        return f"{reading}; the target is {goal}, but a survey of this size cannot make it certain yet."
    return f"{reading}, {_side(place, comparator)} the {format_pct(expected_pct, places)} its path needs{_end(place)}"


def describe_interim(value_pct: float | None, period: str, basis_reason: str = "") -> str:
    """What is held while a deciding figure is awaited, and what kind of figure it is."""
    if value_pct is None or not period:
        return ""
    kind = f" ({basis_reason})" if basis_reason else ""
    return f"The latest figure held is {format_pct(value_pct)}, for {period}{kind}."


def _side(place: Position, comparator: str) -> str:
    higher_is_better = comparator == Comparator.GE
    if group_of(place) == "on_track":
        return "at or above" if higher_is_better else "at or below"
    return "below" if higher_is_better else "above"


def _end(place: Position) -> str:
    if place is Position.BEHIND_WITHIN_ERROR:
        return ", but a survey of this size cannot tell the difference."
    return " by now."
