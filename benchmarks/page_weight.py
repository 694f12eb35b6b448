"""What a first visit to a page transfers: the page and every file it names, compressed as they are served.

Kilobytes are thousands of bytes. The heaviest page with a chart and the heaviest without one are reported.
"""

import re
import resource
import tempfile
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import brotli
import time_machine

from benchmarks.measuring import write_facts
from benchmarks.pages import DAY, find_board_code, prepare_database

BUDGET_KB, PLAIN_BUDGET_KB = 450, 80
CHARTS = "plotly"
LOADED = {("link", "href"), ("script", "src"), ("img", "src")}
NAMED_IN = {
    ".css": re.compile(r"""url\(\s*["']?([^"')]+)"""),
    ".js": re.compile(r"""\bimport\b[^"';()]*["'](\.{1,2}/[^"']+)["']"""),
}
COMPRESSED = {".css", ".js", ".svg"}


class _Links(HTMLParser):
    """The files a page makes a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if (tag, name) in LOADED and value and not value.startswith("data:"):
                self.found.append(value)


def list_pages() -> list[str]:
    """Every kind of public page, the longest board's among them."""
    from targets.models import Release, Target

    targets = Target.objects.order_by("pk").values_list("pk", flat=True)
    releases = Release.objects.order_by("pk").values_list("pk", flat=True)
    return [
        *("/", "/icbs/", f"/icbs/{find_board_code()}/", "/targets/", "/rollout/", "/data/", "/methods/"),
        *(f"/targets/{pk}/" for pk in targets),
        *(f"/data/releases/{pk}/" for pk in releases),
    ]


def weigh_page(address: str) -> tuple[int, bool]:
    """Bytes of a first visit, and whether the page draws a chart."""
    from django.test import Client

    answer = Client().get(address, headers={"accept-encoding": "gzip"})
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answers {answer.status_code}.")
    links = _Links()
    links.feed(Client().get(address).content.decode())
    files = set(_follow(links.found))
    return len(answer.content) + sum(map(weigh_file, files)), any(CHARTS in file for file in files)


def _follow(addresses: list[str]) -> Iterator[str]:
    """The files named, and those that they name."""
    for address in addresses:
        yield address
        yield from _follow(_find_named(address))


@cache
def _find_named(address: str) -> list[str]:
    pattern = NAMED_IN.get(Path(address).suffix)
    if pattern is None:
        return []
    named = pattern.findall(_read_file(address).decode())
    return [urljoin(address, name) for name in named if not name.startswith(("data:", "#"))]


@cache
def weigh_file(address: str) -> int:
    content = _read_file(address)
    return len(brotli.compress(content)) if Path(address).suffix in COMPRESSED else len(content)


def _read_file(address: str) -> bytes:
    from django.conf import settings
    from django.contrib.staticfiles import finders

    found = finders.find(address.removeprefix(settings.STATIC_URL))
    if not found:
        raise RuntimeError(f"There is no static file {address}.")
    return Path(found).read_bytes()


def report(name: str, weights: dict[str, int], budget_kb: int) -> None:
    heaviest = max(weights, key=lambda address: weights[address])
    write_facts(
        name=name,
        value=round(weights[heaviest] / 1000, 1),
        floor=None,
        ratio=None,
        budget=budget_kb,
        peak_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        unit="kB",
        page=heaviest,
        pages=len(weights),
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare_database(Path(folder))
        with time_machine.travel(DAY):
            weights = {address: weigh_page(address) for address in list_pages()}
    report("page_weight", {page: size for page, (size, has_chart) in weights.items() if has_chart}, BUDGET_KB)
    plain = {page: size for page, (size, has_chart) in weights.items() if not has_chart}
    report("page_weight_plain", plain, PLAIN_BUDGET_KB)


if __name__ == "__main__":
    main()
