"""The summary, the boards, a board and the methods in a real browser."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

PHONE = {"width": 360, "height": 800}
PLACES = [
    "/",
    "/?map=services",
    "/?as_at=2024-04-30",
    "/?as_at=2015-01-01",
    "/icbs/",
    "/icbs/?position=missed",
    "/icbs/QYG/",
    "/icbs/QM7/",
    "/icbs/Z9B2Z/",
    "/icbs/S9B9J/",
    "/icbs/DEMO2/",
    "/methods/",
    "/data/",
    "/data/?as_at=2015-01-01",
]
OVERFLOW_PX = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def phone_without_scripts(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", viewport=PHONE, java_script_enabled=False)
    yield context
    context.close()


def find_faults(page: Page, address: str) -> list[str]:
    """What is wrong with a page at the size of the window: messages, requests elsewhere, axe, overflow."""
    faults: list[str] = []
    page.on("console", lambda message: faults.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("requestfailed", lambda request: faults.append(f"request: {request.url}"))
    response = page.goto(address, wait_until="load")
    if response is None or not response.ok:
        faults.append("the page was not served")
    faults += [f"axe: {found['id']}" for found in Axe().run(page).response["violations"]]
    if page.evaluate(OVERFLOW_PX) > 0:
        faults.append("the page scrolls sideways")
    return [f"{address}: {fault}" for fault in faults]


def test_pages_hold_on_desktop_and_phone_with_and_without_scripts(
    site: str, context: BrowserContext, phone_without_scripts: BrowserContext
) -> None:
    faults = []
    for place in PLACES:
        for size in ({"width": 1280, "height": 900}, PHONE):
            page = context.new_page()
            page.set_viewport_size(size)
            faults += find_faults(page, site + place)
            page.close()
        plain = phone_without_scripts.new_page()
        plain.goto(site + place)
        if not plain.locator("h1").first.is_visible():
            faults.append(f"{place}: no heading without JavaScript")
        plain.close()

    assert faults == []


def test_a_reader_goes_from_the_summary_to_a_boards_figures(site: str, page: Page) -> None:
    page.goto(site)
    page.get_by_role("link", name="Beside the national ambition", exact=True).click()
    page.get_by_role("link", name="Devon: Above its path").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Devon")
    page.locator("[data-ready='1']").first.wait_for()
    page.get_by_text("These figures as a table").click()
    expect(page.get_by_role("cell", name="12.8%").first).to_be_visible()
    page.get_by_label("As known on").fill("2024-04-30")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("As known on 30 April 2024.")).to_be_visible()
