"""Files of figures that staff hand in: the form, the list, and the page that shows what one would do."""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from icbs.admin import AddOnly, Lookups, RecordingAdmin
from kit.calc.formats import format_day
from kit.exports import STARTS_A_FORMULA
from kit.readers.source_file import MAX_BYTES
from targets.admin.preview_tables import list_figures, list_verdicts
from targets.models import Upload, UploadState
from targets.services import uploads

ENDINGS = (".csv", ".xlsx")
SHOWN_REJECTIONS = 100
COUNT_WORDS = {
    "read": "Rows read",
    "new": "New",
    "unchanged": "Unchanged",
    "revised": "Revised: the old figure is kept and pointed to",
    "duplicate": "Repeated in the file with the same figures",
    "rejected": "Rejected",
    "dropped": "In the last edition and no longer in this one",
}


class UploadForm(forms.ModelForm):
    """What is known of the file besides its rows."""

    class Meta:
        labels = {
            "known_from": "Published on",
            "known_from_basis": "How that day is known",
            "source_title": "Source",
            "source_url": "Address of the source",
            "title": "Name of the edition",
            "only_named_areas": "The file holds only some of the areas",
        }
        help_texts = {
            "file": "CSV or XLSX: as Fingertips gives it, or in the plain template.",
            "known_from_basis": "For example: the publisher's release date.",
            "only_named_areas": "Areas that it does not name are then not taken as dropped.",
        }

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if not (file.name or "").lower().endswith(ENDINGS):
            raise ValidationError("Choose a file whose name ends in .csv or .xlsx.")
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(
                f"The file has {(file.size or 0) / 1e6:,.0f} MB, and at most {MAX_BYTES / 1e6:,.0f} MB are read: "
                "send it in parts, one indicator a file."
            )
        return file

    def clean_known_from(self) -> date:
        day: date = self.cleaned_data["known_from"]
        if day > timezone.localdate():
            raise ValidationError("This day lies in the future: no edition is known before it is published.")
        return day


def is_waiting(now: datetime) -> Q:
    """A condition on an upload: it waits to be read or to be confirmed."""
    return Q(state__in=[UploadState.WAITING, UploadState.READY])


def has_failed(now: datetime) -> Q:
    """A condition on an upload: it was refused, or the work on it stopped before its end."""
    return Q(state=UploadState.REFUSED) | uploads.has_stopped(now)


class WorkFilter(admin.SimpleListFilter):
    title = "what it waits for"
    parameter_name = "work"

    CHOICES = {
        "waiting": ("To be read or confirmed", is_waiting),
        "failed": ("Refused or stopped", has_failed),
    }

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Lookups:
        return [(key, words) for key, (words, _) in self.CHOICES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if (choice := self.value()) not in self.CHOICES:
            return queryset
        return queryset.filter(self.CHOICES[choice][1](timezone.now()))


class UploadPages(AddOnly, RecordingAdmin):
    """A file is handed in and looked at here; who registers this says what starts the work."""

    form = UploadForm
    add_fields = [
        "file",
        "indicator",
        ("known_from", "known_from_basis"),
        ("source_title", "source_url"),
        "title",
        "only_named_areas",
    ]
    view_fields = [
        "indicator",
        ("known_from", "known_from_basis"),
        ("source_title", "source_url"),
        "title",
        "only_named_areas",
        "layout",
        "file_sha256",
        ("recorded_at", "recorded_by"),
    ]
    readonly_fields = ["layout", "file_sha256", "recorded_at", "recorded_by"]
    list_display = [
        "file_name",
        "state_words",
        "indicator",
        "known_from",
        "rows_read",
        "recorded_at",
        "recorded_by",
    ]
    list_filter = [WorkFilter, "state", "indicator"]
    list_select_related = ["indicator", "recorded_by"]
    search_fields = ["file_name", "title", "source_title"]
    ordering = ["-pk"]
    change_form_template = "admin/upload_form.html"
    empty_value_display = "not given"

    def get_fields(self, request: HttpRequest, obj: Upload | None = None) -> list[Any]:
        return self.view_fields if obj else self.add_fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upload]:
        """Without the previews, which may be long."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        return rows.defer("preview", "staged") if match and "changelist" in (match.url_name or "") else rows

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("<int:key>/file/", self.admin_site.admin_view(self.send_file), name="targets_upload_file"),
            path(
                "<int:key>/rejected.csv",
                self.admin_site.admin_view(self.send_rejections),
                name="targets_upload_rejected",
            ),
        ]
        return own + super().get_urls()

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        file = form.cleaned_data["file"]
        obj.file_name, obj.size_bytes = _shorten(file.name), file.size
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:targets_upload_change", args=[obj.pk]))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        upload = self.get_object(request, object_id)
        shown = describe_upload(upload) if upload else {}
        watched = {"watched": "watch" in request.GET, "may_work": self.may_work(request)}
        return super().change_view(
            request, object_id, form_url, {**shown, **watched, **(extra_context or {})}
        )

    def may_work(self, request: HttpRequest) -> bool:
        """Whether this person may confirm and discard: whoever may change uploads, though no field of one changes."""
        return request.user.has_perm("targets.change_upload")

    def find_upload(self, request: HttpRequest, key: int) -> Upload:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Upload.objects.select_related("indicator"), pk=key)

    def send_file(self, request: HttpRequest, key: int) -> FileResponse:
        upload = self.find_upload(request, key)
        try:
            file = upload.file.open("rb")
        except FileNotFoundError:
            raise Http404("The file is no longer where uploaded files are kept.") from None
        return FileResponse(
            file, as_attachment=True, filename=upload.file_name, content_type="application/octet-stream"
        )

    def send_rejections(self, request: HttpRequest, key: int) -> HttpResponse:
        upload = self.find_upload(request, key)
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="rejected-rows-of-upload-{upload.pk}.csv"'
        csv.writer(response).writerows(_list_rejections(upload))
        return response

    @admin.display(description="State", ordering="state")
    def state_words(self, upload: Upload) -> str:
        return describe_state(upload)


def describe_state(upload: Upload) -> str:
    if uploads.is_stopped(upload, now=timezone.now()):
        return "Stopped before its end: start it again"
    return upload.get_state_display()


def describe_upload(upload: Upload) -> dict[str, Any]:
    """What the page of an upload says and offers."""
    stopped = uploads.is_stopped(upload, now=timezone.now())
    waiting = upload.state == UploadState.WAITING
    at_work = not stopped and upload.state in uploads.AT_WORK
    return {
        "upload": upload,
        "state_words": describe_state(upload),
        "is_at_work": at_work or waiting,
        "may_confirm": upload.state == UploadState.READY,
        "may_start": stopped or waiting,
        "may_read_again": upload.state in uploads.MAY_BE_READ_AGAIN,
        "may_discard": upload.state in uploads.MAY_BE_DISCARDED,
        "releases": list(upload.releases.order_by("pk")),
        "preview": describe_preview(upload.preview) if upload.preview else None,
    }


def describe_preview(preview: dict[str, Any]) -> dict[str, Any]:
    counts, rejected = preview["counts"], preview["rejected"]
    return {
        "counts": [(words, counts[name]) for name, words in COUNT_WORDS.items()],
        "on": format_day(date.fromisoformat(preview["on"])),
        "known": preview["known"],
        "changed": preview.get("changed", False),
        "changes_nothing": not (counts["new"] or counts["revised"] or counts["dropped"]),
        "editions": preview["editions"],
        "revised": list_figures(preview["revised"]),
        "revised_count": counts["revised"],
        "dropped": list_figures(preview["dropped"]),
        "dropped_count": counts["dropped"],
        "new": list_figures(preview["new"]),
        "new_count": counts["new"],
        "rejected": rejected[:SHOWN_REJECTIONS],
        "rejected_count": len(rejected),
        "verdicts": list_verdicts(preview["verdicts"]),
        "rejudged": preview["rejudged"],
    }


def _list_rejections(upload: Upload) -> Iterator[list[Any]]:
    """No text of the file may run as a formula in the reader's spreadsheet."""
    yield ["line", "reason"]
    for row in upload.preview.get("rejected", []):
        reason = row["reason"]
        yield [row["line"], f"'{reason}" if reason.startswith(STARTS_A_FORMULA) else reason]


def _shorten(name: str) -> str:
    """At most as long as is kept, with its ending."""
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: 199 - len(ending)]}{dot}{ending}"
