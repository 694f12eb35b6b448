"""The pages of targets, services, editions and leaving, in a browser: accessible, quiet, and fit for a phone."""

from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from kit.signing import LEAVE, sign_link
from targets.models import Release, Target
from tests.factories.rows import make_subscription

PHONE: ViewportSize = {"width": 360, "height": 800}
DESK: ViewportSize = {"width": 1280, "height": 900}
BOARD = "cheshire-and-merseyside-adults-2030"
AMBITION = "england-adults-2030"
FICTITIOUS = "demo-northvale-adults-2040"
UNJUDGED = "south-yorkshire-gap-2024"


class Watch:
    """Notes what a page says to its console and what it asks for elsewhere."""

    def __init__(self, page: Page, home: str) -> None:
        self.said: list[str] = []
        self.strangers: list[str] = []
        self.home = home
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if not url.startswith((self.home, "data:", "blob:")):
            self.strangers.append(url)


def list_addresses() -> list[str]:
    def detail(slug: str, query: str = "") -> str:
        return reverse("target_detail", kwargs={"pk": Target.objects.get(slug=slug).pk}) + query

    def edition(query: str = "") -> str:
        release = Release.objects.get(kind="published", known_from="2026-04-30")
        return reverse("release_detail", kwargs={"pk": release.pk}) + query

    return [
        reverse("target_list"),
        reverse("target_list") + "?position=missed&basis=Firm&year=2030",
        reverse("target_list") + "?as_at=2015-01-01",
        detail(BOARD),
        detail(AMBITION, "?area=QYG&as_at=2024-04-30"),
        detail(AMBITION, "?area=QHG"),
        detail(FICTITIOUS),
        detail(UNJUDGED),
        edition(),
        edition("?what=new&kind=england"),
        edition("?as_at=2026-04-29"),
        reverse("rollout"),
        reverse("rollout") + "?as_at=2015-01-01",
        reverse("leave", kwargs={"token": sign_link(LEAVE, make_subscription().pk)}),
        reverse("leave", kwargs={"token": "broken"}),
    ]


def find_faults(context: BrowserContext, home: str, address: str, size: ViewportSize) -> list[str]:
    page = context.new_page()
    page.set_viewport_size(size)
    watch = Watch(page, home)
    page.goto(home + address)
    for chart in page.locator("[data-figure]").all():
        expect(chart).to_have_attribute("data-ready", "1")
    found = Axe().run(page)
    faults = [words for words in watch.said if "status of 400" not in words] + watch.strangers
    if found.violations_count:
        faults.append(found.generate_report())
    if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
        faults.append("the page scrolls sideways")
    page.close()
    return [f"{address} at {size['width']}: {fault}" for fault in faults]


def test_every_page_is_accessible_quiet_and_fits_a_phone_with_and_without_javascript(
    site: str, context: BrowserContext, browser: Browser
):
    without = browser.new_context(java_script_enabled=False, viewport=PHONE)
    plain = without.new_page()
    faults = []
    for address in list_addresses():
        faults += find_faults(context, site, address, PHONE)
        if "?" not in address:
            faults += find_faults(context, site, address, DESK)
        plain.goto(site + address)
        expect(plain.locator("h1")).to_be_visible()

    plain.goto(site + reverse("target_detail", kwargs={"pk": Target.objects.get(slug=BOARD).pk}))
    plain.get_by_text("These figures as a table").click()
    expect(plain.get_by_role("rowheader", name="2024").first).to_be_visible()
    without.close()
    assert faults == []


def test_reader_sees_the_chart_filters_sorts_and_leaves(site: str, context: BrowserContext):
    subscription = make_subscription()
    page = context.new_page()
    page.goto(site + reverse("target_detail", kwargs={"pk": Target.objects.get(slug=FICTITIOUS).pk}))
    expect(page.locator("#target-chart")).to_contain_text("Its path")

    page.goto(site + reverse("target_list"))
    page.get_by_label("Deadline").select_option("2024")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#table")).to_contain_text("South Yorkshire")
    expect(page.locator("#table")).not_to_contain_text("Lancashire")
    page.locator("#table").get_by_role("link", name="Body").click()
    header = page.locator("#table").get_by_role("columnheader", name="Body")
    expect(header).to_have_attribute("aria-sort", "ascending")

    page.goto(site + reverse("leave", kwargs={"token": sign_link(LEAVE, subscription.pk)}))
    page.get_by_role("button", name="Leave the alerts").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have left")
    subscription.refresh_from_db()
    assert subscription.left_at is not None
