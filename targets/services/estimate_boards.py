"""Board estimates from council figures (design rule 5.2): for each edition and each lookup in force."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet

from icbs.models import Area, AreaCode, AreaLink, CodeScheme, LinkKind
from targets.calc.estimates import Estimate, Piece, choose_lookup, estimate_board
from targets.models import (
    EstimatePart,
    Indicator,
    MissingEstimate,
    Observation,
    Release,
    ReleaseKind,
)
from targets.readers.wide_table import Reading
from targets.services.import_release import Edition, import_release

Period = tuple[str, date, date]


@dataclass(frozen=True, slots=True)
class BoardEstimates:
    """A board's estimate for each period, and the lookup they were made with."""

    board: Area
    pieces: list[Piece]
    by_period: Mapping[Period, Estimate]


def estimate_all(indicator: Indicator) -> list[Release]:
    """Every estimate release that is due: one an edition, one more when a lookup changes between editions."""
    published = list(
        indicator.releases.filter(kind=ReleaseKind.PUBLISHED, withdrawn_at=None).order_by("known_from")
    )
    lookup_days = sorted(set(_lookup_links().values_list("valid_from", flat=True)))
    releases = []
    for release, following in zip(published, [*published[1:], None], strict=True):
        end = following.known_from if following else date.max
        days = [release.known_from, *(day for day in lookup_days if release.known_from < day < end)]
        releases += [estimate_boards(release, on=day) for day in days]
    return releases


@transaction.atomic
def estimate_boards(published: Release, *, on: date) -> Release:
    """The estimates of one edition with the lookup of a day. Twice gives the same release."""
    boards = list(Area.objects.boards().real().in_being(on))
    figures = _council_figures(published.indicator, on)
    periods = sorted({period for by_council in figures.values() for period in by_council}, key=lambda p: p[1])
    estimates = [_estimate_board(board, on, periods, figures) for board in boards]
    release, is_new = import_release(
        Edition(
            indicator=published.indicator,
            kind=ReleaseKind.ESTIMATE,
            derived_from=published,
            title=f"Board estimates from {published.title}",
            known_from=on,
            known_from_basis=(
                published.known_from_basis
                if on == published.known_from
                else "The day the boards or the list of councils in each board changed"
            ),
            file_name=published.file_name,
            file_sha256=published.file_sha256,
            source_title=f"Our estimate from council figures: {published.source_title}",
            source_url=published.source_url,
        ),
        _make_readings(estimates),
        covers=boards,
    )
    if is_new:
        _keep_parts(release, estimates, figures)
        _keep_missing(release, estimates)
    return release


def _lookup_links() -> QuerySet[AreaLink]:
    return AreaLink.objects.filter(kind=LinkKind.MEMBER_OF, lsoa_count__isnull=False)


def _council_figures(indicator: Indicator, on: date) -> dict[str, dict[Period, Observation]]:
    """Council code to its published figures by period, as known on a day."""
    figures: dict[str, dict[Period, Observation]] = defaultdict(dict)
    rows = (
        Observation.objects.known_on(on)
        .filter(series__indicator=indicator, series__area__kind="council")
        .select_related("series__area")
    )
    for row in rows:
        figures[row.series.area.code][row.period_label, row.period_start, row.period_end] = row
    return figures


def _estimate_board(
    board: Area,
    on: date,
    periods: Iterable[Period],
    figures: Mapping[str, Mapping[Period, Observation]],
) -> BoardEstimates:
    """With the lookup of the day; with the first one where that gives more and the boundary is the same."""
    candidates = []
    for pieces in _candidate_pieces(board, on):
        by_period = {}
        for period in periods:
            values = {
                piece.council: figures[piece.council][period].value_pct
                for piece in pieces
                if period in figures.get(piece.council, {})
            }
            by_period[period] = estimate_board(pieces, values)
        candidates.append((pieces, by_period))
    pieces, by_period = candidates[choose_lookup([by_period for _, by_period in candidates])]
    return BoardEstimates(board, pieces, by_period)


def _candidate_pieces(board: Area, on: date) -> list[list[Piece]]:
    valid_now = Q(valid_from__lte=on) & (Q(valid_to=None) | Q(valid_to__gt=on))
    of_the_day = list(_lookup_links().filter(valid_now, to_area=board).select_related("from_area"))
    first_day = _lookup_links().order_by("valid_from").values_list("valid_from", flat=True).first()
    if first_day is None:
        return [_make_pieces(of_the_day)]
    candidates = [of_the_day]
    first = list(_lookup_links().filter(valid_from=first_day, to_area=board).select_related("from_area"))
    if first and _boundary_on(board, first_day) == _boundary_on(board, on):
        candidates.append(first)
    return [_make_pieces(links) for links in candidates]


def _boundary_on(board: Area, day: date) -> str | None:
    """The ONS code of a day: it changes with the boundary."""
    code = (
        AreaCode.objects.filter(area=board, scheme=CodeScheme.ONS)
        .filter(Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gt=day))
        .first()
    )
    return code.code if code else None


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


def _make_readings(estimates: list[BoardEstimates]) -> list[Reading]:
    return [
        Reading(
            area_code=board.board.code,
            period_label=label,
            period_start=start,
            period_end=end,
            value_text=f"{estimate.value_pct:.4f}",
            value_pct=round(estimate.value_pct, 9),
        )
        for board in estimates
        for (label, start, end), estimate in board.by_period.items()
        if estimate.value_pct is not None
    ]


def _keep_parts(
    release: Release,
    estimates: list[BoardEstimates],
    figures: Mapping[str, Mapping[Period, Observation]],
) -> None:
    made = {
        (row.series.area_id, row.period_start): row for row in release.observations.select_related("series")
    }
    parts = []
    for board in estimates:
        weights = {piece.council: piece.lsoa_count for piece in board.pieces}
        for period, estimate in board.by_period.items():
            row = made.get((board.board.pk, period[1]))
            if row is None or estimate.value_pct is None:
                continue
            parts += [
                EstimatePart(
                    estimate=row, council_figure=figures[council][period], lsoa_count=weights[council]
                )
                for council in estimate.counted
            ]
    EstimatePart.objects.bulk_create(parts, batch_size=2000)


def _keep_missing(release: Release, estimates: list[BoardEstimates]) -> None:
    names = dict(Area.objects.filter(kind="council").values_list("code", "short_name"))
    MissingEstimate.objects.bulk_create(
        MissingEstimate(
            release=release,
            area=board.board,
            period_label=label,
            period_start=start,
            reason=estimate.reason or "",
            councils=", ".join(names.get(code, code) for code in estimate.named),
        )
        for board in estimates
        for (label, start, _), estimate in board.by_period.items()
        if estimate.value_pct is None
    )
