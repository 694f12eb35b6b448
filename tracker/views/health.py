"""Whether the process lives, and whether it can serve: for load balancers and monitors, in words."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.connection import Connection
from kombu.exceptions import OperationalError

PLAIN = "text/plain; charset=utf-8"
WAIT_SECONDS = 2


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    return HttpResponse("The process is running.\n", content_type=PLAIN)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """503 with a sentence for each part that does not answer."""
    faults = [fault for fault in (_find_database_fault(), _find_broker_fault()) if fault]
    if faults:
        return HttpResponse("\n".join(faults) + "\n", status=503, content_type=PLAIN)
    return HttpResponse("Ready.\n", content_type=PLAIN)


def _find_database_fault() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer: check that it runs and that DATABASE_URL is right."
    return ""


def _find_broker_fault() -> str:
    if not settings.CELERY_BROKER_URL:
        return ""
    try:
        with Connection(settings.CELERY_BROKER_URL, connect_timeout=WAIT_SECONDS) as broker:
            broker.ensure_connection(max_retries=1, timeout=WAIT_SECONDS)
    except (OperationalError, OSError):
        return "The message broker does not answer: check that it runs and that CELERY_BROKER_URL is right."
    return ""
