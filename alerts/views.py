"""The page behind the link that ends a subscription."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from alerts.models import Subscription
from alerts.services.leave import leave_subscription
from kit.as_at import AsAt
from kit.signing import LEAVE, InvalidLink, read_link

DAMAGED = "This link is not complete: copy the whole address from the e-mail."
GONE = "This subscription is no longer held: no mail goes to its address."


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button, POST leaves.

    Mail scanners follow every link, so following it changes nothing. Mail programs leave for their reader
    by posting List-Unsubscribe=One-Click without a page and without a cookie: no CSRF token can be asked
    for. The signed token in the address is the authority; it names one subscription and can only end it.
    """
    today = timezone.localdate()
    context = {"as_at": AsAt(today, today), "token": token}
    try:
        if request.method == "POST":
            context["left_at"] = leave_subscription(token=token, now=timezone.now()).left_at
        else:
            read_link(LEAVE, token)
    except InvalidLink as error:
        return render(request, "alerts/leave_failed.html", context | {"message": str(error)}, status=400)
    except Subscription.DoesNotExist:
        return render(request, "alerts/leave_failed.html", context | {"message": GONE}, status=410)
    return render(request, "alerts/leave.html", context)
