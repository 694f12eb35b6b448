"""Steps of the drill that kills an import, each done by a process of its own: `python -m tests.deep.large_edition STEP`."""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import django

PERIODS = ("2019", "2020", "2021", "2022")
CATEGORIES = 600


def build() -> None:
    """An England without figures."""
    from tests.factories.editions import build_england

    build_england()


def describe() -> None:
    """A fingerprint of every figure and count, without the numbers a database gives to rows; then rows by table."""
    from django.apps import apps

    digest = hashlib.sha256()
    for row in _list_facts():
        digest.update(repr(row).encode())
    sys.stdout.write(f"{digest.hexdigest()}\n")
    for model in apps.get_models():
        sys.stdout.write(f"{model._meta.label} {model._base_manager.count()}\n")


def _list_facts() -> Iterator[tuple]:
    from targets.models import EstimatePart, Observation, Release
    from tests.factories.editions import FIGURES, RELEASE_FACTS

    series = ("area__code", "sex", "age", "category_type", "category", "period_months")
    place = [f"series__{name}" for name in series] + ["period_start", "period_end", "release__title"]
    yield from Release.objects.order_by("title", "kind").values_list(*RELEASE_FACTS)
    yield from Observation.objects.order_by(*place).values_list(*place, *FIGURES, "replaces__release__title")
    parts = [f"{which}__{name}" for which in ("estimate", "council_figure") for name in place]
    yield from EstimatePart.objects.order_by(*parts).values_list(*parts, "lsoa_count")


def write_editions(folder: Path) -> None:
    """Two editions of a few tens of thousands of rows; the second revises, adds, drops and repeats."""
    from tests.factories.editions import AREAS
    from tests.factories.figure_files import Figure, write_fingertips

    groups = [("", "")] + [("Groups", f"Group {number}") for number in range(CATEGORIES)]
    figures = [
        Figure(area=area, period=period, category_type=kind, category=category)
        for area in AREAS
        for period in PERIODS
        for kind, category in groups
    ]
    revised = [
        Figure(
            area=figure.area,
            period=figure.period,
            category_type=figure.category_type,
            category=figure.category,
            value="11.5" if number % 10 == 0 else figure.value,
        )
        for number, figure in enumerate(figures)
        if number % 50
    ]
    added = [Figure(area=area, period="2023", value="11") for area in AREAS]
    (folder / "first.csv").write_bytes(write_fingertips(figures))
    (folder / "second.csv").write_bytes(write_fingertips([*revised, *added, *added]))


STEPS = {"build": build, "describe": describe}

if __name__ == "__main__":
    django.setup()
    STEPS[sys.argv[1]]()
