"""The register of targets: one row a version. An import brings drafts; what is published is fixed."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from import_export.fields import Field

from icbs.models import Area
from icbs.resources.cells import CodeWidget, TextWidget, YesNoWidget
from icbs.resources.register import RegisterResource
from targets.forms import clean_milestones
from targets.models import Indicator, Target, TargetVersion, VersionStatus

TARGET_COLUMNS = ("body", "title", "compared_with_boards")


class TargetResource(RegisterResource):
    """A version by its target's slug and its number; `body`, `title` and `compared_with_boards` are the target's."""

    target = Field(attribute="target_slug", column_name="target", widget=TextWidget())
    body = Field(
        attribute="body", column_name="body", widget=CodeWidget(Area, "code", what="area with the code")
    )
    title = Field(attribute="title", column_name="title", widget=TextWidget())
    compared_with_boards = Field(
        attribute="compared_with_boards", column_name="compared_with_boards", widget=YesNoWidget()
    )
    indicator = Field(
        attribute="indicator",
        column_name="indicator",
        widget=CodeWidget(Indicator, "slug", what="indicator with the slug"),
    )

    class Meta:
        model = TargetVersion
        import_id_fields = ["target", "number"]
        fields = [
            "target",
            *TARGET_COLUMNS,
            "number",
            "status",
            "wording",
            "stated_on",
            "stated_on_basis",
            "form",
            "indicator",
            "indicator_words",
            "comparator",
            "value_pct",
            "deadline",
            "deadline_precision",
            "shape",
            "milestones",
            "cannot_judge",
            "baseline_pct",
            "baseline_period_start",
            "baseline_period_end",
            "baseline_note",
            "source_title",
            "source_url",
            "source_page",
            "known_from",
            "known_from_basis",
            "footprint_note",
            "statement_note",
        ]

    def get_instance(self, instance_loader: Any, row: Any) -> Model | None:
        number = self.fields["number"].clean(row)
        versions = TargetVersion.objects.select_related("target__body", "indicator")
        return versions.filter(target__slug=row["target"], number=number).first()

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        if new:
            found = Target.objects.select_related("body").filter(slug=row["target"]).first()
            instance.target = found or Target(slug=row["target"])
        instance.was_published = not new and instance.status == VersionStatus.PUBLISHED
        _show_target(instance)

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """The target itself is kept first: a version belongs to one."""
        if instance.was_published:
            raise ValidationError(
                f"Version {instance.number} is published, and a published version is fixed: enter an amendment "
                "as a version with the next number."
            )
        if instance.status == VersionStatus.PUBLISHED:
            words = "An import brings drafts: write draft here, and publish it in the list of targets."
            raise ValidationError({"status": words})
        if import_validation_errors:
            raise ValidationError(import_validation_errors)
        instance.milestones = clean_milestones(instance.milestones)
        _keep_target(instance)
        super().validate_instance(instance, import_validation_errors, validate_unique)

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        instance.recorded_by = kwargs.get("user")

    def export_resource(self, instance: Any, selected_fields: Any = None, **kwargs: Any) -> list[Any]:
        _show_target(instance)
        return super().export_resource(instance, selected_fields, **kwargs)


def _show_target(version: Any) -> None:
    target = version.target
    version.target_slug = target.slug
    version.body = target.body if target.body_id else None
    version.title = target.title
    version.compared_with_boards = target.compared_with_boards


def _keep_target(version: Any) -> None:
    """A new target, or the changes of one that was never published."""
    target = version.target
    changed = [name for name in TARGET_COLUMNS if _value_of(target, name) != getattr(version, name)]
    if changed and target.pk and target.is_published:
        raise ValidationError(
            f"The target {target.slug} is published: its {', '.join(changed)} stays as it was. Add a new target instead."
        )
    if changed or not target.pk:
        if version.body is None:
            raise ValidationError({"body": "Give the code of the body that stated it."})
        for name in TARGET_COLUMNS:
            setattr(target, name, getattr(version, name))
        target.full_clean()
        target.save()
    version.target = target


def _value_of(target: Target, name: str) -> Any:
    return (target.body if target.body_id else None) if name == "body" else getattr(target, name)
