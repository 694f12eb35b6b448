"""A wrong value in the environment stops the start with one sentence that says what to do."""

import re
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.services.processes import ROOT, make_environment, run
from tests.settings import OURS
from tracker import environment

LONG_KEY = "0123456789" * 5


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch):
    for name in OURS:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ("mysql://user@host/name", "DATABASE_URL must look like postgres://"),
        ("tracker.sqlite3", "DATABASE_URL must look like postgres://"),
        ("postgres://user:password@host:5432", "DATABASE_URL names no database"),
        ("sqlite://", "DATABASE_URL names no file"),
    ],
)
def test_a_wrong_database_says_how_it_looks(monkeypatch, tmp_path, value, advice):
    monkeypatch.setenv("DATABASE_URL", value)

    assert advice in read_refusal(environment.read_database, tmp_path)


def test_without_a_database_it_is_a_file_beside_the_code(tmp_path):
    database = environment.read_database(tmp_path / "var")

    assert database["NAME"] == str(tmp_path / "var" / "tracker.sqlite3")
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in database["OPTIONS"]["init_command"]


def test_a_sqlite_address_names_its_file(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "sqlite:////srv/tracker.sqlite3")

    assert environment.read_database(tmp_path)["NAME"] == "/srv/tracker.sqlite3"


def test_a_postgres_address_is_read_whole(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://ann:secret@db.example.org:5433/tracker")

    database = environment.read_database(tmp_path)

    names = ("ENGINE", "USER", "PASSWORD", "HOST", "PORT", "NAME")
    assert [database[name] for name in names] == [
        "django.db.backends.postgresql",
        "ann",
        "secret",
        "db.example.org",
        5433,
        "tracker",
    ]


def test_a_database_of_its_own_needs_a_secret_key(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://ann@db.example.org/tracker")

    assert "Set SECRET_KEY" in read_refusal(environment.read_secret_key, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_short_secret_key_is_refused_and_not_repeated(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "too-short")

    refusal = read_refusal(environment.read_secret_key, tmp_path)

    assert "32 characters" in refusal
    assert "too-short" not in refusal


def test_a_secret_key_is_made_once_and_read_by_its_owner_only(tmp_path):
    first, second = (environment.read_secret_key(tmp_path / "var") for _ in range(2))

    assert first == second
    assert len(first) >= 50
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_given_secret_key_is_used(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", LONG_KEY)

    assert environment.read_secret_key(tmp_path) == LONG_KEY


@pytest.mark.parametrize("value", ["true", "1", "yes", "on", ""])
def test_only_true_and_false_are_yes_and_no(monkeypatch, value):
    monkeypatch.setenv("DEMONSTRATION", value)

    assert "DEMONSTRATION must be True or False" in read_refusal(
        environment.read_bool, "DEMONSTRATION", default=True
    )


def test_a_deployment_says_its_own_names(monkeypatch):
    assert "Set ALLOWED_HOSTS" in read_refusal(environment.read_allowed_hosts, local=False)

    monkeypatch.setenv("ALLOWED_HOSTS", " tracker.example.org ,www.example.org,")
    assert environment.read_allowed_hosts(local=False) == ["tracker.example.org", "www.example.org"]


def test_a_newcomer_needs_no_names():
    assert environment.read_allowed_hosts(local=True) == ["127.0.0.1", "localhost", "[::1]"]


@pytest.mark.parametrize("value", ["tracker.example.org", "ftp://tracker.example.org", "https://", "/", ""])
def test_the_public_address_is_a_web_address(monkeypatch, value):
    monkeypatch.setenv("PUBLIC_URL", value)

    assert "PUBLIC_URL must look like https://" in read_refusal(environment.read_public_url)


def test_the_public_address_loses_its_last_slash(monkeypatch):
    monkeypatch.setenv("PUBLIC_URL", "https://tracker.example.org/")

    assert environment.read_public_url() == "https://tracker.example.org"


@pytest.mark.parametrize(
    "value",
    [
        "fingertips.phe.org.uk/api",
        "ftp://fingertips.phe.org.uk/api/",
        "https://",
        "",
        "https://ann:secret@fingertips.phe.org.uk/api/",
        "https://fingertips.phe.org.uk/api/?key=secret",
        "https://fingertips.phe.org.uk/api/#top",
        "https://fingertips.phe.org.uk/a pi/",
        "https://fingertips.phe.org.uk/api\r\n/",
    ],
)
def test_the_address_of_fingertips_is_a_web_address_without_secrets(monkeypatch, value):
    monkeypatch.setenv("FINGERTIPS_URL", value)

    refusal = read_refusal(environment.read_fingertips_url)

    assert "FINGERTIPS_URL must look like https://fingertips.phe.org.uk/api/" in refusal
    assert "secret" not in refusal


def test_the_address_of_fingertips_ends_with_a_slash(monkeypatch):
    assert environment.read_fingertips_url() == "https://fingertips.phe.org.uk/api/"

    monkeypatch.setenv("FINGERTIPS_URL", "http://127.0.0.1:8123")
    assert environment.read_fingertips_url() == "http://127.0.0.1:8123/"


@pytest.mark.parametrize(
    ("name", "schemes", "value"),
    [
        ("CELERY_BROKER_URL", environment.BROKER_SCHEMES, "amqp://host"),
        ("CELERY_BROKER_URL", environment.BROKER_SCHEMES, "127.0.0.1:6379"),
        ("EMAIL_URL", environment.EMAIL_SCHEMES, "mail.example.org:587"),
        ("EMAIL_URL", environment.EMAIL_SCHEMES, "https://mail.example.org"),
    ],
)
def test_an_address_of_another_kind_is_refused(monkeypatch, name, schemes, value):
    monkeypatch.setenv(name, value)

    assert f"{name} must look like such://as" in read_refusal(
        environment.read_url, name, schemes=schemes, example="such://as"
    )


def test_an_address_that_is_not_set_is_empty():
    assert environment.read_url("EMAIL_URL", schemes=environment.EMAIL_SCHEMES, example="smtp://…") == ""


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ("amqp://ann:hidden@host", "it begins with amqp://."),
        ("hidden", "it begins with no scheme."),
        ("redis://ann:hidden@host:many/0", "has a port that is no number from 1 to 65535"),
        ("redis://ann:hidden@host:70000/0", "has a port that is no number"),
        ("redis://ann:hidden@host:0/0", "has a port that is no number"),
        ("redis://ann:hid/den@host:6379/0", "in a password, write / as %2F"),
        ("redis://ann:hidden@:6379/0", "names no host"),
        ("redis://ann:hidden@[::1:6379/0", "has a host that cannot be read"),
        ("redis://ann:hidden@ho st/0", "has a space in its host"),
    ],
)
def test_a_wrong_address_is_described_and_never_repeated(monkeypatch, value, advice):
    monkeypatch.setenv("CELERY_BROKER_URL", value)

    refusal = read_refusal(
        environment.read_url,
        "CELERY_BROKER_URL",
        schemes=environment.BROKER_SCHEMES,
        example="redis://127.0.0.1:6379/0",
    )

    assert advice in refusal
    assert "redis://127.0.0.1:6379/0" in refusal
    assert "hid" not in refusal


@pytest.mark.parametrize("value", ["https://tracker.example.org:many", "https://:8000"])
def test_the_public_address_has_a_host_and_a_port_that_is_a_number(monkeypatch, value):
    monkeypatch.setenv("PUBLIC_URL", value)

    assert "it begins with https:// and " in read_refusal(environment.read_public_url)


def test_mails_that_are_printed_need_no_host(monkeypatch):
    monkeypatch.setenv("EMAIL_URL", "consolemail://")

    assert environment.read_url("EMAIL_URL", schemes=environment.EMAIL_SCHEMES, example="smtp://…")


@pytest.mark.parametrize("level", ["loud", "info", "", "10"])
def test_how_much_is_logged_is_a_known_word(monkeypatch, level):
    assert environment.read_log_level() == "WARNING"

    monkeypatch.setenv("LOG_LEVEL", level)
    assert "LOG_LEVEL must be one of DEBUG, INFO," in read_refusal(environment.read_log_level)


@pytest.mark.parametrize(
    "value", ["https://tracker.example.org", "one.example.org two.example.org", "a.org;b.org", "a.org:8000"]
)
def test_the_names_of_a_site_are_host_names(monkeypatch, value):
    monkeypatch.setenv("ALLOWED_HOSTS", value)

    assert "ALLOWED_HOSTS must be host names" in read_refusal(environment.read_allowed_hosts, local=False)


def test_every_kind_of_host_name_is_taken(monkeypatch):
    names = ["tracker.example.org", ".example.org", "127.0.0.1", "[::1]", "web", "*"]
    monkeypatch.setenv("ALLOWED_HOSTS", ",".join(names))

    assert environment.read_allowed_hosts(local=False) == names


@pytest.mark.parametrize(
    "value", ["", "Smoking targets tracker", "One, two <a@example.org>", "a@b\nBcc: c@d"]
)
def test_the_sender_has_an_address(monkeypatch, value):
    assert environment.read_sender() == "Smoking targets tracker <tracker@localhost>"

    monkeypatch.setenv("FROM_EMAIL", value)
    assert "FROM_EMAIL must contain an address" in read_refusal(environment.read_sender)


@pytest.mark.parametrize("read", [environment.read_database, environment.read_secret_key])
def test_a_folder_that_cannot_be_written_is_named(tmp_path, read):
    (tmp_path / "var").write_text("a file where the folder should be")

    assert f"{tmp_path / 'var'} cannot be written (" in read_refusal(read, tmp_path / "var")


def test_a_wrong_value_stops_a_command_with_its_sentence_alone():
    ended = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env=make_environment({"LOG_LEVEL": "loud", "SECRET_KEY": LONG_KEY}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(r"LOG_LEVEL must be one of [^\n]+\n", ended.stderr)


def test_the_cache_needs_no_broker(tmp_path):
    values = {
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'tracker.sqlite3'}",
        "SECRET_KEY": LONG_KEY,
        "ALLOWED_HOSTS": "localhost",
    }
    code = "from django.core.cache import cache; cache.set('a', 1); print(cache.get('a'))"

    assert run(["python", "manage.py", "shell", "--verbosity", "0", "-c", code], values).strip() == "1"


def read_refusal(read, *arguments, **options) -> str:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(*arguments, **options)
    message = str(refused.value)
    assert re.search(r"\.$", message), message
    assert "\n" not in message
    return message
