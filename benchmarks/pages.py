"""Server time of three pages with 42 boards, against rendering the same template with the same context."""

import os
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import django
import time_machine

from benchmarks.measuring import measure

DAY = date(2024, 5, 1)
"""A day on which the 42 boards of July 2022 were in being; the benchmark lives on it."""
PAST = "2024-04-30"
BUDGET = 3.0
QUERY_BUDGET = 12
PAGES = {"page_home": "/", "page_icb": "/icbs/{code}/", "page_rollout": "/rollout/"}


def prepare_database(folder: Path) -> None:
    """The bundled real data in a database of its own."""
    os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'benchmark.sqlite3'}"
    os.environ["SECRET_KEY"] = "only-for-benchmarks-0123456789-0123456789"
    os.environ["ALLOWED_HOSTS"] = "testserver"
    os.environ["DEMONSTRATION"] = "False"
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    django.setup()

    from django.core.management import call_command
    from django.utils import timezone

    from targets.services.assess import assess_targets
    from tracker.services.load_reference import load_reference

    call_command("migrate", verbosity=0)
    load_reference(lambda step: None)
    with time_machine.travel(DAY):
        assess_targets(now=timezone.now())


def measure_page(name: str, address: str) -> None:
    """The page of the day, and the page of a past day, which is judged anew."""
    for suffix, query in (("", {}), ("_past", {"as_at": PAST})):
        get_page = partial(_get_page, address, query)
        get_page()
        rendering = capture_rendering(get_page)
        count = count_queries(get_page)
        measure(
            name + suffix,
            work=get_page,
            floor=rendering,
            budget=BUDGET,
            queries=count,
            query_budget=QUERY_BUDGET,
        )


def _get_page(address: str, query: dict[str, str]) -> None:
    from django.test import Client

    answer = Client().get(address, query)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answers {answer.status_code}.")


def count_queries(get_page: Callable[[], None]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        get_page()
    return len(queries)


def capture_rendering(get_page: Callable[[], None]) -> Callable[[], object]:
    """Renders again what the page rendered, with the context it had."""
    from django.template.backends.jinja2 import Template

    seen: list[tuple[Any, Any, Any]] = []
    render = Template.render

    def keep(template: Any, context: Any = None, request: Any = None) -> Any:
        seen.append((template, context, request))
        return render(template, context, request)

    with mock.patch.object(Template, "render", keep):
        get_page()
    template, context, request = next(call for call in seen if call[0].template.name.startswith("pages/"))
    return partial(render, template, context, request)


def find_board_code() -> str:
    """The board with the most verdicts, and so the longest page."""
    from django.db.models import Count

    from icbs.models import Area

    boards = Area.objects.boards().real().annotate(verdict_count=Count("standings"))
    return boards.latest("verdict_count", "code").code


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare_database(Path(folder))
        with time_machine.travel(DAY):
            for name in names or list(PAGES):
                measure_page(name, PAGES[name].format(code=find_board_code()))


if __name__ == "__main__":
    main(sys.argv[1:])
