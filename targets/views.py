from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kit.as_at import read_as_at


@require_safe
def target_list(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/target_list.html", {"as_at": read_as_at(request)})


@require_safe
def target_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "pages/target_detail.html", {"as_at": read_as_at(request)})
