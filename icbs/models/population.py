from django.db import models
from django.db.models import Q

from icbs.models.area import Area
from kit.models import Sourced


class Population(Sourced):
    """How many people of an age and older lived in an area on a day, as published."""

    area = models.ForeignKey(Area, models.CASCADE, related_name="populations")
    on = models.DateField(help_text="The day it was estimated for: 30 June for mid-year.")
    age_from = models.PositiveSmallIntegerField(help_text="Youngest age counted, in years; 0 is everyone.")
    persons = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="population_once", fields=["area", "on", "age_from", "known_from"]),
            models.CheckConstraint(name="population_positive", condition=Q(persons__gt=0)),
            models.CheckConstraint(name="population_age_to_120", condition=Q(age_from__lte=120)),
            models.CheckConstraint(
                name="population_known_after_its_day",
                condition=Q(known_from__gte=models.F("on")),
                violation_error_message="It cannot be known before the day it was estimated for.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area.short_name}, {self.on:%-d %B %Y}, {self.age_from} and over: {self.persons}"


class BoundaryNote(models.Model):
    """What happened to an area's boundary on a day, where no body of the registry handed anything over."""

    area = models.ForeignKey(Area, models.CASCADE, related_name="boundary_notes")
    on = models.DateField()
    detail = models.CharField(max_length=400)
    source_title = models.CharField(max_length=300)
    source_url = models.URLField(max_length=500, blank=True)

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(name="boundary_note_once", fields=["area", "on"]),
            models.CheckConstraint(name="boundary_note_not_empty", condition=~Q(detail="")),
        ]

    def __str__(self) -> str:
        return f"{self.area.short_name}, {self.on:%-d %B %Y}"
