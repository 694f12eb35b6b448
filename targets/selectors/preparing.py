"""Chooses, for one target in one area, the reading, the baseline and the path's ends; or says why not."""

import hashlib
import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from typing import TypedDict

from kit.calc.dates import middle_of
from targets.calc.choosing import (
    Reason,
    baseline_reading,
    crosses_break,
    deadline_time,
    deciding_reading,
    has_passed,
    reading_for_period,
)
from targets.calc.judging import METHOD_VERSION
from targets.calc.types import Basis
from targets.calc.wording import (
    OUR_ESTIMATE,
    describe_missing_estimate,
    describe_people,
    describe_stand_in,
)
from targets.models import Form, Indicator, MissingEstimate, Observation
from targets.selectors.evidence import Evidence, Pair, is_estimate
from targets.selectors.limits import Limits, describe_design_effect, find_limits

LONGEST_REASON = 500
REASON_OF_FORM = {
    Form.WORDS_ONLY: Reason.WORDS_ONLY,
    Form.RELATIVE: Reason.RELATIVE_FORM,
    Form.GAP: Reason.GAP_FORM,
    Form.EVERY_GROUP: Reason.EVERY_GROUP_FORM,
}


class Obstacle(TypedDict):
    """Fields of `Prepared` that say why it cannot be judged."""

    reason: Reason
    reason_detail: str
    obstacle_known_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Where a path starts: as stated, or the area's own `figure` with its standard error in points."""

    figure: Observation | None = None
    label: str = ""
    time: float | None = None
    pct: float | None = None
    error_pp: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a verdict is made of. `reason` set: it cannot be judged. Times in decimal years.

    `indicator`: what was read, the one stated or one that stands in for it. For a stand-in `reason_detail`
    and `obstacle_known_from` tell what stood in the way of the one stated.
    """

    pair: Pair
    indicator: Indicator | None = None
    reason: Reason | None = None
    reason_detail: str = ""
    obstacle_known_from: date | None = None
    awaiting: bool = False
    decides: bool = False
    target_time: float | None = None
    reading: Observation | None = None
    reading_time: float | None = None
    limits: Limits = field(default_factory=Limits)
    baseline: Baseline = field(default_factory=Baseline)
    basis: Basis = Basis.INDICATIVE
    basis_reason: str = ""

    @property
    def can_be_judged(self) -> bool:
        return self.reason is None and not self.awaiting

    @property
    def wants_stand_in(self) -> bool:
        """Neither a figure nor an estimate is held for what it would be judged on."""
        no_estimate_to_start_from = self.reason is Reason.NO_BASELINE and self.obstacle_known_from is not None
        return self.reason in (Reason.NO_READING, Reason.NO_ESTIMATE) or no_estimate_to_start_from

    def digest(self) -> str:
        """The same inputs, breaks and method give the same text."""
        inputs = {
            "method": METHOD_VERSION,
            "version": self.pair.version.pk,
            "area": self.pair.area.pk,
            "reason": [self.reason, self.reason_detail],
            "deadline": [self.target_time, self.awaiting, self.decides],
            "reading": [self.reading and self.reading.pk, self.reading_time, asdict(self.limits)],
            "value": self.reading and self.reading.value_pct,
            "baseline": [
                self.baseline.figure and self.baseline.figure.pk,
                self.baseline.time,
                self.baseline.pct,
                self.baseline.error_pp,
            ],
            "basis": [self.basis, self.basis_reason],
        }
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A target in an area, to be judged on `indicator` with periods that end by `until`.

    `instead_of`: set where the indicator stands in for the one stated, to what stood in the way of that one.
    """

    pair: Pair
    indicator: Indicator
    evidence: Evidence
    on: date
    until: date | None = None
    instead_of: Prepared | None = None

    @property
    def key(self) -> tuple[int, int]:
        return self.indicator.pk, self.pair.area.pk

    @property
    def held(self) -> list[Observation]:
        rows = self.evidence.readings.get(self.key, [])
        return rows if self.until is None else [row for row in rows if row.period_end <= self.until]


def prepare(pair: Pair, evidence: Evidence, on: date, *, until: date | None = None) -> Prepared:
    """`until` leaves out readings whose period ends later: the old period judged anew.

    Where the indicator stated has neither a figure nor an estimate, another may stand in for it (design rule
    5.2); where that cannot be judged either, or only a deciding figure would do, the reason of the first stays.
    """
    version = pair.version
    if version.form in REASON_OF_FORM:
        return Prepared(
            pair=pair,
            indicator=version.indicator,
            reason=REASON_OF_FORM[Form(version.form)],
            reason_detail=version.cannot_judge,
        )
    if version.indicator is None or version.deadline is None:
        return Prepared(
            pair=pair,
            indicator=version.indicator,
            reason=Reason.NO_INDICATOR,
            reason_detail=version.cannot_judge,
        )
    case = Case(pair=pair, indicator=version.indicator, evidence=evidence, on=on, until=until)
    stated = _prepare_case(case, version.deadline)
    if not stated.wants_stand_in:
        return stated
    for indicator in evidence.stand_ins.get(version.indicator.pk, []):
        found = _prepare_case(replace(case, indicator=indicator, instead_of=stated), version.deadline)
        if found.can_be_judged:
            return found
    return stated


def _prepare_case(case: Case, deadline: date) -> Prepared:
    readings = [row for row in case.held if row.value_pct is not None]
    if not readings:
        return _without_reading(case)
    target_time = deadline_time(
        deadline=deadline,
        precision=case.pair.version.deadline_precision,
        year_type=case.indicator.year_type,
    )
    times = [middle_of(row.period_start, row.period_end) for row in readings]
    latest = len(readings) - 1
    if has_passed(deadline, case.on):
        deciding = deciding_reading(times, target_time)
        if deciding is None:
            past = _describe(case, readings[latest], times[latest], target_time, awaiting=True)
        else:
            reading, time = readings[deciding], times[deciding]
            # An estimate of ours, or a stand-in, is shown and decides nothing.
            decides = not is_estimate(reading) and case.instead_of is None
            past = _describe(case, reading, time, target_time, decides=decides, awaiting=not decides)
        return _with_baseline(past, case, readings)
    prepared = _describe(case, readings[latest], times[latest], target_time)
    withheld = _withheld_since(case, readings[latest])
    if withheld:
        return replace(prepared, **withheld)
    return _with_baseline(prepared, case, readings)


def _without_reading(case: Case) -> Prepared:
    gap = case.evidence.latest_missing.get(case.key)
    if case.held:
        obstacle = _because_of(Reason.SUPPRESSED)
    elif gap:
        obstacle = _because_of(Reason.NO_ESTIMATE, gap)
    else:
        obstacle = _because_of(Reason.NO_READING)
    return Prepared(pair=case.pair, indicator=case.indicator, **obstacle)


def _withheld_since(case: Case, latest: Observation) -> Obstacle | None:
    """Why the newest edition has no figure for this area, where it has one for others."""
    if any(row.value_pct is None and row.period_start > latest.period_start for row in case.held):
        return _because_of(Reason.SUPPRESSED)
    gap, until = case.evidence.latest_missing.get(case.key), case.until
    if gap and gap.period_start > latest.period_start and (until is None or gap.period_start <= until):
        return _because_of(Reason.NO_ESTIMATE, gap)
    return None


def _describe(
    case: Case,
    reading: Observation,
    reading_time: float,
    target_time: float,
    *,
    awaiting: bool = False,
    decides: bool = False,
) -> Prepared:
    limits = find_limits(reading, case.indicator)
    reasons = _indicative_because(case, reading, limits)
    stated = case.instead_of
    return Prepared(
        pair=case.pair,
        indicator=case.indicator,
        awaiting=awaiting,
        decides=decides,
        target_time=target_time,
        reading=reading,
        reading_time=reading_time,
        limits=limits,
        basis=Basis.INDICATIVE if reasons else Basis.FIRM,
        basis_reason=textwrap.shorten("; ".join(reasons), LONGEST_REASON, placeholder="…"),
        reason_detail=stated.reason_detail if stated else "",
        obstacle_known_from=stated.obstacle_known_from if stated else None,
    )


def _indicative_because(case: Case, reading: Observation, limits: Limits) -> list[str]:
    reasons = []
    if case.instead_of is not None:
        reasons.append(_stand_in_words(case, case.instead_of))
    if is_estimate(reading):
        reasons.append(f"{OUR_ESTIMATE} from council figures")
    elif limits.source == "none":
        reasons.append("published without an interval in the edition held")
    if limits.source == "ours":
        reasons.append(f"the interval is computed by us, {describe_design_effect(case.indicator)}")
    if case.pair.version.footprint_note:
        reasons.append("the target was stated for another footprint")
    return reasons


def _stand_in_words(case: Case, stated: Prepared) -> str:
    read, meant = case.indicator, stated.indicator
    assert meant is not None
    assert stated.reason is not None
    return describe_stand_in(
        survey=read.survey or read.short_name,
        people=describe_people(read.age, read.population),
        stated=f"the {meant.survey}" if meant.survey else f"“{meant.short_name}”",
        reason=stated.reason,
    )


def _with_baseline(prepared: Prepared, case: Case, readings: Sequence[Observation]) -> Prepared:
    baseline = _find_baseline(case, readings)
    if prepared.decides or prepared.awaiting:
        return replace(prepared, baseline=baseline)
    obstacle = _find_obstacle(prepared, baseline, case)
    prepared = replace(prepared, baseline=baseline)
    return replace(prepared, **obstacle) if obstacle else prepared


def _find_baseline(case: Case, readings: Sequence[Observation]) -> Baseline:
    """As stated, or a figure of the series judged. A stated value never meets the figures of a stand-in."""
    version = case.pair.version
    start, end = version.baseline_period_start, version.baseline_period_end
    if case.instead_of is None and version.baseline_pct is not None and start and end:
        return Baseline(
            label=f"{_period_words(start, end)}, as stated",
            time=middle_of(start, end),
            pct=version.baseline_pct,
        )
    own = _own_baseline(case, readings)
    if own is None:
        return Baseline()
    return Baseline(
        figure=own,
        label=own.period_label,
        time=middle_of(own.period_start, own.period_end),
        pct=own.value_pct,
        error_pp=find_limits(own, case.indicator).error_pp,
    )


def _own_baseline(case: Case, readings: Sequence[Observation]) -> Observation | None:
    """The area's own figure for the period that was named, else for the time of the statement."""
    version = case.pair.version
    start, end = version.baseline_period_start, version.baseline_period_end
    periods = [(row.period_start, row.period_end) for row in readings]
    if not start or not end:
        place = baseline_reading(periods, version.stated_on)
    elif case.instead_of is not None:
        place = reading_for_period(periods, start, end)
    else:
        place = periods.index((start, end)) if (start, end) in periods else None
    return None if place is None else readings[place]


def _find_obstacle(prepared: Prepared, baseline: Baseline, case: Case) -> Obstacle | None:
    version, reading = case.pair.version, prepared.reading
    if baseline.time is None:
        wanted = version.baseline_period_start or date(version.stated_on.year, 1, 1)
        return _because_of(Reason.NO_BASELINE, case.evidence.missing.get((*case.key, wanted)))
    if reading is None or prepared.reading_time is None:
        return _because_of(Reason.NO_READING)
    if prepared.reading_time <= baseline.time + 1e-9:
        return _because_of(Reason.NO_READING_AFTER_BASELINE)
    days = [
        row.on
        for row in case.evidence.breaks.get(case.indicator.pk, [])
        if row.area_id in (None, case.pair.area.pk)
    ]
    middle = reading.period_start + (reading.period_end - reading.period_start) / 2
    if crosses_break(_day_of(baseline.time), middle, days):
        return _because_of(Reason.SERIES_BREAK)
    return None


def _day_of(time: float) -> date:
    start = date(int(time), 1, 1)
    return start + timedelta(days=(time - int(time)) * 365.25)


def _because_of(reason: Reason, gap: MissingEstimate | None = None) -> Obstacle:
    """What stands in the way, in words where a missing estimate does, and the day that was known."""
    if gap is None:
        return {"reason": reason, "reason_detail": "", "obstacle_known_from": None}
    detail = describe_missing_estimate(
        reason=gap.reason,
        councils=gap.councils,
        period=gap.period_label,
        baseline=reason is Reason.NO_BASELINE,
    )
    return {"reason": reason, "reason_detail": detail, "obstacle_known_from": gap.release.known_from}


def _period_words(start: date, end: date) -> str:
    return str(start.year) if (start.month, end.month) == (1, 12) else f"{start.year}/{end.year % 100:02}"
