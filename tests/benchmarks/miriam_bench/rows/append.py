"""Appending to the event store, one by one and in batches of 50, by four clients, against two peers."""

from __future__ import annotations

from functools import partial

from miriam_bench.clients import COUNT, create, rate
from miriam_bench.context import Context
from miriam_bench.model import Bar, Row, interleaved
from miriam_bench.servers import Asking
from miriam_platform.migrate import migrate

OURS = "miriam_bench.peers.ours_append"
EVENTSOURCING = "miriam_bench.peers.eventsourcing_append"
FUNCTIONS = "eventsourcing, functions"
PROTEAN = "miriam_bench.peers.protean_append"


def run(context: Context) -> list[Row]:
    """Two rows."""
    with (
        context.servers.database("append") as ours,
        context.servers.database("eventsourcing") as eventsourcing,
        context.servers.database("protean") as protean,
    ):
        migrate(ours.owner_url, ours.app_role, None)
        for peer in (eventsourcing, protean):
            with Asking(context.servers.postgres.url.rsplit("/", 1)[0] + "/" + peer.name) as superuser:
                superuser.do(f'grant create on schema public to "{peer.owner_role}"')
        create(EVENTSOURCING, eventsourcing.owner_url)
        create(PROTEAN, protean.owner_url)
        rows = []
        for mode, size, bar, operations, slow in (("single", 1, 2, 400, 100), ("batch", 50, 3, 120, 8)):
            count, fewer = context.size(operations, 10), context.size(slow, 5)
            mine, theirs = interleaved(
                # Short turns, many of them: the peers must meet the same moments of the machine.
                context.rounds + 2,
                partial(rate, OURS, ours.app_url, mode, count, size),
                {
                    "eventsourcing": partial(rate, EVENTSOURCING, eventsourcing.owner_url, mode, count, size),
                    FUNCTIONS: partial(rate, EVENTSOURCING, eventsourcing.owner_url, f"{mode}-functions", count, size),
                    "protean": partial(rate, PROTEAN, protean.owner_url, mode, fewer, size),
                },
                context.tell,
            )
            name = "append one by one" if mode == "single" else "append in batches of 50"
            rows.append(
                Row(
                    name, "events/s", "higher", Bar(ratio=bar), mine, theirs, {FUNCTIONS: theirs.pop(FUNCTIONS)},
                    limits="one flush to disk a commit, under the lock that keeps numbers in order"
                    if mode == "single"
                    else "clients and server share two cores: 13 µs an event building and quoting, 14 µs in the server",
                    notes=f"{COUNT} client processes each, synchronous_commit on, building of the event included. "
                    "With its database functions eventsourcing takes no lock: a follower of its numbers may miss one"
                    if mode == "single"
                    else "fifty events of one stream, committed together",
                )
            )  # fmt: skip
        return rows
