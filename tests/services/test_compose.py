"""docker-compose.yml: what it asks for, and each service's own command against the real servers."""

import re
import shlex
import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from http.client import HTTPConnection
from pathlib import Path

import pytest
import redis
import yaml

from tests.services import compose, databases, processes
from tests.services.conftest import NUMBERS, SECRET, Place
from tests.services.sink import Sink, find_free_port

FILE = processes.ROOT / "docker-compose.yml"
OURS = ("migrate", "web", "worker", "beat")
GIVEN = {
    "POSTGRES_PASSWORD": "only-for-tests",
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "tracker.example.org",
    "PUBLIC_URL": "https://tracker.example.org",
    "EMAIL_URL": "smtp://mail.example.org:25",
}


@pytest.fixture(scope="module")
def image_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree as the image holds it: without what .dockerignore names, its static files collected."""
    patterns = (processes.ROOT / ".dockerignore").read_text().split()
    folder = tmp_path_factory.mktemp("image") / "tracker"

    def leave_out(directory: str, names: list[str]) -> set[str]:
        here = Path(directory).relative_to(processes.ROOT)
        return {
            name
            for name in names
            if any(fnmatch(str(here / name), pattern.removeprefix("**/")) for pattern in patterns)
            or any(fnmatch(name, pattern[3:]) for pattern in patterns if pattern.startswith("**/"))
        }

    shutil.copytree(processes.ROOT, folder, ignore=leave_out)
    dockerfile = (processes.ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    [line] = re.findall(r"^RUN (.*collectstatic.*)$", dockerfile, re.MULTILINE)
    words = shlex.split(line)
    values = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
    processes.run([word for word in words if not re.match(r"[A-Z_]+=", word)], values, folder=folder)
    return folder


@pytest.fixture
def stack(
    image_folder: Path, postgres_url: str, redis_url: str, worker_id: str, tmp_path: Path
) -> Iterator[dict[str, compose.Service]]:
    """The services as the file says, with the addresses of the local servers and a free port put in."""
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    services = compose.read_services(FILE, GIVEN)
    port = str(find_free_port())
    with (
        databases.make_database(postgres_url, f"tracker_compose_{worker_id}") as url,
        Sink() as sink,
    ):
        for service in services.values():
            environment = service.environment
            if "DATABASE_URL" in environment:
                assert (
                    environment["DATABASE_URL"] == "postgres://tracker:only-for-tests@postgres:5432/tracker"
                )
                assert environment["CELERY_BROKER_URL"] == "redis://redis:6379/0"
                here = {
                    "DATABASE_URL": url,
                    "CELERY_BROKER_URL": redis_url,
                    "EMAIL_URL": sink.url,
                    "PORT": port,
                }
                environment.update(here, HOSTNAME="tests")
            for words in (service.command, service.health_check):
                words[:] = [
                    word.replace("0.0.0.0:8000", f"127.0.0.1:{port}").replace("/tmp/", f"{tmp_path}/")
                    for word in words
                ]
        yield services


def fetch(service: compose.Service, path: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", int(service.environment["PORT"]), timeout=30)
    try:
        connection.request("GET", path, headers={"Host": "tracker.example.org", "X-Forwarded-Proto": "https"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def is_healthy(service: compose.Service, folder: Path) -> bool:
    try:
        processes.run(service.health_check, service.environment, folder=folder)
    except AssertionError:
        return False
    return True


def test_every_service_does_its_work_with_its_own_command(stack, image_folder, tmp_path):
    def start(name: str) -> processes.Process:
        log = tmp_path / f"{name}-{next(NUMBERS)}.log"
        return processes.Process(stack[name].command, stack[name].environment, log, folder=image_folder)

    with start("migrate") as migrate:
        assert migrate.join() == 0, migrate.printed()
    assert databases.fetch(
        stack["web"].environment["DATABASE_URL"], "SELECT count(*) FROM icbs_area WHERE kind = 'icb'"
    ) == [(48,)]
    assert databases.fetch(
        stack["web"].environment["DATABASE_URL"], "SELECT count(*) > 0 FROM targets_standing"
    ) == [(True,)]

    with start("web") as web, start("worker") as worker, start("beat") as beat:
        processes.wait_until(lambda: is_healthy(stack["web"], image_folder), "the site is ready")
        assert fetch(stack["web"], "/livez")[0] == 200
        assert fetch(stack["web"], "/readyz")[0] == 200
        status, page = fetch(stack["web"], "/methods/")
        assert status == 200
        [style] = re.findall(rb'href="(/static/css/tracker\.[0-9a-f]+\.css)"', page)
        assert fetch(stack["web"], style.decode())[0] == 200

        worker.wait_until_printed(" ready.")
        name = re.search(r"(celery@\S+) ready", worker.printed())[1]
        check = [word.replace("celery@$HOSTNAME", name) for word in stack["worker"].health_check]
        assert "pong" in processes.run(check, stack["worker"].environment, folder=image_folder)

        processes.wait_until(lambda: is_healthy(stack["beat"], image_folder), "the scheduler runs")
        assert "Traceback" not in web.printed() + worker.printed() + beat.printed()
        assert "Control socket" not in web.printed()


def test_readiness_says_which_server_does_not_answer(place: Place):
    port = str(find_free_port())
    environment = {**place.environment, "CELERY_BROKER_URL": f"redis://127.0.0.1:{find_free_port()}/0"}
    command = ["gunicorn", "tracker.wsgi", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    service = compose.Service(command, {**environment, "PORT": port}, ["python", "scripts/check_ready.py"])

    with processes.Process(command, environment, place.folder / "web.log") as web:
        web.wait_until_printed("Booting worker")
        connection = HTTPConnection("127.0.0.1", int(port), timeout=30)
        processes.wait_until(lambda: _answers(connection), "the site answers")
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        answer = connection.getresponse()

        assert answer.status == 503
        assert "CELERY_BROKER_URL" in answer.read().decode()
        assert not is_healthy(service, processes.ROOT)


def _answers(connection: HTTPConnection) -> bool:
    try:
        connection.request("GET", "/livez", headers={"Host": "localhost"})
        return connection.getresponse().read() != b""
    except OSError:
        connection.close()
        return False


@pytest.mark.parametrize("name", GIVEN)
def test_a_value_that_is_missing_stops_compose_with_what_to_do(name):
    with pytest.raises(ValueError, match=f"^Set {name} to "):
        compose.read_services(FILE, GIVEN | {name: ""})


def test_the_file_holds_no_secret():
    services = yaml.safe_load(FILE.read_text())["services"]

    for service in services.values():
        environment = service.get("environment", {})
        secrets = [environment[name] for name in ("SECRET_KEY", "POSTGRES_PASSWORD") if name in environment]
        assert all(re.fullmatch(r"\$\{\w+:\?[^}]+\}", secret) for secret in secrets)
        assert re.search(r"://\w+:[^$]", environment.get("DATABASE_URL", "")) is None


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_without_rights_they_do_not_need(name):
    service = yaml.safe_load(FILE.read_text())["services"][name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["depends_on"]
    assert "\nUSER tracker\n" in (processes.ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", ["postgres", "redis", "web", "worker", "beat"])
def test_every_lasting_service_has_a_health_check(name):
    assert compose.read_services(FILE, GIVEN)[name].health_check


def test_the_database_is_ready_once_it_answers_over_the_network():
    assert "--host=127.0.0.1" in compose.read_services(FILE, GIVEN)["postgres"].health_check
