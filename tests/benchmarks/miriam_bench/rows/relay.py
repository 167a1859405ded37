"""The relay: recorded events out of the event table, confirmed by the broker into a quorum queue.

The clock runs between the first and the last move of the relay's checkpoint, as seen from outside.
"""

from __future__ import annotations

import time
from contextlib import ExitStack

import psycopg2

from miriam_bench import servers as serving
from miriam_bench.context import Context
from miriam_bench.events import new_event
from miriam_bench.model import Bar, Row
from miriam_bench.servers import SECRET, Asking
from miriam_platform import store
from miriam_platform.migrate import migrate
from miriam_platform.times import now

EVENTS = 50_000
_BATCH = 500


def run(context: Context) -> list[Row]:
    """The row."""
    count = context.size(EVENTS, 4_000)
    values = []
    with context.servers.database("relay") as access:
        migrate(access.owner_url, access.app_role, None)
        with psycopg2.connect(access.app_url) as connection:
            for start in range(0, count, _BATCH):
                store.append(connection, [new_event(start + n, 1) for n in range(_BATCH)], now())
                connection.commit()
        for number in range(context.rounds):
            values.append(_once(context, access.app_url, access.owner_url, count))
            context.tell(f"round {number + 1}/{context.rounds}, ours: {values[-1]:,.0f}")
    limits = "one Python process writing AMQP frames, and the broker beside it"
    return [Row("relay, confirmed", "events/s", "higher", Bar(10_000), values, limits=limits)]


def _once(context: Context, url: str, owner_url: str, count: int) -> float:
    with ExitStack() as stack:
        asking = stack.enter_context(Asking(owner_url))
        asking.do("update relay.checkpoint set sequence = 0")
        broker = stack.enter_context(context.servers.broker())
        context.servers.checkpoint()
        environment = {
            "MIRIAM_DATABASE_URL": url,
            "MIRIAM_AMQP_URL": context.servers.amqp(broker, "service.sessions"),
            "MIRIAM_SERVICE_TOKEN": SECRET * 4,
        }
        log = context.servers.folder / "relay.log"
        child = stack.enter_context(serving.process(["-m", "miriam_sessions", "relay"], environment, log))
        moves: list[tuple[float, int]] = []
        end = time.monotonic() + 120
        while not moves or moves[-1][1] < count:
            reached = asking.one("select sequence from relay.checkpoint")
            if reached and (not moves or reached > moves[-1][1]):
                moves.append((time.monotonic(), reached))
            if time.monotonic() > end or child.poll() is not None:
                raise RuntimeError(f"not relayed; see {log}")
            time.sleep(0.005)
        (first, some), (last, all_) = moves[0], moves[-1]
        return (all_ - some) / (last - first)
