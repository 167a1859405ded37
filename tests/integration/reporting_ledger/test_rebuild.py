"""A rebuild: the same facts anew, swapped in under readers and a projector that notice nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from miriam_local.databases import DatabaseAccess
from miriam_reporting.facts import checkpoint, project, reading
from miriam_reporting.facts.projection import OtherDefinition
from miriam_reporting.facts.rebuild import FactsDiffer, rebuild
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.migrating import migrate_reporting

WOMAN = "anderlecht:p-1"


def run(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    with connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else []


def project_all(connection: Connection) -> None:
    while project(connection):
        connection.commit()
    connection.commit()


def load(connection: Connection, recorder: Any) -> None:
    with connection:
        load_leaves(connection, recorder.bodies["sessions"])
    recorder.bodies["sessions"].clear()


def wait_until(true: Callable[[], Any], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def minutes(connection: Connection) -> list[int]:
    return [row[0] for row in run(connection, "select duration_minutes from facts.session order by 1")]


def test_any_cut_into_batches_gives_the_same_versions_as_a_rebuild(
    owner: Connection, access: DatabaseAccess, history: Any
) -> None:
    chance = random.Random(4)
    with owner:
        load_leaves(owner, history(chance, 3_000))
    while project(owner, chance.choice((1, 2, 7, 50, 400))):
        owner.commit()
    owner.commit()
    counted = "select count(*), count(*) filter (where until_position < 1e18), sum(retracted::int) from facts.session"
    before = run(owner, counted)
    done = rebuild(access.owner_url, access.app_role)
    assert (done.position, done.compared, done.differences) == (3_000, True, [])
    assert run(owner, counted) == before
    assert before[0][1] > 20
    assert before[0][2] > 5
    assert checkpoint(owner) == 3_000


def test_a_rebuild_names_what_differs_and_swaps_nothing(
    owner: Connection, access: DatabaseAccess, recorder: Any
) -> None:
    first = recorder.session(WOMAN, minutes=60)
    load(owner, recorder)
    project_all(owner)
    run(owner, "update facts.session set duration_minutes = 61")
    with pytest.raises(FactsDiffer) as raised:
        rebuild(access.owner_url, access.app_role)
    found = [(d.table, d.missing, d.added, d.event_ids) for d in raised.value.differences]
    assert found == [("session", 1, 1, (first,))]
    assert minutes(owner) == [61]
    rebuild(access.owner_url, access.app_role, swap_anyway=True)
    assert minutes(owner) == [60]


def test_facts_made_by_other_code_are_not_projected_into_but_filled_anew(
    owner: Connection, app: Connection, access: DatabaseAccess, recorder: Any
) -> None:
    recorder.session(WOMAN, minutes=60)
    load(owner, recorder)
    run(owner, "update facts.checkpoint set definition = 'of yesterday'")
    with pytest.raises(OtherDefinition):
        project(app)
    app.rollback()
    assert migrate_reporting(access.owner_url, access.app_role) == ["facts (rebuilt)"]
    assert minutes(app) == [60]
    assert project(app) == 0


def test_a_reader_keeps_its_tables_until_it_has_finished(
    owner: Connection, app: Connection, access: DatabaseAccess, recorder: Any
) -> None:
    recorder.session(WOMAN, minutes=60)
    load(owner, recorder)
    project_all(owner)
    with reading(app) as position:
        swapping = threading.Thread(target=rebuild, args=(access.owner_url, access.app_role))
        swapping.start()
        wait_until(lambda: run(owner, "select 1 from pg_locks where not granted and mode = 'AccessExclusiveLock'"))
        with app.cursor() as cursor:
            # Not looked at before in this snapshot, which is older than every row of the new tables.
            cursor.execute("select count(*) from facts.session")
            assert (position, cursor.fetchall()) == (1, [(1,)])
    swapping.join(15)
    assert not swapping.is_alive()
    with reading(app) as position, app.cursor() as cursor:
        cursor.execute("select count(*) from facts.session")
        assert (position, cursor.fetchall()) == (1, [(1,)])


@pytest.fixture
def projector(access: DatabaseAccess) -> Iterator[Callable[[], Any]]:
    """Start the projector's process, as many as asked for."""
    children: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = os.environ | {"MIRIAM_DATABASE_URL": access.app_url}
        children.append(subprocess.Popen([sys.executable, "-m", "miriam_reporting", "project"], env=environment))
        return children[-1]

    yield start
    for child in children:
        child.terminate()
        assert child.wait(10) in (0, -signal.SIGKILL)


def test_the_projector_follows_the_ledger_and_a_standby_takes_over(
    owner: Connection, recorder: Any, projector: Callable[[], subprocess.Popen[bytes]]
) -> None:
    first = projector()
    for number in range(700):
        recorder.session(WOMAN, f"anderlecht:s-{number}", number + 1)
    load(owner, recorder)
    wait_until(lambda: len(minutes(owner)) == 700)
    projector()
    leading = "select pid from pg_locks where locktype = 'advisory' and granted"
    led_by = run(owner, leading)
    first.kill()
    recorder.session(WOMAN, "anderlecht:s-last", 720)
    load(owner, recorder)
    wait_until(lambda: len(minutes(owner)) == 701)
    assert run(owner, leading) != led_by
    assert minutes(owner)[-1] == 720


@contextmanager
def loading(access: DatabaseAccess, recorder: Any) -> Iterator[None]:
    """New sessions enter the ledger all the while."""
    ended = threading.Event()

    def load_on() -> None:
        connection = psycopg2.connect(access.owner_url)
        number = 0
        while not ended.wait(0.005):
            number += 1
            recorder.session(WOMAN, f"anderlecht:on-{number}", 30)
            load(connection, recorder)
        connection.close()

    thread = threading.Thread(target=load_on)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_a_rebuild_under_way_neither_stops_the_projector_nor_loses_what_arrives(
    owner: Connection, access: DatabaseAccess, recorder: Any, projector: Callable[[], subprocess.Popen[bytes]]
) -> None:
    projector()
    recorder.session(WOMAN, minutes=60)
    load(owner, recorder)
    wait_until(lambda: minutes(owner) == [60])
    with loading(access, recorder):
        for _ in range(3):
            assert rebuild(access.owner_url, access.app_role).differences == []
    [(head,)] = run(owner, "select position from ledger.head")
    wait_until(lambda: run(owner, "select position from facts.checkpoint") == [(head,)])
    assert len(minutes(owner)) == head > 10
    assert rebuild(access.owner_url, access.app_role).differences == []
