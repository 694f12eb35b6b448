"""A small England whose editions can be taken in and withdrawn in any order, and all that is then answered."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from icbs.models import Area
from targets.models import EstimatePart, Indicator, Observation, Release
from targets.selectors.evidence import Evidence, find_evidence, find_pairs
from targets.selectors.judging import Judged, judge_pairs
from targets.services.import_release import Outcome, Request, import_file, withdraw_release
from tests.factories.figure_files import FINGERTIPS_ID, Figure, write_fingertips
from tests.factories.rows import NOW, make_area, make_indicator, make_link, make_target, make_version

LOOKUP_DAYS = (date(2022, 7, 1), date(2025, 4, 1))
LOOKUPS = {
    LOOKUP_DAYS[0]: {"NORTH": {"EAST": 60, "WEST": 40}, "SOUTH": {"COAST": 50}},
    LOOKUP_DAYS[1]: {"NORTH": {"EAST": 60, "WEST": 45}, "SOUTH": {"COAST": 50}},
}
AREAS = {"ENGLAND": "england", "NORTH": "icb", "SOUTH": "icb", "EAST": "council", "WEST": "council"}
AREAS |= {"COAST": "council"}
CELLS = {
    "absent": [],
    "12": [Figure(area="", value="12")],
    "12.0": [Figure(area="", value="12.0")],
    "13.5": [Figure(area="", value="13.5")],
    "with limits": [
        Figure(area="", value="13.5", lower95="12.5", upper95="14.5", lower998="12", upper998="15")
    ],
    "with a denominator": [Figure(area="", value="12", denominator="900")],
    "withheld": [Figure(area="", value="", note="Too few people")],
    "withheld, other words": [Figure(area="", value="", note="Data quality")],
    "broken": [Figure(area="", value="120")],
    "given twice": [Figure(area="", value="13.5")] * 2,
    "given twice, printed apart": [Figure(area="", value="12"), Figure(area="", value="12.0")],
    "given twice, unlike": [Figure(area="", value="12"), Figure(area="", value="13.5")],
}
"""What one edition may have for one place: rows that want only their area, period and group."""


@dataclass(frozen=True, slots=True)
class Place:
    area: str
    period: str
    category: str = ""

    def fill(self, figure: Figure) -> Figure:
        kind = "Deprivation deciles" if self.category else ""
        return replace(figure, area=self.area, period=self.period, category_type=kind, category=self.category)


PLACES = (
    *(Place(area, period) for area in AREAS for period in ("2021", "2022")),
    Place("ENGLAND", "2020 - 22"),
    Place("ENGLAND", "2022", "Most deprived"),
)


@dataclass(frozen=True, slots=True)
class SmallEdition:
    """`cells`: one of CELLS for each of PLACES. `number` makes the file unlike every other."""

    number: int
    known_from: date
    cells: tuple[str, ...]
    only_named_areas: bool = False

    @property
    def content(self) -> bytes:
        figures = (
            place.fill(figure)
            for place, cell in zip(PLACES, self.cells, strict=True)
            for figure in CELLS[cell]
        )
        return write_fingertips(figures) + b"\r\n" * self.number


def build_england() -> Indicator:
    """England, two boards and their councils, a promise of one board and England's beside both."""
    areas = {
        code: make_area(code=code, kind=kind, name=code.title(), short_name=code.title())
        for code, kind in AREAS.items()
    }
    indicator = make_indicator(
        slug="smokers", fingertips_id=FINGERTIPS_ID, age="18+", estimated_from_councils=True
    )
    for day, boards in LOOKUPS.items():
        following = [other for other in LOOKUP_DAYS if other > day]
        for board, councils in boards.items():
            for council, lsoa_count in councils.items():
                make_link(
                    from_area=areas[council],
                    to_area=areas[board],
                    valid_from=day,
                    valid_to=following[0] if following else None,
                    share=1.0,
                    lsoa_count=lsoa_count,
                )
    for body, compared in (("NORTH", False), ("ENGLAND", True)):
        target = make_target(slug=body.lower(), body=areas[body], compared_with_boards=compared)
        make_version(target=target, indicator=indicator, status="published")
    return indicator


def take_in(edition: SmallEdition) -> Outcome:
    return import_file(
        io.BytesIO(edition.content),
        Request(
            file_name=f"edition-{edition.number}.csv",
            known_from=edition.known_from,
            known_from_basis="The day it came out",
            source_title="A publisher",
            title=f"Edition {edition.number}",
            only_named_areas=edition.only_named_areas,
        ),
    )


def withdraw(edition: SmallEdition) -> None:
    live = Release.objects.filter(title=f"Edition {edition.number}", withdrawn_at=None).first()
    if live:
        withdraw_release(live, because="A mistake", by=None, now=NOW)


FIGURES = [
    field.name
    for field in Observation._meta.concrete_fields
    if field.name not in {"id", "series", "release", "replaces", "line"}
]
RELEASE_FACTS = (
    *("kind", "title", "derived_from__title", "known_from", "known_from_basis", "source_title", "file_name"),
    *("new_count", "unchanged_count", "revised_count", "dropped_count", "duplicate_count", "accepted_count"),
    *("rejected", "covers", "layout"),
)


def answer_all(days: Iterable[date]) -> dict[str, object]:
    """What every selector answers, without the numbers a database gives to rows."""
    described = {
        row.pk: _describe(row)
        for row in Observation.objects.select_related("series__area", "release", "replaces__release")
    }
    answers: dict[str, object] = {"releases": _list_releases()}
    for day in days:
        pairs = find_pairs(day)
        evidence = find_evidence(pairs, day)
        known = set(Observation.objects.known_on(day).values_list("pk", flat=True))
        answers |= {
            f"figures on {day}": sorted(described[pk] for pk in known),
            f"estimates on {day}": _list_parts(known, described),
            f"evidence on {day}": _list_evidence(evidence, described),
            f"verdicts on {day}": sorted(
                _describe_verdict(row, described) for row in judge_pairs(pairs, evidence, day)
            ),
        }
    return answers


def _list_releases() -> list[str]:
    live = Release.objects.filter(withdrawn_at=None).values_list(*RELEASE_FACTS)
    return sorted(map(repr, live))


def _describe(figure: Observation) -> str:
    series, former = figure.series, figure.replaces
    group = (series.area.code, series.sex, series.age, series.category, series.period_months)
    facts = {name: getattr(figure, name) for name in FIGURES}
    before = (former.release.title, former.value_text) if former else None
    return repr((group, figure.release.title, facts, before))


def _list_parts(known: set[int], described: dict[int, str]) -> list[str]:
    parts = EstimatePart.objects.filter(estimate__in=known)
    return sorted(
        repr((described[part.estimate_id], described[part.council_figure_id], part.lsoa_count))
        for part in parts
    )


def _list_evidence(evidence: Evidence, described: dict[int, str]) -> list[str]:
    codes = dict(Area.objects.values_list("pk", "code"))
    readings = [
        repr((codes[area], [described[row.pk] for row in rows]))
        for (_, area), rows in evidence.readings.items()
    ]
    gaps = [
        repr((codes[gap.area_id], gap.period_start, gap.reason, gap.councils, gap.release.title))
        for gap in (*evidence.missing.values(), *evidence.latest_missing.values(), *evidence.gaps)
    ]
    return sorted(readings) + sorted(gaps)


UNKEPT = {"id", "version", "area", "indicator", "reading", "baseline", "input_digest", "assessed_at"}


def _describe_verdict(row: Judged, described: dict[int, str]) -> str:
    found = row.assessment
    facts = {
        field.name: getattr(found, field.attname)
        for field in found._meta.concrete_fields
        if field.name not in UNKEPT
    }
    figures = [described[figure.pk] if figure else None for figure in (found.reading, found.baseline)]
    return repr((row.pair.version.target.slug, row.pair.area.code, row.stale, facts, figures))
