"""Loads indicators, breaks, editions and target statements from the bundled tables."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from icbs.models import Area
from kit.readers.csv_table import Row, read_text
from kit.readers.source_file import SourceFile
from kit.registers import keep_entry
from targets.models import (
    COMPARATOR_LABELS,
    SHAPE_LABELS,
    AnnouncedEdition,
    Break,
    BreakKind,
    Collection,
    DeadlinePrecision,
    Form,
    Indicator,
    Polarity,
    Release,
    ReleaseKind,
    Target,
    TargetVersion,
    VersionStatus,
    YearType,
)
from targets.readers.figures import read_figures
from targets.readers.long_table import read_long_table
from targets.readers.reading import Reading, Rejection
from targets.readers.wide_table import read_wide_table
from targets.services.editions import Edition
from targets.services.import_release import RefusedRelease, hash_text, take_in_readings

Lookup = Callable[[Row, str], str]


def load_indicators(rows: list[Row], url_of: Lookup) -> dict[str, Indicator]:
    indicators = {}
    for row in rows:
        slug = row.required("slug")
        indicators[slug], _ = keep_entry(
            Indicator,
            key={"slug": slug},
            values={
                "name": row.required("name"),
                "short_name": row.required("short_name"),
                "publisher": row.required("publisher"),
                "survey": row.text("survey"),
                "population": row.required("population"),
                "unit": row.required("unit"),
                "better": row.choice("better", Polarity.values),
                "collection": row.choice("collection", Collection.values),
                "year_type": row.choice("year_type", YearType.values),
                "period_months": row.whole("period_months"),
                "publication_lag_days": row.whole("publication_lag_days"),
                "sex": row.text("sex") or "Persons",
                "age": row.text("age"),
                "ended_note": row.text("ended_note"),
                "estimated_from_councils": row.flag("estimated_from_councils"),
                "design_effect": row.number("design_effect", least=1),
                "design_effect_source": row.text("design_effect_source"),
                "fingertips_id": row.whole("fingertips_id"),
                "fingertips_area_types": row.text("fingertips_area_types"),
                "source_url": url_of(row, "source"),
            },
        )
    for row in rows:
        proxied = _pick(row, "proxy_for", indicators) if row.text("proxy_for") else None
        keep_entry(Indicator, key={"slug": row.text("slug")}, values={"proxy_for": proxied})
    return indicators


def load_publication_days(
    rows: list[Row], indicators: dict[str, Indicator], title_of: Lookup, url_of: Lookup
) -> None:
    """The announced days of editions to come."""
    for row in rows:
        keep_entry(
            AnnouncedEdition,
            key={
                "indicator": _pick(row, "indicator", indicators),
                "period_end": row.required_day("period_end"),
            },
            values={
                "due_on": row.required_day("due_on"),
                "source_title": title_of(row, "source"),
                "source_url": url_of(row, "source"),
            },
        )


def load_breaks(
    rows: list[Row],
    indicators: dict[str, Indicator],
    areas: dict[str, Area],
    title_of: Lookup,
    url_of: Lookup,
) -> None:
    for row in rows:
        keep_entry(
            Break,
            key={
                "indicator": _pick(row, "indicator", indicators),
                "area": areas[row.choice("area", list(areas))] if row.text("area") else None,
                "on": row.required_day("on"),
            },
            values={
                "kind": row.choice("kind", BreakKind.values),
                "what": row.required("what"),
                "source_title": title_of(row, "source"),
                "source_url": url_of(row, "source"),
            },
        )


def load_edition(
    row: Row,
    folder: Path,
    indicators: dict[str, Indicator],
    title_of: Lookup,
    url_of: Lookup,
) -> bool:
    """One edition of the release table from its file in the folder; whether it was new.

    Raises:
        BrokenTable: the file cannot be read.
        RefusedRelease: a row of it is refused; a bundled file has none.
    """
    indicator = _pick(row, "indicator", indicators)
    file = row.required("file")
    layout = row.choice("layout", list(READERS))
    edition = Edition(
        indicator=indicator,
        title=row.required("title"),
        known_from=row.required_day("known_from"),
        known_from_basis=row.required("known_from_basis"),
        file_name=file,
        file_sha256=hash_text(read_text(folder / file)),
        source_title=title_of(row, "source"),
        source_url=url_of(row, "source"),
        layout=layout,
    )
    readings = list(READERS[layout](folder / file, file))
    _refuse_another_content(edition)
    _, is_new = take_in_readings(edition, readings)
    return is_new


def _refuse_another_content(edition: Edition) -> None:
    kept = Release.objects.filter(
        indicator=edition.indicator, kind=ReleaseKind.PUBLISHED, title=edition.title, withdrawn_at=None
    ).first()
    if kept and kept.file_sha256 != edition.file_sha256:
        raise RefusedRelease(
            f"{edition.file_name} is not the file that was taken in as {edition.title!r}: withdraw that edition "
            "in the admin first, or give the new file another title."
        )


def _read_template(path: Path, file: str) -> Iterator[Reading | Rejection]:
    with SourceFile(path, name=file) as source:
        yield from read_figures(source, facts={}, default=None).rows


def _read_bundled_text(path: Path, file: str, read: Callable[..., Iterator[Reading]]) -> Iterator[Reading]:
    return read(read_text(path), file=file)


READERS: dict[str, Callable[[Path, str], Iterator[Reading | Rejection]]] = {
    "wide": partial(_read_bundled_text, read=read_wide_table),
    "long": partial(_read_bundled_text, read=read_long_table),
    "template": _read_template,
}


def load_targets(
    rows: list[Row],
    indicators: dict[str, Indicator],
    areas: dict[str, Area],
    title_of: Lookup,
    url_of: Lookup,
) -> None:
    for row in rows:
        with _refusals(row):
            target, _ = keep_entry(
                Target,
                key={"slug": row.required("slug")},
                values={
                    "body": areas[row.choice("body", list(areas))],
                    "title": row.required("title"),
                    "compared_with_boards": row.flag("compared_with_boards"),
                },
            )
        _keep_version(target, row, indicators, title_of, url_of)


@contextmanager
def _refusals(row: Row) -> Iterator[None]:
    """What a model refuses is refused with the file and the line."""
    try:
        yield
    except ValidationError as error:
        raise row.refuse_line(" ".join(_list_messages(error))) from error


def _list_messages(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return error.messages
    return [
        message if field == NON_FIELD_ERRORS else f"{field}: {message}"
        for field, messages in error.message_dict.items()
        for message in messages
    ]


def _keep_version(
    target: Target, row: Row, indicators: dict[str, Indicator], title_of: Lookup, url_of: Lookup
) -> None:
    values = _version_values(row, indicators, title_of, url_of)
    number = row.whole("version") or 1
    kept = TargetVersion.objects.filter(target=target, number=number).first()
    if kept is None:
        version = TargetVersion(target=target, number=number, status=VersionStatus.PUBLISHED, **values)
        with _refusals(row):
            version.full_clean()
        version.save()
        return
    differs = [name for name, value in values.items() if getattr(kept, name) != value]
    if differs:
        raise row.refuse(
            "version",
            f"a new number, though {', '.join(differs)} differ from the published version {number}",
        )


def _version_values(
    row: Row, indicators: dict[str, Indicator], title_of: Lookup, url_of: Lookup
) -> dict[str, object]:
    deadline, baseline_end = row.day("deadline"), row.day("baseline_period_end")
    if deadline and baseline_end and deadline <= baseline_end:
        raise row.refuse("deadline", "after the end of the baseline")
    return {
        "wording": row.required("wording"),
        "source_title": title_of(row, "source"),
        "source_url": url_of(row, "source"),
        "source_page": row.text("page"),
        "stated_on": row.required_day("stated_on"),
        "stated_on_basis": row.text("stated_on_basis"),
        "known_from": row.required_day("known_from"),
        "known_from_basis": row.text("known_from_basis"),
        "footprint_note": row.text("footprint_note"),
        "statement_note": row.text("statement_note"),
        "form": row.choice("form", Form.values),
        "indicator": _pick(row, "indicator", indicators) if row.text("indicator") else None,
        "indicator_words": row.required("indicator_words"),
        "comparator": row.choice("comparator", ["", *COMPARATOR_LABELS]),
        "value_pct": row.pct("value_pct"),
        "deadline": deadline,
        "deadline_precision": row.choice("deadline_precision", ["", *DeadlinePrecision.values]),
        "baseline_pct": row.pct("baseline_pct"),
        "baseline_period_start": row.day("baseline_period_start"),
        "baseline_period_end": baseline_end,
        "baseline_note": row.text("baseline_note"),
        "shape": row.choice("shape", ["", *SHAPE_LABELS]),
        "cannot_judge": row.text("cannot_judge"),
    }


def _pick(row: Row, column: str, indicators: dict[str, Indicator]) -> Indicator:
    return indicators[row.choice(column, list(indicators))]
