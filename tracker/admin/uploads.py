"""Uploads and withdrawals in the admin, with the jobs that they start."""

from typing import Any

from celery import Task
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError

from targets.admin.figures import ReleaseAdmin
from targets.admin.uploads import UploadPages
from targets.admin.withdrawals import WithdrawalPages
from targets.models import Release, Upload, UploadState
from targets.services import uploads
from targets.tasks import assess
from tracker.tasks import read_upload, take_in_upload

NO_QUEUE = "The queue of jobs does not answer, so nothing was started. Try again in a few minutes."
ENDINGS: dict[str, tuple[int, str]] = {
    UploadState.APPLIED: (
        messages.SUCCESS,
        "The file is taken in, and the targets are judged on its figures.",
    ),
    UploadState.APPLYING: (messages.INFO, "The file is being taken in. This page shows when it is done."),
    UploadState.READY: (
        messages.WARNING,
        "Nothing was taken in: other editions came or went since you looked. Look at what it would do now.",
    ),
    UploadState.REFUSED: (messages.ERROR, "The file was refused; nothing was taken in."),
}


@admin.register(Upload)
class UploadAdmin(UploadPages):
    """Small files are read and taken in at once, large ones by the worker."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.step_view)
        return [path("<int:key>/step/", view, name="targets_upload_step"), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        transaction.on_commit(lambda: _start(request, read_upload, obj))

    @method_decorator(require_POST)
    def step_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """One of the buttons of an upload's page."""
        upload = self.find_upload(request, key)
        if not self.may_work(request):
            raise PermissionDenied
        steps = {
            "confirm": self._confirm,
            "start": self._start_again,
            "read": self._read_again,
            "discard": self._discard,
        }
        step = steps.get(request.POST.get("step", ""))
        if step:
            step(request, upload)
        return HttpResponseRedirect(reverse("admin:targets_upload_change", args=[upload.pk]))

    def _confirm(self, request: HttpRequest, upload: Upload) -> None:
        if not uploads.confirm_upload(upload.pk, clock=timezone.now):
            messages.info(request, "It does not wait to be confirmed any more: see below how it stands.")
            return
        self.log_change(request, upload, "Confirmed.")
        transaction.on_commit(lambda: self._take_in(request, upload))

    def _take_in(self, request: HttpRequest, upload: Upload) -> None:
        if not _start(request, take_in_upload, upload):
            uploads.take_confirmation_back(upload.pk)
            return
        upload.refresh_from_db(fields=["state"])
        messages.add_message(request, *ENDINGS[upload.state])

    def _start_again(self, request: HttpRequest, upload: Upload) -> None:
        """What stopped, or what the queue lost, goes on; whatever is at work is left alone."""
        task = take_in_upload if upload.state == UploadState.APPLYING else read_upload
        transaction.on_commit(lambda: _start(request, task, upload))

    def _read_again(self, request: HttpRequest, upload: Upload) -> None:
        if uploads.read_again(upload.pk):
            transaction.on_commit(lambda: _start(request, read_upload, upload))

    def _discard(self, request: HttpRequest, upload: Upload) -> None:
        if uploads.discard_upload(upload.pk):
            self.log_change(request, upload, "Discarded.")
            messages.success(request, "The file is discarded: nothing of it was taken in.")
        else:
            messages.info(request, "It cannot be discarded any more: see below how it stands.")


def _start(request: HttpRequest, task: Task, upload: Upload) -> bool:
    if uploads.is_small(upload):
        task.apply(args=[upload.pk], throw=True)
        return True
    return _enqueue(request, task, upload.pk)


def _enqueue(request: HttpRequest, task: Task, *arguments: object) -> bool:
    try:
        task.delay(*arguments)
    except OperationalError:
        messages.error(request, NO_QUEUE)
        return False
    return True


admin.site.unregister(Release)


@admin.register(Release)
class WithdrawableReleaseAdmin(WithdrawalPages, ReleaseAdmin):
    def after_withdrawal(self, request: HttpRequest, release: Release) -> None:
        transaction.on_commit(lambda: _enqueue(request, assess))
