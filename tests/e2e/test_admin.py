"""Staff hand a file in and import a register, in a real browser under the strict content security policy."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import BrowserContext, Page, expect

from targets.models import Upload

PASSWORD = "only-for-tests"
FIGURES = b"area_code,period,value\nE92000001,2022,12.5\nNOWHERE,2022,14\n"
TRUSTS = b"code,name,short_name\nRX1,North Hospitals NHS Trust,North Hospitals\n"


@pytest.fixture
def staff(site: str, context: BrowserContext) -> Iterator[Page]:
    """A page of somebody who may do everything; what it complains about fails the test."""
    person = User.objects.create_superuser("staff", password=PASSWORD)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{site}/admin/")
    page.get_by_label("Username:").fill(person.username)
    page.get_by_label("Password:").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    yield page
    Upload.objects.all().delete()
    User.objects.all().delete()
    assert faults == []


def find_violations(page: Page) -> list[str]:
    """Asked in a page of its own: axe brings styles that the policy stops."""
    other = page.context.new_page()
    other.goto(page.url)
    found = [f"{page.url}: {rule['id']}" for rule in Axe().run(other).response["violations"]]
    other.close()
    return found


def test_a_file_is_handed_in_looked_at_and_discarded(site: str, staff: Page) -> None:
    staff.goto(f"{site}/admin/targets/upload/add/")
    violations = find_violations(staff)
    staff.get_by_label("File:").set_input_files(
        {"name": "figures.csv", "mimeType": "text/csv", "buffer": FIGURES}
    )
    staff.get_by_label("Indicator:").select_option(index=1)
    staff.get_by_label("Published on:").fill("2023-09-05")
    staff.get_by_label("How that day is known:").fill("The publisher's release date")
    staff.get_by_label("Source:", exact=True).fill("A publisher")
    staff.get_by_role("button", name="Save", exact=True).click()

    expect(staff.get_by_role("heading", name="Ready to confirm")).to_be_visible()
    expect(staff.get_by_text("No area has the code NOWHERE")).to_be_visible()
    violations += find_violations(staff)
    staff.get_by_role("button", name="Discard").click()
    expect(staff.get_by_role("heading", name="Discarded")).to_be_visible()
    assert violations == []


def test_a_withdrawal_shows_what_would_come_back(site: str, staff: Page) -> None:
    staff.goto(f"{site}/admin/targets/release/?kind__exact=published")
    staff.get_by_role("link", name="Adults who smoke").first.click()
    staff.get_by_role("link", name="Withdraw this edition").click()

    expect(staff.get_by_role("heading", name="What it would do")).to_be_visible()
    assert find_violations(staff) == []


def test_a_register_is_shown_before_it_is_imported(site: str, staff: Page) -> None:
    staff.goto(f"{site}/admin/icbs/area/")
    staff.get_by_role("link", name="Import trusts").click()
    violations = find_violations(staff)
    staff.get_by_label("File to import:").set_input_files(
        {"name": "trusts.csv", "mimeType": "text/csv", "buffer": TRUSTS}
    )
    staff.get_by_label("Format:").select_option("csv")
    staff.get_by_role("button", name="Show what it would do").click()

    expect(staff.get_by_role("cell", name="North Hospitals NHS Trust")).to_be_visible()
    expect(staff.get_by_role("button", name="Confirm import")).to_be_visible()
    assert violations == []
