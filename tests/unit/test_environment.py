"""A wrong value in the environment stops the start with one sentence that says what to do."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured

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


@pytest.mark.parametrize("value", ["tracker.example.org", "ftp://tracker.example.org", "https://", "/"])
def test_the_public_address_is_a_web_address(monkeypatch, value):
    monkeypatch.setenv("PUBLIC_URL", value)

    assert "PUBLIC_URL must look like https://" in read_refusal(environment.read_public_url)


def test_the_public_address_loses_its_last_slash(monkeypatch):
    monkeypatch.setenv("PUBLIC_URL", "https://tracker.example.org/")

    assert environment.read_public_url() == "https://tracker.example.org"


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


def read_refusal(read, *arguments, **options) -> str:
    with pytest.raises(ImproperlyConfigured) as refused:
        read(*arguments, **options)
    message = str(refused.value)
    assert re.search(r"\.$", message), message
    assert "\n" not in message
    return message
