"""Whom staff write to, as a table."""

from typing import Any

from django.db.models import QuerySet
from import_export.fields import Field

from icbs.models import Area, Contact
from icbs.resources.cells import CodeWidget
from icbs.resources.register import RegisterResource


class ContactResource(RegisterResource):
    """An office of a body from a day on; `area` is the code of the body."""

    area = Field(
        attribute="area", column_name="area", widget=CodeWidget(Area, "code", what="area with the code")
    )

    class Meta:
        model = Contact
        import_id_fields = ["area", "role", "since"]
        fields = ["area", "role", "name", "email", "phone", "since", "until", "source_note"]

    def filter_export(self, queryset: QuerySet[Contact], **kwargs: Any) -> QuerySet[Contact]:
        return queryset.select_related("area")
