"""Retirement as it runs: by the projector's process, beside a rebuild, and over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from retirement import retired_leaf
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from miriam_local.databases import DatabaseAccess
from miriam_platform.database import Database
from miriam_reporting.facts.projection import project
from miriam_reporting.facts.rebuild import rebuild
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.reports.http import ReportAnswers
from miriam_reporting.retiring import retire_step
from miriam_reporting.retiring.keeper import Keeper

Guarded = tuple[DatabaseAccess, list[bytes]]


@contextmanager
def projector(access: DatabaseAccess) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "MIRIAM_DATABASE_URL": access.app_url}
    process = subprocess.Popen([sys.executable, "-m", "miriam_reporting", "project"], env=environment)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def empty(connection: Connection) -> int:
    with connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from ledger.leaf where body is null")
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def wait_for(connection: Connection, leaves: int) -> None:
    until = time.monotonic() + 30
    while empty(connection) != leaves:
        assert time.monotonic() < until, f"{empty(connection)} leaves are empty, not {leaves}"
        time.sleep(0.1)


def test_the_projector_retires_what_is_recorded_as_retired(guarded: Guarded, owner: Connection) -> None:
    access, leaves = guarded
    with projector(access):
        wait_for(owner, 3)
        # Another edition is retired while it runs.
        with owner:
            load_leaves(owner, [retired_leaf(leaves, "2024", ["spp:p3", "spp:p4"])])
        wait_for(owner, 6)


def test_a_rebuild_finds_the_facts_as_they_are(guarded: Guarded, app: Connection) -> None:
    while retire_step(app).more:
        pass
    access, leaves = guarded
    done = rebuild(access.owner_url, access.app_role)
    assert (done.position, done.compared, done.differences) == (len(leaves), True, [])
    assert retire_step(app).facts == 0


def test_a_retirement_waits_for_a_rebuild_and_the_keeper_looks_again(app: Connection, owner: Connection) -> None:
    with owner, owner.cursor() as cursor:
        cursor.execute("create schema facts_next")
    keeper = Keeper()
    assert not keeper.step(app)
    assert empty(app) == 0
    with owner, owner.cursor() as cursor:
        cursor.execute("drop schema facts_next")
    again = Keeper()
    assert again.step(app)
    assert not again.step(app)
    assert not again.step(app)
    assert empty(app) == 3


def test_trouble_with_a_retirement_does_not_stop_the_projector(app: Connection, owner: Connection) -> None:
    with owner, owner.cursor() as cursor:
        cursor.execute("alter function ledger.retire(text, bigint[]) rename to broken")
    keeper = Keeper()
    assert not keeper.step(app)
    with app:
        assert project(app) == 0
    assert app.info.transaction_status == psycopg2.extensions.TRANSACTION_STATUS_IDLE


def test_over_http_a_retired_edition_is_gone(guarded: Guarded, app: Connection) -> None:
    answers = ReportAnswers("secret")
    request = Request(EnvironBuilder(headers=[("Authorization", "Bearer secret")]).get_environ())
    database = Database(guarded[0].app_url, "test")
    for told in (
        answers.report(request, database, "2023"),
        answers.explain(request, database, "2023", "I01"),
    ):
        assert told.status_code == 410
        assert "retired on 2031-01-01" in told.get_data(as_text=True)
    database.close()


@pytest.mark.parametrize("maximum", [1, 2, 3])
def test_any_size_of_a_step_comes_to_the_same(app: Connection, maximum: int) -> None:
    steps = 0
    while retire_step(app, maximum).more:
        steps += 1
    assert (empty(app), steps) == (3, 2 if maximum == 1 else 1)
