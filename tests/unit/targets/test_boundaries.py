from datetime import date

import pytest

from targets.calc.boundaries import Boundary, Dated, boundary_of, describe_boundaries

CHANGE = date(2026, 4, 1)
BEFORE, SINCE = date(2024, 10, 31), date(2026, 4, 30)


@pytest.mark.parametrize(
    ("figure", "boundary"),
    [
        (Dated(2023.5, BEFORE, False), Boundary.OLD),
        (Dated(2023.5, BEFORE, True), Boundary.OLD),
        (Dated(2023.5, date(2026, 3, 31), False), Boundary.OLD),
        (Dated(2023.5, CHANGE, True), Boundary.OF_THE_LIST),
        (Dated(2023.5, SINCE, False), Boundary.NOT_STATED),
        (Dated(2026.25, SINCE, False), Boundary.NEW),
        (Dated(2026.2, SINCE, False), Boundary.NOT_STATED),
    ],
)
def test_the_boundary_follows_from_when_a_figure_was_known(figure, boundary):
    assert boundary_of(figure, CHANGE) == boundary


def test_a_table_says_how_many_figures_are_for_which_boundary():
    figures = [Dated(2022.5, BEFORE, False)] * 2 + [Dated(2024.5, SINCE, True), Dated(2024.5, SINCE, False)]

    assert describe_boundaries(figures, CHANGE) == (
        "Its boundary changed on 1 April 2026. Of these figures 2 were known before that day and are for the old "
        "boundary; 1 is our estimate made since, with the list of councils in force on the day it was made; "
        "1 was published since for earlier years: the publisher does not say for which boundary."
    )


def test_nothing_is_said_without_figures():
    assert describe_boundaries([], CHANGE) == ""
