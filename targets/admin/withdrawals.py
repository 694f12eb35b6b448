"""The page on which an edition is withdrawn: what it would change, the reason, the button."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from kit.calc.formats import format_day
from targets.admin.preview_tables import list_figures, list_verdicts
from targets.models import Release, ReleaseKind
from targets.services.import_release import withdraw_release
from targets.services.preview_import import preview_withdrawal


class WithdrawalForm(forms.Form):
    because = forms.CharField(
        label="Why is it withdrawn?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        help_text="Readers see this reason on the page of the edition.",
        error_messages={"required": "Say why the edition is withdrawn."},
    )


class WithdrawalPages:
    """For the admin of releases; `after_withdrawal` starts what has to follow."""

    actions: Any = ["withdraw_edition"]
    change_form_template: Any = "admin/release_form.html"

    def after_withdrawal(self, request: HttpRequest, release: Release) -> None:
        raise NotImplementedError

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        """Whoever may change editions, though no field of one changes."""
        return request.user.has_perm("targets.change_release")

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site  # type: ignore[attr-defined]
        own = path(
            "<int:key>/withdraw/", site.admin_view(self.withdraw_view), name="targets_release_withdraw"
        )
        return [own, *super().get_urls()]  # type: ignore[misc]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        may = {"may_withdraw": self.has_withdraw_permission(request)}
        return super().change_view(request, object_id, form_url, {**may, **(extra_context or {})})  # type: ignore[misc]

    @admin.action(description="Withdraw the chosen edition", permissions=["withdraw"])
    def withdraw_edition(self, request: HttpRequest, queryset: QuerySet[Release]) -> HttpResponse | None:
        chosen = list(queryset[:2])
        if len(chosen) == 1:
            return HttpResponseRedirect(reverse("admin:targets_release_withdraw", args=[chosen[0].pk]))
        messages.error(request, "Choose one edition: each is withdrawn for a reason of its own.")
        return None

    def withdraw_view(self, request: HttpRequest, key: int) -> HttpResponse:
        if not self.has_withdraw_permission(request):
            raise PermissionDenied
        release = get_object_or_404(Release.objects.select_related("indicator"), pk=key)
        page = reverse("admin:targets_release_change", args=[key])
        if refusal := _refuse(release):
            messages.error(request, refusal)
            return HttpResponseRedirect(page)
        form = WithdrawalForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            because = form.cleaned_data["because"]
            withdraw_release(release, because=because, by=request.user, now=timezone.now())
            self.log_change(request, release, f"Withdrawn: {because}")  # type: ignore[attr-defined]
            messages.success(request, "The edition is withdrawn. What was known before it is in force again.")
            self.after_withdrawal(request, release)
            return HttpResponseRedirect(page)
        return TemplateResponse(
            request, "admin/withdraw_release.html", self._describe(request, release, form)
        )

    def _describe(self, request: HttpRequest, release: Release, form: forms.Form) -> dict[str, Any]:
        now = timezone.now()
        preview = preview_withdrawal(release, on=timezone.localdate(now), now=now)
        return {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": "Withdraw an edition",
            "opts": Release._meta,
            "release": release,
            "known_from": format_day(release.known_from),
            "form": form,
            "gone": list_figures(preview["gone"]),
            "gone_count": preview["gone_count"],
            "back": list_figures(preview["back"]),
            "back_count": preview["back_count"],
            "verdicts": list_verdicts(preview["verdicts"]),
            "rejudged": preview["rejudged"],
        }


def _refuse(release: Release) -> str:
    if release.withdrawn_at is not None:
        return "This edition is withdrawn already."
    if release.kind != ReleaseKind.PUBLISHED:
        return "Our estimates follow the published editions: withdraw the edition they come from."
    return ""
