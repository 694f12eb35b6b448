"""Writes many rows at once: COPY on PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection, models


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows of plain values in the order of `columns` (names in the database). In the caller's transaction.

    While rows are copied the connection answers no query: `rows` must not ask the database.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            adapted: Any = (
                tuple(str(cell) if isinstance(cell, date) else cell for cell in row) for row in rows
            )
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", adapted)
