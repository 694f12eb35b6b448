from django.conf import settings
from django.db import models
from django.utils import timezone


class Recorded(models.Model):
    """A row that says when it was entered and by whom; None is the loader of bundled data."""

    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        abstract = True


class Sourced(Recorded):
    """A fact with its source and the first day the public could know it."""

    source_title = models.CharField(max_length=300)
    source_url = models.URLField(max_length=500, blank=True)
    known_from = models.DateField(
        help_text="The first day the public could know this, from the source; not the day of entry."
    )

    class Meta:
        abstract = True
