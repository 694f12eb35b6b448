"""Board estimates from the bundled council figures: who has one, where it stands, and the sum done again."""

from collections import defaultdict
from datetime import date
from itertools import product

import pytest

from icbs.models import Area
from targets.calc.types import Basis, Kind
from targets.models import EstimatePart, Observation, Release, ReleaseKind
from targets.selectors.judging import Judged, judge_as_at

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference_data"),
    pytest.mark.xdist_group("estimates"),
]

BEFORE_THE_MERGERS = date(2024, 4, 30)
AFTER_THE_MERGERS = date(2026, 6, 1)
STATED, STAND_IN = "adults-smoking-aps-18", "adults-smoking-gpps-16"


def judge_comparisons(on: date) -> list[Judged]:
    return [row for row in judge_as_at(on) if row.pair.kind == Kind.COMPARISON]


def read_estimates(on: date, year: int) -> dict[str, float]:
    """Board code to its estimate for a year, as known on a day."""
    rows = Observation.objects.known_on(on).filter(
        estimated=True,
        series__area__kind="icb",
        period_start=date(year, 1, 1),
        period_end=date(year, 12, 31),
    )
    return dict(rows.values_list("series__area__code", "value_pct"))


@pytest.mark.parametrize(
    ("on", "boards", "latest_year", "estimated", "on_or_below", "above", "stand_ins"),
    [
        pytest.param(BEFORE_THE_MERGERS, 42, 2022, 32, 9, 23, 0, id="2024-04-30"),
        # One more than where Norfolk and Suffolk is left out: East Suffolk lies wholly in it from April 2026.
        pytest.param(AFTER_THE_MERGERS, 36, 2024, 31, 10, 21, 3, id="2026-06-01"),
    ],
)
def test_boards_beside_the_national_ambition(
    on, boards, latest_year, estimated, on_or_below, above, stand_ins
):
    """The ambition: from each board's own 2019 in a straight line to 5% in 2030, 11 years later."""
    rows = judge_comparisons(on)
    every = {row.pair.area.code: row.assessment for row in rows if row.assessment.position != "cannot_assess"}
    judged = {code: verdict for code, verdict in every.items() if verdict.indicator.slug == STATED}
    in_2019, latest = read_estimates(on, 2019), read_estimates(on, latest_year)
    codes = {row.pair.area.code for row in rows}
    gaps_pp = {
        code: latest[code] - (in_2019[code] + (5 - in_2019[code]) * (latest_year - 2019) / 11)
        for code in codes & set(in_2019) & set(latest)
    }

    assert len(rows) == boards
    assert len(every) - len(judged) == stand_ins
    assert len(judged) == len(gaps_pp) == estimated
    assert sum(gap <= 0 for gap in gaps_pp.values()) == on_or_below
    assert sum(gap > 0 for gap in gaps_pp.values()) == above
    assert {code: verdict.gap_pp for code, verdict in judged.items()} == pytest.approx(gaps_pp)
    assert {verdict.basis for verdict in judged.values()} == {Basis.INDICATIVE}
    assert {verdict.reading_label for verdict in judged.values()} == {str(latest_year)}
    below = {code for code, verdict in judged.items() if verdict.position == "on_track_point"}
    assert below == {code for code, gap in gaps_pp.items() if gap <= 0}
    assert {verdict.position for verdict in judged.values()} == {"on_track_point", "behind_point"}


def test_the_patient_survey_stands_in_where_no_estimate_is_possible():
    rows = [row for row in judge_comparisons(AFTER_THE_MERGERS) if row.assessment.indicator.slug == STAND_IN]

    assert [row.pair.area.short_name for row in rows] == [
        "Cornwall and the Isles of Scilly",
        "North East London",
        "Northamptonshire",
    ]
    for row in rows:
        found = row.assessment
        assert (found.reading_label, found.baseline_label, row.stale) == ("2023", "2019", True)
        assert (found.basis, found.interval_source, found.flag) == ("indicative", "ours", "amber")
        assert found.basis_reason.startswith(
            "a stand-in: GP Patient Survey, people aged 16 and over, because"
        )


def test_a_board_that_merged_has_nothing_to_stand_in():
    cannot = {
        row.pair.area.short_name: row.assessment.reason
        for row in judge_comparisons(AFTER_THE_MERGERS)
        if row.assessment.position == "cannot_assess"
    }

    assert cannot == {"Surrey and Sussex": "no_estimate", "Thames Valley": "no_baseline"}


SPLIT = "the board's edge runs through it"
NO_FIGURE = "no figure for"
WITHHELD = "the publisher withheld the figure for"


@pytest.mark.parametrize(
    ("on", "without"),
    [
        pytest.param(
            BEFORE_THE_MERGERS,
            {
                "Buckinghamshire, Oxfordshire and Berkshire West": (NO_FIGURE, "Buckinghamshire"),
                "Cornwall and the Isles of Scilly": (NO_FIGURE, "Isles of Scilly"),
                "Frimley": (SPLIT, "Hart, Surrey Heath, Waverley"),
                "Hertfordshire and West Essex": (SPLIT, "North Hertfordshire"),
                "Lancashire and South Cumbria": (WITHHELD, "Ribble Valley"),
                "Norfolk and Waveney": (SPLIT, "East Suffolk"),
                "North East London": (WITHHELD, "City of London"),
                "Northamptonshire": (NO_FIGURE, "North Northamptonshire, West Northamptonshire"),
                "Suffolk and North East Essex": (SPLIT, "East Suffolk"),
                "Surrey Heartlands": (SPLIT, "Guildford, Runnymede, Waverley"),
            },
            id="2024-04-30",
        ),
        pytest.param(
            AFTER_THE_MERGERS,
            {
                "Cornwall and the Isles of Scilly": (WITHHELD, "Isles of Scilly"),
                "North East London": (WITHHELD, "City of London"),
                "Northamptonshire": (NO_FIGURE, "North Northamptonshire, West Northamptonshire"),
                "Surrey and Sussex": (WITHHELD, "Epsom and Ewell"),
                "Thames Valley": (NO_FIGURE, "Buckinghamshire"),
            },
            id="2026-06-01",
        ),
    ],
)
def test_every_other_board_says_which_councils_stand_in_the_way(on, without):
    """Those for which another survey stands in say it as well."""
    said = {
        row.pair.area.short_name: row.assessment.reason_detail
        for row in judge_comparisons(on)
        if row.assessment.reason_detail
    }

    assert set(said) == set(without)
    for board, (why, councils) in without.items():
        assert why in said[board]
        assert councils in said[board]


def test_norfolk_and_suffolk_has_an_estimate_since_it_holds_all_of_east_suffolk():
    [merged] = [
        row.assessment
        for row in judge_comparisons(AFTER_THE_MERGERS)
        if row.pair.area.short_name == "Norfolk and Suffolk"
    ]

    lsoa_counts = dict(
        merged.reading.parts.values_list("council_figure__series__area__short_name", "lsoa_count")
    )
    assert merged.position == "on_track_point"
    assert len(lsoa_counts) == 12
    assert lsoa_counts["East Suffolk"] == 145


@pytest.mark.parametrize("edition", [1, 2, 3])
def test_each_estimate_is_the_sum_of_its_parts(edition):
    editions = Release.objects.filter(kind=ReleaseKind.PUBLISHED, indicator__slug=STATED)
    published = editions.order_by("known_from")[edition - 1]
    parts_of = defaultdict(list)
    for part in EstimatePart.objects.filter(estimate__release__derived_from=published).select_related(
        "estimate__release", "council_figure__release", "council_figure__series__area"
    ):
        parts_of[part.estimate].append(part)

    estimates = Observation.objects.filter(release__derived_from=published, dropped=False)
    assert set(parts_of) == set(estimates)
    for estimate, parts in parts_of.items():
        lsoa_count = sum(part.lsoa_count for part in parts)
        weighted = sum(part.lsoa_count * part.council_figure.value_pct for part in parts)
        assert estimate.value_pct == pytest.approx(weighted / lsoa_count, abs=1e-8)
        assert float(estimate.value_text) == pytest.approx(weighted / lsoa_count, abs=5.1e-5)
        for figure in (part.council_figure for part in parts):
            assert (figure.series.area.kind, figure.release.kind) == ("council", ReleaseKind.PUBLISHED)
            assert (figure.period_start, figure.period_end) == (estimate.period_start, estimate.period_end)
            assert figure.known_from <= estimate.known_from
            assert figure.known_to is None or figure.known_to > estimate.known_from


def test_a_board_has_an_estimate_or_a_reason_for_every_period_of_an_edition():
    for release in Release.objects.filter(kind=ReleaseKind.ESTIMATE):
        boards = Area.objects.boards().real().in_being(release.known_from)
        held = Observation.objects.known_on(release.known_from).filter(series__indicator__slug=STATED)
        councils = held.filter(series__area__kind="council")
        known = held.filter(series__area__in=boards)
        estimated = set(known.values_list("series__area__code", "period_start"))
        missing = set(release.missing_estimates.values_list("area__code", "period_start"))
        periods = set(councils.values_list("period_start", flat=True))

        assert not estimated & missing
        assert estimated | missing == set(product(boards.values_list("code", flat=True), periods))
