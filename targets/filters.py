"""Which rows a reader asked for. Rows are plain values, so a filter cannot add a query."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django import forms

from targets.calc.wording import GROUP_WORDS
from targets.selectors.editions import KIND_WORDS, NEW, WHAT, Edition
from targets.selectors.listing import TargetList, TargetRow

BASES = {"Firm": "Firm", "Indicative": "Indicative", "Not judged": "Not judged"}
KINDS = {"promise": "Promises of the bodies", "comparison": "Beside the national ambition"}
TESTS: dict[str, Callable[[TargetRow, str], bool]] = {
    "position": lambda row, wanted: row.verdict.group == wanted,
    "body": lambda row, wanted: row.body_code == wanted,
    "year": lambda row, wanted: row.deadline is not None and str(row.deadline.year) == wanted,
    "basis": lambda row, wanted: row.basis == wanted,
    "kind": lambda row, wanted: row.kind == wanted,
}


class TargetFilterForm(forms.Form):
    """Every choice is one that the rows of the day hold."""

    position = forms.ChoiceField(required=False)
    body = forms.ChoiceField(required=False, label="Body")
    year = forms.ChoiceField(required=False, label="Deadline")
    basis = forms.ChoiceField(required=False, label="Firm or indicative")
    kind = forms.ChoiceField(required=False, label="Promise or comparison")

    def __init__(self, data: Mapping[str, object], found: TargetList) -> None:
        super().__init__(data)
        self._offer("position", ((group, words.capitalize()) for group, words in GROUP_WORDS.items()))
        self._offer("body", ((area.code, area.short_name) for area in found.bodies))
        self._offer("year", ((str(year), str(year)) for year in found.years))
        self._offer("basis", BASES.items())
        self._offer("kind", KINDS.items())

    def _offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "All"), *choices]


@dataclass(frozen=True, slots=True)
class FilteredTargets:
    """`form` is drawn by the `filter_form` component."""

    form: TargetFilterForm
    promises: list[TargetRow]
    comparisons: list[TargetRow]

    @property
    def is_used(self) -> bool:
        return any(self.form.data.get(name) for name in self.form.fields)

    @property
    def wanted_kind(self) -> str:
        return str(self.form.data.get("kind") or "") if self.form.is_valid() else ""


def filter_targets(data: Mapping[str, object], found: TargetList) -> FilteredTargets:
    """The rows that pass every filter; a choice that is not offered leaves none and says so on its field."""
    form = TargetFilterForm(data, found)
    if not form.is_valid():
        return FilteredTargets(form, [], [])
    wanted = {name: value for name, value in form.cleaned_data.items() if value}

    def passes(row: TargetRow) -> bool:
        return all(TESTS[name](row, value) for name, value in wanted.items())

    return FilteredTargets(
        form,
        [row for row in found.promises if passes(row)],
        [row for row in found.comparisons if passes(row)],
    )


class ChangeFilterForm(forms.Form):
    """Every choice is one that the edition's changed figures hold."""

    what = forms.ChoiceField(required=False, label="What changed")
    kind = forms.ChoiceField(required=False, label="Kind of area")
    period = forms.ChoiceField(required=False, label="Period")

    def __init__(self, data: Mapping[str, object], edition: Edition) -> None:
        super().__init__(data)
        held = edition.by_what
        kinds = {group.kind for group in edition.groups}
        periods = {group.period: group.period_start for group in edition.groups}
        self._offer("what", "All but new ones", ((key, words) for key, words in WHAT.items() if held[key]))
        named = ((kind, words) for kind, (_, words) in KIND_WORDS.items() if kind in kinds)
        self._offer("kind", "All", ((kind, words[0].upper() + words[1:]) for kind, words in named))
        newest_first = sorted(periods, key=lambda label: periods[label], reverse=True)
        self._offer("period", "All", ((label, label) for label in newest_first))

    def _offer(self, name: str, every: str, choices: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", every), *choices]


class ChangeFilter:
    """What the address asks for; a choice that is not offered is said on its field and filters nothing."""

    def __init__(self, data: Mapping[str, object], edition: Edition) -> None:
        self.form = ChangeFilterForm(data, edition)
        self.form.is_valid()
        self.wanted: dict[str, str] = {
            name: str(value) for name, value in self.form.cleaned_data.items() if value
        }
        self.count = edition.count_rows(**self.wanted)
        self.all_count = edition.count_rows(what=NEW if self.wanted.get("what") == NEW else "")

    @property
    def shown(self) -> str:
        if not self.wanted:
            return ""
        what = "new" if self.wanted.get("what") == NEW else "changed"
        return f"Showing {self.count:,} of {self.all_count:,} {what} figures"
