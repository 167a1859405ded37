"""Any handful of changes, drawn by chance: the comparison ends, in few questions, and names something."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from checks import verify
from small_platform import TOKEN, SmallPlatform

from miriam_reporting.audit.reconcile import RemoteStore, reconcile
from miriam_reporting.audit.reconcile.stores import Item

pytestmark = pytest.mark.timeout(120)

SEEDS = range(40)
_BODY = "regexp_replace(body, '\"sequence\":[0-9]+,', '\"sequence\":{number},')"


class Counted(RemoteStore):
    """A store that counts how often it is asked."""

    questions = 0

    def page(self, after: int, limit: int) -> list[Item]:
        self.questions += 1
        assert self.questions < 500, "this comparison does not end"
        return super().page(after, limit)


def _numbers(chance: random.Random, cursor: Any, table: str, number: str, most: int = 5) -> list[int]:
    cursor.execute(f"select {number} from {table} order by {number}")
    rows = [row[0] for row in cursor.fetchall()]
    return chance.sample(rows, min(chance.randint(2, most), len(rows)))


def _delete(chance: random.Random, cursor: Any) -> None:
    chosen = _numbers(chance, cursor, "event_store.event", "sequence", 90)
    cursor.execute("delete from event_store.event where sequence = any (%s)", (chosen,))


def _permute(chance: random.Random, cursor: Any) -> None:
    chosen = _numbers(chance, cursor, "event_store.event", "sequence")
    for here, there in zip(chosen, (*chosen[1:], chosen[0]), strict=True):
        cursor.execute("update event_store.event set sequence = %s where sequence = %s", (there + 10**6, here))
    cursor.execute("update event_store.event set sequence = sequence - 1000000 where sequence > 1000000")


def _claim(chance: random.Random, cursor: Any) -> None:
    for chosen in _numbers(chance, cursor, "event_store.event", "sequence"):
        number = chance.choice([0, 1, chosen + 1, chosen - 1, 10**6, 2**53 - 1])
        cursor.execute(
            f"update event_store.event set body = {_BODY.format(number=number)} where sequence = %s", (chosen,)
        )


def _far(chance: random.Random, cursor: Any) -> None:
    for chosen in _numbers(chance, cursor, "event_store.event", "sequence", 3):
        cursor.execute("update event_store.event set sequence = sequence + %s where sequence = %s",
                       (chance.choice([10**6, 10**12, 2**53]), chosen))  # fmt: skip


def _garble(chance: random.Random, cursor: Any) -> None:
    for chosen in _numbers(chance, cursor, "event_store.event", "sequence"):
        body = chance.choice(['{"x":1}', '{"sequence":true}', '{"retired":true,"sequence":3,"leaf":"00"}'])
        cursor.execute("update event_store.event set body = %s where sequence = %s", (body, chosen))


STORE: tuple[Callable[[random.Random, Any], None], ...] = (_delete, _permute, _claim, _far, _garble)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_store_in_any_disorder_is_compared_to_the_end(platform: SmallPlatform, seed: int) -> None:
    chance = random.Random(seed)
    with platform.superuser("sessions") as connection, connection.cursor() as cursor:
        for change in chance.sample(STORE, chance.randint(1, 3)):
            change(chance, cursor)
    with closing(psycopg2.connect(platform.reporting.app_url)) as connection:
        connection.autocommit = True
        store = Counted("sessions", platform.owner_urls(), TOKEN)
        found = reconcile(connection, store, dt.timedelta(hours=1), dt.datetime.now(dt.UTC))
    assert found.findings.total > 0


# Each changes one statement of the ledger; {row} is one position, {other} another.
LEDGER = (
    "update ledger.leaf set body = (select body from ledger.leaf where position = {other}) where position = {row}",
    "update ledger.leaf set data = (select data from ledger.leaf where position = {other}) where position = {row}",
    "update ledger.leaf set hash = (select hash from ledger.leaf where position = {other}) where position = {row}",
    "update ledger.leaf set type = type || '2' where position = {row}",
    "update ledger.leaf set sequence = sequence + 1000 where position = {row}",
    "update ledger.leaf set event_id = gen_random_uuid() where position = {row}",
    "update ledger.leaf set position = position + 1000 where position = {row}",
    "update ledger.leaf set body = null, data = null where position = {row}",
    "delete from ledger.leaf where position in ({row}, {other})",
    "delete from ledger.leaf where position >= {row}",
    "update ledger.head set position = {row}",
    "update ledger.source set last_sequence = last_sequence - 1 where source = 'sessions'",
    "delete from ledger.source where source = 'groups'",
    "update ledger.tile set hashes = overlay(hashes placing hash from ({other} % 256) * 32 + 1)"
    " from ledger.leaf where position = {row} and index = 0",
    "update ledger.tile set root = sha256(root)",
    "update ledger.checkpoint set root = sha256(root) where size = (select max(size) from ledger.checkpoint)",
    "update ledger.checkpoint set note = replace(note, E'\\n\\n', E'\\nmore\\n\\n')",
    "update ledger.checkpoint set size = size - 1 where size = (select min(size) from ledger.checkpoint)",
    "update ledger.cosignature set line = (select line from ledger.cosignature order by size limit 1)",
)


@pytest.mark.parametrize("statement", LEDGER)
@pytest.mark.parametrize("seed", range(2))
def test_any_statement_of_the_ledger_that_was_changed_is_named(
    platform: SmallPlatform, statement: str, seed: int
) -> None:
    chance = random.Random(f"{seed} {statement}")
    with platform.superuser("reporting") as connection, connection.cursor() as cursor:
        row, other = sorted(_numbers(chance, cursor, "ledger.leaf", "position", 2))
        cursor.execute(statement.format(row=row, other=other))
        assert cursor.rowcount > 0
    assert verify(platform)
