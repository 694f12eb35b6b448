"""Which councils lay in which board on a day: every lookup held, read once."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from icbs.models import Area, AreaCode, AreaLink, CodeScheme, LinkKind
from targets.calc.estimates import Piece


@dataclass(frozen=True, slots=True)
class CouncilLookups:
    """Links of councils to boards by the key of the board, and the dated ONS codes of each board."""

    links: dict[int, list[AreaLink]]
    codes: dict[int, list[AreaCode]]

    @property
    def days(self) -> list[date]:
        """The first day of each lookup."""
        return sorted({link.valid_from for links in self.links.values() for link in links})

    def candidate_pieces(self, board: Area, on: date) -> list[list[Piece]]:
        """By the lookup of the day; by the first one too, where the board's boundary is still the same."""
        links = self.links.get(board.pk, [])
        candidates = [
            [row for row in links if row.valid_from <= on and (row.valid_to is None or row.valid_to > on)]
        ]
        if self.days:
            first_day = self.days[0]
            first = [row for row in links if row.valid_from == first_day]
            if first and self._boundary_on(board, first_day) == self._boundary_on(board, on):
                candidates.append(first)
        return [_make_pieces(links) for links in candidates]

    def _boundary_on(self, board: Area, day: date) -> str | None:
        """The ONS code of a day: it changes with the boundary."""
        for row in self.codes.get(board.pk, []):
            begun = row.valid_from is None or row.valid_from <= day
            if begun and (row.valid_to is None or row.valid_to > day):
                return row.code
        return None


def read_council_lookups() -> CouncilLookups:
    """Two queries."""
    links: dict[int, list[AreaLink]] = defaultdict(list)
    rows = AreaLink.objects.filter(kind=LinkKind.MEMBER_OF, lsoa_count__isnull=False)
    for link in rows.select_related("from_area").order_by("pk"):
        links[link.to_area_id].append(link)
    codes: dict[int, list[AreaCode]] = defaultdict(list)
    for code in AreaCode.objects.filter(area__in=links, scheme=CodeScheme.ONS).order_by("pk"):
        codes[code.area_id].append(code)
    return CouncilLookups(dict(links), dict(codes))


def _make_pieces(links: list[AreaLink]) -> list[Piece]:
    total = sum(link.lsoa_count or 0 for link in links)
    return [
        Piece(
            council=link.from_area.code,
            lsoa_count=link.lsoa_count or 0,
            share_of_council=link.share or 0.0,
            share_of_board=(link.lsoa_count or 0) / total,
        )
        for link in links
    ]
