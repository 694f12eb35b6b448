"""One question of the `verdict` command, and its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

from targets.calc import paths
from targets.calc.judging import judge_one


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedPct:
    """A percentage (0-100) at a decimal year, with its standard error in points where one is known."""

    time: float
    pct: float
    se: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictLine:
    """A path and a reading to judge. Times are decimal years on one basis; percentages 0-100.

    `milestones` lie between baseline and target. `lower95` and the like may be None. `series` is kept for
    projections.
    """

    id: str | int | float | None
    baseline: DatedPct
    target: DatedPct
    comparator: str
    shape: str
    reading: DatedPct
    lower95: float | None = None
    upper95: float | None = None
    lower998: float | None = None
    upper998: float | None = None
    milestones: tuple[DatedPct, ...] = ()
    series: tuple[DatedPct, ...] = ()


def answer_verdict(line: VerdictLine) -> dict[str, Any]:
    """Judge one line.

    Returns:
        The keys of the `verdict` contract: percentages 0-100, gaps and speeds in points or percent a
        year, position and flag as words; None for every number that does not exist.

    Source: design sections 5 and 7.

    >>> line = VerdictLine(
    ...     id=1, baseline=DatedPct(time=2018, pct=14.7), target=DatedPct(time=2030, pct=5),
    ...     comparator="le", shape="straight", reading=DatedPct(time=2023, pct=11.6))
    >>> answer = answer_verdict(line)
    >>> answer["position"], round(answer["expected_pct"], 3), answer["p_above"]
    ('behind_point', 10.658, None)
    """
    baseline, target, reading = line.baseline, line.target, line.reading
    verdicts = judge_one(
        baseline_time=baseline.time,
        baseline_pct=baseline.pct,
        baseline_se=_or_nan(baseline.se),
        target_time=target.time,
        target_pct=target.pct,
        comparator=line.comparator,
        shape=line.shape,
        reading_time=reading.time,
        reading_pct=reading.pct,
        lower95=_or_nan(line.lower95),
        upper95=_or_nan(line.upper95),
        lower998=_or_nan(line.lower998),
        upper998=_or_nan(line.upper998),
        expected_override=_expect_on_milestones(line),
    )
    return {
        "id": line.id,
        "expected_pct": _or_none(verdicts.expected_pct[0]),
        "gap_pp": _or_none(verdicts.gap_pp[0]),
        "p_above": _or_none(verdicts.p_above[0]),
        "position": verdicts.positions()[0].value,
        "flag": verdicts.flags()[0].value,
        "observed_pp_per_year": _or_none(
            paths.observed_pp_per_year(
                baseline_time=baseline.time,
                baseline_pct=baseline.pct,
                reading_time=reading.time,
                reading_pct=reading.pct,
            )
        ),
        "required_from_now_pp_per_year": _require(paths.required_pp_per_year, line),
        "required_from_now_pct_per_year": _require(paths.required_pct_per_year, line),
        "projection": None,
    }


def _expect_on_milestones(line: VerdictLine) -> float:
    if not line.milestones:
        return nan
    points = (line.baseline, *line.milestones, line.target)
    return paths.expected_on_milestones(
        time=line.reading.time,
        milestones=[(point.time, point.pct) for point in points],
        shape=line.shape,
        comparator=line.comparator,
    )


def _require(speed: Callable[..., Any], line: VerdictLine) -> float | None:
    return _or_none(
        speed(
            reading_time=line.reading.time,
            reading_pct=line.reading.pct,
            target_time=line.target.time,
            target_pct=line.target.pct,
        )
    )


def _or_nan(number: float | None) -> float:
    return nan if number is None else number


def _or_none(number: Any) -> float | None:
    value = float(number)
    return value if isfinite(value) else None
