"""The pages of targets: each reads once and renders once."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kit.as_at import read_as_at
from kit.exports import export_table
from kit.paging import sort_and_page
from targets.charts import draw_target, label_chart
from targets.filters import filter_targets
from targets.selectors.listing import describe_groups, find_target_list
from targets.selectors.target_page import TargetPage, explain_missing, find_target_page
from targets.tables import ComparisonTable, PromiseTable, make_page_tables


@require_safe
def target_list(request: HttpRequest) -> HttpResponse:
    as_at = read_as_at(request)
    found = find_target_list(as_at, demonstration=settings.DEMONSTRATION)
    kept = filter_targets(request.GET, found)
    promises = sort_and_page(request, PromiseTable(kept.promises, as_at=as_at))
    beside = sort_and_page(request, ComparisonTable(kept.comparisons, as_at=as_at, prefix="beside-"))
    download = export_table(request, promises, name="targets")
    download = download or export_table(request, beside, name="boards-beside-the-national-ambition")
    context = {"as_at": as_at, "found": found, "kept": kept, "promises": promises, "beside": beside}
    return download or render(request, "pages/target_list.html", context | {"words": describe_groups})


@require_safe
def target_detail(request: HttpRequest, pk: int) -> HttpResponse:
    as_at = read_as_at(request)
    code = request.GET.get("area", "")
    page = find_target_page(pk, as_at, area_code=code, demonstration=settings.DEMONSTRATION)
    if page is None:
        missing = explain_missing(pk, code, as_at, demonstration=settings.DEMONSTRATION)
        return render(request, "errors/404.html", {"as_at": as_at, **missing}, status=404)
    tables = make_page_tables(page, as_at)
    for name, table in tables.items():
        sort_and_page(request, table, per_page=50)
        if download := export_table(request, table, name=f"{page.target.slug}-{page.area.code}-{name}"):
            return download
    context = {"as_at": as_at, "page": page, "tables": tables, **_draw(page)}
    return render(request, "pages/target_detail.html", context)


def _draw(page: TargetPage) -> dict[str, object]:
    """No chart without a figure."""
    figures = page.figures
    if page.verdict is None or not figures.readings:
        return {"figure": None}
    chart = draw_target(page.verdict, figures.readings, figures.england, figures.breaks)
    return {"figure": chart, "chart_words": label_chart(page.verdict)}
