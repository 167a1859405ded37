"""A real ledger with leaves of its own, a checkpointer's keys, and the log answering over a real HTTP server."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import migrated
import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from miriam_contracts.canonical import canonical
from miriam_local.databases import DatabaseAccess
from miriam_platform.database import Database
from miriam_reporting.ledger.add import add
from miriam_reporting.ledger.checkpointer import Checkpointer
from miriam_reporting.ledger.http import LogAnswers
from miriam_reporting.ledger.leaves import read
from miriam_reporting.ledger.log_keys import LogKeys

ORIGIN = "log.example/miriam"
MIGRATIONS = "miriam_reporting.migrations"
CHECKPOINT = "/v1/ledger/checkpoint"


def body(source: str, sequence: int, mark: str = "") -> bytes:
    """A recorded event that is no more than a leaf; `mark` makes another history of it."""
    return canonical(
        {
            "data": {"mark": mark},
            "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{source} {sequence}")),
            "sequence": sequence,
            "source": f"/services/{source}",
            "time": "2024-01-01T00:00:00.000000Z",
            "type": "miriam.session.held.v1",
        }
    )


def grow(connection: Connection, count: int, source: str = "sessions", mark: str = "") -> None:
    """Record `count` more events of a source, as one batch, and commit."""
    with connection, connection.cursor() as cursor:
        cursor.execute("select last_sequence from ledger.source where source = %s", (source,))
        row = cursor.fetchone()
        first = (row[0] if row else 0) + 1
        add(connection, source, [read(body(source, number, mark)) for number in range(first, first + count)])


class Log:
    """One log: its database, its keys, and its address once it is served."""

    def __init__(self, access: DatabaseAccess, keys: LogKeys, connection: Connection, mark: str) -> None:
        self.access, self.keys, self.connection, self.mark = access, keys, connection, mark
        self.checkpointer = Checkpointer(access.app_url, keys, ORIGIN)
        self.url = ""

    def grow(self, count: int) -> None:
        """Add leaves and sign the head."""
        grow(self.connection, count, mark=self.mark)
        self.sign()

    def sign(self) -> int | None:
        """Sign the head."""
        return self.checkpointer.sign_head(self.connection)


@pytest.fixture
def new_log(new_database: Callable[..., DatabaseAccess], tmp_path: Path) -> Iterator[Callable[..., Log]]:
    """`new_log(mark="", keys=None)`: a log; with the same mark its leaves are the same."""
    connections: list[Connection] = []

    def make(mark: str = "", keys: LogKeys | None = None) -> Log:
        access = new_database(
            "reporting",
            migrated.by("miriam_reporting.migrations"),
        )
        if keys is None:
            keys = LogKeys(tmp_path / f"keys-{len(connections)}")
            keys.make_missing(ORIGIN)
        connection = psycopg2.connect(access.app_url)
        connections.append(connection)
        return Log(access, keys, connection, mark)

    yield make
    for each in connections:
        each.close()


@pytest.fixture
def log(new_log: Callable[..., Log]) -> Log:
    return new_log()


@pytest.fixture
def superuser(postgres: Any) -> Callable[[Log, str], None]:
    """`superuser(log, statements)`: an attacker who holds the database server, whom no trigger stops."""

    def act(log: Log, statements: str) -> None:
        connection = psycopg2.connect(postgres.url, dbname=log.access.name)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("set session_replication_role = replica")
                cursor.execute(statements)
        finally:
            connection.close()

    return act


@pytest.fixture
def serve() -> Iterator[Callable[[Log], str]]:
    """Serve a log's own answers on a port of 127.0.0.1, as `service.py` does; answer the address."""
    servers: list[Any] = []

    def start(log: Log) -> str:
        answers, database = LogAnswers(log.keys), Database(log.access.app_url, "test-http")

        @Request.application
        def application(request: Request) -> Response:
            path = request.path
            if path.startswith("/v1/ledger/checkpoint"):
                return answers.checkpoint(
                    database, path.removeprefix("/v1/ledger/checkpoint").removeprefix("/") or None
                )
            if path == "/v1/ledger/keys":
                return answers.keys()
            return {
                "/v1/ledger/consistency": answers.consistency,
                "/v1/ledger/inclusion": answers.inclusion,
                "/v1/ledger/inclusions": answers.inclusions,
                "/v1/ledger/cosignatures": answers.cosignatures,
            }[path](request, database)

        server = make_server("127.0.0.1", 0, application)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread, database))
        log.url = f"http://127.0.0.1:{server.server_port}"
        return log.url

    yield start
    for server, thread, database in servers:
        server.shutdown()
        thread.join()
        server.server_close()
        database.close()
