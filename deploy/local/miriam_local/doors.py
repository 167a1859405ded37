"""The doors of the recording services, in their databases: one call made in each of them, in one transaction each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import psycopg2
import psycopg2.errors
from psycopg2.extensions import connection as Connection

from miriam_local.deployment import Deployment
from miriam_local.errors import LocalError, ServerFailed

_NO_DOOR = (psycopg2.errors.UndefinedFunction, psycopg2.errors.InvalidSchemaName, psycopg2.errors.UndefinedTable)


class Doors:
    """The open transactions, by service."""

    def __init__(self, connections: dict[str, Connection]) -> None:
        self._connections = connections

    @property
    def services(self) -> list[str]:
        """Whose doors these are."""
        return list(self._connections)

    def call(self, service: str, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that a query gives at the door of one service.

        Raises:
            LocalError: its migrations did not run yet.
        """
        with self._connections[service].cursor() as run:
            try:
                run.execute(query, values or None)
            except _NO_DOOR as problem:
                raise LocalError(f"the database of {service} has no door yet: {problem}", "run `miriam up`") from None
            return run.fetchall()


@contextmanager
def doors(deployment: Deployment, services: Iterable[str] | None = None) -> Iterator[Doors]:
    """The doors of these services (all that record), as their owner. Committed at the end, one after the other; where
    anything fails before that, nothing changed anywhere.

    Raises:
        ServerFailed: a database does not answer.
    """
    with ExitStack() as stack:
        connections = {}
        for service in deployment.recorders if services is None else services:
            try:
                connection = psycopg2.connect(deployment.database(service).owner_url, connect_timeout=10)
            except psycopg2.OperationalError as problem:
                raise ServerFailed(f"the database of {service} does not answer: {problem}", "run `miriam up`") from None
            connections[service] = stack.enter_context(closing(connection))
        yield Doors(connections)
        for connection in connections.values():
            connection.commit()
