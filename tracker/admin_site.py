"""The admin site: its index opens on what needs work today. Loaded before any model is."""

from collections.abc import Callable
from typing import Any

from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.sites import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse


class TrackerAdminConfig(AdminConfig):
    default_site = "tracker.admin_site.TrackerAdminSite"


class TrackerAdminSite(AdminSite):
    """`work_finder` is set by tracker.admin once models are loaded."""

    site_header = site_title = "Smoking targets tracker"
    index_title = "What needs work today"
    index_template = "admin/work_index.html"
    work_finder: Callable[[], list[Any]] | None = None

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        found = self.work_finder() if self.work_finder else []
        work = [item for item in found if request.user.has_perm(item.permission)]
        return super().index(request, {"work": work, **(extra_context or {})})
