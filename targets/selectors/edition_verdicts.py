"""Which verdicts read otherwise because of an edition: each judged with it and without it, on the day it was known."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache

from targets.calc.choosing import Reason
from targets.calc.judging import METHOD_VERSION
from targets.calc.types import Position, find_direction
from targets.calc.wording import REASONS, Tag, group_of, tag_for
from targets.models import Assessment, Observation
from targets.selectors.editions import KEPT_SECONDS, Edition
from targets.selectors.evidence import find_evidence, find_pairs
from targets.selectors.judging import Judged, judge_pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictChange:
    """One verdict before and after an edition, as plain values. Figures in percent."""

    body: str
    body_code: str
    demonstration: bool
    is_promise: bool
    target: str
    target_id: int
    position_before: str
    position_after: str
    period_before: str
    period_after: str
    before_pct: float | None
    after_pct: float | None
    why: str
    is_same_measure: bool

    @property
    def before(self) -> Tag:
        return tag_for(self.position_before)

    @property
    def after(self) -> Tag:
        return tag_for(self.position_after)

    @property
    def direction(self) -> str:
        """Better, worse, or empty for neither."""
        before, after = Position(self.position_before), Position(self.position_after)
        return find_direction(before, after, same_measure=self.is_same_measure)

    @property
    def direction_words(self) -> str:
        if self.direction:
            return self.direction.capitalize()
        if "unjudged" in {group_of(self.position_before), group_of(self.position_after)}:
            return "A verdict on one side only"
        return "Neither" if self.is_same_measure else "Neither: another measure is read"

    @property
    def kind(self) -> str:
        return "Promise" if self.is_promise else "Comparison"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionVerdicts:
    """`judged`: the verdicts of the day on the indicator. `touched`: those with other figures that read the same."""

    judged: int
    touched: int
    changes: list[VerdictChange]

    @property
    def sentence(self) -> str:
        if not self.judged:
            return "No target known on that day is judged on this indicator, so no verdict could change."
        of_all = f"Of the {self.judged} {'verdict' if self.judged == 1 else 'verdicts'} of that day"
        changed = len(self.changes)
        if not changed:
            return f"{of_all}, none reads otherwise because of it{self._say_touched('has', 'have')}."
        better, worse = (self._count(direction) for direction in ("better", "worse"))
        neither = changed - better - worse
        of_neither = (
            f", {neither} neither (one side has no verdict, another measure is read, or both rank the same)"
            if neither
            else ""
        )
        return (
            f"{of_all}, {changed} {'reads' if changed == 1 else 'read'} otherwise with it: {better} for the better, "
            f"{worse} for the worse{of_neither}{self._say_touched('more has', 'more have')}."
        )

    def _say_touched(self, one: str, many: str) -> str:
        if not self.touched:
            return ""
        return f"; {self.touched} {one if self.touched == 1 else many} other figures and the same position"

    def _count(self, direction: str) -> int:
        return sum(change.direction == direction for change in self.changes)


def find_edition_verdicts(edition: Edition, *, demonstration: bool) -> EditionVerdicts:
    """Eight queries; kept for ten minutes, or until an edition of the indicator comes or goes."""
    key = f"verdicts-of-edition-{edition.state}-{edition.release.pk}-{METHOD_VERSION}-{demonstration}"
    found = cache.get(key)
    if found is None:
        found = _compare_all(edition, demonstration=demonstration)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _compare_all(edition: Edition, *, demonstration: bool) -> EditionVerdicts:
    """The same targets, clock and method on both sides: only what was known of the figures differs."""
    indicator, on = edition.release.indicator, edition.release.known_from
    judged_on = {key for key in (indicator.pk, indicator.proxy_for_id) if key}
    pairs = [
        pair
        for pair in find_pairs(on)
        if pair.version.indicator_id in judged_on and (demonstration or not pair.area.demonstration)
    ]
    if not pairs:
        return EditionVerdicts(judged=0, touched=0, changes=[])
    before, after = (
        judge_pairs(pairs, find_evidence(pairs, day), on) for day in (on - timedelta(days=1), on)
    )
    differ = [
        (old, new)
        for old, new in zip(before, after, strict=True)
        if old.assessment.input_digest != new.assessment.input_digest
    ]
    changes = [_compare(old, new) for old, new in differ if _reads_otherwise(old, new)]
    return EditionVerdicts(
        judged=len(pairs), touched=len(differ) - len(changes), changes=sorted(changes, key=_by_weight)
    )


def _reads_otherwise(old: Judged, new: Judged) -> bool:
    return tag_for(old.assessment.position).word != tag_for(new.assessment.position).word


def _compare(old: Judged, new: Judged) -> VerdictChange:
    pair, before, after = new.pair, old.assessment, new.assessment
    return VerdictChange(
        body=pair.area.short_name,
        body_code=pair.area.code,
        demonstration=pair.area.demonstration,
        is_promise=pair.version.target.body_id == pair.area.pk,
        target=pair.version.target.title,
        target_id=pair.version.target_id,
        position_before=str(before.position),
        position_after=str(after.position),
        period_before=before.reading_label,
        period_after=after.reading_label,
        before_pct=before.value_pct,
        after_pct=after.value_pct,
        why=_say_why(before, after),
        is_same_measure=before.indicator_id == after.indicator_id,
    )


def _say_why(before: Assessment, after: Assessment) -> str:
    """What about the figures makes the verdict read otherwise."""
    old, new = before.reading, after.reading
    if after.reason:
        return after.reason_detail or REASONS[Reason(after.reason)]
    if new is None:
        return "Its figure is not given any more"
    if old is None:
        return f"First figure: {new.period_label}"
    stated, was, now = after.version.indicator_id, _indicator_of(old), _indicator_of(new)
    if was != now:
        return f"{'Its own indicator is read' if now == stated else 'Another indicator stands in'} now: {new.period_label}"
    if new.period_end > old.period_end:
        return f"A newer figure: {new.period_label} after {old.period_label}"
    if new.period_end < old.period_end:
        return f"The figure for {old.period_label} is not given any more"
    if not _is_same(old.value_pct, new.value_pct):
        return f"The figure for {new.period_label} was revised"
    if not _is_same(before.baseline_pct, after.baseline_pct):
        return f"The starting figure, {after.baseline_label or before.baseline_label}, was revised"
    return "Its limits were revised, or figures around it"


def _indicator_of(figure: Observation) -> int:
    return figure.indicator_key  # type: ignore[attr-defined]  # annotated by find_evidence


def _is_same(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else abs(one - other) < 1e-9


def _by_weight(change: VerdictChange) -> tuple[bool, int, str, int]:
    """Promises first; then what got worse, what got better, what did neither."""
    order = {"worse": 0, "better": 1, "": 2}
    return not change.is_promise, order[change.direction], change.body, change.target_id
