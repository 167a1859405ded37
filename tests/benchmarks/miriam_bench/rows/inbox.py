"""Inbox to recorded, one serving process: validated, decided, sealed, recorded, answered; against a plain consumer.

The queues of 45 CPAS are filled first, the process is started then. The clock runs from the commit time of the first
batch to that of the last, so start and preparation are outside, and receipts and acknowledgements inside.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from pathlib import Path

from miriam_bench import servers as serving
from miriam_bench import workload
from miriam_bench.context import Context
from miriam_bench.model import Bar, Row, interleaved
from miriam_bench.peers import plain_table
from miriam_bench.servers import SECRET, Asking, Servers
from miriam_local.processes import free_ports
from miriam_platform import keys as key_files
from miriam_platform.migrate import migrate

SERVICE = "sessions"
EACH = 450
# Commits one by one, it takes long enough with fewer.
PEER_EACH = 100
_RATE = """
with span as (select min(recorded_at) as first, max(recorded_at) as last from {table})
select (select count(*) from {table} where recorded_at < last) / extract(epoch from last - first)::float8 from span
"""


def run(context: Context) -> list[Row]:
    """The row."""
    folder = context.servers.folder / "inbox-keys"
    key_files.make(folder)
    by_emitter = workload.emissions(SERVICE, key_files.load(folder), context.size(EACH, 40))
    fewer = {name: sent[: context.size(PEER_EACH, 20)] for name, sent in by_emitter.items()}
    ours, peers = interleaved(
        context.rounds,
        lambda: ours_once(context.servers, folder, by_emitter),
        {
            "nameko, in order": lambda: _plain(context.servers, fewer, 1),
            "nameko, ten at once": lambda: _plain(context.servers, fewer, 10),
        },
        context.tell,
    )
    at_once = {"nameko, ten at once": peers.pop("nameko, ten at once")}
    return [
        Row(
            "inbox to recorded", "events/s", "higher", Bar(5_000, ratio=5), ours, peers, at_once,
            limits="Python on one core: of 140 µs an event 60 are checks, 25 the signed receipt",
            notes="45 queues, sealed personal blocks, signed receipts. The peer validates with the same contracts and "
            "inserts, nothing else; with one worker, for with more it loses the order within a queue, which ours keeps",
        )
    ]  # fmt: skip


def ours_once(servers: Servers, keys: Path, by_emitter: dict[str, list[workload.Emission]], profile: str = "") -> float:
    """Events recorded a second, in a fresh database from fresh queues."""
    count = sum(map(len, by_emitter.values()))
    with ExitStack() as stack:
        access = stack.enter_context(servers.database(SERVICE))
        migrate(access.owner_url, access.app_role, f"miriam_{SERVICE}.migrations")
        asking = stack.enter_context(Asking(access.owner_url))
        for emitter in by_emitter:
            asking.one("select door.register_emitter(%s, 'cpas', false)", emitter)
        broker = stack.enter_context(servers.broker(dict.fromkeys(by_emitter, "cpas")))
        if workload.publish(servers, broker, by_emitter) != count:
            raise RuntimeError("not everything was published")
        servers.checkpoint()
        environment = {
            "MIRIAM_DATABASE_URL": access.app_url,
            "MIRIAM_AMQP_URL": servers.amqp(broker, f"service.{SERVICE}"),
            "MIRIAM_HTTP_ADDRESS": f"127.0.0.1:{free_ports(1)[0]}",
            "MIRIAM_KEYS_DIR": str(keys),
            "MIRIAM_SERVICE_TOKEN": SECRET * 4,
        }
        command = ["-m", f"miriam_{SERVICE}", "serve"]
        if profile:
            command = ["-m", "cProfile", "-o", profile, *command]
        log = servers.folder / "inbox.log"
        child = stack.enter_context(serving.process(command, environment, log))
        recorded = "select last_sequence from event_store.counter"
        serving.wait(lambda: asking.one(recorded) == count, 120, f"{count} events recorded; see {log}", child)
        return float(asking.one(_RATE.format(table="event_store.event")))


def _plain(servers: Servers, by_emitter: dict[str, list[workload.Emission]], workers: int) -> float:
    sent = workload.merged(by_emitter)
    vhost = f"plain-{secrets.token_hex(4)}"
    with ExitStack() as stack:
        access = stack.enter_context(servers.database("plain"))
        asking = stack.enter_context(Asking(access.owner_url))
        asking.do(plain_table.TABLE)
        url = servers.rabbitmq.new_vhost(vhost)
        stack.callback(servers.rabbitmq.api.delete, "vhosts", vhost)
        queue = {"durable": True, "auto_delete": False, "arguments": {"x-queue-type": "quorum"}}
        servers.rabbitmq.api.put("queues", vhost, plain_table.QUEUE, body=queue)
        messages = ((plain_table.QUEUE, each.body) for each in sent)
        workload.publish_as(url, "", messages, plain_table.CONTENT_TYPE)
        servers.checkpoint()
        environment = {
            "PLAIN_DATABASE_URL": access.owner_url,
            "PLAIN_AMQP_URL": url,
            "PLAIN_WORKERS": str(workers),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        log = servers.folder / "plain.log"
        command = ["-m", "miriam_bench.peers.plain_consumer"]
        child = stack.enter_context(serving.process(command, environment, log))
        inserted = "select count(*) from event"
        serving.wait(lambda: asking.one(inserted) == len(sent), 120, f"{len(sent)} rows inserted; see {log}", child)
        return float(asking.one(_RATE.format(table="event")))
