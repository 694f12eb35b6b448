"""Every target as one row of a table: what was promised, where it stands, on which figure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from icbs.models import Area, AreaKind
from kit.as_at import AsAt
from kit.calc.formats import NOT_PUBLISHED, format_interval, places_to_tell_apart
from targets.calc.statements import describe_deadline
from targets.calc.wording import GROUP_WORDS, GROUPS, Tag, describe_goal
from targets.selectors.verdicts import Counts, VerdictRow, count_verdicts, find_verdicts

NOT_JUDGED = "Not judged"
NOT_HELD = "no figures held"


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One target in one area as tables show it; what is missing is a word already."""

    verdict: VerdictRow

    @property
    def body(self) -> str:
        return self.verdict.area.short_name

    @property
    def body_code(self) -> str:
        return self.verdict.area.code

    @property
    def target(self) -> str:
        return self.verdict.version.target.title

    @property
    def target_id(self) -> int:
        return self.verdict.version.target_id

    @property
    def kind(self) -> str:
        return str(self.verdict.kind)

    @property
    def goal(self) -> str:
        return describe_goal(self.verdict.version.comparator, self.verdict.version.value_pct)

    @property
    def deadline(self) -> date | None:
        return self.verdict.version.deadline

    @property
    def deadline_words(self) -> str:
        return describe_deadline(self.deadline, self.verdict.version.deadline_precision)

    @property
    def tag(self) -> Tag:
        return self.verdict.tag

    @property
    def sentence(self) -> str:
        return self.verdict.sentence

    @property
    def basis(self) -> str:
        """Firm or indicative is said of a verdict; what is not judged is neither."""
        return self.verdict.basis_word if self.verdict.is_judged else NOT_JUDGED

    @property
    def basis_reason(self) -> str:
        return self.verdict.assessment.basis_reason if self.verdict.is_judged else ""

    @property
    def measure(self) -> str:
        """What was read: the indicator stated, or one that stands in for it."""
        return self.verdict.indicator.name if self.verdict.indicator else NOT_HELD

    @property
    def period(self) -> str:
        return self.verdict.assessment.reading_label

    @property
    def value_pct(self) -> float | None:
        return self.verdict.assessment.value_pct

    @property
    def lower95_pct(self) -> float | None:
        return self.verdict.assessment.lower95_pct

    @property
    def upper95_pct(self) -> float | None:
        return self.verdict.assessment.upper95_pct

    @property
    def places(self) -> int:
        """Decimals that tell the figure from what its path needs."""
        return places_to_tell_apart(self.value_pct, self.expected_pct)

    @property
    def latest(self) -> str:
        """The figure with its interval and period, whether it stands in, and whether a newer one is overdue."""
        if self.value_pct is None:
            return NOT_PUBLISHED
        figure = format_interval(self.value_pct, self.lower95_pct, self.upper95_pct, self.places)
        kind = f", {self.verdict.figure_kind}" if self.verdict.is_stand_in else ""
        words = f"{figure}, {self.period}{kind}"
        return f"{words}; newer figures are overdue" if self.verdict.stale else words

    @property
    def expected_pct(self) -> float | None:
        return self.verdict.assessment.expected_pct

    @property
    def gap_pp(self) -> float | None:
        return self.verdict.assessment.gap_pp

    @property
    def stale(self) -> str:
        return f"yes: {self.verdict.stale_words}" if self.verdict.stale else "no"

    @property
    def edition(self) -> str:
        reading = self.verdict.assessment.reading
        return reading.release.title if reading else NOT_PUBLISHED

    @property
    def known_from(self) -> date | str:
        reading = self.verdict.assessment.reading
        return reading.known_from if reading else NOT_PUBLISHED

    @property
    def demonstration(self) -> bool:
        return self.verdict.area.demonstration


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetList:
    """`promises` and `comparisons` are kept apart; counts leave out demonstration bodies."""

    promises: list[TargetRow]
    comparisons: list[TargetRow]

    @property
    def board_counts(self) -> Counts:
        return _count(row for row in self.promises if row.verdict.area.kind == AreaKind.ICB)

    @property
    def england(self) -> list[TargetRow]:
        return [row for row in self.promises if row.verdict.area.kind == AreaKind.ENGLAND]

    @property
    def comparison_counts(self) -> Counts:
        return _count(self.comparisons)

    @property
    def ambition(self) -> TargetRow | None:
        """The target that is laid beside the boards."""
        return self.comparisons[0] if self.comparisons else None

    @property
    def bodies(self) -> list[Area]:
        areas = {row.verdict.area.pk: row.verdict.area for row in [*self.promises, *self.comparisons]}
        return sorted(areas.values(), key=lambda area: (area.demonstration, area.short_name))

    @property
    def years(self) -> list[int]:
        rows = [*self.promises, *self.comparisons]
        return sorted({row.deadline.year for row in rows if row.deadline})


def find_target_list(as_at: AsAt, *, demonstration: bool) -> TargetList:
    """Every target in force on the day and every comparison; the fictitious ones last."""
    rows = [TargetRow(verdict) for verdict in find_verdicts(as_at, demonstration=demonstration)]
    rows.sort(key=lambda row: (row.demonstration, row.body, row.deadline or date.max))
    return TargetList(
        promises=[row for row in rows if row.verdict.is_promise],
        comparisons=[row for row in rows if not row.verdict.is_promise],
    )


def _count(rows: Iterable[TargetRow]) -> Counts:
    return count_verdicts(row.verdict for row in rows)


def describe_groups(counts: Counts) -> str:
    """“3 on track or met, 4 behind and 2 cannot be judged yet”: the groups that hold any, in their order.

    >>> describe_groups(Counts({"on_track": 1} | dict.fromkeys(GROUPS, 0), dict.fromkeys(GROUPS, 0)))
    'none'
    """
    words = [f"{counts.of(group)} {GROUP_WORDS[group]}" for group in GROUPS if counts.of(group)]
    return ", ".join(words) or "none"
