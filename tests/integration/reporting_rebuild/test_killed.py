"""A rebuild that is killed leaves nothing behind: not its tables, not half a swap, not a lock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from waiting import run, wait_until

from miriam_local.databases import DatabaseAccess
from miriam_reporting.facts import reading
from miriam_reporting.facts.history import clear_leftovers, last
from miriam_reporting.facts.rebuild import rebuild
from miriam_reporting.reports import LEVELS, compute

SCHEMAS = "select nspname from pg_namespace where nspname in ('facts', 'facts_next', 'facts_old') order by 1"
# A rebuild of many small ranges that kills itself, as the kernel would, at a step; or where its own session ends the
# transaction of the swap, before or after its commit.
DYING = """
import os, signal, sys
import psycopg2.extensions
from miriam_platform import database
from miriam_reporting.facts import rebuild as module
url, role, moment = sys.argv[1:]

def die():
    os.kill(os.getpid(), signal.SIGKILL)

class Session(psycopg2.extensions.connection):
    def __exit__(self, *raised):
        with self.cursor() as cursor:
            cursor.execute("select to_regnamespace('facts_old') is not null")
            swapped = cursor.fetchone()[0]
        if swapped and moment == "before the commit":
            die()
        answer = super().__exit__(*raised)
        if swapped and moment == "after the commit":
            die()
        return answer

real = database.psycopg2.connect
database.psycopg2.connect = lambda *given, **named: real(
    *given, **named, **({"connection_factory": Session} if named["application_name"] == "miriam-rebuild" else {})
)
told = []
def tell(step, done, of):
    told.append(step)
    if step == moment and told.count(step) == 3:
        die()

module.CHUNK = 100
module.rebuild(url, role, tell=tell)
"""
MOMENTS = ["filled", "indexed", "compared", "before the commit"]


def dying(access: DatabaseAccess, moment: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DYING, access.owner_url, access.app_role, moment], timeout=120, check=False
    )
    assert done.returncode == -signal.SIGKILL


def figures(app: Connection) -> list[object]:
    return [figure.as_json() for figure in compute(app, "2023", None, LEVELS).figures]


def schemas(owner: Connection) -> list[str]:
    return [name for (name,) in run(owner, SCHEMAS)]


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_a_killed_rebuild_left_is_cleared_away_by_the_projector(
    owner: Connection, app: Connection, access: DatabaseAccess, projector: Callable[[], Any], moment: str
) -> None:
    before = figures(app)
    tables = run(owner, "select oid from pg_class where relnamespace = 'facts'::regnamespace order by oid")
    projector()
    dying(access, moment)
    wait_until(lambda: schemas(owner) == ["facts"], 40)
    assert run(owner, "select oid from pg_class where relnamespace = 'facts'::regnamespace order by oid") == tables
    assert figures(app) == before
    with owner:
        found = last(owner)
    assert found is not None
    assert found["outcome"] == "abandoned"
    assert rebuild(access.owner_url, access.app_role).differences == []
    assert (figures(app), schemas(owner)) == (before, ["facts"])


def test_killed_after_the_swap_the_new_facts_stand_and_the_old_go(
    owner: Connection, app: Connection, access: DatabaseAccess, projector: Callable[[], Any]
) -> None:
    before = figures(app)
    dying(access, "after the commit")
    assert schemas(owner) == ["facts", "facts_old"]
    assert figures(app) == before
    projector()
    wait_until(lambda: schemas(owner) == ["facts"], 40)
    with owner:
        found = last(owner)
    assert found is not None
    assert (found["outcome"], found["differences"]) == ("swapped", [])
    assert figures(app) == before


def test_without_a_projector_the_next_rebuild_clears_away(owner: Connection, access: DatabaseAccess) -> None:
    dying(access, "compared")
    assert "facts_next" in schemas(owner)
    assert rebuild(access.owner_url, access.app_role).differences == []
    assert schemas(owner) == ["facts"]
    assert run(owner, "select outcome from projections.rebuild order by number") == [("abandoned",), ("swapped",)]


def test_killed_while_it_waits_for_a_reader_it_holds_nobody_up(
    owner: Connection, app: Connection, access: DatabaseAccess
) -> None:
    script = "import sys; from miriam_reporting.facts.rebuild import rebuild; rebuild(*sys.argv[1:])"
    with reading(app):
        child = subprocess.Popen([sys.executable, "-c", script, access.owner_url, access.app_role])
        waiting = "select 1 from pg_locks where not granted and mode = 'AccessExclusiveLock'"
        wait_until(lambda: run(owner, waiting), 60)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        wait_until(lambda: not run(owner, waiting), 5)
        with app.cursor() as cursor:
            cursor.execute("select count(*) from facts.session")
    wait_until(lambda: run(owner, "select projections.clear_leftovers()") and schemas(owner) == ["facts"], 5)


def test_nothing_is_cleared_while_a_rebuild_runs(owner: Connection, app: Connection, access: DatabaseAccess) -> None:
    cleared: list[list[str]] = []

    def look(step: str, done: int, of: int) -> None:
        if step == "compared":
            with app:
                cleared.append(clear_leftovers(app))

    assert rebuild(access.owner_url, access.app_role, tell=look).differences == []
    assert cleared
    assert not any(cleared)


def test_a_rebuild_that_fails_leaves_nothing_behind(owner: Connection, access: DatabaseAccess) -> None:
    def fail(step: str, done: int, of: int) -> None:
        if step == "indexed":
            raise RuntimeError("for a test")

    with pytest.raises(RuntimeError):
        rebuild(access.owner_url, access.app_role, tell=fail)
    assert schemas(owner) == ["facts"]
    assert run(owner, "select outcome from projections.rebuild") == [("failed",)]
