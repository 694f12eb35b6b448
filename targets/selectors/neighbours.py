"""Whether a neighbouring year as baseline would change a verdict (design rule 5.5)."""

from collections.abc import Sequence

from kit.calc.formats import format_pct
from targets.calc.judging import judge_one
from targets.calc.types import Basis
from targets.calc.wording import group_of, tag_for
from targets.selectors.figures import ReadingRow, TargetFigures, headline_shape
from targets.selectors.verdicts import VerdictRow

Baseline = tuple[str, float, float]
"""Its words, its decimal year, its percentage."""


def describe_other_baselines(row: VerdictRow, figures: TargetFigures) -> list[str]:
    """A sentence for each neighbouring baseline from which the verdict would read otherwise.

    For an area's own baseline the figures just before and just after it; for a stated one the same
    percentage a year earlier and a year later. None across a break, and none where the deadline is decided:
    no baseline counts then.
    """
    found = row.assessment
    if not row.is_judged or found.decides or found.baseline_time is None or row.version.milestones:
        return []
    sentences = []
    for words, time, pct in _find_neighbours(row, figures.readings):
        if figures.has_break_between(time, found.reading_time or time):
            continue
        position = _judge_from(row, time, pct)
        if group_of(position) != row.group:
            sentences.append(f"From {words} ({format_pct(pct)}) it would read “{tag_for(position).word}”.")
    return sentences


def _find_neighbours(row: VerdictRow, readings: Sequence[ReadingRow]) -> list[Baseline]:
    found = row.assessment
    reading_time = found.reading_time or 0.0
    if found.baseline is None:
        year, pct = int(found.baseline_time or 0), found.baseline_pct or 0.0
        start = found.baseline_time or 0.0
        nearby = [(f"{year + step}", start + step, pct) for step in (-1, 1)]
        return [
            (f"the same figure in {words}", time, pct) for words, time, pct in nearby if time < reading_time
        ]
    held = [reading for reading in readings if reading.value_pct is not None]
    own = next((place for place, reading in enumerate(held) if reading.is_baseline), None)
    if own is None:
        return []
    beside = [held[place] for place in (own - 1, own + 1) if 0 <= place < len(held)]
    return [
        (reading.period, reading.time, reading.value_pct or 0.0)
        for reading in beside
        if reading.time < reading_time
    ]


def _judge_from(row: VerdictRow, time: float, pct: float) -> str:
    found = row.assessment
    limits = {
        "lower95": found.lower95_pct,
        "upper95": found.upper95_pct,
        "lower998": found.lower998_pct,
        "upper998": found.upper998_pct,
    }
    verdicts = judge_one(
        baseline_time=time,
        baseline_pct=pct,
        target_time=found.target_time,
        target_pct=found.target_pct,
        comparator=row.version.comparator,
        shape=headline_shape(row.version),
        reading_time=found.reading_time,
        reading_pct=found.value_pct,
        decides=False,
        indicative=found.basis == Basis.INDICATIVE,
        **{name: limit for name, limit in limits.items() if limit is not None},
    )
    return verdicts.positions()[0]
