from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from icbs.models import Area
from kit.models import Recorded


class Polarity(models.TextChoices):
    LOWER = "lower", "Lower is better"
    HIGHER = "higher", "Higher is better"


class Collection(models.TextChoices):
    SAMPLE = "sample", "Sample survey"
    FULL_COUNT = "full_count", "Full count"


class YearType(models.TextChoices):
    CALENDAR = "calendar", "Calendar year"
    FINANCIAL = "financial", "Financial year"


class Indicator(models.Model):
    """One measure of one population from one source. Never mixed with another."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=80)
    publisher = models.CharField(max_length=200)
    survey = models.CharField(max_length=200, blank=True)
    population = models.CharField(max_length=120)
    unit = models.CharField(max_length=80, help_text="As an axis says it: % of adults who smoke.")
    better = models.CharField(max_length=6, choices=Polarity.choices, default=Polarity.LOWER)
    collection = models.CharField(max_length=10, choices=Collection.choices)
    year_type = models.CharField(max_length=9, choices=YearType.choices, default=YearType.CALENDAR)
    sex = models.CharField(max_length=20, default="Persons", help_text="Of the people judged: Persons.")
    age = models.CharField(max_length=20, blank=True, help_text="Of the people judged: 18+.")
    period_months = models.PositiveSmallIntegerField(default=12)
    publication_lag_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Days from the end of a period to its edition; empty when no calendar is known.",
    )
    design_effect = models.FloatField(null=True, blank=True, help_text="Only as published.")
    design_effect_source = models.CharField(max_length=300, blank=True)
    ended_note = models.CharField(
        max_length=300, blank=True, help_text="Why no further edition comes; empty while it is published."
    )
    estimated_from_councils = models.BooleanField(
        default=False, help_text="Boards without a published figure get an estimate from their councils."
    )
    proxy_for = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="proxies",
        help_text="Stands in, marked, where this indicator cannot even be estimated for a board.",
    )
    fingertips_id = models.PositiveIntegerField(null=True, blank=True)
    fingertips_area_types = models.CharField(
        max_length=200,
        blank=True,
        validators=[
            RegexValidator(r"^\d+:\d+( \d+:\d+)*$", "Write pairs of child and parent: 15:15 221:15.")
        ],
        help_text="Area types to ask Fingertips for, as child:parent pairs: 15:15 221:15 501:15.",
    )
    source_url = models.URLField(max_length=500, blank=True)

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="indicator_polarity_is_known", condition=Q(better__in=Polarity.values)
            ),
            models.CheckConstraint(
                name="indicator_collection_is_known", condition=Q(collection__in=Collection.values)
            ),
            models.CheckConstraint(
                name="indicator_year_type_is_known", condition=Q(year_type__in=YearType.values)
            ),
            models.CheckConstraint(
                name="indicator_design_effect_at_least_1_with_source",
                condition=Q(design_effect=None) | (Q(design_effect__gte=1) & ~Q(design_effect_source="")),
            ),
            models.CheckConstraint(name="indicator_period_positive", condition=Q(period_months__gt=0)),
            models.UniqueConstraint(
                name="indicator_fingertips_id_once",
                fields=["fingertips_id"],
                condition=~Q(fingertips_id=None),
                violation_error_message="Another indicator has this Fingertips ID.",
            ),
            models.CheckConstraint(
                name="indicator_is_no_proxy_for_itself",
                condition=Q(proxy_for=None) | ~Q(proxy_for=F("id")),
                violation_error_message="An indicator cannot stand in for itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Series(models.Model):
    """The readings of one indicator for one area and one group of people, over periods of one length."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="series")
    area = models.ForeignKey(Area, models.CASCADE, related_name="series")
    sex = models.CharField(max_length=20, default="Persons")
    age = models.CharField(max_length=20, blank=True, default="")
    category_type = models.CharField(max_length=200, blank=True, default="")
    category = models.CharField(max_length=200, blank=True, default="")
    period_months = models.PositiveSmallIntegerField(
        default=12, help_text="Length of each period: 2019 and 2019 - 21 are two series."
    )

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint(
                name="series_unique",
                fields=["indicator", "area", "sex", "age", "category_type", "category", "period_months"],
            ),
            models.CheckConstraint(name="series_period_positive", condition=Q(period_months__gt=0)),
            models.CheckConstraint(
                name="series_category_with_its_type",
                condition=(Q(category_type="") & Q(category="")) | (~Q(category_type="") & ~Q(category="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}, {self.area}"


class BreakKind(models.TextChoices):
    BREAK = "break", "Break: verdicts and lines do not cross it"
    CAUTION = "caution", "Caution: verdicts cross it and say so"


class Break(models.Model):
    """A day on which an indicator changed so that figures before and after may not compare."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="breaks")
    area = models.ForeignKey(Area, models.CASCADE, null=True, blank=True, help_text="Empty: every area.")
    on = models.DateField()
    kind = models.CharField(max_length=7, choices=BreakKind.choices)
    what = models.CharField(max_length=300)
    source_title = models.CharField(max_length=300)
    source_url = models.URLField(max_length=500, blank=True)

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(name="break_kind_is_known", condition=Q(kind__in=BreakKind.values)),
            models.UniqueConstraint(
                name="break_once_a_day_for_an_area",
                fields=["indicator", "area", "on"],
                condition=~Q(area=None),
            ),
            models.UniqueConstraint(
                name="break_once_a_day_for_all_areas", fields=["indicator", "on"], condition=Q(area=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display().split(':')[0]} of {self.on:%-d %B %Y}: {self.what}"


class CoverageClearance(Recorded):
    """A named person's word that a jump in an area's share of England's denominator is no break.

    The jump is the one into the period that starts on `period_start`. Without a clearance verdicts do not
    cross it (design rule 5.11).
    """

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="coverage_clearances")
    area = models.ForeignKey(Area, models.CASCADE, related_name="coverage_clearances")
    period_start = models.DateField(help_text="First day of the period whose share jumped.")
    reason = models.CharField(max_length=500, help_text="Why figures before and after compare all the same.")
    cleared_by = models.CharField(max_length=120, help_text="Name and office of the person who decided.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="coverage_clearance_once", fields=["indicator", "area", "period_start"]
            ),
            models.CheckConstraint(
                name="coverage_clearance_says_who_and_why",
                condition=~Q(reason="") & ~Q(cleared_by=""),
                violation_error_message="Say why the figures compare, and who decided it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.short_name}, {self.area.short_name}, {self.period_start:%-d %B %Y}"


class AnnouncedEdition(models.Model):
    """The day a publisher announced for the edition whose newest period ends on a day."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="announced_editions")
    period_end = models.DateField(help_text="Last day of the newest period it will hold.")
    due_on = models.DateField()
    source_title = models.CharField(max_length=300)
    source_url = models.URLField(max_length=500, blank=True)

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="announced_edition_once", fields=["indicator", "period_end"]),
            models.CheckConstraint(
                name="announced_edition_after_its_period",
                condition=Q(due_on__gt=F("period_end")),
                violation_error_message="An edition comes out after its last period has ended.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator.short_name}: due {self.due_on:%-d %B %Y}"
