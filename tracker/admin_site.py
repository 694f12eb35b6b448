"""The admin site: its index opens on what needs work today. Loaded before any model is."""

from typing import Any

from django.contrib.admin.apps import AdminConfig
from django.contrib.admin.sites import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse


class TrackerAdminConfig(AdminConfig):
    default_site = "tracker.admin_site.TrackerAdminSite"


class TrackerAdminSite(AdminSite):
    site_header = site_title = "Smoking targets tracker"
    index_title = "What needs work today"
    index_template = "admin/work_index.html"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from tracker.admin.work import find_work  # models are loaded by now

        work = [item for item in find_work() if request.user.has_perm(item.permission)]
        return super().index(request, {"work": work, **(extra_context or {})})
