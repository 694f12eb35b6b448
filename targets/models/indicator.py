from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from icbs.models import Area


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
    period_months = models.PositiveSmallIntegerField(default=12)
    publication_lag_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Days from the end of a period to its edition; empty when no calendar is known.",
    )
    design_effect = models.FloatField(null=True, blank=True, help_text="Only as published.")
    design_effect_source = models.CharField(max_length=300, blank=True)
    fingertips_id = models.PositiveIntegerField(null=True, blank=True)
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
        ]

    def __str__(self) -> str:
        return self.name


class Series(models.Model):
    """The readings of one indicator for one area and one group of people."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="series")
    area = models.ForeignKey(Area, models.CASCADE, related_name="series")
    sex = models.CharField(max_length=20, default="Persons")
    age = models.CharField(max_length=20, blank=True, default="")
    category_type = models.CharField(max_length=120, blank=True, default="")
    category = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint(
                name="series_unique",
                fields=["indicator", "area", "sex", "age", "category_type", "category"],
            ),
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
