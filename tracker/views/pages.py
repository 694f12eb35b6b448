"""The pages that join several apps: each reads once and renders once."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kit.as_at import read_as_at
from kit.exports import export_table
from kit.paging import sort_and_page
from tracker.forms import FilteredBoards
from tracker.selectors.board_list import describe_boards, list_boards
from tracker.selectors.home import VIEWS, find_summary
from tracker.tables import BoardTable


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
    return render(request, "pages/icb_detail.html", {"as_at": read_as_at(request), "code": code})


@require_safe
def methods(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/methods.html", {"as_at": read_as_at(request)})
