"""How board estimates were made, council by council, so that anyone can do the sum again."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from icbs.models import Area, AreaLink, LinkKind
from kit.calc.formats import join_words
from targets.models import EstimatePart, Observation
from targets.selectors.verdicts import VerdictRow


@dataclass(frozen=True, slots=True)
class PartRow:
    """One council inside a board estimate."""

    council: str
    code: str
    value_pct: float
    lsoa_count: int
    edition: str
    demonstration: bool = False

    @property
    def weighted(self) -> float:
        return self.value_pct * self.lsoa_count


@dataclass(frozen=True, slots=True)
class EstimateSum:
    """How a board's estimate for one period was made. `left_out`: small pieces of councils, with LSOAs."""

    period: str
    role: str
    value_pct: float
    parts: list[PartRow]
    left_out: list[tuple[str, int]]

    @property
    def slug(self) -> str:
        return self.period.replace("/", "-")

    @property
    def left_out_words(self) -> str:
        return join_words([f"{name} ({count} LSOAs)" for name, count in self.left_out])

    @property
    def lsoa_count(self) -> int:
        return sum(part.lsoa_count for part in self.parts)

    @property
    def weighted(self) -> float:
        return sum(part.weighted for part in self.parts)


def find_sums(row: VerdictRow) -> list[EstimateSum]:
    """The board estimates that the verdict rests on, council by council. Two queries."""
    found = row.assessment
    wanted: dict[int, tuple[Observation, str]] = {}
    if found.reading:
        wanted[found.reading.pk] = (found.reading, "the latest figure")
    if found.baseline:
        wanted[found.baseline.pk] = (found.baseline, "the baseline")
    parts = defaultdict(list)
    for part in (
        EstimatePart.objects.filter(estimate__in=wanted)
        .select_related("council_figure__series__area", "council_figure__release")
        .order_by("council_figure__series__area__short_name")
    ):
        parts[part.estimate_id].append(part)
    if not parts:
        return []
    lookups = _find_lookups(row.area)
    return [
        EstimateSum(
            period=figure.period_label,
            role=role,
            value_pct=figure.value_pct or 0.0,
            parts=[_make_part(part) for part in parts[pk]],
            left_out=_find_left_out(parts[pk], lookups),
        )
        for pk, (figure, role) in wanted.items()
        if pk in parts
    ]


def _make_part(part: EstimatePart) -> PartRow:
    council = part.council_figure.series.area
    return PartRow(
        council=council.short_name,
        code=council.code,
        value_pct=part.council_figure.value_pct or 0.0,
        lsoa_count=part.lsoa_count,
        edition=part.council_figure.release.title,
        demonstration=council.demonstration,
    )


def _find_lookups(board: Area) -> list[Counter[str]]:
    """LSOAs by council, one a lookup, newest first. A merged board may list a council more than once."""
    lookups: dict[date, Counter[str]] = defaultdict(Counter)
    for link in AreaLink.objects.filter(
        kind=LinkKind.MEMBER_OF, to_area=board, lsoa_count__isnull=False
    ).select_related("from_area"):
        lookups[link.valid_from][link.from_area.short_name] += link.lsoa_count or 0
    return [lookups[day] for day in sorted(lookups, reverse=True)]


def _find_left_out(parts: Iterable[EstimatePart], lookups: list[Counter[str]]) -> list[tuple[str, int]]:
    """Councils of the lookup that the estimate was made with which are no part of it."""
    used = {part.council_figure.series.area.short_name: part.lsoa_count for part in parts}
    made_with = next((lookup for lookup in lookups if _fits(used, lookup)), Counter())
    return sorted((name, count) for name, count in made_with.items() if name not in used)


def _fits(used: Mapping[str, int], lookup: Mapping[str, int]) -> bool:
    return all(lookup.get(name) == count for name, count in used.items())
