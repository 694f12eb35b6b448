"""What every test stands on: no network but the local one, no file of the person who runs the tests."""

import os
from pathlib import Path

import pytest
from django.core.cache import cache

from tests import servers


def pytest_configure(config: pytest.Config) -> None:
    """A run on PostgreSQL without PostgreSQL ends before it starts, with the reason."""
    if os.environ.get("TEST_ON", "") not in {"", "sqlite", "postgresql"}:
        raise pytest.UsageError("TEST_ON must be sqlite or postgresql.")
    missing = servers.find_postgres().missing if os.environ.get("TEST_ON") == "postgresql" else ""
    if missing:
        refused = servers.are_required()
        pytest.exit(f"{'Failed' if refused else 'Skipped'}: {missing}", returncode=int(refused))


def need(found: servers.Found) -> str:
    """The place of a server or browser; without one the test is skipped, or fails where they are required."""
    if found.missing:
        if servers.are_required():
            pytest.fail(f"{found.missing} REQUIRE_SERVICES=1 makes this a failure.", pytrace=False)
        pytest.skip(found.missing)
    return found.place


@pytest.fixture(scope="session")
def postgres_url() -> str:
    return need(servers.find_postgres())


@pytest.fixture(scope="session")
def redis_url() -> str:
    return need(servers.find_redis())


@pytest.fixture(scope="session")
def chromium_path() -> str:
    return need(servers.find_chromium())


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """What one test kept means nothing to the next."""
    cache.clear()


@pytest.fixture
def mail_folder(settings, tmp_path: Path) -> Path:
    """Mails are written to files here, as they are for a newcomer."""
    settings.EMAIL_BACKEND = "tracker.mail_files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return settings.EMAIL_FILE_PATH
