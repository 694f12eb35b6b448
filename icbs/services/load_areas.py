"""Loads the registry of areas, their codes and links, and the services, from the bundled tables."""

from datetime import date

from icbs.models import (
    Area,
    AreaCode,
    AreaKind,
    AreaLink,
    BoundaryNote,
    CodeScheme,
    HexCell,
    LinkKind,
    Population,
    Service,
)
from kit.readers.csv_table import Row
from kit.registers import keep_entry

Sources = dict[str, Row]


def index_sources(rows: list[Row]) -> Sources:
    """Every source of the table by its key."""
    sources: Sources = {}
    for row in rows:
        if row.required("key") in sources:
            raise row.refuse("key", "given only once")
        sources[row.text("key")] = row
    return sources


def load_areas(rows: list[Row], *, demonstration: bool = False) -> dict[str, Area]:
    """Every area of the table by its code."""
    areas: dict[str, Area] = {}
    for row in rows:
        code = row.required("code")
        if code in areas:
            raise row.refuse("code", "given only once")
        opened, closed = row.day("opened"), row.day("closed")
        if opened and closed and closed <= opened:
            raise row.refuse("closed", "after the day it opened")
        values = {
            "kind": row.choice("kind", AreaKind.values),
            "name": row.required("name"),
            "short_name": row.required("short_name"),
            "opened": opened,
            "closed": closed,
            "demonstration": demonstration,
        }
        areas[code], _ = keep_entry(Area, key={"code": code}, values=values)
    return areas


def load_codes(rows: list[Row], areas: dict[str, Area], sources: Sources) -> None:
    kept = {(code.scheme, code.code): code for code in AreaCode.objects.all()}
    new = []
    for row in rows:
        values = {
            "area": pick(row, "area", areas),
            "valid_from": row.day("valid_from"),
            "valid_to": row.day("valid_to"),
            "source_title": title_of(row, sources),
        }
        key = {"scheme": row.choice("scheme", CodeScheme.values), "code": row.required("code")}
        if (key["scheme"], key["code"]) in kept:
            keep_entry(AreaCode, key=key, values=values)
        else:
            new.append(AreaCode(**key, **values))
    AreaCode.objects.bulk_create(new)


def load_memberships(rows: list[Row], areas: dict[str, Area], sources: Sources, opening: date) -> None:
    """Boards in their regions, regions in England; from the day they opened or that of the first lookup."""
    for row in rows:
        if not row.text("member_of"):
            continue
        area = areas[row.text("code")]
        keep_entry(
            AreaLink,
            key={
                "kind": LinkKind.MEMBER_OF,
                "from_area": area,
                "to_area": pick(row, "member_of", areas),
                "valid_from": area.opened or opening,
            },
            values={"valid_to": area.closed, "source_title": title_of(row, sources)},
        )


def load_successions(rows: list[Row], areas: dict[str, Area], sources: Sources) -> None:
    for row in rows:
        whole = row.flag("whole")
        keep_entry(
            AreaLink,
            key={
                "kind": LinkKind.SUCCEEDED_BY,
                "from_area": pick(row, "from_area", areas),
                "to_area": pick(row, "to_area", areas),
                "valid_from": row.required_day("on"),
            },
            values={
                "share": 1.0 if whole else None,
                "lsoa_count": row.whole("lsoa_count"),
                "note": row.text("detail"),
                "source_title": title_of(row, sources),
                "source_url": url_of(row, sources),
            },
        )


def load_lookups(lookups: list[Row], rows: list[Row], areas: dict[str, Area], sources: Sources) -> None:
    """Which part of each council lies in which board, from the day a lookup came into force."""
    days = {row.required("lookup"): row for row in lookups}
    totals: dict[tuple[str, str], int] = {}
    for row in rows:
        whole = (row.choice("lookup", list(days)), row.required("council"))
        totals[whole] = totals.get(whole, 0) + (row.whole("lsoa_count") or 0)
    kept = {
        (council, board, day): count
        for council, board, day, count in AreaLink.objects.filter(
            kind=LinkKind.MEMBER_OF, lsoa_count__isnull=False
        ).values_list("from_area__code", "to_area__code", "valid_from", "lsoa_count")
    }
    new = {}
    for row in rows:
        lookup = days[row.text("lookup")]
        count = row.whole("lsoa_count")
        if not count:
            raise row.refuse("lsoa_count", "above 0")
        valid_from = lookup.required_day("valid_from")
        key = (row.text("council"), row.text("board"), valid_from)
        if key in new:
            raise row.refuse("council", "given once for a lookup and a board (add the two counts up)")
        if kept.get(key, count) != count:
            raise row.refuse_line(
                f"lsoa_count {count} differs from the {kept[key]} that estimates rest on: "
                "start a new lookup with its own day"
            )
        if key not in kept:
            new[key] = AreaLink(
                kind=LinkKind.MEMBER_OF,
                from_area=pick(row, "council", areas),
                to_area=pick(row, "board", areas),
                valid_from=valid_from,
                valid_to=lookup.day("valid_to"),
                share=count / totals[row.text("lookup"), row.text("council")],
                lsoa_count=count,
                note=lookup.required("title"),
                source_title=title_of(lookup, sources),
                source_url=url_of(lookup, sources),
            )
    AreaLink.objects.bulk_create(new.values())


def load_hex_cells(rows: list[Row], areas: dict[str, Area]) -> None:
    for row in rows:
        keep_entry(
            HexCell,
            key={"area": pick(row, "area", areas), "valid_from": row.required_day("valid_from")},
            values={
                "label": row.required("label"),
                "row": row.whole("row"),
                "col": row.whole("col"),
            },
        )


def load_services(rows: list[Row], sources: Sources) -> None:
    for row in rows:
        keep_entry(
            Service,
            key={"slug": row.required("slug")},
            values={
                "name": row.required("name"),
                "short_name": row.required("short_name"),
                "order": row.whole("order"),
                "deadline": row.required_day("deadline"),
                "deadline_source_title": title_of(row, sources, "deadline_source"),
                "deadline_source_url": url_of(row, sources, "deadline_source"),
                "deadline_note": row.text("deadline_note"),
            },
        )


def load_populations(rows: list[Row], areas: dict[str, Area], sources: Sources) -> None:
    """A figure is superseded by one with a later `known_from`, never edited."""
    kept = {
        (code, on, age_from, known_from): persons
        for code, on, age_from, known_from, persons in Population.objects.values_list(
            "area__code", "on", "age_from", "known_from", "persons"
        )
    }
    new: dict[tuple, Population] = {}
    for row in rows:
        given = _read_population(row, areas, sources)
        key = (given.area.code, given.on, given.age_from, given.known_from)
        if key in new:
            raise row.refuse_line("given a second time for this area, day and age: keep one of the two")
        if kept.get(key, given.persons) != given.persons:
            raise row.refuse(
                "persons", f"{kept[key]} as loaded before: give the new figure a later known_from"
            )
        if key not in kept:
            new[key] = given
    Population.objects.bulk_create(new.values())


def _read_population(row: Row, areas: dict[str, Area], sources: Sources) -> Population:
    row.required("age_from")
    on, known_from = row.required_day("on"), row.required_day("known_from")
    persons = row.whole("persons")
    if not persons:
        raise row.refuse("persons", "above 0")
    if known_from < on:
        raise row.refuse("known_from", f"{on} or later, the day it was estimated for")
    return Population(
        area=pick(row, "area", areas),
        on=on,
        age_from=row.whole("age_from") or 0,
        persons=persons,
        known_from=known_from,
        source_title=title_of(row, sources),
        source_url=url_of(row, sources),
    )


def load_boundary_notes(rows: list[Row], areas: dict[str, Area], sources: Sources) -> None:
    for row in rows:
        keep_entry(
            BoundaryNote,
            key={"area": pick(row, "area", areas), "on": row.required_day("on")},
            values={
                "detail": row.required("detail"),
                "source_title": title_of(row, sources),
                "source_url": url_of(row, sources),
            },
        )


def pick(row: Row, column: str, areas: dict[str, Area]) -> Area:
    try:
        return areas[row.required(column)]
    except KeyError:
        raise row.refuse(column, "a code of the area table") from None


def title_of(row: Row, sources: Sources, column: str = "source") -> str:
    """Title and publisher of a row's source."""
    source = _source(row, sources, column)
    return f"{source.text('title')} ({source.text('publisher')})"


def url_of(row: Row, sources: Sources, column: str = "source") -> str:
    return _source(row, sources, column).text("url")


def _source(row: Row, sources: Sources, column: str) -> Row:
    if row.required(column) not in sources:
        raise row.refuse(column, "a key of the source table")
    return sources[row.text(column)]
