from django.db import models
from django.db.models import F, Q

from icbs.models.area import Area


class Contact(models.Model):
    """Whom staff write to at a body, in an office. No history is kept: who left is deleted or gets a last day."""

    area = models.ForeignKey(Area, models.CASCADE, related_name="contacts")
    role = models.CharField(max_length=120, help_text="The office: Tobacco dependence lead.")
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    since = models.DateField(help_text="First day in this office, or the day we learnt of it.")
    until = models.DateField(null=True, blank=True, help_text="First day no longer in it.")
    source_note = models.CharField(max_length=300, blank=True, help_text="Who told us, and when.")

    class Meta:
        ordering = ["area__short_name", "role", "-since"]
        constraints = [
            models.UniqueConstraint(
                name="contact_one_at_a_time_in_an_office",
                fields=["area", "role"],
                condition=Q(until=None),
                violation_error_message="Somebody holds this office already: give that entry its last day first.",
            ),
            models.UniqueConstraint(
                name="contact_once_from_a_day",
                fields=["area", "role", "since"],
                violation_error_message="There is an entry for this office from this day: change that one.",
            ),
            models.CheckConstraint(
                name="contact_has_a_name_and_an_office",
                condition=~Q(name="") & ~Q(role=""),
                violation_error_message="Give the name of the person and the office.",
            ),
            models.CheckConstraint(
                name="contact_can_be_reached",
                condition=~Q(email="") | ~Q(phone=""),
                violation_error_message="Give an e-mail address or a telephone number.",
            ),
            models.CheckConstraint(
                name="contact_ends_after_it_begins",
                condition=Q(until=None) | Q(until__gt=F("since")),
                violation_error_message="The last day comes before the first: check both dates.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.role} ({self.area.short_name})"
