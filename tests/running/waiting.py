"""Waiting for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from psycopg2.extensions import connection as Connection


def run(connection: Connection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of one statement, in a transaction of its own."""
    with connection, connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall() if cursor.description else []


def wait_until(true: Callable[[], Any], seconds: float = 20) -> None:
    """Ask again and again until it is true. Fails when it is not in time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
