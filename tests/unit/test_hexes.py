from math import dist, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.calc.hexes import place_hexes

interlocking_cells = st.lists(
    st.tuples(st.integers(1, 12), st.integers(0, 8)).map(
        lambda cell: (cell[0], 4 * cell[1] + 2 * (cell[0] % 2))
    ),
    min_size=1,
    max_size=40,
    unique=True,
)


def corners_of(tile):
    return [tuple(float(number) for number in pair.split(",")) for pair in tile.points.split()]


def test_one_hexagon_of_size_20_fills_its_drawing():
    layout = place_hexes([(5, 9)], size=20)

    assert (layout.width, layout.height) == pytest.approx((20 * sqrt(3), 40))
    assert layout.hexes[0].points == "17.32,0.00 34.64,10.00 34.64,30.00 17.32,40.00 0.00,30.00 0.00,10.00"


def test_a_larger_row_lies_further_north_and_a_larger_column_further_east():
    south_west, north_east = place_hexes([(1, 1), (9, 17)], size=10).hexes

    assert north_east.y < south_west.y
    assert north_east.x > south_west.x


@pytest.mark.parametrize("neighbour", [(5, 13), (5, 5), (6, 7), (6, 11), (4, 7), (4, 11)])
def test_each_of_the_six_neighbours_shares_an_edge(neighbour):
    tile, other = place_hexes([(5, 9), neighbour], size=10).hexes

    shared = [(a, b) for a in corners_of(tile) for b in corners_of(other) if dist(a, b) < 0.02]

    assert len(shared) == 2


@given(cells=interlocking_cells)
def test_no_two_hexagons_are_nearer_than_neighbours_and_none_leaves_the_drawing(cells):
    layout = place_hexes(cells, size=10)

    centres = [(tile.x, tile.y) for tile in layout.hexes]
    assert all(dist(a, b) > 10 * sqrt(3) - 1e-6 for i, a in enumerate(centres) for b in centres[:i])
    for tile in layout.hexes:
        assert all(-0.01 <= x <= layout.width + 0.01 for x, _ in corners_of(tile))
        assert all(-0.01 <= y <= layout.height + 0.01 for _, y in corners_of(tile))


@pytest.mark.parametrize("second", [(3, 5), (3, 6), (3, 8), (4, 5), (4, 6), (2, 4)])
def test_overlapping_hexagons_are_refused_by_name(second):
    with pytest.raises(ValueError, match=r"row 3, column 5 overlap"):
        place_hexes([(3, 5), second], size=10)


def test_a_size_of_zero_is_refused():
    with pytest.raises(ValueError, match="must be above 0"):
        place_hexes([(1, 1)], size=0)


def test_no_cells_give_an_empty_layout():
    assert place_hexes([], size=10).hexes == ()
