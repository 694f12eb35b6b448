"""The worked examples of the methods page: figures as published, everything else from the calculation core."""

from dataclasses import dataclass
from datetime import date

from targets.calc.choosing import deadline_time, deciding_reading
from targets.calc.estimates import Piece, estimate_board
from targets.calc.judging import judge_one
from targets.calc.paths import expected_pct, observed_pp_per_year, required_pp_per_year
from targets.calc.types import Shape
from targets.calc.wording import Tag, describe_missing_estimate, tag_for

AMBITION_PCT = 5.0
ENGLAND_2019_PCT = 13.9
ENGLAND_2022_FIRST_PCT = 12.7
ENGLAND_2022_REVISED_PCT = 11.5
ENGLAND_2024_PCT = 10.4
FIRST_EDITION_ON = date(2023, 9, 5)
LATEST_EDITION_ON = date(2026, 4, 30)
SOUTH_YORKSHIRE_2024 = {
    "Barnsley": (12.5, 148),
    "Doncaster": (14.1, 199),
    "Rotherham": (13.5, 170),
    "Sheffield": (11.5, 343),
}
"""Percent of adults who smoke and neighbourhoods (LSOAs) by council, edition of 30 April 2026."""

CHESHIRE_STATED_2021_PCT = 12.5
CHESHIRE_2019_PCT = 12.4
BOARD_COUNT = 36
AMBER_ONCE_IN, RED_ONCE_IN = 40, 1000


@dataclass(frozen=True, slots=True)
class SurveyCase:
    """A made-up reading with its interval and what it is called."""

    value_pct: float
    lower95_pct: float
    upper95_pct: float
    tag: Tag
    flag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Percent 0 to 100, gaps and speeds in percentage points, times in decimal years."""

    path_2024_pct: float
    rate_2024_pct: float
    path_2022_pct: float
    gap_2024_pp: float
    observed_pp: float
    required_pp: float
    england_tag: Tag
    south_yorkshire_pct: float
    survey_path_pct: float
    surveys: list[SurveyCase]
    deadline: float
    deciding: float
    restated_pp: float
    missing: str
    promise_2024_pct: float
    comparison_2024_pct: float
    amber_by_chance: float
    any_amber_pct: float
    any_red_pct: float


def work_examples() -> Examples:
    path_2024 = _england(2024.5)
    times = [2022.5, 2023.5, 2024.5]
    deadline = deadline_time(deadline=date(2024, 3, 31), precision="month", year_type="calendar")
    decides = deciding_reading(times, deadline)
    assert decides is not None
    ends = {"reading_time": 2024.5, "reading_pct": ENGLAND_2024_PCT}
    return Examples(
        path_2024_pct=path_2024,
        rate_2024_pct=_england(2024.5, Shape.CONSTANT_RATE),
        path_2022_pct=_england(2022.5),
        gap_2024_pp=ENGLAND_2024_PCT - path_2024,
        observed_pp=float(observed_pp_per_year(baseline_time=2019.5, baseline_pct=ENGLAND_2019_PCT, **ends)),
        required_pp=float(required_pp_per_year(target_time=2030.5, target_pct=AMBITION_PCT, **ends)),
        england_tag=_tag_england(),
        south_yorkshire_pct=_estimate_south_yorkshire(),
        survey_path_pct=10.9,
        surveys=[
            _judge_survey(*case) for case in ((10.4, 9.6, 11.2), (11.2, 10.4, 12.0), (12.8, 12.0, 13.6))
        ],
        deadline=deadline,
        deciding=times[decides],
        restated_pp=ENGLAND_2022_REVISED_PCT - ENGLAND_2022_FIRST_PCT,
        missing=describe_missing_estimate(reason="suppressed", councils="Isles of Scilly", period="2024"),
        promise_2024_pct=_expect(2024.5, 2021.5, CHESHIRE_STATED_2021_PCT),
        comparison_2024_pct=_expect(2024.5, 2019.5, CHESHIRE_2019_PCT),
        amber_by_chance=BOARD_COUNT / AMBER_ONCE_IN,
        any_amber_pct=_chance_of_any(AMBER_ONCE_IN),
        any_red_pct=_chance_of_any(RED_ONCE_IN),
    )


def _expect(time: float, baseline_time: float, baseline_pct: float, shape: Shape = Shape.STRAIGHT) -> float:
    return float(
        expected_pct(
            time=time,
            baseline_time=baseline_time,
            baseline_pct=baseline_pct,
            target_time=2030.5,
            target_pct=AMBITION_PCT,
            shape=shape,
        )
    )


def _england(time: float, shape: Shape = Shape.STRAIGHT) -> float:
    return _expect(time, 2019.5, ENGLAND_2019_PCT, shape)


def _tag_england() -> Tag:
    """Without an interval, and so indicative."""
    [position] = judge_one(
        baseline_time=2019.5,
        baseline_pct=ENGLAND_2019_PCT,
        target_time=2030.5,
        target_pct=AMBITION_PCT,
        reading_time=2024.5,
        reading_pct=ENGLAND_2024_PCT,
        indicative=True,
    ).positions()
    return tag_for(position)


def _estimate_south_yorkshire() -> float:
    total = sum(count for _, count in SOUTH_YORKSHIRE_2024.values())
    pieces = [Piece(name, count, 1.0, count / total) for name, (_, count) in SOUTH_YORKSHIRE_2024.items()]
    value = estimate_board(pieces, {name: pct for name, (pct, _) in SOUTH_YORKSHIRE_2024.items()}).value_pct
    assert value is not None
    return value


def _judge_survey(value_pct: float, lower95_pct: float, upper95_pct: float) -> SurveyCase:
    """Against a path that asks for 10.9% at the time of the reading."""
    verdict = judge_one(
        target_time=2030.5,
        target_pct=AMBITION_PCT,
        reading_time=2024.5,
        reading_pct=value_pct,
        lower95=lower95_pct,
        upper95=upper95_pct,
        expected_override=10.9,
    )
    [position], [flag] = verdict.positions(), verdict.flags()
    return SurveyCase(value_pct, lower95_pct, upper95_pct, tag_for(position), flag.value)


def _chance_of_any(once_in: int) -> float:
    """Percent chance of at least one flag when every board is exactly on its path."""
    return 100 * (1 - (1 - 1 / once_in) ** BOARD_COUNT)
