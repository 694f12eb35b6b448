"""Board estimates follow the council figures: they go when those go, and a stray row throws none out."""

from datetime import date
from io import BytesIO

import pytest
from django.utils import timezone

from targets.models import Indicator, Observation
from targets.selectors.judging import judge_as_at
from targets.services.import_release import Request, import_file, withdraw_release

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference_data")]

DAY = date(2026, 6, 10)


def take_in(lines: list[str]):
    request = Request(
        file_name="councils.csv",
        known_from=DAY,
        known_from_basis="For a test",
        source_title="A test",
        indicator=Indicator.objects.get(slug="adults-smoking-aps-18"),
    )
    content = "\n".join(["area_code,period,value", *lines]) + "\n"
    return import_file(BytesIO(content.encode()), request)


def find_estimates(year: int) -> dict[str, float | None]:
    rows = Observation.objects.known_on(DAY).filter(estimated=True, period_start=date(year, 1, 1))
    return dict(rows.values_list("series__area__code", "value_pct"))


def find_positions() -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (row.pair.area.code, row.pair.version.target.slug): (
            row.assessment.position,
            row.assessment.reading_label,
        )
        for row in judge_as_at(DAY)
    }


def councils_of(year: int) -> list[str]:
    rows = Observation.objects.known_on(DAY).filter(
        series__area__kind="council",
        series__indicator__slug="adults-smoking-aps-18",
        period_start=date(year, 1, 1),
    )
    return sorted(rows.values_list("series__area__code", flat=True))


def test_no_estimate_outlives_the_figures_it_was_made_of():
    before = find_estimates(2024)
    assert len(before) > 25

    outcome = take_in([f"{code},2024,NA" for code in councils_of(2024)])

    assert find_estimates(2024) == {}
    assert len(find_estimates(2023)) > 25
    withdraw_release(outcome.releases[0], because="A test", by=None, now=timezone.now())
    assert find_estimates(2024) == before


def test_a_council_of_a_new_year_throws_no_boards_verdict_out():
    before = find_positions()

    outcome = take_in(["E06000001,2025,14.0"])

    assert outcome.new == 1
    assert find_positions() == before
