"""The project's settings for benchmarks: static files without the ones that only an image holds."""

import os
from unittest import mock

os.environ.pop("CELERY_BROKER_URL", None)
with mock.patch("environ.Env.read_env"):
    from tracker.settings import *

STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
MIDDLEWARE = [name for name in MIDDLEWARE if "whitenoise" not in name]
