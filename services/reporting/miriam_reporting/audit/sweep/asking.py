"""The sweep's queries, one a file, each over a range of positions."""

from functools import cache
from importlib import resources
from typing import Any

from psycopg2.extensions import connection as Connection


@cache
def _text(name: str) -> str:
    return resources.files("miriam_reporting.audit.sweep").joinpath(f"{name}.sql").read_text("utf-8")


def ask(connection: Connection, name: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of the query in `<name>.sql`. Raises what psycopg2 raises."""
    with connection.cursor() as cursor:
        cursor.execute(_text(name), values or None)
        return cursor.fetchall()
