"""Filters of the tables that join several apps."""

from collections.abc import Iterable

from django import forms

from targets.calc.wording import GROUP_WORDS
from tracker.selectors.board_list import BoardRow, filter_boards

ALL = ("", "All")


class BoardFilters(forms.Form):
    region = forms.ChoiceField(label="Region", required=False)
    position = forms.ChoiceField(
        label="Position on its own target",
        required=False,
        choices=[
            ALL,
            *((group, words[0].upper() + words[1:]) for group, words in GROUP_WORDS.items()),
            ("none", "No target found"),
        ],
    )
    has_target = forms.ChoiceField(
        label="Has a target",
        required=False,
        choices=[ALL, ("yes", "Yes"), ("no", "No target found")],
    )
    off_track = forms.BooleanField(label="Off track for March 2024", required=False)

    def __init__(self, *args, regions: Iterable[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        region = self.fields["region"]
        assert isinstance(region, forms.ChoiceField)
        region.choices = [ALL, *((name, name) for name in regions)]


class FilteredBoards:
    """The rows that the address asks for; an unknown choice is said beside its field and filters nothing."""

    def __init__(self, data, rows: list[BoardRow]) -> None:
        self.form = BoardFilters(data, regions=sorted({row.region for row in rows}))
        self.form.is_valid()
        self.all_rows = rows
        given = self.form.cleaned_data
        self.rows = filter_boards(
            rows,
            region=given.get("region", ""),
            position=given.get("position", ""),
            has_target=given.get("has_target", ""),
            off_track=bool(given.get("off_track")),
        )

    @property
    def shown(self) -> str:
        """How many boards the table holds, the fictitious ones apart."""
        real = sum(not row.demonstration for row in self.rows)
        words = f"Showing {real} of {sum(not row.demonstration for row in self.all_rows)} boards"
        fictitious = len(self.rows) - real
        return f"{words} and {fictitious} fictitious" if fictitious else words
