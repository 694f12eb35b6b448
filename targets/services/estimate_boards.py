"""Board estimates from council figures (design rule 5.2): for each edition and each lookup in force."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from icbs.models import Area
from targets.calc.estimates import Estimate, Piece, choose_lookup, estimate_board, find_widely_given
from targets.models import (
    EstimatePart,
    Indicator,
    MissingEstimate,
    Observation,
    Release,
    ReleaseKind,
)
from targets.readers.reading import Reading
from targets.selectors.council_lookups import CouncilLookups, read_council_lookups
from targets.services.coverage import cover_every_period
from targets.services.editions import Edition, Scope, add_edition, take_edition_out
from targets.services.staging import clear_batch, open_catalogue, stage_rows

Period = tuple[str, date, date]


@dataclass(frozen=True, slots=True)
class BoardEstimates:
    """A board's estimate for each period, and the lookup they were made with."""

    board: Area
    pieces: list[Piece]
    by_period: Mapping[Period, Estimate]


@dataclass(frozen=True, slots=True)
class Plan:
    """The estimates that an edition and the lookup of a day give; `digest` tells two plans apart."""

    published: Release
    on: date
    estimates: list[BoardEstimates]
    figures: Mapping[str, Mapping[Period, Observation]]
    widely_given: set[Period]
    digest: str


@transaction.atomic
def remake_estimates(indicator: Indicator) -> list[Release]:
    """Bring the estimate releases in line with the editions held: one an edition, one more when a lookup changes.

    From the first that differs on, the later ones are withdrawn and made anew. Twice changes nothing.
    """
    kept = list(
        indicator.releases.filter(kind=ReleaseKind.ESTIMATE, withdrawn_at=None).order_by("known_from", "pk")
    )
    lookups = read_council_lookups()
    plans = [_make_plan(published, on, lookups) for published, on in _find_due(indicator, lookups)]
    agree = 0
    for release, plan in zip(kept, plans, strict=False):
        if (release.file_sha256, release.known_from) != (plan.digest, plan.on):
            break
        if release.derived_from_id != plan.published.pk:
            break
        agree += 1
    for release in reversed(kept[agree:]):
        take_edition_out(release, because="Made anew from the editions held", by=None, now=timezone.now())
    return [_keep_plan(plan) for plan in plans[agree:]]


def _find_due(indicator: Indicator, lookups: CouncilLookups) -> Iterator[tuple[Release, date]]:
    """Each published edition with the days from which its estimates hold."""
    published = list(
        indicator.releases.filter(kind=ReleaseKind.PUBLISHED, withdrawn_at=None).order_by("known_from", "pk")
    )
    for release, following in zip_longest(published, published[1:]):
        end = following.known_from if following else date.max
        if end == release.known_from:
            continue
        yield release, release.known_from
        yield from ((release, day) for day in lookups.days if release.known_from < day < end)


def _make_plan(published: Release, on: date, lookups: CouncilLookups) -> Plan:
    boards = list(Area.objects.boards().real().in_being(on))
    figures = _council_figures(published.indicator, on)
    councils = Counter(period for by_council in figures.values() for period in by_council)
    periods = sorted(councils, key=lambda period: period[1])
    widely_given = find_widely_given(councils)
    estimates = [_estimate_board(board, on, lookups, periods, widely_given, figures) for board in boards]
    digest = _digest_estimates(estimates, widely_given, figures)
    return Plan(published, on, estimates, figures, widely_given, digest)


def _digest_estimates(
    estimates: list[BoardEstimates],
    widely_given: set[Period],
    figures: Mapping[str, Mapping[Period, Observation]],
) -> str:
    digest = hashlib.sha256(repr(sorted(widely_given)).encode())
    for board in estimates:
        weights = {piece.council: piece.lsoa_count for piece in board.pieces}
        for period, estimate in board.by_period.items():
            parts = [
                (figures[code][period].pk, weights[code])
                for code in estimate.counted
                if estimate.reason is None
            ]
            digest.update(
                repr(
                    (board.board.pk, period, estimate.value_pct, estimate.reason, estimate.named, parts)
                ).encode()
            )
    return digest.hexdigest()


def _keep_plan(plan: Plan) -> Release:
    """Its release, with the councils and weights behind each figure and the reason where there is none."""
    published, on = plan.published, plan.on
    boards = [board.board for board in plan.estimates]
    catalogue = open_catalogue(published.indicator)
    staged = stage_rows(_make_readings(plan.estimates), catalogue, known_from=on)
    staged.indicators = [published.indicator_id]
    release = add_edition(
        Edition(
            indicator=published.indicator,
            kind=ReleaseKind.ESTIMATE,
            derived_from=published,
            title=f"Board estimates from {published.title}"[:200],
            known_from=on,
            known_from_basis=(
                published.known_from_basis
                if on == published.known_from
                else "The day the boards or the list of councils in each board changed"
            ),
            file_name=published.file_name,
            file_sha256=plan.digest,
            source_title=f"Our estimate from council figures: {published.source_title}"[:300],
            source_url=published.source_url,
        ),
        staged,
        Scope(coverage=cover_every_period(published.indicator, boards)),
    )
    _keep_parts(release, plan.estimates, plan.figures)
    _keep_missing(release, plan.estimates, plan.widely_given)
    clear_batch(staged.batch)
    return release


def _council_figures(indicator: Indicator, on: date) -> dict[str, dict[Period, Observation]]:
    """Council code to its published figures by period, as known on a day."""
    figures: dict[str, dict[Period, Observation]] = defaultdict(dict)
    rows = (
        Observation.objects.known_on(on)
        .filter(series__indicator=indicator, series__area__kind="council")
        .headline()
        .annotate(council=F("series__area__code"))
        .only("period_label", "period_start", "period_end", "value_pct", "known_from")
    )
    for row in rows:
        figures[row.council][row.period_label, row.period_start, row.period_end] = row
    return figures


def _estimate_board(
    board: Area,
    on: date,
    lookups: CouncilLookups,
    periods: Iterable[Period],
    widely_given: set[Period],
    figures: Mapping[str, Mapping[Period, Observation]],
) -> BoardEstimates:
    """With the lookup of the day; with the first one where that gives more and the boundary is the same."""
    candidates = []
    for pieces in lookups.candidate_pieces(board, on):
        by_period = {}
        for period in periods:
            values = {
                piece.council: figures[piece.council][period].value_pct
                for piece in pieces
                if period in figures.get(piece.council, {})
            }
            by_period[period] = estimate_board(pieces, values)
        candidates.append((pieces, by_period))
    place = choose_lookup(
        [
            {period: found for period, found in by_period.items() if period in widely_given}
            for _, by_period in candidates
        ]
    )
    pieces, by_period = candidates[place]
    return BoardEstimates(board, pieces, by_period)


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


def _keep_missing(release: Release, estimates: list[BoardEstimates], widely_given: set[Period]) -> None:
    """Only for periods that most councils have: a file with one council of a new year is no edition of that year."""
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
        for (label, start, end), estimate in board.by_period.items()
        if estimate.value_pct is None and (label, start, end) in widely_given
    )
