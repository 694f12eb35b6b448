from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from icbs.calc.rollout import Status
from icbs.models.area import Area, AreaKind
from kit.models import Sourced

STATUS_LABELS = {
    Status.NOT_STARTED.value: "Not started",
    Status.PLANNED.value: "Planned",
    Status.PARTIAL.value: "Partly in place",
    Status.FULL.value: "Fully in place",
    Status.DECOMMISSIONED.value: "Decommissioned",
    Status.CONFIDENT.value: "Stated: confident of full implementation",
    Status.NOT_CONFIDENT.value: "Stated: not confident of full implementation",
    Status.DONT_KNOW.value: "Stated: don't know",
}

PLAN_PUBLISHED_ON = date(2019, 1, 7)
"""The NHS Long Term Plan, which the services come from."""


class Service(models.Model):
    """A tobacco dependence treatment service that every board was to have in place by a deadline."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField(unique=True, help_text="Place in tables.")
    deadline = models.DateField(help_text="Last day of the deadline.")
    deadline_source_title = models.CharField(max_length=300)
    deadline_source_url = models.URLField(max_length=500, blank=True)
    deadline_note = models.CharField(max_length=500, blank=True)

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="service_names_not_empty",
                condition=~Q(name="") & ~Q(short_name="") & ~Q(deadline_source_title=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RolloutStatusQuerySet(models.QuerySet["RolloutStatus"]):
    def known_on(self, day: date) -> "RolloutStatusQuerySet":
        """What the public could know on a day, corrections applied as far as they were known by then."""
        corrected = RolloutStatus.objects.filter(corrects=models.OuterRef("pk"), known_from__lte=day)
        return self.filter(~models.Exists(corrected), known_from__lte=day)


class RolloutStatus(Sourced):
    """How far one service was in place in one body on one day. Never edited: a correction is a new row."""

    area = models.ForeignKey(
        Area,
        models.CASCADE,
        related_name="rollout",
        limit_choices_to={"kind__in": [AreaKind.ICB, AreaKind.TRUST]},
        help_text="A board or a trust.",
    )
    service = models.ForeignKey(Service, models.PROTECT, related_name="rollout")
    on = models.DateField(help_text="The day the status is true for.")
    status = models.CharField(max_length=14, choices=STATUS_LABELS)
    evidence = models.CharField(max_length=500, blank=True, help_text="What shows it, in a sentence.")
    corrects = models.OneToOneField(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="corrected_by",
        help_text="The entry this one replaces because it was wrong.",
    )

    objects = RolloutStatusQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "rollout statuses"
        constraints = [
            models.UniqueConstraint(
                name="rollout_status_one_per_body_service_and_day",
                fields=["area", "service", "on"],
                condition=Q(corrects=None),
                violation_error_message=(
                    "There is an entry for this body, service and day: enter a correction of it instead."
                ),
            ),
            models.CheckConstraint(
                name="rollout_status_is_known", condition=Q(status__in=list(STATUS_LABELS))
            ),
            models.CheckConstraint(
                name="rollout_status_since_the_long_term_plan",
                condition=Q(on__gte=PLAN_PUBLISHED_ON),
                violation_error_message="The services were planned on 7 January 2019: check the day.",
            ),
            models.CheckConstraint(name="rollout_status_has_a_source", condition=~Q(source_title="")),
            models.CheckConstraint(
                name="rollout_status_not_known_before_its_day",
                condition=Q(known_from__gte=models.F("on")),
                violation_error_message="A status cannot be known before the day it is true for.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area}: {self.service}, {self.get_status_display()} on {self.on}"

    def clean(self) -> None:
        if self.known_from and self.known_from > timezone.localdate():
            raise ValidationError(
                {"known_from": "This day lies in the future: give the day it was published."}
            )
        if self.area_id and self.on and not self.area.is_in_being(self.on):
            raise ValidationError({"on": f"{self.area.short_name} was not in being on this day."})
