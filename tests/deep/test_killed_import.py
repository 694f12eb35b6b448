"""An import killed at any moment has happened or has not; done again, it has."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.deep.large_edition import write_editions
from tests.services import databases, processes

KILLS = 10
SECRET = "only-for-tests-0123456789-0123456789-0123456789"


@dataclass(frozen=True, slots=True)
class Place:
    """A database and the folder with the two editions."""

    url: str
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.url,
            "SECRET_KEY": SECRET,
            "ALLOWED_HOSTS": "localhost",
            "DJANGO_SETTINGS_MODULE": "tracker.settings",
        }

    def run(self, *command: str) -> str:
        return processes.run(["python", *command], self.environment)

    def describe(self) -> str:
        return self.run("-m", "tests.deep.large_edition", "describe")

    def import_second(self) -> list[str]:
        return [
            "manage.py",
            "import_observations",
            str(self.folder / "second.csv"),
            "--released",
            "2024-10-01",
        ]

    def build(self) -> None:
        self.run("manage.py", "migrate", "--verbosity", "0")
        self.run("-m", "tests.deep.large_edition", "build")
        first = str(self.folder / "first.csv")
        self.run("manage.py", "import_observations", first, "--released", "2023-09-05")

    def kill_import(self, after_seconds: float) -> bool:
        """Whether it was still running."""
        log = self.folder / "killed.log"
        with processes.Process(["python", *self.import_second()], self.environment, log) as process:
            time.sleep(after_seconds)
            running = process.is_running()
            if running:
                process.kill()
        return running


class Postgres:
    """Databases of a real PostgreSQL, copied from one another."""

    def __init__(self, server_url: str) -> None:
        self.server_url = server_url

    @contextmanager
    def make(self, name: str, folder: Path) -> Iterator[Place]:
        with databases.make_database(self.server_url, f"tracker_deep_{name}") as url:
            yield Place(url, folder)

    @contextmanager
    def copy(self, place: Place, name: str) -> Iterator[Place]:
        template = place.url.rpartition("/")[2]
        with databases.make_database(self.server_url, f"tracker_deep_{name}", template=template) as url:
            yield Place(url, place.folder)

    def wait_until_let_go(self, place: Place) -> None:
        """The server undoes what a killed client began as soon as it notices."""
        name = place.url.rpartition("/")[2]
        others = f"SELECT 1 FROM pg_stat_activity WHERE datname = '{name}'"
        processes.wait_until(
            lambda: not databases.fetch(self.server_url, others), "the server lets the killed import go"
        )

    def read_rows(self, place: Place) -> dict[str, list[tuple]]:
        tables = databases.fetch(
            place.url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
        return {
            table: databases.fetch(place.url, f'SELECT * FROM "{table}" ORDER BY 1') for (table,) in tables
        }


class Sqlite:
    """Databases that are files."""

    @contextmanager
    def make(self, name: str, folder: Path) -> Iterator[Place]:
        yield Place(f"sqlite:///{folder / name}.sqlite3", folder)

    @contextmanager
    def copy(self, place: Place, name: str) -> Iterator[Place]:
        target = place.folder / f"{name}.sqlite3"
        shutil.copy(self._path(place), target)
        yield Place(f"sqlite:///{target}", place.folder)

    def wait_until_let_go(self, place: Place) -> None:
        """Whoever opens the file next undoes it."""

    def read_rows(self, place: Place) -> dict[str, list[tuple]]:
        with closing(sqlite3.connect(self._path(place))) as connection:
            tables = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1"
            ).fetchall()
            return {
                table: connection.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall()
                for (table,) in tables
            }

    def _path(self, place: Place) -> str:
        return place.url.removeprefix("sqlite:///")


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request) -> Postgres | Sqlite:
    if request.param == "sqlite":
        return Sqlite()
    return Postgres(request.getfixturevalue("postgres_url"))


def measure_import(place: Place) -> tuple[float, float]:
    """Seconds until a command begins its work, and until this one ends."""
    started = time.monotonic()
    place.run("manage.py", "import_observations", "--help")
    ready = time.monotonic()
    place.run(*place.import_second())
    return ready - started, time.monotonic() - ready


def test_an_import_killed_at_any_moment_is_whole_or_has_not_happened(server, tmp_path):
    write_editions(tmp_path)
    random = Random(2024)
    states = []
    with server.make("base", tmp_path) as base:
        base.build()
        before = server.read_rows(base)
        with server.copy(base, "whole") as whole:
            begins, ends = measure_import(whole)
            after = whole.describe()
        for number in range(KILLS):
            share = (number + random.random()) / KILLS
            with server.copy(base, "killed") as place:
                running = place.kill_import(begins + share * (ends - begins))
                server.wait_until_let_go(place)
                is_before = server.read_rows(place) == before
                assert is_before or place.describe() == after, f"killed after {share:.0%} of its work"
                states.append((running, is_before))

                place.run(*place.import_second())
                assert place.describe() == after, f"done again after a kill at {share:.0%}"

    assert (True, True) in states
