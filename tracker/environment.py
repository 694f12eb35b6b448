"""Reads the environment strictly: a wrong value stops the start with one sentence that says what to do."""

import os
import re
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

DATABASE_SCHEMES = {"postgres", "postgresql", "sqlite"}
BROKER_SCHEMES = {"redis", "rediss"}
EMAIL_SCHEMES = {"smtp", "smtp+tls", "smtp+ssl", "consolemail"}
SCHEMES_WITHOUT_HOST = {"sqlite", "consolemail", "postgres", "postgresql"}  # PostgreSQL: a local socket
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
HOST_NAME = re.compile(r"\*|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]")


def read_text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def read_bool(name: str, *, default: bool) -> bool:
    value = read_text(name, str(default))
    if value not in {"True", "False"}:
        raise ImproperlyConfigured(f"{name} must be True or False, not {value!r}.")
    return value == "True"


def read_url(name: str, *, schemes: set[str], example: str, default: str = "") -> str:
    """An address with one of `schemes`, or `default` when the variable is not set.

    A refusal never repeats the address: it may hold a password.
    """
    value = read_text(name, default)
    if not value and not default:
        return ""
    before, separator, _ = value.partition("://")
    scheme = before.lower() if separator and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", before) else ""
    if scheme not in schemes:
        found = f"it begins with {scheme}://" if scheme else "it begins with no scheme"
        raise ImproperlyConfigured(f"{name} must look like {example}; {found}.")
    wrong = _find_wrong_place(value)
    if wrong:
        raise ImproperlyConfigured(
            f"{name} must look like {example}; it begins with {scheme}:// and {wrong}."
        )
    return value


def _find_wrong_place(url: str) -> str:
    """What is wrong with the host and port of an address; "" when nothing is."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return "has a host that cannot be read"
    try:
        port = parts.port
    except ValueError:
        return (
            "has a port that is no number from 1 to 65535 (in a password, write / as %2F, # as %23, ? as %3F)"
        )
    if port == 0:
        return "has a port that is no number from 1 to 65535"
    if not host and parts.scheme not in SCHEMES_WITHOUT_HOST:
        return "names no host"
    if host and re.search(r"\s", host):
        return "has a space in its host"
    return ""


def read_database(var: Path) -> dict:
    """SQLite in `var` unless DATABASE_URL names another database."""
    url = read_url(
        "DATABASE_URL", schemes=DATABASE_SCHEMES, example="postgres://user:password@host:5432/name"
    )
    if not url or url.startswith("sqlite"):
        _make_folder(var)
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
    _make_folder(var)
    kept = var / "secret_key"
    try:
        if not kept.exists():
            kept.write_text(get_random_secret_key())
            kept.chmod(0o600)
        return kept.read_text()
    except OSError as error:
        raise ImproperlyConfigured(_describe_folder(kept, error.strerror)) from error


def _make_folder(var: Path) -> None:
    try:
        var.mkdir(exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(_describe_folder(var, error.strerror)) from error
    if not os.access(var, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(_describe_folder(var, "Permission denied"))


def _describe_folder(place: Path, reason: str | None) -> str:
    return (
        f"{place} cannot be written ({reason}): give the folder to the user the tracker runs as, "
        "or set DATABASE_URL and SECRET_KEY."
    )


def read_allowed_hosts(*, local: bool) -> list[str]:
    """ALLOWED_HOSTS as names between commas. A deployment must say its own."""
    hosts = [host.strip() for host in read_text("ALLOWED_HOSTS").split(",") if host.strip()]
    wrong = [str(place) for place, host in enumerate(hosts, 1) if not HOST_NAME.fullmatch(host)]
    if wrong:
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS must be host names with commas between them, such as tracker.example.org, "
            f"without scheme, port or path; number {', '.join(wrong)} is none."
        )
    if hosts:
        return hosts
    if local:
        return ["127.0.0.1", "localhost", "[::1]"]
    raise ImproperlyConfigured(
        "Set ALLOWED_HOSTS to the names this site answers to, such as tracker.example.org."
    )


def read_public_url() -> str:
    """Where readers reach the site; links in mails begin with it."""
    return read_url(
        "PUBLIC_URL",
        schemes={"http", "https"},
        example="https://tracker.example.org",
        default="http://127.0.0.1:8000",
    ).rstrip("/")


def read_fingertips_url() -> str:
    """The Fingertips API, and the one address that figures are fetched from; it ends with a slash."""
    url = read_url(
        "FINGERTIPS_URL",
        schemes={"http", "https"},
        example="https://fingertips.phe.org.uk/api/",
        default="https://fingertips.phe.org.uk/api/",
    )
    if re.search(r"[?#@]|[^!-~]", url):
        raise ImproperlyConfigured(
            "FINGERTIPS_URL must look like https://fingertips.phe.org.uk/api/, without a password, a question or "
            "a space: it is shown as the source of figures."
        )
    return f"{url.rstrip('/')}/"


def read_log_level() -> str:
    level = read_text("LOG_LEVEL", "WARNING")
    if level not in LOG_LEVELS:
        raise ImproperlyConfigured(f"LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not {level!r}.")
    return level


def read_sender() -> str:
    """The sender of every mail: an address, or a name and an address in angle brackets."""
    sender = read_text("FROM_EMAIL", "Smoking targets tracker <tracker@localhost>")
    if "\n" in sender or not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(sender)[1]):
        raise ImproperlyConfigured(
            "FROM_EMAIL must contain an address, such as Smoking targets tracker <tracker@example.org> "
            "(a name with a comma goes in quotation marks)."
        )
    return sender
