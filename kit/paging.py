"""Sorting and paging of public tables by what the address says."""

import django_tables2 as tables
from django.http import HttpRequest

ROWS_A_PAGE = 25


def sort_and_page(request: HttpRequest, table: tables.Table, *, per_page: int = ROWS_A_PAGE) -> tables.Table:
    """The table in the asked-for order, on the asked-for page; the nearest page where there is none."""
    table.request = request
    order = request.GET.getlist(table.prefixed_order_by_field)
    if order:
        table.order_by = order
    table.paginate(per_page=per_page)
    table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))
    return table
