from datetime import date

from django.db import models
from django.db.models import F, Q

from icbs.models import Area
from kit.models import Sourced
from targets.models.indicator import Indicator, Series


class ReleaseKind(models.TextChoices):
    PUBLISHED = "published", "Published edition"
    ESTIMATE = "estimate", "Our estimate from a published edition"


class Release(Sourced):
    """One edition of an indicator as published, or our board estimates made from one."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="releases")
    kind = models.CharField(max_length=9, choices=ReleaseKind.choices, default=ReleaseKind.PUBLISHED)
    title = models.CharField(max_length=200)
    derived_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="estimates")
    known_from_basis = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    new_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    revised_count = models.PositiveIntegerField(default=0)
    dropped_count = models.PositiveIntegerField(default=0)
    duplicate_count = models.PositiveIntegerField(default=0)
    rejected = models.JSONField(default=list, blank=True, help_text="Rows refused: line and reason.")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="release_file_once",
                fields=["indicator", "kind", "file_sha256", "known_from"],
                condition=Q(withdrawn_at=None),
            ),
            models.CheckConstraint(name="release_kind_is_known", condition=Q(kind__in=ReleaseKind.values)),
            models.CheckConstraint(
                name="release_estimate_says_what_it_was_made_from",
                condition=(Q(kind=ReleaseKind.ESTIMATE) & Q(derived_from__isnull=False))
                | (~Q(kind=ReleaseKind.ESTIMATE) & Q(derived_from=None)),
            ),
            models.CheckConstraint(
                name="release_says_how_its_day_is_known", condition=~Q(known_from_basis="")
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ObservationQuerySet(models.QuerySet["Observation"]):
    def known_on(self, day: date) -> "ObservationQuerySet":
        """The figures the public had on a day: one row for each series and period."""
        return self.filter(Q(known_to=None) | Q(known_to__gt=day), known_from__lte=day)

    def current(self) -> "ObservationQuerySet":
        return self.filter(known_to=None)


class Observation(models.Model):
    """One figure for one series and period, as one edition gave it.

    Never edited: a later edition that gives another figure adds a row, and `known_to` closes this one.
    `value_pct` is percent, 0 to 100; None with a note is a figure the publisher withheld.
    """

    series = models.ForeignKey(Series, models.CASCADE, related_name="observations")
    release = models.ForeignKey(Release, models.PROTECT, related_name="observations")
    period_label = models.CharField(max_length=40)
    period_start = models.DateField()
    period_end = models.DateField(help_text="Last day of the period.")
    value_text = models.CharField(max_length=40, blank=True, help_text="As published.")
    value_pct = models.FloatField(null=True, blank=True)
    lower95_pct = models.FloatField(null=True, blank=True)
    upper95_pct = models.FloatField(null=True, blank=True)
    lower998_pct = models.FloatField(null=True, blank=True)
    upper998_pct = models.FloatField(null=True, blank=True)
    count = models.FloatField(null=True, blank=True)
    denominator = models.FloatField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    known_from = models.DateField()
    known_to = models.DateField(null=True, blank=True, help_text="First day another figure replaced it.")

    objects = ObservationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="observation_one_current_per_series_and_period",
                fields=["series", "period_start", "period_end"],
                condition=Q(known_to=None),
            ),
            models.UniqueConstraint(
                name="observation_once_per_release",
                fields=["series", "period_start", "period_end", "release"],
            ),
            models.CheckConstraint(
                name="observation_period_ordered", condition=Q(period_end__gte=F("period_start"))
            ),
            models.CheckConstraint(
                name="observation_known_dates_ordered",
                condition=Q(known_to=None) | Q(known_to__gte=F("known_from")),
            ),
            models.CheckConstraint(
                name="observation_value_0_to_100",
                condition=Q(value_pct=None) | (Q(value_pct__gte=0) & Q(value_pct__lte=100)),
                violation_error_message="A percentage lies between 0 and 100.",
            ),
            models.CheckConstraint(
                name="observation_95_limits_enclose_the_value",
                condition=(Q(lower95_pct=None) & Q(upper95_pct=None))
                | (
                    Q(lower95_pct__gte=0)
                    & Q(lower95_pct__lte=F("value_pct"))
                    & Q(upper95_pct__gte=F("value_pct"))
                    & Q(upper95_pct__lte=100)
                ),
                violation_error_message="Both 95% limits lie in 0 to 100 and enclose the value.",
            ),
            models.CheckConstraint(
                name="observation_998_limits_enclose_the_95",
                condition=(Q(lower998_pct=None) & Q(upper998_pct=None))
                | (
                    Q(lower998_pct__gte=0)
                    & Q(lower998_pct__lte=F("lower95_pct"))
                    & Q(upper998_pct__gte=F("upper95_pct"))
                    & Q(upper998_pct__lte=100)
                ),
                violation_error_message="Both 99.8% limits lie in 0 to 100 and enclose the 95% limits.",
            ),
            models.CheckConstraint(
                name="observation_denominator_positive", condition=Q(denominator=None) | Q(denominator__gt=0)
            ),
        ]
        indexes = [models.Index(fields=["series", "known_from", "known_to"], name="observation_as_at")]

    def __str__(self) -> str:
        return f"{self.series}, {self.period_label}: {self.value_text or 'not published'}"


class EstimatePart(models.Model):
    """A council's figure and weight inside a board estimate, so that anyone can do the sum again."""

    estimate = models.ForeignKey(Observation, models.CASCADE, related_name="parts")
    council_figure = models.ForeignKey(Observation, models.PROTECT, related_name="used_in")
    lsoa_count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="estimate_part_once", fields=["estimate", "council_figure"]),
            models.CheckConstraint(name="estimate_part_has_weight", condition=Q(lsoa_count__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.council_figure} × {self.lsoa_count}"


class MissingEstimate(models.Model):
    """Why a board has no estimate for a period of an edition."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="missing_estimates")
    area = models.ForeignKey(Area, models.CASCADE, related_name="missing_estimates")
    period_label = models.CharField(max_length=40)
    period_start = models.DateField()
    reason = models.CharField(max_length=20)
    councils = models.CharField(max_length=500, help_text="The councils that stand in the way.")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="missing_estimate_once", fields=["release", "area", "period_start"]),
        ]

    def __str__(self) -> str:
        return f"{self.area}, {self.period_label}: {self.reason} ({self.councils})"
