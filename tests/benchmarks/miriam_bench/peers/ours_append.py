"""Our own side of appending: event built, canonical, appended, committed."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from miriam_bench.clients import client
from miriam_bench.events import new_event
from miriam_platform import store
from miriam_platform.database import connect
from miriam_platform.times import now


def prepare(url: str, mode: str, number: int) -> Callable[[int], None]:
    """`single`: one event of a new stream; `batch`: fifty of one."""
    connection = connect(url, "bench-append")
    # An append is one statement: with nothing beside it, it is its own transaction, and its lock lasts one round trip.
    connection.autocommit = True
    salt = secrets.token_hex(4)
    size = 50 if mode == "batch" else 1

    def do(operation: int) -> None:
        stream = number * 10_000_000 + operation + 10
        events = [new_event(stream, version, salt) for version in range(1, size + 1)]
        outcomes = store.append(connection, events, now())
        if not all(isinstance(outcome, store.Recorded) for outcome in outcomes):
            raise RuntimeError("not recorded")

    return do


if __name__ == "__main__":
    client(prepare, lambda url: None)
