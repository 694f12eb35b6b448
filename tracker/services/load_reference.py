"""Loads the bundled real data: one transaction, twice changes nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction

from icbs.services import load_areas as registry
from kit.readers.csv_table import BrokenTable, Row, read_table
from targets.services import load_targets as figures
from targets.services.estimate_boards import estimate_all
from targets.services.import_release import RefusedRelease

Progress = Callable[[str], None]

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
    "releases": ["indicator", "title", "file", "known_from", "known_from_basis", "source"],
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
    with _refusals():
        tables = {name: read_bundled(folder, name, columns) for name, columns in COLUMNS.items()}
        sources = {row.required("key"): row for row in tables["sources"]}

        def title_of(row: Row, column: str) -> str:
            return registry.title_of(row, sources, column)

        def url_of(row: Row, column: str) -> str:
            return registry.url_of(row, sources, column)

        progress("areas, their codes and links")
        areas = registry.load_areas(tables["areas"])
        registry.load_codes(tables["area_codes"], areas, sources)
        opening = min(row.required_day("valid_from") for row in tables["lookups"])
        registry.load_memberships(tables["areas"], areas, sources, opening)
        registry.load_successions(tables["successions"], areas, sources)
        progress("councils and the boards they lie in")
        registry.load_lookups(tables["lookups"], tables["council_lookups"], areas, sources)
        registry.load_hex_cells(tables["hex_layout"], areas)
        registry.load_services(tables["services"], sources)
        progress("indicators and targets")
        indicators = figures.load_indicators(tables["indicators"], url_of)
        figures.load_breaks(tables["breaks"], indicators, areas, title_of, url_of)
        figures.load_targets(tables["targets"], indicators, areas, title_of, url_of)
        for row in sorted(tables["releases"], key=lambda row: row.required_day("known_from")):
            progress(row.required("title"))
            figures.load_edition(
                row, read_content(folder, row.required("file")), indicators, title_of, url_of
            )
        for indicator in indicators.values():
            progress(f"board estimates: {indicator.short_name}")
            estimate_all(indicator)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (BrokenTable, RefusedRelease) as error:
        raise BrokenReference(str(error)) from error


def read_bundled(folder: Path, name: str, columns: list[str]) -> list[Row]:
    """A bundled table by its name. Raises BrokenTable."""
    return read_table(read_content(folder, f"{name}.csv"), file=f"{name}.csv", columns=columns)


def read_content(folder: Path, name: str) -> str:
    """The text of a bundled file. Raises BrokenTable."""
    try:
        return (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BrokenTable(f"{folder / name} is missing: restore it from the repository.") from None
    except UnicodeDecodeError as error:
        raise BrokenTable(f"{name} is not UTF-8 (byte {error.start}): save it as UTF-8.") from None
