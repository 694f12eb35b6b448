"""Loads the fictitious boards and plays their editions, so that every verdict and mail is seen working."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.db import transaction

from alerts.models import Frequency, Mail, Subscription
from alerts.services.evaluate import evaluate_alerts
from icbs.models import Area, RolloutStatus, Service
from icbs.models.rollout import STATUS_LABELS
from icbs.services import load_areas as registry
from kit.readers.csv_table import BrokenTable, Row
from targets.models import Indicator
from targets.services import load_targets as figures
from targets.services.assess import assess_targets
from targets.services.import_release import RefusedRelease
from tracker.services import load_reference as reference

FICTITIOUS = "Fictitious"
"""The publisher of every fictitious indicator and source: the mark that purge_demo goes by."""
SUBSCRIBER = "demonstration@example.org"

COLUMNS = {
    name: reference.COLUMNS[name]
    for name in ("sources", "areas", "indicators", "breaks", "releases", "targets")
} | {"rollout": ["area", "service", "on", "status", "known_from", "evidence", "source"]}

Tables = dict[str, list[Row]]


class DemonstrationOff(RuntimeError):
    """Demonstration is switched off; nothing was changed."""


class BrokenDemonstration(ValueError):
    """The demonstration cannot be loaded; the message says why, and nothing was changed."""


@dataclass(frozen=True, slots=True)
class Played:
    """What the editions moved."""

    boards: int
    moved: int
    followed: int
    mails: int


def load_demonstration(
    *, clock: Callable[[], datetime], progress: Callable[[str], None], folder: Path | None = None
) -> Played:
    """Load boards, targets and services, then take the editions in one by one as if each had just come out.

    After each edition every target is judged and the alerts follow. The first is silent; a fictitious
    subscriber is told of what the later ones move. One transaction; a second run moves nothing. Mails
    are written, not delivered.

    Raises:
        DemonstrationOff: the setting DEMONSTRATION is False.
        BrokenDemonstration: the reference data is missing, or a line of a table is broken.
    """
    if not settings.DEMONSTRATION:
        raise DemonstrationOff(
            "Demonstration is switched off. Set DEMONSTRATION=True to load fictitious boards."
        )
    folder = folder or settings.DATA_DIR / "demonstration"
    with _refusals(), transaction.atomic():
        tables = {name: reference.read_bundled(folder, name, columns) for name, columns in COLUMNS.items()}
        _refuse_what_is_real(tables)
        progress("fictitious boards, their targets and services")
        areas, indicators = _load_registers(tables)
        return _play(tables, folder, areas, indicators, clock, progress)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except BrokenTable as error:
        raise BrokenDemonstration(str(error)) from error
    except RefusedRelease as error:
        raise BrokenDemonstration(
            f"{error} If another demonstration is loaded, run purge_demo first."
        ) from error


def _refuse_what_is_real(tables: Tables) -> None:
    real_codes = set(Area.objects.real().values_list("code", flat=True))
    for row in tables["areas"]:
        row.choice("kind", ["icb"])
        if row.text("code") in real_codes:
            raise row.refuse("code", "the code of a fictitious board: a real body bears it")
    for row in [*tables["sources"], *tables["indicators"]]:
        row.choice("publisher", [FICTITIOUS])
    for row in tables["targets"]:
        if row.flag("compared_with_boards"):
            raise row.refuse(
                "compared_with_boards", "false, and nothing fictitious is laid beside real boards"
            )


def _load_registers(tables: Tables) -> tuple[dict[str, Area], dict[str, Indicator]]:
    sources = registry.index_sources(tables["sources"])
    areas = registry.load_areas(tables["areas"], demonstration=True)
    _load_rollout(tables["rollout"], areas, sources)
    title_of, url_of = _make_lookups(sources)
    indicators = figures.load_indicators(tables["indicators"], url_of)
    figures.load_breaks(tables["breaks"], indicators, areas, title_of, url_of)
    figures.load_targets(tables["targets"], indicators, areas, title_of, url_of)
    return areas, indicators


def _make_lookups(sources: registry.Sources) -> tuple[figures.Lookup, figures.Lookup]:
    def title_of(row: Row, column: str) -> str:
        return registry.title_of(row, sources, column)

    def url_of(row: Row, column: str) -> str:
        return registry.url_of(row, sources, column)

    return title_of, url_of


def _load_rollout(rows: list[Row], areas: dict[str, Area], sources: registry.Sources) -> None:
    services = {service.slug: service for service in Service.objects.all()}
    for row in rows:
        if row.required("service") not in services:
            raise BrokenDemonstration(
                f"The service {row.text('service')} is not in the database: run load_reference first."
            )
        on, known_from = row.required_day("on"), row.required_day("known_from")
        if known_from < on:
            raise row.refuse("known_from", "on or after the day the status is true for")
        values = {
            "status": row.choice("status", list(STATUS_LABELS)),
            "known_from": known_from,
            "evidence": row.text("evidence"),
            "source_title": registry.title_of(row, sources),
            "source_url": registry.url_of(row, sources),
        }
        kept, is_new = RolloutStatus.objects.get_or_create(
            area=registry.pick(row, "area", areas),
            service=services[row.text("service")],
            on=on,
            corrects=None,
            defaults=values,
        )
        if not is_new and any(getattr(kept, name) != value for name, value in values.items()):
            raise row.refuse("status", "as it was loaded before (run purge_demo to load it anew)")


def _play(
    tables: Tables,
    folder: Path,
    areas: dict[str, Area],
    indicators: dict[str, Indicator],
    clock: Callable[[], datetime],
    progress: Callable[[str], None],
) -> Played:
    title_of, url_of = _make_lookups(registry.index_sources(tables["sources"]))
    written = Mail.objects.filter(demonstration=True)
    before = written.count()
    moved = followed = 0
    releases = sorted(tables["releases"], key=_edition_number)
    for number, rows in groupby(releases, key=_edition_number):
        progress(f"fictitious edition {number}")
        for row in rows:
            figures.load_edition(row, folder, indicators, title_of, url_of)
        moved += assess_targets(now=clock()).moved
        followed += evaluate_alerts(now=clock())
        _subscribe(areas, clock())
    return Played(len(areas), moved, followed, written.count() - before)


def _edition_number(row: Row) -> int:
    row.required("edition")
    return row.whole("edition") or 0


def _subscribe(areas: dict[str, Area], now: datetime) -> None:
    subscription, _ = Subscription.objects.get_or_create(
        email=SUBSCRIBER,
        defaults={"frequency": Frequency.IMMEDIATE, "confirmed_at": now, "demonstration": True},
    )
    subscription.areas.add(*areas.values())
