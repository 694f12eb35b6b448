"""Verdicts for readers: what stands today, or what was known on a past day; their sentences and counts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from icbs.models import Area
from kit.as_at import AsAt
from targets.calc.types import Basis, Kind
from targets.calc.wording import (
    GROUPS,
    OUR_ESTIMATE,
    STAND_IN,
    Tag,
    describe_basis,
    describe_verdict,
    group_of,
    tag_for,
)
from targets.models import Assessment, Indicator, Standing, TargetVersion
from targets.selectors.evidence import Evidence, Pair, find_evidence, find_pairs, share_releases
from targets.selectors.judging import judge_pairs


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One target in one area, its verdict and how it reads. `evidence`: what it was judged on just now."""

    pair: Pair
    assessment: Assessment
    stale: bool
    cause: str = ""
    evidence: Evidence | None = field(default=None, repr=False, compare=False)

    @property
    def area(self) -> Area:
        return self.pair.area

    @property
    def version(self) -> TargetVersion:
        return self.pair.version

    @property
    def kind(self) -> Kind:
        return self.pair.kind

    @property
    def indicator(self) -> Indicator | None:
        """What was read: the indicator stated, or one that stands in for it."""
        return self.assessment.indicator or self.version.indicator

    @property
    def is_stand_in(self) -> bool:
        read = self.assessment.indicator_id
        return read is not None and read != self.version.indicator_id

    @property
    def figure_kind(self) -> str:
        """What a figure that is not the publisher's own for the indicator stated has to be called; else empty."""
        if self.is_stand_in and self.indicator:
            return f"{STAND_IN}{self.indicator.survey or self.indicator.short_name}"
        return OUR_ESTIMATE if OUR_ESTIMATE in self.assessment.basis_reason else ""

    @property
    def is_promise(self) -> bool:
        return self.pair.kind == Kind.PROMISE

    @property
    def is_firm(self) -> bool:
        return self.assessment.basis == Basis.FIRM

    @property
    def is_judged(self) -> bool:
        return self.group != "unjudged"

    @property
    def tag(self) -> Tag:
        return tag_for(self.assessment.position, indicative=not self.is_firm)

    @property
    def group(self) -> str:
        return group_of(self.assessment.position)

    @property
    def basis_word(self) -> str:
        return describe_basis(self.assessment.basis)

    @property
    def sentence(self) -> str:
        return describe_assessment(self.assessment)

    @property
    def stale_words(self) -> str:
        return f"{self.assessment.reading_label} figures; newer ones are overdue" if self.stale else ""


def find_verdicts(
    as_at: AsAt,
    *,
    demonstration: bool,
    area: Area | None = None,
    versions: list[TargetVersion] | None = None,
    boards: list[Area] | None = None,
) -> list[VerdictRow]:
    """Every target in force with its body, then every comparison, as known on the day.

    With `area` only those of that one; `versions` and `boards` as in `find_pairs`.

    Today's are the ones that stand (four queries); a past day is judged anew on what was known then.
    """
    pairs = find_pairs(as_at.on, area=area, versions=versions, boards=boards)
    rows = _judge(as_at.on, pairs) if as_at.is_past else _find_standing(as_at.on, pairs, area)
    return [row for row in rows if demonstration or not row.area.demonstration]


def _judge(on: date, pairs: list[Pair]) -> list[VerdictRow]:
    """Judged now on what was known on the day; nothing is stored."""
    if not pairs:
        return []
    evidence = find_evidence(pairs, on)
    judged = judge_pairs(pairs, evidence, on)
    _show_releases(row.assessment for row in judged)
    return [VerdictRow(row.pair, row.assessment, row.stale, evidence=evidence) for row in judged]


def _find_standing(on: date, pairs: list[Pair], area: Area | None) -> list[VerdictRow]:
    """What stands; a pair that the nightly job has not judged yet is judged here."""
    held = Standing.objects.filter(version__in={pair.version.pk for pair in pairs})
    if area is not None:
        held = held.filter(area=area)
    standings = {
        (standing.version_id, standing.area_id): standing
        for standing in held.select_related(
            "assessment__reading", "assessment__baseline", "assessment__indicator"
        )
    }
    _show_releases(standing.assessment for standing in standings.values())
    rows = _judge(on, [pair for pair in pairs if pair.key not in standings])
    for pair in pairs:
        standing = standings.get(pair.key)
        if standing is None:
            continue
        assessment = standing.assessment
        assessment.version, assessment.area = pair.version, pair.area
        rows.append(VerdictRow(pair, assessment, standing.stale, standing.cause))
    order = {pair.key: place for place, pair in enumerate(pairs)}
    return sorted(rows, key=lambda row: order[row.pair.key])


def _show_releases(assessments: Iterable[Assessment]) -> None:
    pairs = [(assessment.reading, assessment.baseline) for assessment in assessments]
    share_releases(figure for pair in pairs for figure in pair if figure)


def describe_assessment(assessment: Assessment) -> str:
    """The verdict in one sentence with its numbers."""
    return describe_verdict(
        position=assessment.position,
        comparator=assessment.version.comparator,
        target_pct=assessment.target_pct,
        value_pct=assessment.value_pct,
        lower95_pct=assessment.lower95_pct,
        upper95_pct=assessment.upper95_pct,
        expected_pct=assessment.expected_pct,
        deadline=assessment.version.deadline,
        period=assessment.reading_label,
        decides=assessment.decides,
        indicative=assessment.basis == Basis.INDICATIVE,
        basis_reason=assessment.basis_reason,
        reason=assessment.reason,
        reason_detail=assessment.reason_detail,
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many verdicts stand in each group: firm, indicative and both. Demonstration bodies are left out."""

    firm: dict[str, int]
    indicative: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.firm.values()) + sum(self.indicative.values())

    def of(self, group: str) -> int:
        return self.firm[group] + self.indicative[group]


def count_verdicts(rows: Iterable[VerdictRow]) -> Counts:
    counts: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for row in rows:
        if not row.area.demonstration:
            counts[row.is_firm][row.group] += 1
    return Counts(
        firm={group: counts[True][group] for group in GROUPS},
        indicative={group: counts[False][group] for group in GROUPS},
    )
