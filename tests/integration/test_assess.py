"""Judging what is stored: positions from rows, standings moved once, causes told apart, as-at without a trace."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kit.as_at import parse_as_at
from targets.models import Assessment, Standing, StandingChange
from targets.readers.reading import Reading
from targets.selectors.judging import judge_as_at
from targets.selectors.verdicts import find_verdicts
from targets.services.assess import assess_targets
from targets.services.editions import Edition
from targets.services.import_release import take_in_readings
from tests.factories.rows import (
    make_area,
    make_break,
    make_indicator,
    make_target,
    make_version,
)

pytestmark = pytest.mark.django_db

FIRST = date(2023, 9, 5)
SECOND = date(2024, 10, 1)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


class Board:
    """A board with one target: 20% in 2020 down to 5% in 2030, so 17% in 2022 and 15.5% in 2023."""

    def __init__(self, **version):
        self.area = make_area(code="NORTH")
        self.indicator = version.pop("indicator", None) or make_indicator()
        self.target = make_target(body=self.area)
        baseline = {
            "baseline_pct": 20.0,
            "baseline_period_start": date(2020, 1, 1),
            "baseline_period_end": date(2020, 12, 31),
        }
        self.version = make_version(
            target=self.target,
            indicator=self.indicator,
            status="published",
            known_from=date(2021, 6, 1),
            **{**baseline, **version},
        )

    def publish(self, known_from: date, figures: dict[int, float | None], *, error: float | None = 0.5):
        """An edition with figures by year; limits at plus and minus two and three `error`s."""
        take_in_readings(
            Edition(
                indicator=self.indicator,
                title=f"Edition of {known_from}",
                known_from=known_from,
                known_from_basis="The day it came out",
                file_name=f"{known_from}.csv",
                file_sha256=f"{known_from}{figures}"[:64],
                source_title="Publisher",
                source_url="",
            ),
            [self._reading(year, value, error) for year, value in figures.items()],
        )

    def _reading(self, year: int, value: float | None, error: float | None) -> Reading:
        limits = {}
        if value is not None and error is not None:
            limits = {
                "lower95_pct": value - 2 * error,
                "upper95_pct": value + 2 * error,
                "lower998_pct": value - 3 * error,
                "upper998_pct": value + 3 * error,
            }
        return Reading(
            area_code=self.area.code,
            period_label=str(year),
            period_start=date(year, 1, 1),
            period_end=date(year, 12, 31),
            value_text="" if value is None else str(value),
            value_pct=value,
            **limits,
        )

    def assess(self, day: date) -> Assessment:
        assess_targets(now=at(day))
        return Standing.objects.get(version__target=self.target).assessment

    def causes(self) -> list[str]:
        return list(StandingChange.objects.order_by("pk").values_list("cause", flat=True))


@pytest.mark.parametrize(
    ("value", "position", "flag"),
    [
        (15.0, "on_track_clear", "none"),
        (16.5, "on_track", "none"),
        (17.0, "on_track", "none"),
        (17.9, "behind_within_error", "none"),
        (18.1, "off_track", "amber"),
        (19.0, "off_track", "red"),
        (4.9, "achieved_unconfirmed", "none"),
        (3.0, "achieved_confirmed", "none"),
    ],
)
def test_a_published_figure_is_judged_against_its_path(value, position, flag):
    board = Board()
    board.publish(FIRST, {2022: value})

    verdict = board.assess(FIRST)

    assert (verdict.position, verdict.flag, verdict.basis) == (position, flag, "firm")
    assert verdict.expected_pct == pytest.approx(17.0)
    assert verdict.expected_constant_rate_pct == pytest.approx(20 * (5 / 20) ** 0.2)


def test_a_figure_without_an_interval_is_indicative_and_never_final():
    board = Board(deadline=date(2022, 12, 31), value_pct=10.0)
    board.publish(FIRST, {2022: 12.0}, error=None)

    verdict = board.assess(FIRST)

    assert (verdict.position, verdict.basis, verdict.flag) == ("behind_point", "indicative", "none")
    assert "without an interval" in verdict.basis_reason


def test_a_sample_with_its_denominator_gets_an_interval_of_ours():
    board = Board()
    board.publish(FIRST, {2022: 19.0}, error=None)
    Assessment.objects.all().delete()
    row = board.indicator.series.get().observations.get()
    type(row).objects.filter(pk=row.pk).update(denominator=2000)

    verdict = board.assess(FIRST)

    assert verdict.interval_source == "ours"
    assert verdict.basis == "indicative"
    assert (verdict.lower95_pct, verdict.upper95_pct) == pytest.approx((16.69, 21.55), abs=0.05)


def test_a_deadline_without_its_figure_waits_and_is_then_decided():
    board = Board(deadline=date(2024, 3, 31), deadline_precision="month", value_pct=10.0, comparator="lt")
    board.publish(FIRST, {2022: 16.0})
    before = board.assess(date(2024, 3, 31))
    after = board.assess(date(2024, 4, 1))
    board.publish(date(2025, 10, 1), {2022: 16.0, 2023: 14.0, 2024: 13.0})
    decided = board.assess(date(2025, 10, 1))

    assert before.position == "off_track"
    assert after.position == "awaiting_deadline_reading"
    assert (decided.position, decided.reading_label, decided.decides) == ("missed", "2024", True)
    assert board.causes() == ["first_verdict", "deadline_passed", "new_reading"]


def test_a_decided_target_is_not_judged_on_later_figures():
    board = Board(deadline=date(2022, 12, 31), value_pct=10.0)
    board.publish(FIRST, {2022: 9.0})
    first = board.assess(FIRST)
    board.publish(SECOND, {2022: 9.0, 2023: 14.0})

    assert board.assess(SECOND) == first
    assert first.position == "achieved_confirmed"


@pytest.mark.parametrize(
    ("figures", "version", "reason"),
    [
        ({}, {}, "no_reading"),
        ({2022: None}, {}, "suppressed"),
        ({2021: 18.0, 2022: None}, {}, "suppressed"),
        ({2020: 20.0}, {}, "no_reading_after_baseline"),
        (
            {2022: 18.0},
            {"baseline_pct": None, "baseline_period_start": None, "baseline_period_end": None},
            "no_baseline",
        ),
        ({2022: 18.0}, {"form": "gap", "cannot_judge": "No figures for the groups."}, "gap_form"),
        (
            {2022: 18.0},
            {"form": "words_only", "cannot_judge": "No figure.", "value_pct": None, "comparator": ""},
            "words_only",
        ),
    ],
)
def test_what_cannot_be_judged_says_why(figures, version, reason):
    board = Board(stated_on=date(2021, 3, 31), **version)
    if figures:
        board.publish(FIRST, figures)

    verdict = board.assess(FIRST)

    assert (verdict.position, verdict.reason) == ("cannot_assess", reason)


def test_a_break_is_not_crossed_and_a_caution_is():
    board = Board()
    board.publish(FIRST, {2022: 18.0})
    caution = make_break(indicator=board.indicator, on=date(2021, 3, 1), kind="caution")

    assert board.assess(FIRST).position == "behind_within_error"

    caution.kind = "break"
    caution.save()

    assert board.assess(FIRST).reason == "series_break"


def test_the_own_baseline_is_the_figure_of_the_year_it_was_stated_in():
    unstated = {"baseline_pct": None, "baseline_period_start": None, "baseline_period_end": None}
    board = Board(stated_on=date(2020, 5, 1), **unstated)
    board.publish(FIRST, {2019: 21.0, 2020: 20.0, 2021: 18.0, 2022: 17.0})

    verdict = board.assess(FIRST)

    assert (verdict.baseline_label, verdict.baseline_pct, verdict.position) == ("2020", 20.0, "on_track")


def test_milestones_bend_the_path():
    board = Board(milestones=[{"on": "2021-12-31", "pct": 19.0}])
    board.publish(FIRST, {2022: 18.0})

    assert board.assess(FIRST).expected_pct == pytest.approx(19 + (5 - 19) * 0.5 / 8.5)


def test_judging_the_same_evidence_twice_stores_once():
    board = Board()
    board.publish(FIRST, {2022: 19.0})

    runs = [assess_targets(now=at(FIRST)) for _ in range(3)]

    assert [run.moved for run in runs] == [1, 0, 0]
    assert Assessment.objects.count() == Standing.objects.count() == StandingChange.objects.count() == 1


def test_a_new_figure_moves_the_standing_once():
    board = Board()
    board.publish(FIRST, {2022: 16.0})
    board.assess(FIRST)
    board.publish(SECOND, {2022: 16.0, 2023: 19.0})

    assert board.assess(SECOND).position == "off_track"
    assert board.causes() == ["first_verdict", "new_reading"]
    assert StandingChange.objects.last().became_true_on == SECOND


def test_a_restatement_is_told_apart_from_a_change():
    board = Board()
    board.publish(FIRST, {2022: 16.0})
    board.assess(FIRST)
    board.publish(SECOND, {2022: 19.0})
    board.assess(SECOND)

    assert board.causes() == ["first_verdict", "restated_figures"]


def test_an_edition_that_revises_and_adds_is_judged_in_two_steps():
    board = Board()
    board.publish(FIRST, {2022: 16.0})
    board.assess(FIRST)
    board.publish(SECOND, {2022: 19.0, 2023: 18.5})
    board.assess(SECOND)

    changes = list(StandingChange.objects.order_by("pk"))
    assert board.causes() == ["first_verdict", "restated_figures", "new_reading"]
    assert [change.after.reading_label for change in changes] == ["2022", "2022", "2023"]
    assert changes[2].before == changes[1].after


def test_a_run_killed_between_two_steps_is_finished_by_the_next(monkeypatch):
    board = Board()
    board.publish(FIRST, {2022: 16.0})
    board.assess(FIRST)
    board.publish(SECOND, {2022: 19.0, 2023: 18.5})
    real, calls = StandingChange.objects.create, []

    def die_on_the_second_step(**values):
        calls.append(values)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(**values)

    monkeypatch.setattr(StandingChange.objects, "create", die_on_the_second_step)
    with pytest.raises(KeyboardInterrupt):
        assess_targets(now=at(SECOND))
    monkeypatch.undo()
    board.assess(SECOND)

    assert board.causes() == ["first_verdict", "restated_figures", "new_reading"]


def test_a_changed_target_starts_anew():
    board = Board()
    board.publish(FIRST, {2022: 18.5})
    board.assess(FIRST)
    make_version(
        target=board.target,
        number=2,
        status="published",
        indicator=board.indicator,
        known_from=date(2024, 1, 1),
        value_pct=15.0,
        baseline_pct=20.0,
        baseline_period_start=date(2020, 1, 1),
        baseline_period_end=date(2020, 12, 31),
    )

    assess_targets(now=at(date(2024, 1, 2)))

    change = StandingChange.objects.last()
    assert (change.cause, change.became_true_on) == ("target_changed", date(2024, 1, 1))
    assert change.after.position == "on_track"
    assert [row.pair.version.number for row in judge_as_at(date(2023, 12, 31))] == [1]


def test_as_at_answers_for_the_day_and_writes_nothing():
    board = Board()
    board.publish(FIRST, {2022: 16.0})
    board.publish(SECOND, {2022: 19.0, 2023: 18.5})

    before = judge_as_at(date(2024, 9, 30))[0].assessment
    after = judge_as_at(SECOND)[0].assessment

    assert (before.reading_label, before.value_pct, before.position) == ("2022", 16.0, "on_track_clear")
    assert (after.reading_label, after.value_pct) == ("2023", 18.5)
    assert not Assessment.objects.exists()


def test_staleness_is_a_mark_beside_the_verdict():
    board = Board(indicator=make_indicator(publication_lag_days=275))
    board.publish(FIRST, {2022: 18.0})
    board.assess(FIRST)

    assess_targets(now=at(date(2024, 12, 1)))

    assert Standing.objects.get().stale
    assert board.causes() == ["first_verdict"]


def test_a_closed_board_is_not_judged():
    board = Board()
    board.publish(FIRST, {2022: 18.0})
    board.area.closed = date(2024, 1, 1)
    board.area.save()

    assert len(judge_as_at(date(2023, 12, 31))) == 1
    assert judge_as_at(date(2024, 1, 1)) == []


def test_the_ambition_is_laid_beside_every_real_board():
    england = make_area(code="E92000001", kind="england", short_name="England")
    indicator = make_indicator()
    boards = [make_area(code=f"Q{n}", short_name=f"Board {n}") for n in range(3)]
    make_area(code="DEMO", demonstration=True)
    target = make_target(body=england, compared_with_boards=True)
    make_version(target=target, indicator=indicator, status="published", known_from=date(2019, 7, 22))

    judged = judge_as_at(FIRST)

    assert [(row.pair.area.code, row.pair.kind) for row in judged] == [
        ("E92000001", "promise"),
        *((board.code, "comparison") for board in boards),
    ]


def test_judging_costs_the_same_for_many_boards():
    england = make_area(code="E92000001", kind="england", short_name="England")
    target = make_target(body=england, compared_with_boards=True)
    make_version(target=target, indicator=make_indicator(), status="published", known_from=date(2019, 7, 22))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            judge_as_at(FIRST)
        return len(captured)

    for n in range(2):
        make_area(code=f"A{n}", short_name=f"Board {n}")
    few = queries()
    for n in range(40):
        make_area(code=f"B{n}", short_name=f"Other {n}")

    assert queries() == few <= 6


@pytest.mark.django_db(transaction=True)
def test_two_workers_move_a_standing_once():
    board = Board()
    board.publish(FIRST, {2022: 16.0})
    board.assess(FIRST)
    board.publish(SECOND, {2022: 19.0, 2023: 18.5})

    def work(_):
        try:
            return assess_targets(now=at(SECOND)).moved
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        moved = list(pool.map(work, range(4)))

    assert sum(moved) == 2
    assert board.causes() == ["first_verdict", "restated_figures", "new_reading"]


def test_an_estimate_of_ours_decides_no_deadline():
    board = Board(deadline=date(2022, 12, 31), value_pct=10.0)
    board.publish(FIRST, {2022: 12.0}, error=None)
    published = board.indicator.releases.get()
    type(published).objects.filter(pk=published.pk).update(kind="estimate", derived_from=published)

    verdict = board.assess(FIRST)

    assert (verdict.position, verdict.value_pct, verdict.decides) == (
        "awaiting_deadline_reading",
        12.0,
        False,
    )


def test_a_withheld_figure_is_not_called_old():
    board = Board(indicator=make_indicator(publication_lag_days=275))
    board.publish(FIRST, {2021: 18.0, 2022: None})

    board.assess(date(2024, 9, 1))

    assert not Standing.objects.get().stale


def test_the_first_verdict_is_dated_when_all_of_it_was_known():
    board = Board(deadline=date(2024, 3, 31), deadline_precision="month")
    board.publish(FIRST, {2022: 18.0})

    board.assess(date(2024, 5, 1))

    assert StandingChange.objects.get().became_true_on == date(2024, 4, 1)


def test_what_was_published_keeps_its_body():
    board = Board()
    board.target.body = make_area(code="SOUTH")

    with pytest.raises(ValidationError, match="keeps its body"):
        board.target.save()


def test_a_verdict_not_stored_yet_is_read_all_the_same():
    board = Board()
    board.publish(FIRST, {2022: 19.0})

    [row] = find_verdicts(parse_as_at(None, today=FIRST), demonstration=False)

    assert row.assessment.position == "off_track"
    assert not Standing.objects.exists()
