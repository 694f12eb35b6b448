"""Loads indicators, breaks, editions and target statements from the bundled tables."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from icbs.models import Area
from kit.readers.csv_table import Row
from kit.registers import keep_entry
from targets.models import (
    COMPARATOR_LABELS,
    SHAPE_LABELS,
    Break,
    BreakKind,
    Collection,
    DeadlinePrecision,
    Form,
    Indicator,
    Polarity,
    Target,
    TargetVersion,
    VersionStatus,
    YearType,
)
from targets.readers.wide_table import Reading, read_wide_table
from targets.services.import_release import Edition, import_release

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
                "fingertips_id": row.whole("fingertips_id"),
                "source_url": url_of(row, "source"),
            },
        )
    return indicators


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
    content: str,
    indicators: dict[str, Indicator],
    title_of: Lookup,
    url_of: Lookup,
    read: Callable[..., Iterator[Reading]] = read_wide_table,
) -> bool:
    """One edition of the release table from the content of its file; whether it was new."""
    readings = list(read(content, file=row.text("file")))
    _, is_new = import_release(
        Edition(
            indicator=_pick(row, "indicator", indicators),
            title=row.required("title"),
            known_from=row.required_day("known_from"),
            known_from_basis=row.required("known_from_basis"),
            file_name=row.required("file"),
            file_sha256=hashlib.sha256(content.encode()).hexdigest(),
            source_title=title_of(row, "source"),
            source_url=url_of(row, "source"),
        ),
        readings,
    )
    return is_new


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
