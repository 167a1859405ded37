"""A ledger with a tree and no process beside it, and somebody who may change anything in it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import migrated
import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import canonical
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_local.databases import DatabaseAccess
from miriam_local.postgres import PrivatePostgres
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.ledger.tiles import extend


def body(source: str, sequence: int, type_: str = "miriam.goal.set.v1", **changes: Any) -> bytes:
    """A recorded event in its exact bytes."""
    event = {
        "correlationid": "c",
        "data": {"occurred_on": "2024-01-31", "goal": "anderlecht:g-1"},
        "datacontenttype": "application/json",
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{source} {sequence}")),
        "origin": "/cpas/anderlecht",
        "originid": f"e-{source}-{sequence}",
        "recordedtime": "2024-02-01T10:00:00.000000Z",
        "salt": f"{sequence:032x}",
        "sequence": sequence,
        "source": f"/services/{source}",
        "specversion": "1.0",
        "subject": "anderlecht:p-1",
        "time": "2024-02-01T10:00:00.000000Z",
        "type": type_,
        **changes,
    }
    assert type_ in EVENT_TYPES
    return canonical(event)


@dataclass
class Ledger:
    """The database of reporting: `app` as the auditor reads it, `tamper` as its superuser may change it."""

    app: Connection
    owner: Connection
    superuser: Connection
    another: Callable[[], Ledger]

    def fill(self, **counts: int) -> None:
        """Add so many events of each source, turn by turn, and write tiles and milestones."""
        with self.owner, self.owner.cursor() as cursor:
            cursor.execute("select source, last_sequence from ledger.source")
            last = dict(cursor.fetchall())
            bodies = []
            for number in range(max(counts.values())):
                for source, count in counts.items():
                    if number < count:
                        bodies.append(body(source, last.get(source, 0) + number + 1))
            head = load_leaves(self.owner, bodies)
            cursor.execute("select ledger.set_milestones()")
        extend(self.owner, head)

    def close(self) -> None:
        """Close its connections."""
        for connection in (self.app, self.owner, self.superuser):
            connection.close()

    def tamper(self, statement: str, *values: Any) -> None:
        """What a superuser does who has taken the triggers away for a moment."""
        with self.superuser, self.superuser.cursor() as cursor:
            cursor.execute("set local session_replication_role = replica")
            cursor.execute(statement, values or None)


@pytest.fixture
def event() -> Callable[..., bytes]:
    """`event("intake", 3, "miriam.edition.retired.v1", data={...})`: a recorded event in its exact bytes."""
    return body


@pytest.fixture
def ledger(new_database: Callable[..., DatabaseAccess], postgres: PrivatePostgres) -> Iterator[Ledger]:
    access = new_database("reporting", migrated.reporting)

    def connected() -> Ledger:
        app = psycopg2.connect(access.app_url)
        app.autocommit = True
        superuser = psycopg2.connect(postgres.url, dbname=access.name)
        return Ledger(app, psycopg2.connect(access.owner_url), superuser, connected)

    made = connected()
    yield made
    made.close()
