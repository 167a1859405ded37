"""The server whose ledgers are kept from one measurement to the next: a folder, a port, one database a size."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from miriam_local.databases import DatabaseAccess
from miriam_local.places import Places
from miriam_local.postgres import PrivatePostgres, unprivileged_user
from miriam_local.processes import end, free_ports

# Ten million leaves and their facts are some 25 GB: a server for that is given more than a demonstration's 256 MB.
SHARED_BUFFERS = "2GB"


@dataclass(frozen=True, slots=True)
class Kept:
    """The kept server in `folder`."""

    folder: Path
    postgres: PrivatePostgres

    @classmethod
    def at(cls, folder: Path) -> Kept:
        """The server of that folder, made where there is none; not started."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        file = folder / "server.json"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(json.dumps({"port": free_ports(1)[0], "password": secrets.token_hex(16)}), "utf-8")
        told = json.loads(file.read_text("utf-8"))
        # PostgreSQL runs as a user of its own, who may not be able to enter this folder.
        data = Places(folder).postgres(f"bench-scale-{told['port']}", unprivileged_user())
        server = PrivatePostgres(data, told["port"], told["password"], shared_buffers=SHARED_BUFFERS)
        return cls(folder, server)

    @property
    def runs(self) -> bool:
        """Whether it answers."""
        return self.postgres.postmaster() is not None and self.postgres.answers()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Started if need be; then it is stopped again on leaving."""
        started = not self.runs
        try:
            if started:
                self.postgres.start(timeout=120, tied_to_parent=True)
            yield
        finally:
            if started:
                self.stop()

    def stop(self) -> None:
        """Stop it, whoever started it. Nothing is lost."""
        mark = self.postgres.postmaster()
        if mark is not None:
            end(mark, signal.SIGINT, patience=120)

    def clean(self) -> None:
        """Stop it and remove all that was kept."""
        self.stop()
        shutil.rmtree(self.postgres.folder, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def database(self, count: int, *, real: bool = False) -> DatabaseAccess:
        """The database of the ledger of that many events, made where there is none; the server runs.

        `real`: of the ledger whose editions are of the programme's own size.
        """
        password = self.postgres.password
        return self.postgres.admin.ensure_database(f"scale_{count}{'_real' if real else ''}", password, password)

    def warm(self, access: DatabaseAccess, table: str) -> None:
        """Bring a table's indexes into memory, where those of a table in use are."""
        indexes = "select sum(pg_prewarm(indexrelid)) from pg_index where indrelid = %s::regclass"
        superuser = psycopg2.connect(self.postgres.url, dbname=access.name)
        with closing(superuser) as connection, connection, connection.cursor() as cursor:
            cursor.execute("create extension if not exists pg_prewarm")
            cursor.execute(indexes, (table,))

    def forget_pages(self) -> None:
        """Start the server anew, and let the system forget what it holds of its files: what comes next reads a disk."""
        self.stop()
        for path in (self.postgres.data / "base").rglob("*"):
            with suppress(OSError), path.open("rb") as handle:
                os.posix_fadvise(handle.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        self.postgres.start(timeout=120, tied_to_parent=True)


def ask(url: str, query: str) -> int:
    """The one number that a query answers."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
            return int(row[0]) if row and row[0] is not None else 0
    finally:
        connection.close()
