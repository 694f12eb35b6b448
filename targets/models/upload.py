from django.db import models
from django.db.models import F, Q

from icbs.models import Area
from kit.models import Recorded
from targets.models.indicator import Indicator, Series
from targets.models.observation import Release


class UploadState(models.TextChoices):
    WAITING = "waiting", "Waiting to be read"
    READING = "reading", "Being read"
    READY = "ready", "Ready to confirm"
    APPLYING = "applying", "Being taken in"
    APPLIED = "applied", "Taken in"
    REFUSED = "refused", "Refused"
    DISCARDED = "discarded", "Discarded"


class Upload(Recorded):
    """A file that staff handed in: read and shown before anything changes, taken in once confirmed.

    `preview` holds what taking it in would do: counts, first differences, rejections, verdicts that change.
    """

    file = models.FileField(upload_to="%Y/%m/", max_length=300)
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, help_text="Needed only where the file names none."
    )
    known_from = models.DateField(help_text="The day the public could know this edition, from its source.")
    known_from_basis = models.CharField(
        max_length=200, help_text="How that day is known: The publisher's release date."
    )
    title = models.CharField(max_length=200, blank=True, help_text="Empty: the indicator and the file.")
    source_title = models.CharField(max_length=300)
    source_url = models.URLField(max_length=500, blank=True)
    state = models.CharField(max_length=9, choices=UploadState.choices, default=UploadState.WAITING)
    layout = models.CharField(max_length=30, blank=True)
    batch = models.UUIDField(null=True, blank=True, help_text="Where its rows lie until they are taken in.")
    staged = models.JSONField(default=dict, blank=True, help_text="What reading the file found.")
    only_named_areas = models.BooleanField(
        default=False, help_text="The file is a part: areas it does not name are none of its business."
    )
    rows_read = models.PositiveIntegerField(default=0)
    bytes_read = models.PositiveBigIntegerField(default=0)
    preview = models.JSONField(default=dict, blank=True)
    problem = models.CharField(max_length=1000, blank=True, help_text="Why it was refused.")
    releases = models.ManyToManyField(Release, blank=True, related_name="uploads")
    beat_at = models.DateTimeField(null=True, blank=True, help_text="Last sign of life of who works on it.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="upload_state_is_known", condition=Q(state__in=UploadState.values)),
            models.CheckConstraint(
                name="upload_refused_says_why", condition=~Q(state=UploadState.REFUSED) | ~Q(problem="")
            ),
            models.CheckConstraint(
                name="upload_says_how_its_day_is_known",
                condition=~Q(known_from_basis=""),
                violation_error_message="Say how the day of publication is known.",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class StagedRow(models.Model):
    """One row of a file on its way in: read, not yet compared with what is known."""

    batch = models.UUIDField(help_text="The one run of reading a file that this row belongs to.")
    staged_at = models.DateTimeField(help_text="A batch left behind is cleared after a day.")
    line = models.PositiveIntegerField()
    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="+", db_constraint=False)
    area = models.ForeignKey(Area, models.CASCADE, related_name="+", db_constraint=False)
    sex = models.CharField(max_length=20)
    age = models.CharField(max_length=20)
    category_type = models.CharField(max_length=200)
    category = models.CharField(max_length=200)
    period_months = models.PositiveSmallIntegerField()
    period_label = models.CharField(max_length=40)
    period_start = models.DateField()
    period_end = models.DateField()
    value_text = models.CharField(max_length=40)
    value_pct = models.FloatField(null=True)
    lower95_pct = models.FloatField(null=True)
    upper95_pct = models.FloatField(null=True)
    lower998_pct = models.FloatField(null=True)
    upper998_pct = models.FloatField(null=True)
    count = models.FloatField(null=True)
    denominator = models.FloatField(null=True)
    note = models.CharField(max_length=500)
    refused = models.BooleanField(default=False, help_text="Its figure was refused; only its place counts.")
    series = models.ForeignKey(Series, models.CASCADE, null=True, related_name="+", db_constraint=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="staged_row_period_ordered", condition=Q(period_end__gte=F("period_start"))
            ),
        ]
        indexes = [models.Index(fields=["batch", "series", "period_start"], name="staged_row_place")]

    def __str__(self) -> str:
        return f"line {self.line}"
