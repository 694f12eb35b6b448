"""What is held, edition by edition, and the figures themselves."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from kit.as_at import AsAt, read_as_at
from kit.exports import MOST_ROWS_IN_A_SHEET, export_table, stream_rows
from kit.paging import sort_and_page
from targets.filters import ChangeFilter
from targets.selectors.edition_verdicts import find_edition_verdicts
from targets.selectors.editions import (
    CHANGE_COLUMNS,
    Edition,
    describe_edition,
    find_edition,
    list_changed,
    read_changed,
)
from targets.selectors.figure_rows import COLUMNS, find_figure_rows, read_rows
from targets.tables import CountedRows, IndicatorTable, make_edition_tables
from tracker.selectors.data_page import find_data_page, find_indicator

CHANGES = "changes-_export"


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    as_at = read_as_at(request)
    page = find_data_page(as_at, demonstration=settings.DEMONSTRATION)
    table = sort_and_page(request, IndicatorTable(page.entries), per_page=100)
    context = {"as_at": as_at, "page": page, "table": table, "most_rows": MOST_ROWS_IN_A_SHEET}
    return export_table(request, table, name="indicators") or render(request, "pages/data.html", context)


@require_safe
def figures_download(request: HttpRequest, slug: str, wanted: str) -> HttpResponseBase:
    """Every figure of an indicator as known on the day."""
    as_at = read_as_at(request)
    indicator = find_indicator(slug, demonstration=settings.DEMONSTRATION)
    if indicator is None:
        return _say_unknown(request, as_at, f"No indicator has the short name “{slug}”.")
    rows = find_figure_rows(indicator, as_at.on, demonstration=settings.DEMONSTRATION)
    count = rows.count() if wanted == "xlsx" else 0
    return stream_rows(request, wanted, list(COLUMNS), read_rows(rows), name=slug, count=count)


@require_safe
def release_detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    as_at = read_as_at(request)
    edition = find_edition(pk, demonstration=settings.DEMONSTRATION)
    if edition is None:
        return _say_unknown(request, as_at, f"No edition has the number {pk}.")
    context = {"as_at": as_at, "edition": edition, "release": edition.release}
    if edition.is_withdrawn or edition.release.known_from > as_at.on:
        return render(request, "pages/release_detail.html", context)
    return _show_edition(request, edition, as_at, context)


def _show_edition(
    request: HttpRequest, edition: Edition, as_at: AsAt, context: dict[str, object]
) -> HttpResponseBase:
    kept = ChangeFilter(request.GET, edition)
    changed = list_changed(edition, demonstration=settings.DEMONSTRATION, **kept.wanted)
    name = f"edition-{edition.release.pk}"
    if wanted := request.GET.get(CHANGES):
        rows = read_changed(changed)
        return stream_rows(request, wanted, CHANGE_COLUMNS, rows, name=f"{name}-changes", count=kept.count)
    verdicts = find_edition_verdicts(edition, demonstration=settings.DEMONSTRATION)
    tables = make_edition_tables(edition, CountedRows(changed, kept.count), verdicts, as_at)
    for key, table in tables.items():
        sort_and_page(request, table)
        if download := export_table(request, table, name=f"{name}-{key}"):
            return download
    context |= {"sentence": describe_edition(edition), "kept": kept, "verdicts": verdicts, "tables": tables}
    return render(request, "pages/release_detail.html", context)


def _say_unknown(request: HttpRequest, as_at: AsAt, what: str) -> HttpResponse:
    suggestions = [("Every indicator and edition held", f"{reverse('data')}{as_at.query}")]
    context = {"as_at": as_at, "what": what, "suggestions": suggestions}
    return render(request, "errors/404.html", context, status=404)
