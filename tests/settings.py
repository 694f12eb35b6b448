"""The project's settings for tests: none of the settings or files of whoever runs them."""

import atexit
import os
import shutil
import zlib
from pathlib import Path
from tempfile import mkdtemp
from unittest import mock

import environ

from tests import servers

OURS = (
    "ALLOWED_HOSTS",
    "CELERY_BROKER_URL",
    "DATABASE_URL",
    "DEBUG",
    "DEMONSTRATION",
    "EMAIL_URL",
    "FINGERTIPS_URL",
    "FROM_EMAIL",
    "LOG_LEVEL",
    "PUBLIC_URL",
    "SECRET_KEY",
)
for name in OURS:
    os.environ.pop(name, None)
os.environ["SECRET_KEY"] = "only-for-tests-0123456789-0123456789-0123456789"

with mock.patch("environ.Env.read_env"):
    from tracker.settings import *

VAR_DIR = Path(mkdtemp(prefix="tracker-tests-"))
atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)
EMAIL_FILE_PATH = VAR_DIR / "mail"
MEDIA_ROOT, FILE_UPLOAD_TEMP_DIR = VAR_DIR / "uploads", None
FINGERTIPS_URL = "http://127.0.0.1:9/"  # nobody answers there
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if os.environ.get("TEST_ON") == "postgresql" and servers.find_postgres().place:
    DATABASES = {
        "default": {
            **environ.Env.db_url_config(servers.find_postgres().place),
            "TEST": {"NAME": f"test_tracker_{zlib.crc32(bytes(BASE_DIR)):08x}"},
        }
    }
else:
    # A file, not memory: the threads of a test meet the locks that workers meet.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "tracker.sqlite3")}  # type: ignore[used-before-def]
