"""From the queues of three services to leaves of the ledger, hashed: reporting's serving process.

The queues are filled first; the clock runs from the first batch's transaction to that of the last.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from itertools import islice

import orjson

from miriam_bench import servers as serving
from miriam_bench import workload
from miriam_bench.context import Context
from miriam_bench.model import Bar, Row
from miriam_bench.servers import SECRET, Asking
from miriam_local.processes import free_ports
from miriam_reporting.migrating import migrate_reporting
from miriam_simulator.recorded import leaves
from miriam_simulator.scenarios import scenario

EVENTS = 30_000
_RATE = """
with span as (select min(received_at) as first, max(received_at) as last from ledger.leaf)
select (select count(*) from ledger.leaf where received_at < last) / extract(epoch from last - first)::float8 from span
"""


def run(context: Context) -> list[Row]:
    """The row."""
    by_source: dict[str, list[tuple[str, bytes]]] = defaultdict(list)
    for body in islice(leaves(scenario(workload.EDITION)), context.size(EVENTS, 5_000)):
        event = orjson.loads(body)
        source, (_, family, fact, _) = event["source"].removeprefix("/services/"), event["type"].split(".")
        by_source[source].append((f"{source}.{family}.{fact}", body))
    values = []
    for number in range(context.rounds):
        values.append(once(context, by_source))
        context.tell(f"round {number + 1}/{context.rounds}, ours: {values[-1]:,.0f}")
    limits = "indexes and jsonb of each leaf in PostgreSQL; one Python process reading AMQP frames"
    return [Row("queue to ledger leaf", "events/s", "higher", Bar(8_000), values, limits=limits)]


def once(context: Context, by_source: dict[str, list[tuple[str, bytes]]], profile: str = "") -> float:
    """Leaves a second, into a fresh ledger from fresh queues."""
    servers, count = context.servers, sum(map(len, by_source.values()))
    with ExitStack() as stack:
        access = stack.enter_context(servers.database("ledger"))
        migrate_reporting(access.owner_url, access.app_role)
        asking = stack.enter_context(Asking(access.owner_url))
        broker = stack.enter_context(servers.broker())
        for source, messages in by_source.items():
            workload.publish_as(servers.amqp(broker, f"service.{source}"), "miriam.events", messages)
        servers.checkpoint()
        environment = {
            "MIRIAM_DATABASE_URL": access.app_url,
            "MIRIAM_AMQP_URL": servers.amqp(broker, "service.reporting"),
            "MIRIAM_HTTP_ADDRESS": f"127.0.0.1:{free_ports(1)[0]}",
            "MIRIAM_SERVICE_TOKEN": SECRET * 4,
            # Nobody is there to be asked: the queues hold everything.
            "MIRIAM_OWNER_URLS": ",".join(
                f"{source}=http://127.0.0.1:9" for source in ("intake", "sessions", "groups")
            ),
        }
        command = ["-m", "miriam_reporting", "serve"]
        if profile:
            command = ["-m", "cProfile", "-o", profile, *command]
        log = servers.folder / "ledger.log"
        child = stack.enter_context(serving.process(command, environment, log))
        reached = "select position from ledger.head"
        serving.wait(lambda: asking.one(reached) == count, 120, f"{count} leaves; see {log}", child)
        return float(asking.one(_RATE))
