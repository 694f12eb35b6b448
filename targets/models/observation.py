from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

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
    layout = models.CharField(max_length=30, blank=True, help_text="How its file was laid out.")
    covers = models.JSONField(
        default=dict, blank=True, help_text="What its file covers: a row missing inside it was dropped."
    )
    accepted_count = models.PositiveIntegerField(default=0, help_text="Places it has a row for.")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    withdrawn_because = models.CharField(max_length=300, blank=True)

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
            models.CheckConstraint(
                name="release_withdrawn_says_why",
                condition=(Q(withdrawn_at=None) & Q(withdrawn_because=""))
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_because="")),
                violation_error_message="Say why the edition is withdrawn.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Change(models.TextChoices):
    """What a row did to the record, in the order in which the editions were known."""

    NEW = "new", "New"
    REVISED = "revised", "Revised"
    DROPPED = "dropped", "No longer published"
    REPEATED = "repeated", "Repeats what was known"
    WITHDRAWN = "withdrawn", "Withdrawn with its edition"


class ObservationQuerySet(models.QuerySet["Observation"]):
    def known_on(self, day: date) -> "ObservationQuerySet":
        """The figures the public had on a day: one row for each series and period.

        An estimate of ours answers only where no figure was published.
        """
        standing = Q(known_to=None) | Q(known_to__gt=day)
        published = Observation.objects.filter(
            standing,
            series=OuterRef("series"),
            period_start=OuterRef("period_start"),
            period_end=OuterRef("period_end"),
            known_from__lte=day,
            estimated=False,
            dropped=False,
        )
        return self.filter(
            standing, Q(estimated=False) | ~Exists(published), known_from__lte=day, dropped=False
        )

    def headline(self) -> "ObservationQuerySet":
        """Of the people an indicator is judged on: its sex and age, no category, periods of its length."""
        return self.filter(
            series__sex=F("series__indicator__sex"),
            series__age=F("series__indicator__age"),
            series__category="",
            series__period_months=F("series__indicator__period_months"),
        )

    def current(self) -> "ObservationQuerySet":
        """Figures in force, published or estimated."""
        return self.filter(known_to=None, dropped=False)


class Observation(models.Model):
    """What one edition says of one series and period, where that differs from what was known before.

    Its figures are never edited. A later edition that says something else adds a row; `known_to` then closes
    this one. `known_from` to `known_to`, `change` and `replaces` are worked out from the editions in the order
    in which they were known, whatever the order in which they were taken in (ADR 17).
    `value_pct` is percent, 0 to 100; None with a note is a figure the publisher withheld. `dropped`: the
    edition no longer gives a figure that was known before.
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
    estimated = models.BooleanField(default=False, help_text="Ours, from council figures.")
    dropped = models.BooleanField(default=False, help_text="The edition no longer gives this figure.")
    change = models.CharField(max_length=9, choices=Change.choices, default=Change.NEW)
    replaces = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replaced_by", editable=False
    )
    line = models.PositiveIntegerField(null=True, blank=True, help_text="Line of the edition's file.")

    objects = ObservationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="observation_one_current_per_series_and_period",
                fields=["series", "period_start", "period_end", "estimated"],
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
            models.CheckConstraint(name="observation_change_is_known", condition=Q(change__in=Change.values)),
            models.CheckConstraint(
                name="observation_dropped_has_no_value",
                condition=Q(dropped=False) | (Q(value_pct=None) & Q(value_text="")),
            ),
            models.CheckConstraint(
                name="observation_without_effect_is_never_known",
                condition=~Q(change__in=["repeated", "withdrawn"])
                | (Q(known_to__isnull=False) & Q(known_to=F("known_from"))),
            ),
        ]
        indexes = [models.Index(fields=["series", "known_from", "known_to"], name="observation_as_at")]

    def __str__(self) -> str:
        return f"{self.series}, {self.period_label}: {self.value_text or 'not published'}"


class UnreadPlace(models.Model):
    """A place an edition has a row for that was refused: it neither changes nor drops what was known."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="unread_places")
    series = models.ForeignKey(Series, models.CASCADE, related_name="unread_places")
    period_start = models.DateField()
    period_end = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="unread_place_once", fields=["release", "series", "period_start", "period_end"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series}, {self.period_start} to {self.period_end}"


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
