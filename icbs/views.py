from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kit.as_at import read_as_at


@require_safe
def rollout(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/rollout.html", {"as_at": read_as_at(request)})
