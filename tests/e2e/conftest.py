import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tracker.services.load_demonstration import load_demonstration
from tracker.services.load_reference import load_reference

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process drives one browser for all of them."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session", autouse=True)
def allow_database_beside_the_browser() -> Iterator[None]:
    """The browser driver runs an event loop in this thread, in which Django refuses queries unless told."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="session")
def test_database(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The test database, also where no marked test asks for it: run alone, these would meet the project's own."""
    names = connection.settings_dict
    if str(names["NAME"]) == str(names["TEST"]["NAME"]):
        yield
        return
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="package")
def site(test_database, django_db_blocker) -> Iterator[str]:
    """The address of a site with the bundled data and the fictitious boards, judged; loaded once for all.

    The database stays open to the tests of this package, which share it, and is emptied after the last.
    """
    with django_db_blocker.unblock():
        load_reference(lambda step: None)
        load_demonstration(clock=timezone.now, progress=lambda step: None)
        server = LiveServer("localhost")
        try:
            yield server.url
        finally:
            server.stop()
            call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that knows nothing yet, and goes nowhere but to this machine."""
    context = browser.new_context(locale="en-GB", timezone_id="Europe/London")
    context.route("**/*", lambda route: route.continue_() if _is_local(route.request.url) else route.abort())
    yield context
    context.close()


def _is_local(url: str) -> bool:
    return url.startswith(("http://localhost:", "http://127.0.0.1:", "data:", "blob:"))
