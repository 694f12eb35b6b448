"""Which boards of the matrix a reader asked for. Rows are plain values, so a filter cannot add a query."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django import forms

from icbs.calc.rollout import Verdict
from icbs.calc.wording import TAGS
from icbs.selectors import Matrix, MatrixRow, RolloutRow
from kit.calc.formats import format_day


class MatrixFilterForm(forms.Form):
    """Every choice is one that the rows of the day can hold."""

    region = forms.ChoiceField(required=False)
    service = forms.ChoiceField(required=False)
    verdict = forms.ChoiceField(required=False, label="State")
    missed = forms.BooleanField(required=False)

    def __init__(self, data: Mapping[str, object], matrix: Matrix) -> None:
        super().__init__(data)
        regions = {row.region_code: row.region for row in matrix.rows if row.region_code}
        self._offer("region", sorted(regions.items(), key=lambda region: region[1]))
        self._offer("service", ((service.slug, service.short_name) for service in matrix.services))
        held = {cell.verdict.verdict for row in matrix.rows for cell in row.cells.values()}
        self._offer(
            "verdict", ((verdict.value, TAGS[verdict].word) for verdict in Verdict if verdict in held)
        )
        self.fields["missed"].label = f"Off track for {format_day(matrix.deadline)}"

    def _offer(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "All"), *choices]


@dataclass(frozen=True, slots=True)
class FilteredMatrix:
    """`form` is drawn by the `filter_form` component; `service` is the slug of the one service asked for."""

    form: MatrixFilterForm
    rows: list[MatrixRow]
    service: str

    @property
    def is_used(self) -> bool:
        return any(self.form.data.get(name) for name in self.form.fields)


def filter_matrix(data: Mapping[str, object], matrix: Matrix) -> FilteredMatrix:
    """State and deadline are asked of the chosen service, or of any. An unknown choice leaves no row."""
    form = MatrixFilterForm(data, matrix)
    if not form.is_valid():
        return FilteredMatrix(form, [], "")
    wanted = form.cleaned_data
    rows = [row for row in matrix.rows if _passes(row, wanted)]
    return FilteredMatrix(form, rows, wanted["service"])


def _passes(row: MatrixRow, wanted: Mapping[str, object]) -> bool:
    if wanted["region"] and row.region_code != wanted["region"]:
        return False
    cells = [row.cells[str(wanted["service"])]] if wanted["service"] else list(row.cells.values())
    return any(_cell_passes(cell, wanted) for cell in cells)


def _cell_passes(cell: RolloutRow, wanted: Mapping[str, object]) -> bool:
    if wanted["verdict"] and cell.verdict.verdict != wanted["verdict"]:
        return False
    return cell.verdict.missed or not wanted["missed"]
