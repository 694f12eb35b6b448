"""A second edition of a million rows on PostgreSQL, against csv.reader and COPY of the same rows into the same table.

Every round runs in a process of its own on a fresh copy of a database that holds the first edition. Three rounds,
since one takes minutes.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from benchmarks.measuring import write_line

AREAS, GROUPS, YEARS = 400, 250, range(2013, 2023)
REVISED_EVERY = 10
ROUNDS = 3
BUDGET, PEAK_BUDGET_MB = 3.0, 300
FIRST_DAY, SECOND_DAY = date(2023, 9, 5), date(2024, 10, 1)
FINGERTIPS_ID = 92443
POSTGRES_URL = "postgres://root@127.0.0.1:5432/test"
NAME = "tracker_benchmark_import"
HEADER = (
    "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,Category Type,"
    "Category,Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,Lower CI 99.8 limit,"
    "Upper CI 99.8 limit,Count,Denominator,Value note,Recent Trend,Compared to England value or percentiles,"
    "Compared to percentiles,Time period Sortable,New data,Compared to goal,Time period range\r\n"
)
COPIED = (
    *("series_id", "release_id", "period_label", "period_start", "period_end", "value_text", "value_pct"),
    *("lower95_pct", "upper95_pct", "lower998_pct", "upper998_pct", "count", "denominator", "note"),
    *("known_from", "estimated", "dropped", "change", "line"),
)

Row = tuple[int, int, int, float, float]


def make_rows(*, second: bool) -> Iterator[Row]:
    """Area, group, year, count and denominator; the second edition revises one count in ten."""
    for number in range(AREAS * GROUPS * len(YEARS)):
        group, year = divmod(number % (GROUPS * len(YEARS)), len(YEARS))
        denominator = 900 + number % 7_919
        count = denominator * (8 + number % 13) // 100
        revised = second and number % REVISED_EVERY == 0
        yield number // (GROUPS * len(YEARS)), group, YEARS[year], count + revised, denominator


def figures_of(count: float, denominator: float) -> tuple[float, ...]:
    """Value and limits in percent."""
    value = 100 * count / denominator
    return value, value - 1.5, value + 1.5, value - 2.4, value + 2.4


def write_edition(path: Path, *, second: bool) -> None:
    with path.open("w", newline="") as file:
        file.write(HEADER)
        for area, group, year, count, denominator in make_rows(second=second):
            figures = ",".join(f"{figure:.13g}" for figure in figures_of(count, denominator))
            kind, category = ("Deprivation deciles", f"Group {group}") if group else ("", "")
            file.write(
                f"{FINGERTIPS_ID},Smoking Prevalence in adults (aged 18 and over) - current smokers (APS),E92000001,"
                f"England,{code_of(area)},Area number {area},Districts,Persons,18+ yrs,{kind},{category},{year},"
                f"{figures},{count},{denominator},,Cannot be calculated,Similar,Not compared,{year}0000,,,1y\r\n"
            )


def code_of(area: int) -> str:
    return f"E0700{area:04}"


def write_copy(path: Path, series: dict[tuple[int, int], int], release: int) -> None:
    """The rows of the second edition as COPY takes them, for a series of another indicator."""
    with path.open("w") as file:
        for line, (area, group, year, count, denominator) in enumerate(make_rows(second=True), start=2):
            figures = [f"{figure:.13g}" for figure in figures_of(count, denominator)]
            cells = (
                *(series[area, group], release, year, f"{year}-01-01", f"{year}-12-31", figures[0], *figures),
                *(count, denominator, "", SECOND_DAY, "f", "f", "new", line),
            )
            file.write("\t".join(map(str, cells)) + "\n")


def build(folder: Path) -> None:
    """The first edition in force, and the series of another indicator that the floor fills."""
    from django.core.management import call_command
    from django.db import connection

    from icbs.models import Area
    from targets.models import Indicator, Release, Series

    call_command("migrate", verbosity=0)
    areas = Area.objects.bulk_create(
        Area(code=code_of(number), kind="council", name=f"Area {number}", short_name=f"Area {number}")
        for number in range(AREAS)
    )
    words = {
        "publisher": "A publisher",
        "population": "Adults",
        "unit": "%",
        "collection": "sample",
        "age": "18+",
    }
    Indicator.objects.create(
        slug="measured", name="Measured", short_name="Measured", fingertips_id=FINGERTIPS_ID, **words
    )
    other = Indicator.objects.create(slug="floor", name="Floor", short_name="Floor", **words)
    _import(folder / "first.csv", FIRST_DAY)
    series = Series.objects.bulk_create(
        (
            Series(
                indicator=other,
                area=area,
                age="18+",
                category_type="Deprivation deciles" if group else "",
                category=f"Group {group}" if group else "",
            )
            for area in areas
            for group in range(GROUPS)
        ),
        batch_size=5_000,
    )
    release = Release.objects.create(
        indicator=other,
        title="Floor",
        known_from=SECOND_DAY,
        known_from_basis="A benchmark",
        source_title="A benchmark",
        file_name="second.csv",
        file_sha256="0" * 64,
    )
    keys = {(place // GROUPS, place % GROUPS): row.pk for place, row in enumerate(series)}
    write_copy(folder / "second.copy", keys, release.pk)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def import_second(folder: Path) -> None:
    outcome = _import(folder / "second.csv", SECOND_DAY)
    rows = AREAS * GROUPS * len(YEARS)
    wanted = {"read": rows, "revised": rows // REVISED_EVERY, "unchanged": rows - rows // REVISED_EVERY}
    if {name: getattr(outcome, name) for name in wanted} != wanted:
        raise RuntimeError(f"The import counted otherwise: {outcome.as_json()}")


def read_and_copy(folder: Path) -> None:
    from django.db import connection, transaction

    with (folder / "second.csv").open(newline="", encoding="utf-8") as file:
        for _ in csv.reader(file):
            pass
    statement = f"COPY targets_observation ({', '.join(COPIED)}) FROM STDIN"
    with (
        (folder / "second.copy").open("rb") as rows,
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        while block := rows.read(1 << 20):
            copy.write(block)


def _import(path: Path, day: date) -> Any:
    from targets.services.import_release import Request, import_file

    request = Request(
        file_name=path.name, known_from=day, known_from_basis="A benchmark", source_title="A benchmark"
    )
    return import_file(path, request)


STEPS: dict[str, Callable[[Path], None]] = {
    "build": build,
    "import_second": import_second,
    "read_and_copy": read_and_copy,
}


def do_step(name: str, folder: Path) -> None:
    """In a process of its own: the seconds it took, and the most memory it held."""
    import django
    from django.db import connection

    django.setup()
    connection.ensure_connection()
    started = time.perf_counter()
    STEPS[name](folder)
    seconds = time.perf_counter() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mb": peak_mb}))


def run_step(name: str, folder: Path, url: str) -> dict[str, float]:
    environment = os.environ | {
        "DATABASE_URL": url,
        "SECRET_KEY": "only-for-benchmarks-0123456789-0123456789",
        "ALLOWED_HOSTS": "testserver",
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    }
    command = [sys.executable, "-m", "benchmarks.import_edition", name, str(folder)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


@contextmanager
def make_database(server_url: str, name: str, template: str = "template0") -> Iterator[str]:
    """The address of a new database, dropped at the end."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(drop)
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        try:
            yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
        finally:
            server.execute(drop)


def main() -> None:
    server_url = os.environ.get("TEST_DATABASE_URL") or POSTGRES_URL
    try:
        psycopg.connect(server_url, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        sys.stderr.write(
            f"import is skipped: PostgreSQL does not answer; set TEST_DATABASE_URL. ({reason})\n"
        )
        return
    with tempfile.TemporaryDirectory() as name, make_database(server_url, NAME) as url:
        folder = Path(name)
        for edition in ("first", "second"):
            write_edition(folder / f"{edition}.csv", second=edition == "second")
        run_step("build", folder, url)
        turns = []
        for _ in range(ROUNDS):
            for step in ("import_second", "read_and_copy"):
                with make_database(server_url, f"{NAME}_round", template=NAME) as copy:
                    turns.append((step, run_step(step, folder, copy)))
    works = [found for step, found in turns if step == "import_second"]
    floors = [found for step, found in turns if step == "read_and_copy"]
    write_line(
        "import",
        value=median(found["seconds"] for found in works),
        floor=median(found["seconds"] for found in floors),
        budget=BUDGET,
        peak_mb=max(found["peak_mb"] for found in works),
        peak_budget_mb=PEAK_BUDGET_MB,
        rounds=ROUNDS,
    )


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in STEPS:
        do_step(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
