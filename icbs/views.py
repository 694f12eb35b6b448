"""The page of services by board."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from icbs.filters import filter_matrix
from icbs.selectors import find_matrix
from icbs.tables import make_count_table, make_matrix_table
from kit.as_at import read_as_at
from kit.exports import export_table
from kit.paging import sort_and_page


@require_safe
def rollout(request: HttpRequest) -> HttpResponse:
    as_at = read_as_at(request)
    matrix = find_matrix(as_at.on, demonstration=settings.DEMONSTRATION)
    kept = filter_matrix(request.GET, matrix)
    table = sort_and_page(request, make_matrix_table(matrix, kept.rows, kept.service, as_at), per_page=50)
    counts = make_count_table(matrix.counts)
    download = export_table(request, table, name="services-by-board")
    download = download or export_table(request, counts, name="services-counted")
    context = {"as_at": as_at, "matrix": matrix, "kept": kept, "table": table, "counts": counts}
    return download or render(request, "pages/rollout.html", context)
