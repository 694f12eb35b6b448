from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import redis

from tests.services import compose, databases, processes
from tests.services.sink import Sink

NUMBERS = count(1)
SECRET = "only-for-tests-0123456789-0123456789-0123456789"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One after another: they share one Redis."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("services"))


@dataclass(frozen=True, slots=True)
class Place:
    """A database with the tables in it, a broker and a mail server, and processes that work there."""

    environment: dict[str, str]
    folder: Path
    sink: Sink

    @property
    def database_url(self) -> str:
        return self.environment["DATABASE_URL"]

    def step(self, *words: str) -> None:
        """Do a step of tests.services.world."""
        processes.run(["python", "-m", "tests.services.world", *words], self.environment)

    def start_step(self, *words: str) -> processes.Process:
        return self.start("python", "-m", "tests.services.world", *words)

    def start(self, *command: str) -> processes.Process:
        return processes.Process(command, self.environment, self.folder / f"process-{next(NUMBERS)}.log")

    def start_service(self, name: str) -> processes.Process:
        """A service of docker-compose.yml by its own command."""
        values = dict.fromkeys(
            ("POSTGRES_PASSWORD", "SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "EMAIL_URL"), "x"
        )
        command = compose.read_services(processes.ROOT / "docker-compose.yml", values)[name].command
        return self.start(*(word.replace("/tmp/", f"{self.folder}/") for word in command))


@pytest.fixture(scope="session")
def migrated_database(postgres_url: str, worker_id: str) -> Iterator[str]:
    """The name of a database with every table, to be copied."""
    name = f"tracker_services_{worker_id}"
    with databases.make_database(postgres_url, name) as url:
        processes.run(
            ["python", "manage.py", "migrate", "--verbosity", "0"],
            {"DATABASE_URL": url, "SECRET_KEY": SECRET, "ALLOWED_HOSTS": "localhost"},
        )
        yield name


@pytest.fixture
def place(postgres_url: str, redis_url: str, migrated_database: str, tmp_path: Path) -> Iterator[Place]:
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    name = f"{migrated_database}_{next(NUMBERS)}"
    with (
        databases.make_database(postgres_url, name, template=migrated_database) as url,
        Sink() as sink,
    ):
        environment = {
            "DATABASE_URL": url,
            "CELERY_BROKER_URL": redis_url,
            "EMAIL_URL": sink.url,
            "SECRET_KEY": SECRET,
            "ALLOWED_HOSTS": "localhost",
            "PUBLIC_URL": "http://localhost",
            "DEMONSTRATION": "True",
            "DJANGO_SETTINGS_MODULE": "tracker.settings",
        }
        yield Place(environment, tmp_path, sink)
