"""A recording service, the ledger that took its events, and that ledger's door for who lost some."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import migrated
import psycopg2
import pytest
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from miriam_local.databases import DatabaseAccess
from miriam_local.postgres import PrivatePostgres
from miriam_platform import config as configuration
from miriam_platform import store
from miriam_platform.config import Config
from miriam_platform.database import Database
from miriam_platform.opening import Opened, open_service
from miriam_reporting.ledger.add import add
from miriam_reporting.ledger.giving_back import GivingBack
from miriam_reporting.ledger.leaves import read
from miriam_reporting.ledger.status import head

from ..services.conftest import Service, new_service  # noqa: F401

TOKEN = "a-token-between-services"


@dataclass
class Ledger:
    """Reporting's database with a ledger, and the two answers over HTTP that a restored service asks for."""

    database: Database
    url: str
    asked: list[str]
    answers: bool = True

    def take(self, service: Service) -> None:
        """Take what the service recorded since, as the relay would bring it."""
        with self.database.transaction() as connection:
            last = head(connection)["sources"].get(service.definition.name, {}).get("sequence", 0)
            with service.database.transaction() as other:
                events = [read(event.body.encode()) for event in store.read_after(other, last, 10_000)]
            if events:
                add(connection, service.definition.name, events)

    def leaves(self, source: str) -> list[bytes]:
        """The hashes of a source, in order."""
        with self.database.transaction() as connection, connection.cursor() as cursor:
            cursor.execute("select hash from ledger.leaf where source = %s order by sequence", (source,))
            return [bytes(row[0]) for row in cursor.fetchall()]

    def answer(self, request: Request) -> Response:
        self.asked.append(request.full_path)
        if not self.answers:
            return Response("", 503)
        if request.path == "/v1/ledger/head":
            with self.database.transaction() as connection:
                return Response(json.dumps(head(connection)), content_type="application/json")
        return GivingBack(TOKEN).answer(request, self.database)


@pytest.fixture
def ledger(new_database: Callable[..., DatabaseAccess]) -> Iterator[Ledger]:
    """An empty ledger that answers."""
    access = new_database("reporting", migrated.reporting)
    made = Ledger(Database(access.app_url, "test-ledger"), "", [])
    server = make_server("127.0.0.1", 0, Request.application(made.answer))
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join(10)
    server.server_close()
    made.database.close()


@dataclass
class Backups:
    """What a DBA does: dumps a service's database, and puts a dump in the place of what is there."""

    postgres: PrivatePostgres
    folder: Path

    def dump(self, service: Service) -> Path:
        """A backup of now."""
        file = self.folder / f"{service.access.name}.dump"
        self._run("pg_dump", "-Fc", "-f", str(file), self._url(service))
        return file

    def restore(self, service: Service, file: Path) -> None:
        """Drop the database, and make it again from a backup."""
        service.database.close()
        with psycopg2.connect(self.postgres.url) as admin:
            pass
        admin.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with admin.cursor() as cursor:
            cursor.execute(f'drop database "{service.access.name}" with (force)')
            cursor.execute(f'create database "{service.access.name}" owner "{service.access.owner_role}"')
        admin.close()
        self._run("pg_restore", "--exit-on-error", "-d", self._url(service), str(file))

    def _url(self, service: Service) -> str:
        return self.postgres.url.rpartition("/")[0] + f"/{service.access.name}"

    def _run(self, program: str, *arguments: str) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
        subprocess.run([str(found[-1]) if found else program, *arguments], check=True, capture_output=True, text=True)


@pytest.fixture
def backups(postgres: PrivatePostgres, tmp_path: Path) -> Backups:
    """Backups of this test's databases."""
    return Backups(postgres, tmp_path)


Open = Callable[..., Opened]


@pytest.fixture
def opened(ledger: Ledger) -> Open:
    """`opened(service)` does what a service does before it opens; `ledger_known=False` where it knows no reporting."""

    def do(service: Service, *, ledger_known: bool = True, **given: Any) -> Opened:
        config = config_of(service, ledger.url if ledger_known else "")
        return open_service(service.definition, config, service.keys, **{"wait": lambda seconds: None, **given})

    return do


def config_of(service: Service, url: str) -> Config:
    """The environment of a service, as far as it matters to its opening."""
    read_config = configuration.read({"MIRIAM_DATABASE_URL": service.access.app_url, "MIRIAM_SERVICE_TOKEN": TOKEN})
    return replace(read_config, reporting_url=url)
