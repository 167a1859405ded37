"""The editions that are open, as they stand at the ledger's head."""

import datetime as dt
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition: its id, the authority's name of it, its first and last day."""

    id: str
    name: str
    starts_on: dt.date
    ends_on: dt.date


_STANDING = """
select distinct on (edition collate "C") edition, name, starts_on, ends_on
  from facts.edition
 where until_position = 9223372036854775807 and not retracted
 order by edition collate "C", occurred_on, first_id
"""


def editions(connection: Connection) -> list[Edition]:
    """Every edition, newest first. Runs in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING)
        found = [Edition(*row) for row in cursor]
    return sorted(found, key=lambda each: (each.starts_on, each.id), reverse=True)
