"""Whether the access log is whole: each look's hash holds the hash of the look before it.

Whoever owns the database could write the whole chain anew. That is seen by whoever kept a hash from before: it stands
in the chain no more.
"""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

_START = bytes(32)
_LOOKS = """
select id, at, actor, purpose, kind, what::text, position, view, rows, as_of, hash from access.look order by id
"""


class Broken(Exception):
    """The log is not as it was written. The message names the look."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A log that is whole: how many looks it has, and the hash of the last, to be kept elsewhere."""

    looks: int
    hash: bytes


def verify(connection: Connection, kept: bytes | None = None) -> Verified:
    """Compute each look's hash anew, and compare. `kept`: a hash that must stand in the chain.

    One snapshot; needs a connection outside a transaction, and leaves it so. Raises Broken.
    """
    try:
        # Looks and head are of one moment, though looks are noted meanwhile.
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            cursor.execute("select look, hash from access.head")
            if (head := cursor.fetchone()) is None:
                raise Broken("the log has no head")
        with connection.cursor("looks") as cursor:
            cursor.execute(_LOOKS)
            count, last, before, found = 0, 0, _START, kept is None
            for number, at, *columns, stored in cursor:
                moment = at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
                content = json.dumps([number, moment, *columns], ensure_ascii=False)
                before = hashlib.sha256(before + content.encode()).digest()
                if before != bytes(stored):
                    raise Broken(f"look {number} is not as it was written, or one before it is gone")
                count, last, found = count + 1, number, found or before == kept
    finally:
        connection.rollback()
    if (last, before) != (head[0], bytes(head[1])):
        raise Broken(f"the log ends with look {last}, and its head is look {head[0]}: looks were taken away or added")
    if not found:
        raise Broken("the hash that was kept stands in the log no more: it was written anew, or is another log's")
    return Verified(count, before)
