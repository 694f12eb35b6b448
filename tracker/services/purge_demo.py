"""Removes everything fictitious, and nothing else."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from alerts.models import Mail, State, Subscription
from icbs.models import Area
from targets.models import Assessment, Break, Indicator, Release, Series, Standing, Target, Upload
from tracker.services.load_demonstration import FICTITIOUS


@transaction.atomic
def purge_demonstration() -> dict[str, int]:
    """How many rows went, by the name of their table: what points at others goes before them.

    Raises:
        ProtectedError: a real record rests on a fictitious one; nothing was removed.
    """
    areas = Area.objects.filter(demonstration=True)
    indicators = Indicator.objects.filter(publisher=FICTITIOUS)
    judged = Q(area__demonstration=True) | Q(version__target__body__demonstration=True)
    of_figures = Q(indicator__in=indicators) | Q(area__demonstration=True)
    removed: dict[str, int] = {}
    for rows in (
        Upload.objects.filter(indicator__in=indicators),
        Mail.objects.filter(Q(demonstration=True) | Q(subscription__demonstration=True)),
        Subscription.objects.filter(demonstration=True),
        State.objects.filter(judged),
        Standing.objects.filter(judged),
        Assessment.objects.filter(judged),
        Target.objects.filter(body__demonstration=True),
        Series.objects.filter(of_figures),
        Break.objects.filter(of_figures),
        Release.objects.filter(indicator__in=indicators),
        indicators,
        areas,
    ):
        for table, count in _remove(rows).items():
            removed[table] = removed.get(table, 0) + count
    return removed


def _remove(rows: QuerySet[Any]) -> dict[str, int]:
    """Deletes rows with what hangs on them, and what the admin's history kept of them."""
    keys = list(rows.values_list("pk", flat=True))
    _, removed = rows.model._default_manager.filter(pk__in=keys).delete()
    if hasattr(rows.model, "history"):
        rows.model.history.filter(id__in=keys).delete()
    return {table: count for table, count in removed.items() if count}
