"""What CPAS emit in the 2023-24 edition, as messages: the simulator's events, personal blocks sealed to the service."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
from joserfc import jwe

from miriam_bench.servers import Servers
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_local.broker import Broker
from miriam_platform import amqp
from miriam_platform.amqp import Link, Unconfirmed
from miriam_platform.keys import Keys
from miriam_simulator.diary import RECORDED, Diary
from miriam_simulator.scenarios import scenario

EDITION = "2023-2024"
CONTENT_TYPE = "application/cloudevents+json"
_HEADER = {"alg": "ECDH-ES", "enc": "A256GCM"}
_WINDOW = 500


@dataclass(frozen=True, slots=True)
class Emission:
    """One message as a CPAS publishes it."""

    emitter: str
    routing_key: str
    body: bytes


def emissions(service: str, keys: Keys, each: int) -> dict[str, list[Emission]]:
    """The first `each` emissions of every CPAS to a service, by emitter, in the order of noting."""
    found: dict[str, list[Emission]] = {}
    for diary in scenario(EDITION).diaries():
        if diary.kind == "cpas":
            found[diary.id] = list(islice(_of(diary, service, keys), each))
    return found


def _of(diary: Diary, service: str, keys: Keys) -> Iterator[Emission]:
    for item in diary.items:
        event = item.event
        event_type = EVENT_TYPES.get(event["type"])
        if item.expect != RECORDED or event_type is None or event_type.owner != service:
            continue
        sealed = {**event, "data": _sealed(event["data"], keys)}
        yield Emission(diary.id, f"{diary.id}.{event_type.routing_key}", orjson.dumps(sealed))


def _sealed(data: dict[str, Any], keys: Keys) -> dict[str, Any]:
    if "personal" in data:
        data = {**data, "personal": _seal(data["personal"], keys)}
    replacement = data.get("replacement")
    if isinstance(replacement, dict) and "personal" in replacement:
        data = {**data, "replacement": {**replacement, "personal": _seal(replacement["personal"], keys)}}
    return data


def _seal(block: Any, keys: Keys) -> str:
    return jwe.encrypt_compact(_HEADER, orjson.dumps(block), keys.personal, algorithms=list(_HEADER.values()))


def publish(servers: Servers, broker: Broker, by_emitter: dict[str, list[Emission]]) -> int:
    """Publish everything as its emitters, confirmed by the broker; answer how many."""
    count = 0
    for emitter, sent in by_emitter.items():
        count += publish_as(
            servers.amqp(broker, f"cpas.{emitter}"), "cpas.inbox", ((e.routing_key, e.body) for e in sent)
        )
    return count


def publish_as(url: str, exchange: str, messages: Iterable[tuple[str, bytes]], content_type: str = CONTENT_TYPE) -> int:
    """Publish (routing key, body) pairs over one connection, confirmed and routed; answer how many."""
    link = Link(url, "bench-publisher").open()
    try:
        out, count = Unconfirmed(link), 0
        properties = amqp.persistent(link.user, content_type)
        for key, body in messages:
            out.publish(exchange, key, body, str(count), properties, mandatory=True)
            count += 1
            if len(out) >= _WINDOW:
                link.until(lambda: len(out) < _WINDOW // 2, 30)
        link.until(lambda: not len(out), 30)
        if out.failed:
            raise RuntimeError(f"{len(out.failed)} of {count} messages were not taken")
        return count
    finally:
        link.close()


def merged(by_emitter: dict[str, list[Emission]]) -> list[Emission]:
    """All of it as if every CPAS sent at the same pace."""
    pairs = [[(number, name) for number in range(len(sent))] for name, sent in by_emitter.items()]
    return [by_emitter[name][number] for number, name in heapq.merge(*pairs)]
