from django.db import models
from django.db.models import Q
from django.utils import timezone

from alerts.calc.rules import AlertState, Tell
from icbs.models import Area
from targets.models import StandingChange, TargetVersion

STATE_CHOICES = [(state.value, state.value) for state in AlertState]


class State(models.Model):
    """How far alerts have followed one target version in one area. Moved by compare-and-swap only."""

    version = models.ForeignKey(TargetVersion, models.PROTECT, related_name="alert_states")
    area = models.ForeignKey(Area, models.PROTECT, related_name="alert_states")
    state = models.CharField(max_length=10, choices=STATE_CHOICES)
    last_change = models.ForeignKey(StandingChange, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="state_one_per_version_and_area", fields=["version", "area"]),
            models.CheckConstraint(
                name="state_is_known", condition=Q(state__in=[state.value for state in AlertState])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} in {self.area}: {self.state}"


class Transition(models.Model):
    """What one change of verdict did to an alert state, whom it is told to, and why."""

    state = models.ForeignKey(State, models.CASCADE, related_name="transitions")
    change = models.OneToOneField(StandingChange, models.PROTECT, related_name="transition")
    before = models.CharField(max_length=10, choices=STATE_CHOICES, blank=True)
    after = models.CharField(max_length=10, choices=STATE_CHOICES)
    tell = models.CharField(max_length=24, choices=[(tell.value, tell.value) for tell in Tell])
    reason = models.CharField(max_length=300)
    became_true_on = models.DateField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="transition_tell_is_known", condition=Q(tell__in=[tell.value for tell in Tell])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state.area}: {self.before or 'new'} to {self.after}"
