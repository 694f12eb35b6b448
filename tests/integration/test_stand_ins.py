"""Another indicator stands in where the stated one has neither a figure nor an estimate, and is never taken for it."""

from datetime import UTC, date, datetime
from itertools import count

import pytest
from django.test import Client

from alerts.models import Transition
from alerts.services.evaluate import evaluate_alerts
from kit.as_at import parse_as_at
from targets.charts import draw_target, label_chart
from targets.models import Assessment, Change, Observation, Standing, StandingChange
from targets.readers.reading import Reading
from targets.reports import list_verdict_records, print_verdicts
from targets.selectors.evidence import find_evidence, find_pairs
from targets.selectors.figures import find_figures
from targets.selectors.judging import Judged, judge_as_at
from targets.selectors.listing import TargetRow
from targets.selectors.target_page import find_target_page
from targets.selectors.verdicts import VerdictRow, find_verdicts
from targets.services.assess import assess_targets
from targets.services.editions import Edition
from targets.services.import_release import take_in_readings, withdraw_release
from tests.factories.rows import (
    NOW,
    make_area,
    make_break,
    make_indicator,
    make_missing,
    make_release,
    make_target,
    make_version,
)
from tests.integration.pages import read_words

pytestmark = pytest.mark.django_db

KNOWN = date(2025, 3, 1)
LATER = date(2025, 11, 1)
TODAY = date(2026, 1, 10)
NUMBERS = count(1)
PEOPLE = 4000.0


class World:
    """A board and its target on the household survey, for which the patient survey may stand in.

    The ambition: the board's own figure for 2019 in a straight line to 5% in 2030.
    """

    def __init__(self, **version):
        self.board = make_area(code="NORTH", short_name="North", opened=date(2022, 7, 1))
        self.stated = make_indicator(
            slug="household", name="Adults who smoke (household)", survey="Household Survey", age="18+"
        )
        self.stand_in = make_indicator(
            slug="patients",
            name="Patients who smoke",
            short_name="Patients who smoke",
            survey="Patient Survey",
            age="16+",
            unit="% of patients who smoke",
            publication_lag_days=0,
            proxy_for=self.stated,
        )
        named = {"baseline_period_start": date(2019, 1, 1), "baseline_period_end": date(2019, 12, 31)}
        self.target = make_target(body=self.board)
        self.version = make_version(
            target=self.target,
            indicator=self.stated,
            status="published",
            known_from=date(2019, 7, 22),
            **{**named, **version},
        )

    def publish(self, indicator, known_from: date, figures: dict[int, float], people: float | None = PEOPLE):
        readings = [
            Reading(
                area_code=self.board.code,
                period_label=str(year),
                period_start=date(year, 1, 1),
                period_end=date(year, 12, 31),
                value_text=str(value),
                value_pct=value,
                denominator=people,
                sex=indicator.sex,
                age=indicator.age,
            )
            for year, value in figures.items()
        ]
        edition = Edition(
            indicator=indicator,
            title=f"{indicator.slug} of {known_from}",
            known_from=known_from,
            known_from_basis="The day it came out",
            file_name="edition.csv",
            file_sha256=f"{next(NUMBERS):064}",
            source_title="Publisher",
            source_url="",
        )
        return take_in_readings(edition, readings)[0]

    def miss(self, year: int, known_from: date = KNOWN, indicator=None):
        """Our estimate for a year is not possible."""
        published = make_release(indicator=indicator or self.stated, known_from=known_from)
        release = make_release(
            indicator=published.indicator, kind="estimate", derived_from=published, known_from=known_from
        )
        return make_missing(
            release=release,
            area=self.board,
            period_label=str(year),
            period_start=date(year, 1, 1),
            reason="split_council",
            councils="East",
        )

    def judge(self, on: date = TODAY) -> Judged:
        [row] = judge_as_at(on)
        return row

    def assess(self, on: date) -> Assessment:
        assess_targets(now=datetime(on.year, on.month, on.day, 12, tzinfo=UTC))
        return Standing.objects.get(version__target=self.target).assessment

    def show(self, on: date = TODAY) -> VerdictRow:
        [row] = find_verdicts(parse_as_at(None, today=on), demonstration=False)
        return row


def test_the_stand_in_is_judged_from_its_own_baseline_and_says_so():
    world = World()
    world.miss(2024)
    world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 13.0})

    found = world.judge().assessment

    assert found.indicator == world.stand_in
    assert (found.baseline_label, found.baseline_pct, found.value_pct) == ("2019", 16.0, 13.0)
    assert found.expected_pct == pytest.approx(16 + (5 - 16) * 4 / 11)
    assert (found.basis, found.interval_source, found.reason) == ("indicative", "ours", "")
    assert found.basis_reason.startswith(
        "a stand-in: Patient Survey, people aged 16 and over, because the Household Survey has no figure for "
        "this board and none can be estimated from its councils; the interval is computed by us, with a design "
        "effect of 2 assumed"
    )
    assert "East: the board's edge runs through it" in found.reason_detail


@pytest.mark.parametrize(
    ("held", "missing", "because"),
    [
        pytest.param({}, [], "holds no figure of the Household Survey", id="no-reading"),
        pytest.param({}, [2024], "none can be estimated from its councils", id="no-estimate"),
        pytest.param(
            {2023: 12.0}, [2024], "none can be estimated from its councils", id="none-in-the-newest"
        ),
        pytest.param(
            {2024: 12.0}, [2019], "in the year its path starts from", id="no-estimate-to-start-from"
        ),
    ],
)
def test_it_stands_in_where_nothing_can_even_be_estimated(held, missing, because):
    world = World()
    if held:
        world.publish(world.stated, KNOWN, held)
    for year in missing:
        world.miss(year)
    world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 13.0})

    found = world.judge().assessment

    assert found.indicator == world.stand_in
    assert because in found.basis_reason


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        pytest.param({2019: 15.0, 2024: 12.0}, "", id="a-figure"),
        pytest.param({2024: 12.0}, "no_baseline", id="no-baseline-though-nothing-is-missing"),
        pytest.param({2019: 15.0, 2024: None}, "suppressed", id="withheld"),
        pytest.param({2019: 15.0}, "no_reading_after_baseline", id="nothing-new"),
    ],
)
def test_nothing_stands_in_for_what_has_a_figure_or_waits_for_its_publisher(held, reason):
    world = World()
    world.publish(world.stated, KNOWN, held)
    world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 13.0})

    found = world.judge().assessment

    assert (found.indicator, found.reason) == (world.stated, reason)
    assert "stand-in" not in found.basis_reason


@pytest.mark.parametrize(
    "figures",
    [
        pytest.param({2023: 13.0}, id="no-figure-to-start-from"),
        pytest.param({2019: 16.0}, id="no-figure-since"),
        pytest.param({}, id="none-at-all"),
    ],
)
def test_where_it_cannot_be_judged_either_the_first_reason_stays(figures):
    world = World()
    world.miss(2024)
    if figures:
        world.publish(world.stand_in, KNOWN, figures)

    found = world.judge().assessment

    assert (found.position, found.reason, found.indicator) == ("cannot_assess", "no_estimate", world.stated)
    assert "East" in found.reason_detail


def test_its_own_breaks_are_not_crossed():
    world = World()
    world.miss(2024)
    world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 13.0})
    make_break(indicator=world.stated, on=date(2021, 1, 1))
    assert world.judge().assessment.indicator == world.stand_in

    make_break(indicator=world.stand_in, on=date(2021, 1, 1))

    assert world.judge().assessment.reason == "no_estimate"


def test_a_stated_baseline_never_meets_its_figures():
    world = World(
        baseline_pct=12.5, baseline_period_start=date(2021, 4, 1), baseline_period_end=date(2022, 3, 31)
    )
    world.miss(2024)
    world.publish(world.stand_in, KNOWN, {2020: 17.0, 2021: 15.0, 2022: 14.5, 2023: 13.0})

    found = world.judge().assessment

    assert (found.baseline_label, found.baseline_pct) == ("2021", 15.0)


def test_a_deadline_is_not_decided_by_it():
    world = World(deadline=date(2023, 12, 31), value_pct=14.0)
    world.miss(2024)
    world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 13.0})

    found = world.judge().assessment

    assert (found.position, found.reason) == (
        "cannot_assess",
        "no_reading" if not found.reason_detail else "no_estimate",
    )
    assert found.reading is None


@pytest.mark.parametrize("value", [0.5, 4.0, 20.0, 60.0])
def test_it_is_never_met_missed_or_red(value):
    world = World()
    world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: value}, people=1e6)

    found = world.judge().assessment

    assert found.flag in ("none", "amber")
    assert found.position.startswith(("on_track", "behind", "off_track"))


def test_a_published_design_effect_is_used_and_the_baselines_error_counts():
    world = World()
    world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 13.0})
    assumed = world.judge()

    world.stand_in.design_effect, world.stand_in.design_effect_source = 1.5, "Technical annex"
    world.stand_in.save()
    published = world.judge()

    assert "published design effect of 1.5" in published.assessment.basis_reason
    assert published.assessment.lower95_pct > assumed.assessment.lower95_pct
    assert published.prepared.baseline.error_pp < assumed.prepared.baseline.error_pp
    assert assumed.prepared.baseline.error_pp == pytest.approx(100 * (0.16 * 0.84 / 2000) ** 0.5, rel=0.01)


def test_missing_estimates_are_told_apart_by_indicator():
    world = World()
    world.publish(world.stated, KNOWN, {2019: 15.0, 2024: 12.0})
    world.miss(2025, indicator=make_indicator(slug="other"))

    assert world.judge().assessment.reason == ""


def test_it_is_known_only_when_it_was_published():
    world = World()
    world.miss(2024, known_from=date(2024, 1, 1))
    world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 13.0})

    assert world.judge(date(2025, 2, 28)).assessment.reason == "no_estimate"
    assert world.judge(KNOWN).assessment.indicator == world.stand_in


def test_it_is_old_by_its_own_calendar_and_never_once_it_has_ended():
    world = World()
    world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 13.0})

    assert not world.judge(KNOWN).stale
    assert world.judge(TODAY).stale

    world.stand_in.ended_note = "The survey ended."
    world.stand_in.save()
    assert not world.judge(TODAY).stale


def test_the_first_stand_in_by_name_that_can_be_judged_is_taken():
    world = World()
    world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 13.0})
    earlier = make_indicator(slug="a-register", proxy_for=world.stated, collection="full_count")
    assert world.judge().assessment.indicator == world.stand_in

    world.publish(earlier, KNOWN, {2019: 17.0, 2022: 15.0})

    assert world.judge().assessment.indicator == earlier


class TestCauses:
    def list_causes(self) -> list[str]:
        return list(StandingChange.objects.order_by("pk").values_list("cause", flat=True))

    def test_a_first_stand_in_is_a_new_figure_known_when_both_facts_were(self):
        world = World()
        world.miss(2023, known_from=date(2025, 4, 1))
        world.assess(date(2025, 4, 2))
        world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 13.0})

        world.assess(date(2025, 4, 3))

        assert self.list_causes() == ["first_verdict", "new_reading"]
        assert StandingChange.objects.last().became_true_on == date(2025, 4, 1)

    def test_going_over_to_the_figure_stated_is_a_correction_and_back_again_too(self):
        world = World()
        world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 13.0})
        world.assess(KNOWN)
        release = world.publish(world.stated, LATER, {2019: 15.0, 2024: 14.0})
        assert world.assess(LATER).indicator == world.stated
        withdraw_release(release, because="A mistake", by=None, now=datetime(2025, 11, 2, tzinfo=UTC))

        assert world.assess(date(2025, 11, 2)).indicator == world.stand_in
        assert self.list_causes() == ["first_verdict", "correction", "correction"]

    def test_a_later_figure_after_going_over_is_a_new_one_of_the_same_measure(self):
        world = World()
        world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 13.0})
        world.assess(KNOWN)
        world.publish(world.stated, LATER, {2019: 15.0, 2023: 12.0, 2024: 14.0})

        world.assess(LATER)

        assert self.list_causes() == ["first_verdict", "correction", "new_reading"]
        assert [row.after.value_pct for row in StandingChange.objects.order_by("pk")] == [13.0, 12.0, 14.0]

    def test_the_page_says_that_another_measure_was_read(self):
        world = World()
        world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 13.0})
        world.assess(KNOWN)
        world.publish(world.stated, LATER, {2019: 15.0, 2024: 14.0})
        world.assess(LATER)

        page = find_target_page(
            world.target.pk, parse_as_at(None, today=LATER), area_code="", demonstration=False
        )

        assert page.changes[0].cause == "Another measure was read: Smokers instead of Patients who smoke"

    @pytest.mark.parametrize("older", [{2019: 15.0, 2022: 13.0}, {2019: 15.0, 2022: 13.0, 2023: 13.0}])
    def test_what_a_withdrawal_brings_back_is_a_correction(self, older):
        """Back to the period before, and back to the former value of the same one."""
        world = World()
        world.publish(world.stated, date(2024, 10, 1), older)
        world.assess(date(2024, 10, 1))
        release = world.publish(world.stated, KNOWN, {2019: 15.0, 2022: 13.0, 2023: 14.5})
        world.assess(KNOWN)
        withdraw_release(release, because="A mistake", by=None, now=datetime(2025, 3, 3, tzinfo=UTC))

        found = world.assess(date(2025, 3, 3))

        assert found.value_pct == 13.0
        assert self.list_causes()[-1] == "correction"
        assert "new_reading" in self.list_causes() or "restated_figures" in self.list_causes()

    def test_an_edition_in_place_of_a_withdrawn_one_is_judged_in_two_steps(self):
        world = World()
        world.publish(world.stated, date(2023, 10, 1), {2019: 15.0, 2022: 13.0})
        wrong = world.publish(world.stated, KNOWN, {2019: 15.0, 2022: 12.0, 2023: 11.0})
        world.assess(KNOWN)
        withdraw_release(wrong, because="A mistake", by=None, now=datetime(2025, 3, 3, tzinfo=UTC))
        world.publish(world.stated, LATER, {2019: 15.0, 2022: 13.5, 2023: 13.9, 2024: 14.0})

        world.assess(LATER)

        assert self.list_causes() == ["first_verdict", "correction", "new_reading"]
        assert wrong.observations.filter(change=Change.WITHDRAWN).exists()


class TestShown:
    @pytest.fixture
    def world(self) -> World:
        world = World()
        world.miss(2024)
        world.publish(world.stand_in, KNOWN, {2018: 17.0, 2019: 16.0, 2023: 13.0})
        make_break(indicator=world.stand_in, on=date(2019, 1, 1), what="A new questionnaire")
        make_break(indicator=world.stated, on=date(2020, 3, 1), kind="caution", what="By telephone")
        return world

    def test_records_for_scripts_name_what_was_read(self, world):
        judged = judge_as_at(TODAY)

        assert [record["indicator"] for record in list_verdict_records(judged)] == ["patients"]
        assert print_verdicts(judged).endswith("(a stand-in: Patient Survey)")

    def test_lists_and_downloads_name_it(self, world):
        row = TargetRow(world.show())

        assert row.measure == "Patients who smoke"
        assert "2023, a stand-in: Patient Survey; newer figures are overdue" in row.latest
        assert row.basis_reason.startswith("a stand-in: Patient Survey")

    @pytest.mark.parametrize("stored", [True, False])
    def test_charts_show_its_own_figures_and_marks_alone(self, world, stored):
        if stored:
            world.assess(TODAY)
        england = make_area(code="E92000001", kind="england", short_name="England")
        world.board, board = england, world.board
        world.publish(world.stated, KNOWN, {2019: 14.0, 2023: 11.0})
        world.board = board
        row = world.show()

        figures = find_figures([row], TODAY)[row.pair.key]
        chart = draw_target(row, figures.readings, figures.england, figures.breaks)

        assert [reading.value_pct for reading in figures.readings] == [17.0, 16.0, 13.0]
        assert {reading.measure for reading in figures.readings} == {"Patients who smoke"}
        assert figures.england == []
        assert [mark.what for mark in figures.breaks] == ["A new questionnaire"]
        assert (
            chart["layout"]["yaxis"]["title"]["text"]
            == "% of patients who smoke<br>a stand-in: Patient Survey"
        )
        assert label_chart(row).startswith("% of patients who smoke (a stand-in: Patient Survey), North")

    def test_no_other_baseline_is_offered_across_a_break(self, world):
        page = find_target_page(
            world.target.pk, parse_as_at(None, today=TODAY), area_code="", demonstration=False
        )

        assert not any("2018" in sentence for sentence in page.other_baselines)

    def test_pages_say_it_beside_the_verdict(self, world, client: Client):
        world.assess(TODAY)
        reason = "a stand-in: Patient Survey, people aged 16 and over"

        for address in (f"/targets/{world.target.pk}/", "/targets/", "/icbs/NORTH/", "/icbs/"):
            words = read_words(client, address)
            assert reason in words or "a stand-in: Patient Survey" in words, address

    def test_a_sum_by_hand_names_the_people_behind_our_interval(self, world, client: Client):
        words = read_words(client, f"/targets/{world.target.pk}/")

        assert "Wilson's formula for 4,000.0 people ÷ 2 = 2,000.0" in words


def test_evidence_costs_the_same_with_a_stand_in_or_without(django_assert_num_queries):
    world = World()
    pairs = find_pairs(TODAY)
    with django_assert_num_queries(3):
        find_evidence(pairs, TODAY)

    world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 13.0})

    with django_assert_num_queries(3):
        find_evidence(pairs, TODAY)


@pytest.mark.parametrize("withdraw", [False, True], ids=["a-stand-in-goes", "an-edition-is-withdrawn"])
def test_nobody_is_told_of_a_slip_where_only_what_is_read_changed(withdraw):
    """A board that read on track reads red from one night to the next, and no mail says that it slipped."""
    world = World()
    limits = {"lower95_pct": 29.0, "upper95_pct": 31.0, "lower998_pct": 28.0, "upper998_pct": 32.0}
    if withdraw:
        world.publish(world.stated, date(2025, 1, 15), {2019: 30.0, 2023: 30.0})
        Observation.objects.update(**limits)
        release = world.publish(world.stated, KNOWN, {2019: 30.0, 2023: 9.0})
    else:
        world.publish(world.stand_in, KNOWN, {2019: 16.0, 2023: 6.0})
    before = world.assess(KNOWN)
    evaluate_alerts(now=NOW)
    if withdraw:
        withdraw_release(release, because="A mistake", by=None, now=datetime(2025, 11, 1, tzinfo=UTC))
    else:
        world.publish(world.stated, LATER, {2019: 30.0, 2024: 30.0})
        Observation.objects.filter(series__indicator=world.stated).update(**limits)
    after = world.assess(LATER)

    evaluate_alerts(now=NOW)

    assert (before.flag, after.flag, after.basis) == ("none", "red", "firm")
    assert [row.tell for row in Transition.objects.order_by("pk")] == ["nobody", "subscribers_revised"]
