"""Where the real servers and the browser are that some tests need, and why one is missing."""

import os
import shutil
import sys
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import psycopg
import redis

POSTGRES_URL = "postgres://root@127.0.0.1:5432/test"
REDIS_URL = "redis://127.0.0.1:6379/15"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TIMEOUT_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """`place` is an address or a path; "" with `missing`, the reason in a sentence."""

    place: str = ""
    missing: str = ""


def are_required() -> bool:
    return os.environ.get("REQUIRE_SERVICES") == "1"


@cache
def find_postgres() -> Found:
    url = os.environ.get("TEST_DATABASE_URL") or POSTGRES_URL
    try:
        with psycopg.connect(url, connect_timeout=TIMEOUT_SECONDS):
            return Found(url)
    except psycopg.OperationalError as error:
        return Found(missing=_describe("PostgreSQL", url, "TEST_DATABASE_URL", error))


@cache
def find_redis() -> Found:
    """A database of Redis that tests may empty: number 15 unless TEST_REDIS_URL names another."""
    url = os.environ.get("TEST_REDIS_URL") or REDIS_URL
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=TIMEOUT_SECONDS) as client:
            client.ping()
            return Found(url)
    except redis.RedisError as error:
        return Found(missing=_describe("Redis", url, "TEST_REDIS_URL", error))


@cache
def find_chromium() -> Found:
    named = os.environ.get("CHROMIUM_PATH", "")
    path = named or next(filter(None, map(shutil.which, BROWSERS)), "")
    if path and os.access(path, os.X_OK):
        return Found(path)
    return Found(missing="No Chromium was found: install it, or set CHROMIUM_PATH to the program.")


def _describe(server: str, url: str, variable: str, error: Exception) -> str:
    parts = urlsplit(url)
    reason = str(error).strip().splitlines()[0]
    return (
        f"{server} does not answer at {parts.hostname}:{parts.port}: start it, or set {variable}. ({reason})"
    )


if __name__ == "__main__":
    for found in (find_postgres(), find_redis(), find_chromium()):
        sys.stdout.write(f"{found.place or found.missing}\n")
