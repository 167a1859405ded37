"""Loading a ledger the fast way, its tiles and its facts. What was interrupted goes on where it stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from itertools import islice

import psycopg2

from miriam_bench.scale.editions import events
from miriam_bench.scale.kept import ask
from miriam_local.databases import DatabaseAccess
from miriam_platform.migrate import read_scripts
from miriam_reporting.facts.rebuild import rebuild
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.ledger.tiles import extend
from miriam_reporting.ledger.tree import WIDTH
from miriam_reporting.migrating import MIGRATIONS, migrate_reporting

Tell = Callable[[str], None]
BATCH = 100_000


def load(access: DatabaseAccess, count: int, tell: Tell, *, real: bool = False) -> None:
    """Bring the ledger, its milestones, the tiles of its tree and the facts to `count` leaves.

    `real`: of editions of the programme's own size.
    """
    _take_as_it_is(access, tell)
    migrate_reporting(access.owner_url, access.app_role)
    head = ask(access.owner_url, "select position from ledger.head")
    if head < count:
        _leaves(access, head, count, tell, real=real)
    with closing(psycopg2.connect(access.owner_url)) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute("select ledger.set_milestones()")
        if count // WIDTH > ask(access.owner_url, "select count(*) from ledger.tile where level = 0"):
            tell("writing tiles")
            extend(connection, count)
    if ask(access.owner_url, "select position from facts.checkpoint") < count:
        said: set[str] = set()

        def told(step: str, done: int, of: int) -> None:
            if step not in said and done * 2 >= of:
                said.add(step)
                tell(f"facts: half of it {step}")

        rebuild(access.owner_url, access.app_role, tell=told)


def _take_as_it_is(access: DatabaseAccess, tell: Tell) -> None:
    """A ledger kept over development may have been made by a script that was edited since: it is told, and used.

    What a script would do otherwise now is not done; `--clean` makes the ledgers anew.
    """
    if not ask(access.owner_url, "select count(to_regclass('migration.applied'))"):
        return
    with closing(psycopg2.connect(access.owner_url)) as connection, connection, connection.cursor() as cursor:
        for script in read_scripts(MIGRATIONS):
            cursor.execute(
                "update migration.applied set sha256 = %s where name = %s and sha256 <> %s",
                (script.sha256, script.name, script.sha256),
            )
            if cursor.rowcount:
                tell(f"{script.name} was edited since this ledger was made: taken as it is")


def _leaves(access: DatabaseAccess, head: int, count: int, tell: Tell, *, real: bool) -> None:
    made = events(count, real=real)
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
