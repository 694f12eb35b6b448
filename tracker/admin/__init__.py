"""The admin where apps meet: bodies on one page, and what needs work today."""

from typing import cast

from django.contrib import admin

from tracker.admin import bodies, uploads, work
from tracker.admin_site import TrackerAdminSite

__all__ = ["bodies", "uploads", "work"]

cast(TrackerAdminSite, admin.site).work_finder = work.find_work
