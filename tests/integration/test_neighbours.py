"""A verdict that rests on the choice of its baseline year says so."""

import pytest
from django.utils import timezone

from kit.as_at import parse_as_at
from targets.selectors.figures import find_figures
from targets.selectors.neighbours import describe_other_baselines
from targets.selectors.verdicts import find_verdicts

DAY = "2026-06-01"


@pytest.fixture
def described(reference_data, db) -> dict[str, list[str]]:
    as_at = parse_as_at(DAY, today=timezone.localdate())
    rows = find_verdicts(as_at, demonstration=False)
    figures = find_figures(rows, as_at.on)
    return {
        f"{row.version.target.slug} {row.area.code}": describe_other_baselines(row, figures[row.pair.key])
        for row in rows
    }


def test_an_own_baseline_is_held_against_the_figures_beside_it(described):
    assert described["nottingham-and-nottinghamshire-adults-2035 QT1"] == [
        "From 2022 (13.6%) it would read “On track”."
    ]


def test_a_stated_baseline_is_held_against_the_years_beside_it(described):
    assert described["cheshire-and-merseyside-adults-2030 QYG"] == [
        "From the same figure in 2020 (12.5%) it would read “Above its path”."
    ]


def test_twelve_verdicts_rest_on_their_baseline_year(described):
    assert sum(bool(sentences) for sentences in described.values()) == 12


def test_nothing_is_said_where_nothing_would_change(described):
    assert described["england-adults-2030 E92000001"] == []
    assert described["south-yorkshire-adults-2024 QF7"] == []
