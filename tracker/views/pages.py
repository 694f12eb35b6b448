"""The pages that join several apps: each reads once and renders once."""

from email.utils import parseaddr

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from icbs.models import Area
from kit.as_at import AsAt, read_as_at
from kit.exports import export_table
from kit.paging import sort_and_page
from tracker.charts import draw_former_sections, draw_sections
from tracker.forms import FilteredBoards
from tracker.selectors.board_list import describe_boards, list_boards
from tracker.selectors.board_page import find_board_page, is_board, suggest_pages
from tracker.selectors.board_ties import Found, find_board
from tracker.selectors.board_words import describe_page
from tracker.selectors.home import VIEWS, find_summary
from tracker.selectors.services_summary import list_services
from tracker.tables import BoardTable, ServiceTable, make_former_tables


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    as_at = read_as_at(request)
    summary = find_summary(as_at, request.GET.get("map", ""))
    return render(request, "pages/home.html", {"as_at": as_at, "summary": summary, "views": VIEWS})


@require_safe
def icb_list(request: HttpRequest) -> HttpResponse:
    as_at = read_as_at(request)
    rows = list_boards(as_at, demonstration=settings.DEMONSTRATION)
    filtered = FilteredBoards(request.GET, rows)
    table = sort_and_page(request, BoardTable(filtered.rows, as_at=as_at))
    context = {"as_at": as_at, "boards": describe_boards(rows), "filter": filtered, "table": table}
    return export_table(request, table, name="boards") or render(request, "pages/icb_list.html", context)


@require_safe
def icb_detail(request: HttpRequest, code: str) -> HttpResponse:
    """The board of a code; a code in lower case or a dated ONS code leads to the board's own address."""
    as_at = read_as_at(request)
    found = find_board(code, demonstration=settings.DEMONSTRATION)
    if found is None or not is_board(found.area):
        return _say_unknown(request, code, found.area if found else None, as_at)
    if found.area.code != code:
        address = reverse("icb_detail", kwargs={"code": found.area.code})
        return HttpResponseRedirect(f"{address}?{urlencode(request.GET, doseq=True)}".rstrip("?"))
    return _show_board(request, found, as_at)


def _show_board(request: HttpRequest, found: Found, as_at: AsAt) -> HttpResponse:
    page = find_board_page(found, as_at, demonstration=settings.DEMONSTRATION)
    sections = draw_sections(page, request)
    former = draw_former_sections(page, make_former_tables(page.former), request)
    rows = list_services(page.rollout) if page.rollout else []
    services = sort_and_page(request, ServiceTable(rows, prefix="services-"))
    downloads = {section.id: section.table for section in sections}
    downloads |= {section.id: section.table for section in former} | {"services": services}
    for name, table in downloads.items():
        if download := export_table(request, table, name=f"{found.area.code}-{name}"):
            return download
    context = {
        "as_at": as_at,
        "page": page,
        "words": describe_page(page),
        "sections": sections,
        "former": former,
        "services": services,
        "contact": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
    }
    return render(request, "pages/icb_detail.html", context)


def _say_unknown(request: HttpRequest, code: str, area: Area | None, as_at: AsAt) -> HttpResponse:
    what = (
        f"{area.short_name} is not an Integrated Care Board." if area else f"No board has the code “{code}”."
    )
    suggestions = suggest_pages(code, area, as_at, demonstration=settings.DEMONSTRATION)
    context = {"as_at": as_at, "what": what, "suggestions": suggestions}
    return render(request, "errors/404.html", context, status=404)
