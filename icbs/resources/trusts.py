"""Trusts and the board that each lies in."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from import_export.fields import Field

from icbs.models import Area, AreaKind, AreaLink, LinkKind
from icbs.resources.cells import DayWidget, TextWidget
from icbs.resources.register import RegisterResource

BOARD_COLUMNS = ("board", "board_since", "board_source")


class TrustResource(RegisterResource):
    """A trust by its ODS code; `board` is the code of the board it lies in, from a day, with the source."""

    board = Field(attribute="board", column_name="board", widget=TextWidget())
    board_since = Field(attribute="board_since", column_name="board_since", widget=DayWidget())
    board_source = Field(attribute="board_source", column_name="board_source", widget=TextWidget())

    class Meta:
        model = Area
        import_id_fields = ["code"]
        fields = ["code", "name", "short_name", "opened", "closed", *BOARD_COLUMNS]

    def get_queryset(self) -> QuerySet[Area]:
        return Area.objects.filter(kind=AreaKind.TRUST)

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        super().before_import_row(row, **kwargs)
        other = Area.objects.filter(code=row["code"]).exclude(kind=AreaKind.TRUST).first()
        if other:
            raise ValueError(f"{other.code} is {other.short_name}, which is no trust: correct the code.")

    def after_init_instance(self, instance: Area, new: bool, row: Any, **kwargs: Any) -> None:
        instance.kind = AreaKind.TRUST
        _show_board(instance, None if new else _find_links(instance).first())

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Raises ValidationError for a board that is named in part, or that ends without a new one."""
        former = _find_links(instance).first() if instance.pk else None
        if not instance.board:
            if former or instance.board_since or instance.board_source:
                words = "Name the board; one that a trust no longer lies in ends on the trust's own page."
                raise ValidationError({"board": words})
            return
        if not Area.objects.boards().filter(code=instance.board).exists():
            raise ValidationError({"board": f"There is no board {instance.board!r}: correct the code."})
        if not instance.board_since or not instance.board_source:
            raise ValidationError({"board": "Say since when the trust lies in this board, and the source."})
        moved = former and former.to_area.code != instance.board
        if former and moved and instance.board_since <= former.valid_from:
            raise ValidationError(
                {"board_since": f"The trust lies in another board since {former.valid_from}."}
            )
        if former and not moved and instance.board_since != former.valid_from:
            raise ValidationError(
                {"board_since": f"It is kept as {former.valid_from}: correct the link itself."}
            )

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        if not instance.board:
            return
        former = _find_links(instance).first()
        if former and former.to_area.code == instance.board:
            former.source_title = instance.board_source
            former.save()
            return
        if former:
            former.valid_to = instance.board_since
            former.save()
        AreaLink.objects.create(
            kind=LinkKind.MEMBER_OF,
            from_area=instance,
            to_area=Area.objects.get(code=instance.board),
            valid_from=instance.board_since,
            source_title=instance.board_source,
        )

    def filter_export(self, queryset: QuerySet[Area], **kwargs: Any) -> QuerySet[Area]:
        """With the board of each, in one more query."""
        links = Prefetch("links", _open_links(), to_attr="boards")
        return queryset.filter(kind=AreaKind.TRUST).prefetch_related(links)

    def export_resource(self, instance: Any, selected_fields: Any = None, **kwargs: Any) -> list[Any]:
        _show_board(instance, instance.boards[0] if instance.boards else None)
        return super().export_resource(instance, selected_fields, **kwargs)


def _open_links() -> QuerySet[AreaLink]:
    links = AreaLink.objects.filter(kind=LinkKind.MEMBER_OF, to_area__kind=AreaKind.ICB, valid_to=None)
    return links.select_related("to_area").order_by("-valid_from")


def _find_links(trust: Area) -> QuerySet[AreaLink]:
    return _open_links().filter(from_area=trust)


def _show_board(trust: Any, link: AreaLink | None) -> None:
    trust.board = link.to_area.code if link else ""
    trust.board_since = link.valid_from if link else None
    trust.board_source = link.source_title if link else ""
