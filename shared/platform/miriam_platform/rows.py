"""Many rows in one statement. COPY would be faster still, but psycopg2 refuses it under eventlet."""

from collections.abc import Sequence
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

PAGE = 1000


def insert_rows(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows into `schema.table`; nothing happens for no rows."""
    if not rows:
        return
    statement = sql.SQL("insert into {} ({}) values %s").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor:
        execute_values(cursor, statement, rows, page_size=PAGE)
