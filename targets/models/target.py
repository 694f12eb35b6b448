from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from icbs.models import Area
from kit.models import Sourced
from targets.calc.types import Comparator, Shape
from targets.models.indicator import Indicator

COMPARATOR_LABELS = {
    Comparator.LE.value: "at or below",
    Comparator.LT.value: "below",
    Comparator.GE.value: "at or above",
}
SHAPE_LABELS = {
    Shape.STRAIGHT.value: "Straight line",
    Shape.CONSTANT_RATE.value: "Constant percentage each year",
}


FIXED_ONCE_PUBLISHED = ("body_id", "slug", "compared_with_boards")


class Form(models.TextChoices):
    LEVEL = "level", "Reach a level"
    RELATIVE = "relative", "Fall by a share of the baseline"
    GAP = "gap", "Narrow a gap"
    EVERY_GROUP = "every_group", "Reach a level in every group"
    WORDS_ONLY = "words_only", "Words without a figure"


class DeadlinePrecision(models.TextChoices):
    DAY = "day", "Day"
    MONTH = "month", "Month"
    QUARTER = "quarter", "Quarter"
    FINANCIAL_YEAR = "financial_year", "Financial year"
    CALENDAR_YEAR = "calendar_year", "Calendar year"


class VersionStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    PROPOSED = "proposed", "Proposed"
    PUBLISHED = "published", "Published"


class Target(models.Model):
    """A stated aim of a body. What it says stands in its versions."""

    slug = models.SlugField(max_length=80, unique=True)
    body = models.ForeignKey(Area, models.PROTECT, related_name="targets")
    title = models.CharField(max_length=200, help_text="Short: 5% of adults by 2030.")
    compared_with_boards = models.BooleanField(
        default=False, help_text="Laid beside every board as a comparison, outside promise counts."
    )

    history = HistoricalRecords()

    class Meta:
        constraints = [models.CheckConstraint(name="target_title_not_empty", condition=~Q(title=""))]

    def __str__(self) -> str:
        return f"{self.body.short_name}: {self.title}"

    def save(self, *args, **kwargs) -> None:
        if self.pk and self.is_published:
            kept = Target.objects.get(pk=self.pk)
            if any(getattr(kept, name) != getattr(self, name) for name in FIXED_ONCE_PUBLISHED):
                raise ValidationError(
                    "A published target keeps its body, slug and comparison: add a new target instead."
                )
        super().save(*args, **kwargs)

    @property
    def is_published(self) -> bool:
        """One query."""
        return self.versions.filter(status=VersionStatus.PUBLISHED).exists()


class TargetVersionQuerySet(models.QuerySet["TargetVersion"]):
    def in_force(self, on: date) -> "TargetVersionQuerySet":
        """The latest published version of each target that the public could know on a day."""
        later = TargetVersion.objects.filter(
            target=models.OuterRef("target"),
            status=VersionStatus.PUBLISHED,
            known_from__lte=on,
            number__gt=models.OuterRef("number"),
        )
        return self.filter(~models.Exists(later), status=VersionStatus.PUBLISHED, known_from__lte=on)


class TargetVersion(Sourced):
    """What a target said from a day on, in our words, with its source. Fixed once published."""

    target = models.ForeignKey(Target, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=9, choices=VersionStatus.choices, default=VersionStatus.DRAFT)
    wording = models.TextField(help_text="In our own words; quotations only with their page.")
    source_page = models.CharField(max_length=40, blank=True)
    stated_on = models.DateField()
    stated_on_basis = models.CharField(
        max_length=200, blank=True, help_text="Where the day is not exact: 'at the latest', and why."
    )
    known_from_basis = models.CharField(max_length=300, blank=True)
    footprint_note = models.CharField(
        max_length=300, blank=True, help_text="Where it was stated for another footprint than the body's."
    )
    statement_note = models.CharField(
        max_length=300, blank=True, help_text="What a reader must know about the statement."
    )
    form = models.CharField(max_length=11, choices=Form.choices, default=Form.LEVEL)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="target_versions"
    )
    indicator_words = models.CharField(max_length=200, help_text="What is measured, as stated.")
    comparator = models.CharField(max_length=2, choices=COMPARATOR_LABELS, blank=True)
    value_pct = models.FloatField(null=True, blank=True)
    deadline = models.DateField(null=True, blank=True, help_text="Last day: 31 December for a year.")
    deadline_precision = models.CharField(max_length=14, choices=DeadlinePrecision.choices, blank=True)
    baseline_pct = models.FloatField(null=True, blank=True, help_text="As stated; empty when none was.")
    baseline_period_start = models.DateField(
        null=True,
        blank=True,
        help_text="First day of the baseline's period. Without a percentage: the area's own figure for it.",
    )
    baseline_period_end = models.DateField(null=True, blank=True)
    baseline_note = models.CharField(max_length=300, blank=True)
    shape = models.CharField(
        max_length=13, choices=SHAPE_LABELS, blank=True, help_text="As stated; empty is a straight line."
    )
    milestones = models.JSONField(
        default=list, blank=True, help_text='Stated steps: [{"on": "2027-12-31", "pct": 8}].'
    )
    cannot_judge = models.CharField(
        max_length=300, blank=True, help_text="Why it cannot be judged, in a sentence for readers."
    )

    objects = TargetVersionQuerySet.as_manager()

    class Meta:
        ordering = ["target", "number"]
        constraints = [
            models.UniqueConstraint(name="target_version_number_once", fields=["target", "number"]),
            models.CheckConstraint(
                name="target_version_status_is_known", condition=Q(status__in=VersionStatus.values)
            ),
            models.CheckConstraint(name="target_version_form_is_known", condition=Q(form__in=Form.values)),
            models.CheckConstraint(
                name="target_version_value_0_to_100",
                condition=Q(value_pct=None) | (Q(value_pct__gte=0) & Q(value_pct__lte=100)),
                violation_error_message="A target is a percentage between 0 and 100.",
            ),
            models.CheckConstraint(
                name="target_version_baseline_0_to_100",
                condition=Q(baseline_pct=None) | (Q(baseline_pct__gte=0) & Q(baseline_pct__lte=100)),
                violation_error_message="A baseline is a percentage between 0 and 100.",
            ),
            models.CheckConstraint(
                name="target_version_level_has_value_and_comparator",
                condition=~Q(form=Form.LEVEL) | (Q(value_pct__isnull=False) & ~Q(comparator="")),
                violation_error_message="A level needs its percentage and 'below', 'at or below' or 'at or above'.",
            ),
            models.CheckConstraint(
                name="target_version_level_has_a_deadline",
                condition=~Q(form=Form.LEVEL) | Q(deadline__isnull=False),
                violation_error_message="A level needs the day by which it is to be reached.",
            ),
            models.CheckConstraint(
                name="target_version_deadline_with_its_precision",
                condition=(Q(deadline=None) & Q(deadline_precision=""))
                | (Q(deadline__isnull=False) & Q(deadline_precision__in=DeadlinePrecision.values)),
                violation_error_message="Say how exact the deadline is: a day, a month, a year.",
            ),
            models.CheckConstraint(
                name="target_version_baseline_with_its_period",
                condition=(Q(baseline_pct=None) & Q(baseline_period_start=None) & Q(baseline_period_end=None))
                | (
                    Q(baseline_period_start__isnull=False)
                    & Q(baseline_period_end__gte=F("baseline_period_start"))
                ),
                violation_error_message="A stated baseline needs the first and the last day of its period.",
            ),
            models.CheckConstraint(
                name="target_version_deadline_after_its_baseline",
                condition=Q(deadline=None)
                | Q(baseline_period_end=None)
                | Q(deadline__gt=F("baseline_period_end")),
                violation_error_message="The deadline comes before the end of the baseline: check both dates.",
            ),
            models.CheckConstraint(
                name="target_version_deadline_after_its_statement",
                condition=Q(deadline=None) | Q(deadline__gt=F("stated_on")),
                violation_error_message="The deadline comes before the day it was stated: check both dates.",
            ),
            models.CheckConstraint(
                name="target_version_known_once_it_is_stated",
                condition=Q(known_from__gte=F("stated_on")),
                violation_error_message="It cannot be known before the day it was stated: check both dates.",
            ),
            models.CheckConstraint(
                name="target_version_year_ends_on_its_last_day",
                condition=(
                    ~Q(deadline_precision__in=["calendar_year", "financial_year"])
                    | Q(deadline_precision="calendar_year", deadline__month=12, deadline__day=31)
                    | Q(deadline_precision="financial_year", deadline__month=3, deadline__day=31)
                ),
                violation_error_message="A year ends on 31 December, a financial year on 31 March.",
            ),
            models.CheckConstraint(
                name="target_version_judged_or_says_why_not",
                condition=(Q(form=Form.LEVEL) & Q(indicator__isnull=False)) | ~Q(cannot_judge=""),
                violation_error_message="Without an indicator or a level, say why it cannot be judged.",
            ),
            models.CheckConstraint(
                name="target_version_has_words_and_source", condition=~Q(wording="") & ~Q(source_title="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} (version {self.number})"

    def save(self, *args, **kwargs) -> None:
        if self.pk and TargetVersion.objects.filter(pk=self.pk, status=VersionStatus.PUBLISHED).exists():
            raise ValidationError("A published version is fixed: add a new version instead.")
        super().save(*args, **kwargs)


class Answer(models.TextChoices):
    RESTATED = "restated", "Restated by the successor"
    NOT_RESTATED = "not_restated", "Not restated by the successor"


class PromiseFollowUp(Sourced):
    """Whether the successor of a closed board has restated what the board had promised."""

    target = models.ForeignKey(Target, models.PROTECT, related_name="follow_ups")
    successor = models.ForeignKey(Area, models.PROTECT, related_name="promises_followed_up")
    answer = models.CharField(max_length=12, choices=Answer.choices)
    restated_as = models.ForeignKey(
        Target,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="restates",
        help_text="The successor's own target.",
    )

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="follow_up_once", fields=["target", "successor"]),
            models.CheckConstraint(name="follow_up_answer_is_known", condition=Q(answer__in=Answer.values)),
            models.CheckConstraint(
                name="follow_up_restated_names_the_target",
                condition=(Q(answer=Answer.RESTATED) & Q(restated_as__isnull=False))
                | (Q(answer=Answer.NOT_RESTATED) & Q(restated_as=None)),
                violation_error_message="Name the successor's target if, and only if, it restated the promise.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.get_answer_display().lower()} ({self.successor.short_name})"
