"""The servers of a run: PostgreSQL and RabbitMQ of its own, set up as `miriam up` does: durable, on one disk."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from miriam_contracts.catalogue import SERVICES
from miriam_local.broker import Broker
from miriam_local.databases import DatabaseAccess
from miriam_local.emitters import Emitter
from miriam_local.postgres import PrivatePostgres
from miriam_local.processes import free_ports, spawn
from miriam_local.rabbitmq import PrivateRabbitMQ

SECRET = "bench"
_numbers = itertools.count(1)


@dataclass
class Servers:
    """PostgreSQL at once, RabbitMQ when first asked for. `folder` is for whatever else a row must keep for a while."""

    folder: Path
    postgres: PrivatePostgres
    _stack: ExitStack
    _rabbitmq: list[PrivateRabbitMQ] = field(default_factory=list)

    @property
    def rabbitmq(self) -> PrivateRabbitMQ:
        """The broker of this run."""
        if not self._rabbitmq:
            broker = PrivateRabbitMQ.throw_away(self.folder / "rabbitmq")
            broker.memory = "2GB"
            self._rabbitmq.append(self._stack.enter_context(broker.running()))
        return self._rabbitmq[0]

    @contextmanager
    def database(self, name: str) -> Iterator[DatabaseAccess]:
        """A fresh database, dropped afterwards."""
        access = self.postgres.new_database(f"bench_{name}_{next(_numbers)}")
        try:
            yield access
        finally:
            self.postgres.admin.drop_database(access.name)

    @contextmanager
    def broker(self, emitters: Mapping[str, str] | None = None) -> Iterator[Broker]:
        """A fresh vhost, provisioned as a deployment's; `emitters` are kinds by id. Every password is SECRET."""
        broker = Broker(self.rabbitmq.api, f"bench-{next(_numbers)}")
        broker.declare(dict.fromkeys(SERVICES, SECRET))
        if emitters:
            broker.admit({Emitter(each, kind): SECRET for each, kind in emitters.items()})
        try:
            yield broker
        finally:
            self.rabbitmq.api.delete("vhosts", broker.vhost)

    def amqp(self, broker: Broker, user: str) -> str:
        """The address of a user made by `broker`."""
        return self.rabbitmq.url(broker.vhost, user, SECRET)

    def checkpoint(self) -> None:
        """Write what is dirty, so that no measurement pays for the one before it."""
        with psycopg2.connect(self.postgres.url) as connection, connection.cursor() as cursor:
            cursor.execute("checkpoint")


@contextmanager
def servers() -> Iterator[Servers]:
    """The servers of this run, gone afterwards, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="miriam-bench-"))
    folder.chmod(0o755)
    try:
        with ExitStack() as stack:
            postgres = PrivatePostgres(folder / "postgres", free_ports(1)[0], secrets.token_hex(16))
            yield Servers(folder, stack.enter_context(postgres.running()), stack)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def process(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process of ours, ended afterwards."""
    with log.open("ab") as output:
        child = spawn(
            [sys.executable, "-W", "ignore", *command],
            env={**os.environ, **environment},
            output=output,
            parent_death=signal.SIGTERM,
        )
    try:
        yield child
    finally:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(15)
        if child.poll() is None:
            child.kill()
            child.wait(5)


def wait(reached: Callable[[], Any], seconds: float, what: str, child: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until `reached()`. Raises RuntimeError where it does not come to that, or the child ended."""
    end = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > end or (child is not None and child.poll() is not None):
            raise RuntimeError(f"waited in vain: {what}")
        time.sleep(0.02)


class Asking:
    """One connection for looking at a database while somebody else works on it."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True

    def __enter__(self) -> Asking:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def do(self, statement: str) -> None:
        """Run a statement that answers nothing."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement)

    def row(self, query: str, *values: Any) -> Any:
        """The first row."""
        with self._connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchone()

    def one(self, query: str, *values: Any) -> Any:
        """The first value of the first row."""
        found = self.row(query, *values)
        return found[0] if found else None
