"""Composition root: settings, addresses, the jobs and pages that join several apps. No app imports it."""

from tracker.celery import app as celery_app

__all__ = ["celery_app"]
