"""What the broker holds, as RabbitMQ definitions: pure data, so that it can be read, compared and imported at once.

Every pattern is anchored: an unanchored `cpas1` would let `cpas12` through.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from miriam_contracts.catalogue import RECORDING_SERVICES, families_of
from miriam_local.emitters import Emitter

INBOX = "cpas.inbox"
UNROUTABLE = "cpas.unroutable"
RECEIPTS = "cpas.receipts"
EVENTS = "miriam.events"
UNROUTABLE_QUEUE = "intake.unroutable"
# What intake records of these, every recording service carries out at home.
ERASING_FAMILIES = ("key", "edition")

INBOX_LENGTH = 10_000
RECEIPTS_LENGTH = 100_000
# Ten thousand events of the size allowed would be 2.5 GB; a usual event has 1 KB.
INBOX_BYTES = 256 * 1024 * 1024
# One emitter that opens connections without end must not use up the broker's.
EMITTER_LIMITS = {"max-connections": 50, "max-channels": 500}

_NOTHING = "^$"
_WORD = "[a-z_]+"

Definitions = dict[str, list[dict[str, Any]]]


def topology(vhost: str, version: tuple[int, ...]) -> Definitions:
    """The exchanges, and the queues that no emitter owns. `version` is the broker's."""
    queues = [_queue(vhost, UNROUTABLE_QUEUE, version)]
    bindings = [_binding(vhost, UNROUTABLE, UNROUTABLE_QUEUE, "")]
    for service in RECORDING_SERVICES:
        name = f"reporting.ledger.{service}"
        queues.append(_queue(vhost, name, version, {"x-single-active-consumer": True}))
        bindings.append(_binding(vhost, EVENTS, name, f"{service}.#"))
        erasures = f"{service}.erasures"
        queues.append(_queue(vhost, erasures, version, {"x-single-active-consumer": True}))
        bindings += [_binding(vhost, EVENTS, erasures, f"intake.{family}.*") for family in ERASING_FAMILIES]
    return {
        "vhosts": [{"name": vhost}],
        "exchanges": [
            # What no queue takes is answered with a refusal, not dropped.
            _exchange(vhost, INBOX, "topic", {"alternate-exchange": UNROUTABLE}),
            _exchange(vhost, UNROUTABLE, "fanout"),
            _exchange(vhost, RECEIPTS, "direct"),
            _exchange(vhost, EVENTS, "topic"),
        ],
        "queues": queues,
        "bindings": bindings,
        # Policies rather than arguments: they can be changed while the queues hold messages.
        "policies": [
            _bound(vhost, "unroutable", re.escape(UNROUTABLE_QUEUE), {"max-length": INBOX_LENGTH}),
            # What a sender lets expire in an inbox is answered, as the unroutable is.
            _bound(
                vhost,
                "inboxes",
                r"[a-z]+\.inbox\..+",
                {"max-length-bytes": INBOX_BYTES, "dead-letter-exchange": UNROUTABLE},
            ),
        ],
    }


def for_service(vhost: str, service: str, password: str) -> Definitions:
    """The user of one service: its own queues, and the exchanges that it publishes to."""
    user = f"service.{service}"
    own = rf"{service}\..*"
    if service in RECORDING_SERVICES:
        configure = rf"^({own}|cpas\.inbox|cpas\.receipts|cpas\.unroutable|miriam\.events)$"
        # To name an alternate exchange one must be able to write to it; to bind a queue, to read from the exchange.
        write = rf"^({own}|cpas\.receipts|cpas\.unroutable|miriam\.events)$"
        read = rf"^({own}|cpas\.inbox|cpas\.unroutable)$"
        may_publish = rf"^{service}\.{_WORD}\.{_WORD}$"
    else:
        configure = rf"^({own}|miriam\.events)$"
        write = rf"^{own}$"
        read = rf"^({own}|miriam\.events)$"
        may_publish = _NOTHING
    return {
        "users": [_user(user, password, ["service"])],
        "permissions": [_permission(vhost, user, configure, write, read)],
        "topic_permissions": [
            # A service speaks for itself alone, and to no inbox.
            _topic_permission(vhost, user, EVENTS, may_publish, ".*"),
            _topic_permission(vhost, user, INBOX, _NOTHING, ".*"),
        ],
    }


def for_emitter(vhost: str, emitter: Emitter, password: str | None, version: tuple[int, ...]) -> Definitions:
    """The user, the inboxes and the receipts of one emitter. Without a password it can log in by certificate alone."""
    escaped = re.escape(emitter.id)
    receipts = f"{RECEIPTS}.{emitter.id}"
    queues = [_queue(vhost, receipts, version, {"x-max-length": RECEIPTS_LENGTH, "x-overflow": "drop-head"})]
    bindings = [_binding(vhost, RECEIPTS, receipts, emitter.id)]
    for service in RECORDING_SERVICES:
        inbox = f"{service}.inbox.{emitter.id}"
        arguments = {"x-single-active-consumer": True, "x-max-length": INBOX_LENGTH, "x-overflow": "reject-publish"}
        queues.append(_queue(vhost, inbox, version, arguments))
        bindings += [_binding(vhost, INBOX, inbox, f"{emitter.id}.{family}.*") for family in families_of(service)]
    return {
        "users": [{**_user(emitter.user, password, ["emitter"]), "limits": EMITTER_LIMITS}],
        "permissions": [_permission(vhost, emitter.user, _NOTHING, r"^cpas\.inbox$", rf"^cpas\.receipts\.{escaped}$")],
        "topic_permissions": [
            _topic_permission(vhost, emitter.user, INBOX, rf"^{escaped}\.{_WORD}\.{_WORD}$", _NOTHING)
        ],
        "queues": queues,
        "bindings": bindings,
    }


def merged(parts: Iterable[Definitions]) -> Definitions:
    """Several definitions as one."""
    whole: Definitions = {}
    for part in parts:
        for kind, things in part.items():
            whole.setdefault(kind, []).extend(things)
    return whole


def _exchange(vhost: str, name: str, kind: str, arguments: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "vhost": vhost,
        "type": kind,
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": arguments or {},
    }


def _queue(vhost: str, name: str, version: tuple[int, ...], arguments: dict[str, Any] | None = None) -> dict[str, Any]:
    every: dict[str, Any] = {"x-queue-type": "quorum", **(arguments or {})}
    if version >= (4,):
        # From 4.0 a quorum queue gives a message up after 20 deliveries unless told otherwise.
        every["x-delivery-limit"] = -1
    return {"name": name, "vhost": vhost, "durable": True, "auto_delete": False, "arguments": every}


def _binding(vhost: str, exchange: str, queue: str, key: str) -> dict[str, Any]:
    return {
        "source": exchange,
        "vhost": vhost,
        "destination": queue,
        "destination_type": "queue",
        "routing_key": key,
        "arguments": {},
    }


def _bound(vhost: str, name: str, queues: str, definition: dict[str, Any]) -> dict[str, Any]:
    return {
        "vhost": vhost,
        "name": name,
        "pattern": f"^{queues}$",
        "apply-to": "queues",
        "definition": {**definition, "overflow": "reject-publish"},
        # Below the policies of whoever runs the broker: of two, the higher counts.
        "priority": -1,
    }


def _user(name: str, password: str | None, tags: list[str]) -> dict[str, Any]:
    # An empty hash is that of no password: the broker lets nobody in by it.
    word = {"password_hash": ""} if password is None else {"password": password}
    return {"name": name, **word, "tags": tags}


def _permission(vhost: str, user: str, configure: str, write: str, read: str) -> dict[str, Any]:
    return {"user": user, "vhost": vhost, "configure": configure, "write": write, "read": read}


def _topic_permission(vhost: str, user: str, exchange: str, write: str, read: str) -> dict[str, Any]:
    return {"user": user, "vhost": vhost, "exchange": exchange, "write": write, "read": read}


def main() -> None:
    """Print the topology without users, as `deploy/rabbitmq/definitions.json` holds it."""
    print(json.dumps(topology("miriam", (3,)), indent=2, sort_keys=True))


if __name__ == "__main__":
    main()
