"""Databases of a real PostgreSQL that tests make and drop."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@contextmanager
def make_database(server_url: str, name: str, *, template: str = "template0") -> Iterator[str]:
    """The address of a new database, dropped at the end with whoever is still connected."""
    parts = urlsplit(server_url)
    with psycopg.connect(server_url, autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(drop)
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            connection.execute(drop)


def fetch(url: str, query: str) -> list[tuple]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def change(url: str, statement: str) -> int:
    """How many rows a statement changed."""
    with psycopg.connect(url) as connection:
        return connection.execute(statement).rowcount
