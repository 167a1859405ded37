"""The peer of the inbox: a plain nameko service that validates with marshmallow and inserts one row an event.

As nameko's documentation shows it: `nameko.messaging.consume` on a queue, a connection a worker. Ten workers are
nameko's default; with more than one, the order within the queue is lost, so both are measured. It checks envelope and
contract with the same schemas as ours. It does not seal, decide, answer receipts, look for duplicates or number its
events: it has less to do than ours.
"""

from __future__ import annotations

import os

import eventlet

eventlet.monkey_patch(all=True, psycopg=True)

import psycopg2  # noqa: E402
from kombu.entity import Queue  # noqa: E402
from nameko.extensions import DependencyProvider  # noqa: E402
from nameko.messaging import consume  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402
from psycopg2.extensions import connection as Connection  # noqa: E402

from miriam_bench.peers.plain_table import QUEUE  # noqa: E402
from miriam_contracts import envelope  # noqa: E402

_INSERT = "insert into event (source, id, type, subject, body) values (%s, %s, %s, %s, %s)"


class Pool(DependencyProvider):
    """A connection a worker."""

    def setup(self) -> None:
        """None is open yet."""
        self._free: list[Connection] = []

    def get_dependency(self, worker_ctx: object) -> Connection:
        """One that is free, or a new one."""
        return self._free.pop() if self._free else psycopg2.connect(os.environ["PLAIN_DATABASE_URL"])

    def worker_teardown(self, worker_ctx: object) -> None:
        """Keep it for the next."""
        self._free.append(getattr(worker_ctx, "service").connection)  # noqa: B009


class PlainService:
    """Validates and inserts."""

    name = "plain"
    connection = Pool()

    @consume(queue=Queue(QUEUE, durable=True, no_declare=True))
    def take(self, body: str) -> None:
        """One event: checked, inserted, committed."""
        emitted = envelope.parse(body.encode())
        with self.connection as connection, connection.cursor() as cursor:
            row = (emitted.source, emitted.id, emitted.attributes["type"], emitted.subject, body)
            cursor.execute(_INSERT, row)


def main() -> None:
    """Serve until ended."""
    runner = ServiceRunner(
        config={"AMQP_URI": os.environ["PLAIN_AMQP_URL"], "max_workers": int(os.environ["PLAIN_WORKERS"])}
    )
    runner.add_service(PlainService)
    runner.start()
    runner.wait()


if __name__ == "__main__":
    main()
