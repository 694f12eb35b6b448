"""Loads the bundled real data: one transaction, twice changes nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from icbs.services import load_areas as registry
from kit.readers.csv_table import BrokenTable, Row, read_table, read_text
from targets.services import load_targets as figures
from targets.services.estimate_boards import remake_estimates
from targets.services.import_release import RefusedRelease

Progress = Callable[[str], None]
Loaded = TypeVar("Loaded")

COLUMNS = {
    "sources": ["key", "title", "publisher", "url"],
    "areas": ["code", "kind", "name", "short_name", "opened", "closed", "member_of", "source"],
    "area_codes": ["area", "scheme", "code", "valid_from", "valid_to", "source"],
    "successions": ["from_area", "to_area", "on", "whole", "lsoa_count", "detail", "source"],
    "lookups": ["lookup", "valid_from", "valid_to", "title", "source"],
    "council_lookups": ["lookup", "council", "board", "lsoa_count"],
    "hex_layout": ["valid_from", "area", "label", "row", "col"],
    "services": ["slug", "name", "short_name", "order", "deadline", "deadline_source", "deadline_note"],
    "indicators": ["slug", "name", "unit", "better", "collection", "period_months", "source"],
    "breaks": ["indicator", "area", "on", "kind", "what", "source"],
    "releases": ["indicator", "title", "file", "layout", "known_from", "known_from_basis", "source"],
    "populations": ["area", "on", "age_from", "persons", "known_from", "source"],
    "boundary_notes": ["area", "on", "detail", "source"],
    "publication_days": ["indicator", "period_end", "due_on", "source"],
    "targets": ["slug", "body", "title", "version", "wording", "source", "stated_on", "known_from", "form"],
}


class BrokenReference(ValueError):
    """The bundled data cannot be loaded; the message names the file and the line."""


@transaction.atomic
def load_reference(progress: Progress, *, folder: Path | None = None) -> None:
    """
    Raises:
        BrokenReference: a table is missing or a line of it is broken; nothing was changed.
    """
    folder = folder or settings.DATA_DIR
    tables = {}
    for name, columns in COLUMNS.items():
        with _refusals(f"{name}.csv"):
            tables[name] = read_bundled(folder, name, columns)

    def load(name: str, keep: Callable[..., Loaded], *others: object) -> Loaded:
        with _refusals(f"{name}.csv"):
            return keep(tables[name], *others)

    sources = load("sources", registry.index_sources)

    def title_of(row: Row, column: str) -> str:
        return registry.title_of(row, sources, column)

    def url_of(row: Row, column: str) -> str:
        return registry.url_of(row, sources, column)

    progress("areas, their codes and links")
    areas = load("areas", registry.load_areas)
    load("area_codes", registry.load_codes, areas, sources)
    opening = load("lookups", _find_opening)
    load("areas", registry.load_memberships, areas, sources, opening)
    load("successions", registry.load_successions, areas, sources)
    progress("councils and the boards they lie in")
    load("council_lookups", partial(registry.load_lookups, tables["lookups"]), areas, sources)
    load("hex_layout", registry.load_hex_cells, areas)
    load("services", registry.load_services, sources)
    load("populations", registry.load_populations, areas, sources)
    load("boundary_notes", registry.load_boundary_notes, areas, sources)
    progress("indicators and targets")
    indicators = load("indicators", figures.load_indicators, url_of)
    load("breaks", figures.load_breaks, indicators, areas, title_of, url_of)
    load("publication_days", figures.load_publication_days, indicators, title_of, url_of)
    load("targets", figures.load_targets, indicators, areas, title_of, url_of)
    for row in load("releases", _order_editions):
        progress(row.text("title"))
        with _refusals(row.text("file")):
            figures.load_edition(row, folder, indicators, title_of, url_of)
    for indicator in indicators.values():
        if not indicator.estimated_from_councils:
            continue
        progress(f"board estimates: {indicator.short_name}")
        with _refusals(f"the board estimates of {indicator.short_name}"):
            remake_estimates(indicator)


def _find_opening(lookups: list[Row]) -> date:
    return min(row.required_day("valid_from") for row in lookups)


def _order_editions(releases: list[Row]) -> list[Row]:
    """By the day they were known. A day to come is refused: nobody knows such an edition yet."""
    today = timezone.localdate()
    for row in releases:
        row.required("title")
        row.required("file")
        if row.required_day("known_from") > today:
            raise row.refuse("known_from", f"a day up to today, {today}")
    return sorted(releases, key=lambda row: row.required_day("known_from"))


@contextmanager
def _refusals(table: str) -> Iterator[None]:
    """What is refused while a table is loaded; the last clause is a net for what no reader foresaw."""
    try:
        yield
    except (BrokenTable, RefusedRelease) as error:
        raise BrokenReference(str(error)) from error
    except (IntegrityError, DataError, OverflowError, OSError, ValueError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise BrokenReference(
            f"While loading {table}: {reason}; correct the table and load again; nothing was changed."
        ) from error


def read_bundled(folder: Path, name: str, columns: list[str]) -> list[Row]:
    """A bundled table by its name. Raises BrokenTable."""
    return read_table(read_text(folder / f"{name}.csv"), file=f"{name}.csv", columns=columns)
