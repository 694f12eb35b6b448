from django.db import models
from django.db.models import Q
from django.utils import timezone

from icbs.models import Area
from targets.calc.causes import Cause
from targets.calc.types import Basis, Flag, Kind, Position
from targets.models.indicator import Indicator
from targets.models.observation import Observation
from targets.models.target import TargetVersion


class Assessment(models.Model):
    """One reading judged against one path. Never changed.

    `input_digest` covers every reading, baseline, break and the method version it used: the same inputs
    give the same row. Percentages 0 to 100, gaps in percentage points, times in decimal years.
    """

    version = models.ForeignKey(TargetVersion, models.PROTECT, related_name="assessments")
    area = models.ForeignKey(Area, models.PROTECT, related_name="assessments")
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    input_digest = models.CharField(max_length=64)
    method_version = models.PositiveSmallIntegerField()
    assessed_at = models.DateTimeField(default=timezone.now)
    indicator = models.ForeignKey(
        Indicator,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="What was read: the indicator stated, or the proxy that stands in for it.",
    )
    reading = models.ForeignKey(Observation, models.PROTECT, null=True, blank=True, related_name="+")
    baseline = models.ForeignKey(Observation, models.PROTECT, null=True, blank=True, related_name="+")
    reading_label = models.CharField(max_length=40, blank=True)
    reading_time = models.FloatField(null=True, blank=True)
    value_pct = models.FloatField(null=True, blank=True)
    lower95_pct = models.FloatField(null=True, blank=True)
    upper95_pct = models.FloatField(null=True, blank=True)
    lower998_pct = models.FloatField(null=True, blank=True)
    upper998_pct = models.FloatField(null=True, blank=True)
    interval_source = models.CharField(
        max_length=9, choices=[("published", "published"), ("ours", "computed by us"), ("none", "none")]
    )
    baseline_label = models.CharField(max_length=40, blank=True)
    baseline_time = models.FloatField(null=True, blank=True)
    baseline_pct = models.FloatField(null=True, blank=True)
    target_time = models.FloatField(null=True, blank=True)
    target_pct = models.FloatField(null=True, blank=True)
    expected_pct = models.FloatField(null=True, blank=True, help_text="On the headline shape.")
    expected_straight_pct = models.FloatField(null=True, blank=True)
    expected_constant_rate_pct = models.FloatField(null=True, blank=True)
    gap_pp = models.FloatField(null=True, blank=True)
    p_above = models.FloatField(null=True, blank=True)
    decides = models.BooleanField(default=False, help_text="The reading decides the deadline.")
    position = models.CharField(max_length=25, choices=[(p.value, p.value) for p in Position])
    position_straight = models.CharField(max_length=25)
    position_constant_rate = models.CharField(max_length=25)
    flag = models.CharField(max_length=5, choices=[(flag.value, flag.value) for flag in Flag])
    basis = models.CharField(max_length=10, choices=[(basis.value, basis.value) for basis in Basis])
    basis_reason = models.CharField(max_length=500, blank=True)
    reason = models.CharField(max_length=40, blank=True, help_text="Why it cannot be judged.")
    reason_detail = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="assessment_once_per_inputs", fields=["version", "area", "input_digest"]
            ),
            models.CheckConstraint(name="assessment_digest_not_empty", condition=~Q(input_digest="")),
            models.CheckConstraint(
                name="assessment_position_is_known", condition=Q(position__in=[p.value for p in Position])
            ),
            models.CheckConstraint(
                name="assessment_flag_is_known", condition=Q(flag__in=[flag.value for flag in Flag])
            ),
            models.CheckConstraint(
                name="assessment_basis_is_known", condition=Q(basis__in=[basis.value for basis in Basis])
            ),
            models.CheckConstraint(
                name="assessment_indicative_is_never_final_or_red",
                condition=~Q(basis=Basis.INDICATIVE.value)
                | (~Q(position__startswith="achieved") & ~Q(position__startswith="missed") & ~Q(flag="red")),
            ),
            models.CheckConstraint(
                name="assessment_unjudged_says_why",
                condition=~Q(position=Position.CANNOT_ASSESS.value) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="assessment_judged_has_a_value",
                condition=Q(
                    position__in=[Position.CANNOT_ASSESS.value, Position.AWAITING_DEADLINE_READING.value]
                )
                | (Q(value_pct__isnull=False) & Q(expected_pct__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} in {self.area}: {self.position} ({self.reading_label or 'no reading'})"


class Standing(models.Model):
    """Where a target version stands in an area now. Moved by compare-and-swap only."""

    version = models.ForeignKey(TargetVersion, models.PROTECT, related_name="standings")
    area = models.ForeignKey(Area, models.PROTECT, related_name="standings")
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="+")
    cause = models.CharField(max_length=16, choices=[(cause.value, cause.value) for cause in Cause])
    stale = models.BooleanField(default=False, help_text="A newer edition is overdue.")
    moved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="standing_one_per_version_and_area", fields=["version", "area"]),
            models.CheckConstraint(
                name="standing_cause_is_known", condition=Q(cause__in=[cause.value for cause in Cause])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} in {self.area}"


class StandingChange(models.Model):
    """One move of a standing: the event that alerts follow."""

    standing = models.ForeignKey(Standing, models.CASCADE, related_name="changes")
    before = models.ForeignKey(Assessment, models.PROTECT, null=True, blank=True, related_name="+")
    after = models.ForeignKey(Assessment, models.PROTECT, related_name="+")
    cause = models.CharField(max_length=16, choices=[(cause.value, cause.value) for cause in Cause])
    became_true_on = models.DateField(help_text="The day of publication, edit or deadline; not of the run.")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="standing_change_cause_is_known", condition=Q(cause__in=[cause.value for cause in Cause])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.standing}: {self.cause} on {self.became_true_on}"
