"""Loading a ledger the fast way. What was interrupted goes on where it stopped: the ledger tells how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from itertools import islice

import psycopg2

from miriam_bench.scale.editions import events
from miriam_bench.scale.kept import ask
from miriam_local.databases import DatabaseAccess
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.migrating import migrate_reporting

Tell = Callable[[str], None]
BATCH = 100_000


def load(access: DatabaseAccess, count: int, tell: Tell) -> None:
    """Fill the ledger up to `count` leaves."""
    migrate_reporting(access.owner_url, access.app_role)
    head = ask(access.owner_url, "select position from ledger.head")
    if head >= count:
        return
    made = events(count)
    if head:
        tell(f"{head:,} leaves are there; making them again without loading")
        next(islice(made, head - 1, head), None)
    began, first = time.monotonic(), head
    with closing(psycopg2.connect(access.owner_url)) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute("set synchronous_commit = off")
        while head < count:
            head = load_leaves(connection, islice(made, BATCH))
            connection.commit()
            pace = (head - first) / (time.monotonic() - began)
            tell(f"{head:,} of {count:,} leaves, {pace:,.0f}/s, {(count - head) / pace / 60:.0f} min left")
    with closing(psycopg2.connect(access.owner_url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("vacuum (analyze) ledger.leaf")
