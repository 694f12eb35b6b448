"""Import and export of a register in the admin: looked at first, then confirmed; all rows or none."""

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from import_export.admin import ImportExportMixin
from import_export.forms import ExportForm
from import_export.results import Result, RowResult
from import_export.tmp_storages import TempFolderStorage

from icbs.resources.register import RegisterCsv, RegisterXlsx
from kit.readers.csv_table import BrokenTable


class RegisterExchange(ImportExportMixin):
    """`exchanged`: what the entries are called, in the plural."""

    exchanged = "entries"
    formats: Any = [RegisterCsv, RegisterXlsx]
    export_form_class = ExportForm
    tmp_storage_class = TempFolderStorage
    import_template_name = "admin/register_import.html"
    export_template_name = "admin/register_export.html"
    import_export_change_list_template = "admin/register_list.html"

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "add") and self._may(request, "change")

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "view")

    def _may(self, request: HttpRequest, what: str) -> bool:
        opts = self.model._meta
        return request.user.has_perm(f"{opts.app_label}.{what}_{opts.model_name}")

    def _import_url(self) -> str:
        app_label, model_name = self.get_model_info()
        return reverse(f"admin:{app_label}_{model_name}_import")

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, {"exchanged": self.exchanged, **(extra_context or {})})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "exchanged": self.exchanged}

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_import_data_kwargs(**kwargs), "rollback_on_validation_errors": True}

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        if isinstance(e, BrokenTable):
            form.add_error("import_file", str(e))
        else:
            super().add_data_read_fail_error_to_form(form, e)

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The copy that waits to be confirmed goes where there is nothing to confirm: it may name people."""
        response = super().import_action(request, **kwargs)
        name = getattr(request.FILES.get("import_file"), "tmp_storage_name", "")
        if name and "confirm_form" not in (response.context_data or {}):
            TempFolderStorage(name=PurePath(name).name).remove()
        return response

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return super().process_import(request, **kwargs)
        except FileNotFoundError:
            messages.warning(
                request, "This file was imported already, or it waited too long: import it again if need be."
            )
            return HttpResponseRedirect(self._import_url())

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        if result.has_errors() or result.has_validation_errors():
            messages.error(
                request,
                "Nothing was imported: the register has changed since you looked. Import the file again.",
            )
            return HttpResponseRedirect(self._import_url())
        return super().process_result(result, request)

    def add_success_message(self, result: Result, request: HttpRequest) -> None:
        totals = result.totals
        messages.success(
            request,
            f"Imported {self.exchanged}: {totals[RowResult.IMPORT_TYPE_NEW]} new, "
            f"{totals[RowResult.IMPORT_TYPE_UPDATE]} changed, "
            f"{totals[RowResult.IMPORT_TYPE_SKIP]} left as they were.",
        )

    def get_export_filename(self, request: HttpRequest, queryset: QuerySet, file_format: Any) -> str:
        name = self.exchanged.replace(" ", "-")
        return f"{name}-{timezone.localdate().isoformat()}.{file_format.get_extension()}"
