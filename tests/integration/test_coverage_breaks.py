"""A jump in an area's share of the people surveyed is a break until a named person clears it."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from kit.as_at import parse_as_at
from targets.admin.coverage import list_open_jumps, name_jump
from targets.charts import draw_target
from targets.models import CoverageClearance, Observation
from targets.selectors.coverage import find_open_jumps
from targets.selectors.evidence import find_evidence, find_pairs
from targets.selectors.figures import find_figures
from targets.selectors.judging import judge_as_at
from targets.selectors.target_page import find_target_page
from targets.selectors.verdicts import find_verdicts
from targets.services.assess import assess_targets
from tests.factories.rows import (
    make_area,
    make_clearance,
    make_indicator,
    make_observation,
    make_release,
    make_series,
    make_target,
    make_version,
)

pytestmark = pytest.mark.django_db

KNOWN = date(2024, 1, 15)
TODAY = date(2024, 6, 1)
WHAT = "North's share of the people surveyed in all boards together went from 10.0% in 2020 to 20.0% in 2021"


class World:
    """Two boards: North asks 100 people a year of 1,000, and 200 from 2021 on; its baseline is its own of 2019."""

    def __init__(self):
        self.indicator = make_indicator(short_name="Smokers")
        self.north = make_area(code="NORTH", short_name="North", opened=date(2022, 7, 1))
        self.south = make_area(code="SOUTH", short_name="South", opened=date(2022, 7, 1))
        self.release = make_release(
            indicator=self.indicator, title="The edition", source_url="https://example.org/edition"
        )
        self.hold(self.north, {2019: 100, 2020: 100, 2021: 200, 2022: 200})
        self.hold(self.south, {2019: 900, 2020: 900, 2021: 800, 2022: 800})
        self.target = make_target(body=self.north)
        make_version(
            target=self.target,
            indicator=self.indicator,
            status="published",
            known_from=date(2019, 7, 22),
            baseline_period_start=date(2019, 1, 1),
            baseline_period_end=date(2019, 12, 31),
        )

    def hold(self, area, people: dict[int, float | None], *, known_from: date = KNOWN, known_to=None):
        found = area.series.filter(indicator=self.indicator).first()
        series = found or make_series(area=area, indicator=self.indicator)
        for year, denominator in people.items():
            make_observation(
                series=series,
                release=self.release,
                period_label=str(year),
                period_start=date(year, 1, 1),
                period_end=date(year, 12, 31),
                value_pct=12.0,
                denominator=denominator,
                known_from=known_from,
                known_to=known_to,
            )

    def clear(self, recorded_on: date) -> CoverageClearance:
        return make_clearance(
            indicator=self.indicator,
            area=self.north,
            period_start=date(2021, 1, 1),
            recorded_at=datetime(recorded_on.year, recorded_on.month, recorded_on.day, 9, tzinfo=UTC),
        )

    def judge(self, on: date = TODAY):
        [row] = judge_as_at(on)
        return row.assessment


@pytest.fixture
def world() -> World:
    return World()


def test_a_verdict_does_not_cross_it(world):
    assert world.judge().reason == "series_break"


def test_once_it_is_cleared_the_verdict_crosses_it_from_that_day_on(world):
    world.clear(date(2024, 3, 1))

    assert world.judge(date(2024, 2, 29)).reason == "series_break"
    assert world.judge(date(2024, 3, 1)).reason == ""
    assert [jump.area for jump in find_open_jumps(date(2024, 2, 29))] == ["North", "South"]
    assert [jump.area for jump in find_open_jumps(date(2024, 3, 1))] == ["South"]


def test_a_clearance_is_of_one_area_one_indicator_and_one_period(world):
    for values in (
        {"indicator": make_indicator()},
        {"area": world.south},
        {"period_start": date(2020, 1, 1)},
    ):
        clearance = world.clear(KNOWN)
        for name, value in values.items():
            setattr(clearance, name, value)
        clearance.save()

        assert world.judge().reason == "series_break"
        clearance.delete()


def test_it_is_only_known_from_the_day_its_figures_are(world):
    assert find_open_jumps(date(2024, 1, 14)) == []
    assert [jump.what for jump in find_open_jumps(KNOWN)] == [
        WHAT,
        "South's share of the people surveyed in all boards together went from 90.0% in 2020 to 80.0% in 2021",
    ]


def test_revised_denominators_take_it_away_again(world):
    """What counts is what was known on the day, in whatever order it came in."""
    held = Observation.objects.filter(period_start__year__gte=2021)
    held.update(known_to=date(2024, 5, 1))
    world.release = make_release(indicator=world.indicator)
    world.hold(world.north, {2021: 105, 2022: 105}, known_from=date(2024, 5, 1))
    world.hold(world.south, {2021: 900, 2022: 900}, known_from=date(2024, 5, 1))

    assert world.judge(date(2024, 4, 30)).reason == "series_break"
    assert world.judge(date(2024, 5, 1)).reason == ""


def test_englands_own_denominator_goes_before_the_sum_of_the_boards(world):
    england = make_area(code="E92000001", kind="england", short_name="England")
    world.hold(england, {2019: 1000, 2020: 1000, 2021: 2000, 2022: 2000})

    assert world.judge().reason == ""
    assert [jump.area for jump in find_open_jumps(TODAY)] == ["South"]


def test_a_board_without_a_denominator_in_one_year_makes_no_other_jump(world):
    Observation.objects.filter(series__area=world.south, period_start__year=2021).update(denominator=None)
    Observation.objects.filter(series__area=world.south, period_start__year=2022).update(denominator=900)
    Observation.objects.filter(series__area=world.north, period_start__year=2022).update(denominator=100)

    assert find_open_jumps(TODAY) == []


def test_fictitious_boards_are_no_part_of_england(world):
    fiction = make_area(code="DEMO", short_name="Fiction", demonstration=True)
    world.hold(fiction, {2019: 10, 2020: 10, 2021: 9000, 2022: 9000})

    shares = {jump.area: jump.what for jump in find_open_jumps(TODAY)}

    assert shares["North"] == WHAT
    assert "Fiction" in shares


def test_jumps_of_indicators_that_no_target_uses_wait_for_nobody(world):
    world.indicator = make_indicator()
    world.hold(world.north, {2019: 100, 2020: 900})
    world.hold(world.south, {2019: 900, 2020: 100})
    assert len(find_open_jumps(TODAY)) == 2

    world.indicator.proxy_for = world.target.versions.get().indicator
    world.indicator.save()

    assert len(find_open_jumps(TODAY)) == 4


@pytest.mark.parametrize("stored", [True, False])
def test_charts_and_pages_draw_it_like_any_break_of_the_area(world, stored):
    if stored:
        assess_targets(now=datetime(2024, 6, 1, 12, tzinfo=UTC))
    as_at = parse_as_at(None, today=TODAY)
    [row] = find_verdicts(as_at, demonstration=False)

    figures = find_figures([row], TODAY)[row.pair.key]
    chart = draw_target(row, figures.readings, figures.england, figures.breaks)

    [mark] = figures.breaks
    assert (mark.on, mark.kind, mark.what, mark.area_id) == (date(2021, 1, 1), "break", WHAT, world.north.pk)
    assert (mark.source_title, mark.source_url) == ("The edition", "https://example.org/edition")
    assert [note["text"] for note in chart["layout"]["annotations"]].count("Break, Jan 2021") == 1
    assert [shape["line"]["dash"] for shape in chart["layout"]["shapes"]] == ["solid"]
    assert len(figures.readings) == 4
    assert find_target_page(world.target.pk, as_at, area_code="", demonstration=False).figures.breaks


def test_a_break_of_one_area_does_not_cut_englands_line(world):
    england = make_area(code="E92000001", kind="england", short_name="England")
    world.hold(england, {2019: None, 2020: None, 2021: None, 2022: None})
    [row] = find_verdicts(parse_as_at(None, today=TODAY), demonstration=False)
    figures = find_figures([row], TODAY)[row.pair.key]

    chart = draw_target(row, figures.readings, figures.england, figures.breaks)

    [line] = [trace for trace in chart["data"] if trace["name"] == "England"]
    assert figures.breaks
    assert line["y"] == [12.0] * 4


def test_no_neighbouring_baseline_lies_across_it(world):
    Observation.objects.filter(series__area=world.north, period_start__year=2021).update(value_pct=20.0)
    world.target.versions.update(
        baseline_period_start=date(2021, 1, 1), baseline_period_end=date(2021, 12, 31)
    )
    [row] = find_verdicts(parse_as_at(None, today=TODAY), demonstration=False)
    figures = find_figures([row], TODAY)[row.pair.key]

    assert row.is_judged
    assert figures.has_break_between(2020.5, 2022.5)
    assert not figures.has_break_between(2021.5, 2022.5)


def test_evidence_costs_the_same_with_jumps_or_without(world, django_assert_num_queries):
    pairs = find_pairs(TODAY)
    with django_assert_num_queries(3):
        evidence = find_evidence(pairs, TODAY)
    assert len(evidence.marks) == 1

    Observation.objects.update(denominator=None)

    with django_assert_num_queries(3):
        assert find_evidence(pairs, TODAY).marks == []


ADD = "admin:targets_coverageclearance_add"
LIST = "admin:targets_coverageclearance_changelist"


class TestAdmin:
    @pytest.fixture(autouse=True)
    def in_june(self, time_machine):
        time_machine.move_to(datetime(2024, 6, 1, 12, tzinfo=UTC))

    def test_the_list_names_what_waits_and_where_to_clear_it(self, world, admin_client: Client):
        text = admin_client.get(reverse(LIST)).content.decode().replace("&#x27;", "'")

        assert f"Smokers: {WHAT}" in text
        assert f"{reverse(ADD)}?jump={world.indicator.pk}-{world.north.pk}-20210101" in text

    def test_clearing_one_keeps_who_and_why_and_it_waits_no_more(self, world, admin_client: Client):
        jump = next(jump for jump in list_open_jumps() if jump.area == "North")
        given = {
            "jump": name_jump(jump),
            "reason": "The sample was doubled.",
            "cleared_by": "Ann Ash, analyst",
        }

        assert (
            admin_client.get(reverse(ADD), {"jump": name_jump(jump)})
            .context["adminform"]
            .form["jump"]
            .value()
        )
        response = admin_client.post(reverse(ADD), given)

        assert response.status_code == 302
        kept = CoverageClearance.objects.get()
        assert (kept.area, kept.period_start, kept.cleared_by) == (
            world.north,
            date(2021, 1, 1),
            "Ann Ash, analyst",
        )
        assert kept.recorded_by.username == "admin"
        assert [jump.area for jump in list_open_jumps()] == ["South"]
        assert world.judge().reason == ""

    @pytest.mark.parametrize("name", ["reason", "cleared_by", "jump"])
    def test_nothing_may_be_left_out(self, world, admin_client: Client, name):
        given = {"jump": name_jump(list_open_jumps()[0]), "reason": "Known.", "cleared_by": "Ann Ash"}

        response = admin_client.post(reverse(ADD), {**given, name: ""})

        assert response.status_code == 200
        assert name in response.context["adminform"].form.errors
        assert not CoverageClearance.objects.exists()

    def test_what_is_no_open_jump_cannot_be_cleared(self, world, admin_client: Client):
        jump = name_jump(list_open_jumps()[0])
        given = {"jump": jump, "reason": "Known.", "cleared_by": "Ann Ash"}
        admin_client.post(reverse(ADD), given)

        for name in (jump, "1-2-20200101", "nonsense"):
            response = admin_client.post(reverse(ADD), {**given, "jump": name})
            assert "Choose a jump that nobody has cleared yet" in response.content.decode()
        assert CoverageClearance.objects.count() == 1

    def test_a_clearance_is_never_changed_or_deleted(self, world, admin_client: Client):
        kept = world.clear(KNOWN)
        address = reverse("admin:targets_coverageclearance_change", args=[kept.pk])

        assert kept.reason in admin_client.get(address).content.decode()
        assert admin_client.post(address, {"reason": "Other"}).status_code == 403
        assert admin_client.post(address.replace("change", "delete"), {"post": "yes"}).status_code == 403

    def test_who_may_only_look_is_offered_no_link(self, world, client: Client, django_user_model):
        reader = django_user_model.objects.create_user("reader", is_staff=True)
        reader.user_permissions.add(Permission.objects.get(codename="view_coverageclearance"))
        client.force_login(reader)

        text = client.get(reverse(LIST)).content.decode()

        assert "Your account may not clear it." in text
        assert f"{reverse(ADD)}?jump=" not in text
        assert client.get(reverse(ADD)).status_code == 403

    @pytest.mark.parametrize(("shown", "count"), [(True, 3), (False, 2)])
    def test_fictitious_jumps_are_named_as_such(self, world, settings, admin_client: Client, shown, count):
        settings.DEMONSTRATION = shown
        fiction = make_area(code="DEMO", short_name="Fiction", demonstration=True)
        world.hold(fiction, {2020: 10, 2021: 900})

        text = admin_client.get(reverse(LIST)).content.decode()

        assert len(list_open_jumps()) == count
        assert ("in 2021 (Demonstration)" in text) is shown
