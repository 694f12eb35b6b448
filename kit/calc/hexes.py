"""Where the hexagons of a tile map lie, from grid places to drawing coordinates."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

COLUMNS_APART = 4  # between neighbours in one row; rows interlock, so a half step is 2


@dataclass(frozen=True, slots=True)
class PlacedHex:
    """Centre and corners of one hexagon; `points` is what an SVG polygon takes."""

    x: float
    y: float
    points: str


@dataclass(frozen=True, slots=True)
class HexLayout:
    """`hexes` come in the order of the cells given; the drawing spans 0-`width` by 0-`height`."""

    width: float
    height: float
    hexes: tuple[PlacedHex, ...]


def place_hexes(cells: Sequence[tuple[int, int]], size: float) -> HexLayout:
    """Lay out pointed-top hexagons of one size so that neighbours share an edge.

    Args:
        cells: (row, column) of each hexagon. A larger row lies further north, a larger column
            further east; neighbours in a row are 4 columns apart, in adjoining rows 2.
        size: distance from a hexagon's centre to its corners, above 0, in drawing units.

    Raises:
        ValueError: the size is not above 0, or two hexagons would overlap.

    >>> layout = place_hexes([(1, 1), (2, 3)], size=20)
    >>> round(layout.width, 2), layout.height
    (51.96, 70.0)
    >>> [(round(tile.x, 2), tile.y) for tile in layout.hexes]
    [(17.32, 50.0), (34.64, 20.0)]
    """
    if not size > 0:
        raise ValueError(f"The size of a hexagon must be above 0, not {size}.")
    _refuse_overlaps(cells)
    if not cells:
        return HexLayout(0.0, 0.0, ())
    north, south = max(row for row, _ in cells), min(row for row, _ in cells)
    west, east = min(column for _, column in cells), max(column for _, column in cells)
    tile_width = sqrt(3) * size
    hexes = tuple(
        _hex_at(
            x=((column - west) / COLUMNS_APART + 0.5) * tile_width,
            y=(1.5 * (north - row) + 1) * size,
            size=size,
        )
        for row, column in cells
    )
    width = ((east - west) / COLUMNS_APART + 1) * tile_width
    return HexLayout(width, (1.5 * (north - south) + 2) * size, hexes)


def _hex_at(*, x: float, y: float, size: float) -> PlacedHex:
    half_width = sqrt(3) / 2 * size
    corners = (
        (x, y - size),
        (x + half_width, y - size / 2),
        (x + half_width, y + size / 2),
        (x, y + size),
        (x - half_width, y + size / 2),
        (x - half_width, y - size / 2),
    )
    return PlacedHex(x, y, " ".join(f"{cx:.2f},{cy:.2f}" for cx, cy in corners))


def _refuse_overlaps(cells: Sequence[tuple[int, int]]) -> None:
    taken: set[tuple[int, int]] = set()
    for row, column in cells:
        reach = {0: COLUMNS_APART - 1, 1: COLUMNS_APART // 2 - 1}
        for rows_off, columns_off in reach.items():
            for near_row in {row - rows_off, row + rows_off}:
                for near_column in range(column - columns_off, column + columns_off + 1):
                    if (near_row, near_column) in taken:
                        raise ValueError(
                            f"The hexagons at row {row}, column {column} and "
                            f"row {near_row}, column {near_column} overlap."
                        )
        taken.add((row, column))
