from datetime import date

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords


class AreaKind(models.TextChoices):
    ENGLAND = "england", "England"
    NHS_REGION = "nhs_region", "NHS region"
    ICB = "icb", "Integrated Care Board"
    COUNCIL = "council", "Council"
    TRUST = "trust", "Trust"


class AreaQuerySet(models.QuerySet["Area"]):
    def boards(self) -> "AreaQuerySet":
        return self.filter(kind=AreaKind.ICB)

    def in_being(self, on: date) -> "AreaQuerySet":
        """Areas that exist on a day: opened by then, not yet closed."""
        return self.filter(Q(opened=None) | Q(opened__lte=on), Q(closed=None) | Q(closed__gt=on))

    def real(self) -> "AreaQuerySet":
        return self.filter(demonstration=False)

    def shown(self, *, demonstration: bool) -> "AreaQuerySet":
        """Real areas, and the fictitious ones only where demonstration is switched on."""
        return self if demonstration else self.real()


class Area(models.Model):
    """England, an NHS region, a board, a council or a trust.

    `code` is the one code used in addresses and downloads: the ODS code of a board, region or trust
    (it follows the body), the ONS code of England or a council. Dated aliases are AreaCodes.
    """

    code = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=12, choices=AreaKind.choices)
    name = models.CharField(max_length=120, help_text="Full legal name.")
    short_name = models.CharField(max_length=80)
    opened = models.DateField(null=True, blank=True, help_text="First day; empty when not known.")
    closed = models.DateField(null=True, blank=True, help_text="First day on which it no longer exists.")
    demonstration = models.BooleanField(
        default=False, help_text="Fictitious: shown only when demonstration is on, outside every count."
    )

    history = HistoricalRecords()
    objects = AreaQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="area_kind_is_known", condition=Q(kind__in=AreaKind.values)),
            models.CheckConstraint(
                name="area_closes_after_it_opens",
                condition=Q(opened=None) | Q(closed=None) | Q(closed__gt=F("opened")),
                violation_error_message="An area closes after it opens: check both dates.",
            ),
            models.CheckConstraint(
                name="area_code_and_names_not_empty", condition=~Q(code="") & ~Q(name="") & ~Q(short_name="")
            ),
        ]
        indexes = [models.Index(fields=["kind", "short_name"], name="area_kind_name")]

    def __str__(self) -> str:
        return f"{self.short_name} ({self.code})"

    def is_in_being(self, on: date) -> bool:
        return (self.opened is None or self.opened <= on) and (self.closed is None or self.closed > on)


class CodeScheme(models.TextChoices):
    ONS = "ons", "ONS"
    ODS = "ods", "ODS"


class AreaCode(models.Model):
    """A code an area bore for a time. The ONS code follows the boundary, the ODS code the body."""

    area = models.ForeignKey(Area, models.CASCADE, related_name="codes")
    scheme = models.CharField(max_length=3, choices=CodeScheme.choices)
    code = models.CharField(max_length=12)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True, help_text="First day it is no longer valid.")
    source_title = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="area_code_unique_for_ever", fields=["scheme", "code"]),
            models.CheckConstraint(
                name="area_code_scheme_is_known", condition=Q(scheme__in=CodeScheme.values)
            ),
            models.CheckConstraint(
                name="area_code_dates_ordered",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} {self.code}"


class LinkKind(models.TextChoices):
    MEMBER_OF = "member_of", "lies in"
    SUCCEEDED_BY = "succeeded_by", "succeeded by"


class AreaLink(models.Model):
    """A dated tie between two areas: a council's part in a board, or a board and its successor.

    `lsoa_count` counts the neighbourhoods (LSOAs) of the part; `share` is its share of from_area, 0 to 1.
    """

    kind = models.CharField(max_length=12, choices=LinkKind.choices)
    from_area = models.ForeignKey(Area, models.CASCADE, related_name="links")
    to_area = models.ForeignKey(Area, models.CASCADE, related_name="reverse_links")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="First day it no longer holds.")
    share = models.FloatField(null=True, blank=True, help_text="Share of the first area, 0 to 1.")
    lsoa_count = models.PositiveIntegerField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    source_title = models.CharField(max_length=300)
    source_url = models.URLField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="area_link_once_from_a_day", fields=["kind", "from_area", "to_area", "valid_from"]
            ),
            models.CheckConstraint(name="area_link_kind_is_known", condition=Q(kind__in=LinkKind.values)),
            models.CheckConstraint(name="area_link_not_to_itself", condition=~Q(from_area=F("to_area"))),
            models.CheckConstraint(
                name="area_link_share_0_to_1",
                condition=Q(share=None) | (Q(share__gt=0) & Q(share__lte=1)),
                violation_error_message="The share lies above 0 and is at most 1.",
            ),
            models.CheckConstraint(
                name="area_link_dates_ordered", condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from"))
            ),
        ]
        indexes = [models.Index(fields=["to_area", "kind", "valid_from"], name="area_link_to")]

    def __str__(self) -> str:
        return f"{self.from_area} {self.get_kind_display()} {self.to_area} from {self.valid_from}"


class HexCell(models.Model):
    """A board's place on the hex map from a day on; rows count from the south."""

    area = models.ForeignKey(Area, models.CASCADE, related_name="hex_cells")
    valid_from = models.DateField()
    label = models.CharField(max_length=6)
    row = models.PositiveSmallIntegerField()
    col = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="hex_cell_one_per_board", fields=["area", "valid_from"]),
            models.UniqueConstraint(name="hex_cell_holds_one_board", fields=["valid_from", "row", "col"]),
        ]

    def __str__(self) -> str:
        return f"{self.label} at {self.row}, {self.col}"
