"""Reads the environment strictly: a wrong value stops the start with one sentence that says what to do."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

DATABASE_SCHEMES = {"postgres", "postgresql", "sqlite"}
BROKER_SCHEMES = {"redis", "rediss"}
EMAIL_SCHEMES = {"smtp", "smtp+tls", "smtp+ssl", "consolemail"}


def read_text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def read_bool(name: str, *, default: bool) -> bool:
    value = read_text(name, str(default))
    if value not in {"True", "False"}:
        raise ImproperlyConfigured(f"{name} must be True or False, not {value!r}.")
    return value == "True"


def read_url(name: str, *, schemes: set[str], example: str) -> str:
    """An address with one of `schemes`, or "" when the variable is not set."""
    value = read_text(name)
    if value and urlsplit(value).scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must look like {example}, not {value!r}.")
    return value


def read_database(var: Path) -> dict:
    """SQLite in `var` unless DATABASE_URL names another database."""
    url = read_url(
        "DATABASE_URL", schemes=DATABASE_SCHEMES, example="postgres://user:password@host:5432/name"
    )
    if not url or url.startswith("sqlite"):
        var.mkdir(exist_ok=True)
        name = urlsplit(url).path[1:] if url else str(var / "tracker.sqlite3")
        if not name:
            raise ImproperlyConfigured("DATABASE_URL names no file: sqlite:////var/lib/tracker.sqlite3 does.")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    database = environ.Env.db_url_config(url)
    if not database.get("NAME"):
        raise ImproperlyConfigured("DATABASE_URL names no database: postgres://user:password@host:5432/name.")
    return {**database, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def read_secret_key(var: Path) -> str:
    """SECRET_KEY; made and kept in `var` only for the local database of a newcomer."""
    key = read_text("SECRET_KEY")
    if key:
        if len(key) < 32:
            raise ImproperlyConfigured("SECRET_KEY is shorter than 32 characters: make a longer random one.")
        return key
    if read_text("DATABASE_URL"):
        raise ImproperlyConfigured(
            "Set SECRET_KEY (a long random text) when DATABASE_URL is set: see .env.example."
        )
    var.mkdir(exist_ok=True)
    kept = var / "secret_key"
    if not kept.exists():
        kept.write_text(get_random_secret_key())
        kept.chmod(0o600)
    return kept.read_text()


def read_allowed_hosts(*, local: bool) -> list[str]:
    """ALLOWED_HOSTS as names between commas. A deployment must say its own."""
    hosts = [host.strip() for host in read_text("ALLOWED_HOSTS").split(",") if host.strip()]
    if hosts:
        return hosts
    if local:
        return ["127.0.0.1", "localhost", "[::1]"]
    raise ImproperlyConfigured(
        "Set ALLOWED_HOSTS to the names this site answers to, such as tracker.example.org."
    )


def read_public_url() -> str:
    """Where readers reach the site; links in mails begin with it."""
    url = read_text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ImproperlyConfigured(f"PUBLIC_URL must look like https://tracker.example.org, not {url!r}.")
    return url
