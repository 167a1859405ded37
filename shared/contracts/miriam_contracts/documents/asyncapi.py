"""AsyncAPI 3 of the door over AMQP, from the side of the emitter: it sends events, and receives receipts."""

from collections.abc import Iterable
from typing import Any

from miriam_contracts.catalogue import EMITTER_KINDS, EVENT_TYPES, RECORDING_SERVICES, EventType, families_of
from miriam_contracts.documents import answers, bounds, events, prose, vectors
from miriam_contracts.documents.json_schema import JsonSchema
from miriam_contracts.envelope import CONTENT_TYPE

VERSION = "3.0.0"
INBOX = "cpas.inbox"
RECEIPTS = "cpas.receipts"
VHOST = "miriam"
_BINDING = "0.3.0"
_PERSISTENT = 2
_RECEIPTS_CHANNEL = "receipts"


def document() -> dict[str, Any]:
    """The whole document."""
    emitted = [each for each in EVENT_TYPES.values() if each.emitted_by]
    return {
        "asyncapi": VERSION,
        "id": "urn:miriam:amqp",
        "info": {
            "title": "Miriam: the door over AMQP",
            "version": "1",
            "description": prose.markdown(prose.CREDENTIALS, prose.OVER_AMQP, *prose.COMMON),
            "tags": [{"name": family, "description": _owner(family)} for family in _families()],
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "amqps": _server("amqps", "Encrypted: always, but on one machine.", ["password", "certificate"]),
            "amqp": _server("amqp", "In the clear: on one machine alone.", ["password"]),
        },
        "channels": {**_inboxes(emitted), _RECEIPTS_CHANNEL: _receipts_channel()},
        "operations": {**{f"send.{each.type}": _send(each) for each in emitted}, "receive.receipts": _receive()},
        "components": {
            "securitySchemes": {
                "password": {"type": "userPassword", "description": "User and password of `amqp_url` (PLAIN)."},
                "certificate": {
                    "type": "X509",
                    "description": "Your certificate, by the mechanism EXTERNAL: its common name is your user.",
                },
            },
            "messages": {**{each.type: _message(each) for each in emitted}, "receipts": _receipts()},
            "schemas": {"receipt": _embedded(answers.receipt()), "keys": answers.keys_by_service()},
            "parameters": {
                "emitter": {
                    "description": "Your emitter id.",
                    "examples": ["anderlecht"],
                }
            },
        },
    }


def _server(protocol: str, description: str, schemes: list[str]) -> dict[str, Any]:
    return {
        "host": "{host}",
        "pathname": f"/{VHOST}",
        "protocol": protocol,
        "protocolVersion": "0.9.1",
        "description": f"{description} The address stands in `amqp_url` of the credentials.",
        "variables": {
            "host": {
                "default": "broker.example:5671" if protocol == "amqps" else "127.0.0.1:5672",
                "description": "Host and port of `amqp_url`.",
            }
        },
        "security": [{"$ref": f"#/components/securitySchemes/{each}"} for each in schemes],
        "bindings": {"amqp": {}},
    }


def _families() -> list[str]:
    return [family for service in RECORDING_SERVICES for family in families_of(service)]


def _owner(family: str) -> str:
    owner = next(each.owner for each in EVENT_TYPES.values() if each.family == family)
    return f"Recorded by {owner}: its key encrypts the personal blocks, and it signs the receipts."


def _inboxes(emitted: Iterable[EventType]) -> dict[str, Any]:
    """A channel for each routing key: every version of a fact goes through the same."""
    found: dict[str, Any] = {}
    for each in emitted:
        channel = found.setdefault(each.routing_key, _inbox(each))
        channel["messages"][each.type] = {"$ref": f"#/components/messages/{each.type}"}
    return found


def _inbox(event_type: EventType) -> dict[str, Any]:
    return {
        "address": f"{{emitter}}.{event_type.routing_key}",
        "title": event_type.routing_key,
        "summary": f"Routing key of the exchange {INBOX}.",
        "description": (
            f"Recorded by {event_type.owner}. The broker keeps at most {bounds.INBOX_LENGTH:,} messages, or"
            f" {bounds.INBOX_BYTES:,} bytes, of one emitter for one service; beyond that it answers `basic.nack`."
        ),
        "messages": {},
        "parameters": {"emitter": {"$ref": "#/components/parameters/emitter"}},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": INBOX, "type": "topic", "durable": True, "autoDelete": False, "vhost": VHOST},
                "bindingVersion": _BINDING,
            }
        },
    }


def _receipts_channel() -> dict[str, Any]:
    name = f"{RECEIPTS}.{{emitter}}"
    return {
        "address": name,
        "title": "receipts",
        "summary": "Your queue of receipts.",
        "description": (
            f"Yours alone. It keeps {bounds.RECEIPTS_LENGTH:,} messages, and drops the oldest beyond. It is there:"
            " declare nothing."
        ),
        "messages": {"receipts": {"$ref": "#/components/messages/receipts"}},
        "parameters": {"emitter": {"$ref": "#/components/parameters/emitter"}},
        "bindings": {
            "amqp": {
                "is": "queue",
                "queue": {"name": name, "durable": True, "exclusive": False, "autoDelete": False, "vhost": VHOST},
                "bindingVersion": _BINDING,
            }
        },
    }


def _send(event_type: EventType) -> dict[str, Any]:
    channel = f"#/channels/{event_type.routing_key}"
    kinds = ", ".join(sorted(event_type.emitted_by))
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "title": event_type.type,
        "summary": events.meaning(event_type),
        "description": (
            f"Sent by: {kinds}. Publish it persistent, with confirms, and with `user_id`: `<kind>.<emitter id>`, the"
            " user that you are logged in as. Wait for its receipt before you send the next of its subject."
        ),
        "messages": [{"$ref": f"{channel}/messages/{event_type.type}"}],
        "tags": [{"name": event_type.family}],
        "reply": {
            "channel": {"$ref": f"#/channels/{_RECEIPTS_CHANNEL}"},
            "messages": [{"$ref": f"#/channels/{_RECEIPTS_CHANNEL}/messages/receipts"}],
        },
        "bindings": {
            "amqp": {
                "deliveryMode": _PERSISTENT,
                "userId": f"{sorted(event_type.emitted_by & {*EMITTER_KINDS})[-1]}.{{emitter}}",
                "mandatory": False,
                "bindingVersion": _BINDING,
            }
        },
    }


def _receive() -> dict[str, Any]:
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{_RECEIPTS_CHANNEL}"},
        "title": "receipts",
        "summary": "What became of your events.",
        "description": "Consume before you publish, with a prefetch of up to 2,000. Check each receipt, write it to"
        " your disk, and then acknowledge the message.",
        "messages": [{"$ref": f"#/channels/{_RECEIPTS_CHANNEL}/messages/receipts"}],
        "bindings": {"amqp": {"ack": True, "bindingVersion": _BINDING}},
    }


def _message(event_type: EventType) -> dict[str, Any]:
    return {
        "name": event_type.type,
        "title": event_type.type,
        "summary": events.meaning(event_type),
        "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object",
            "description": "None are needed. CC and BCC would copy the message to others: it is refused.",
            "properties": {"CC": False, "BCC": False},
        },
        "payload": _embedded(events.emitted(event_type)),
        "examples": [
            {"name": each.name, "summary": f"Golden example: {each.name.replace('-', ' ')}", "payload": each.event}
            for each in events.examples_of(event_type, "emitted")
        ],
    }


def _receipts() -> dict[str, Any]:
    recorded, duplicate, refused, parked, unreadable = vectors.receipts()
    shown = {
        "recorded, and a duplicate": [recorded, duplicate],
        "refused": [refused],
        "parked": [parked],
        "unreadable": [unreadable],
    }
    return {
        "name": "receipts",
        "title": "Receipts",
        "summary": "What became of your events: an array of signed receipts.",
        "contentType": "application/json",
        "payload": {
            "type": "array",
            "minItems": 1,
            "maxItems": bounds.RECEIPTS_PER_MESSAGE,
            "items": {"$ref": "#/components/schemas/receipt"},
        },
        "examples": [{"name": name, "payload": payload} for name, payload in shown.items()],
    }


def _embedded(schema: JsonSchema) -> JsonSchema:
    """A schema inside this document. What we use of JSON Schema is the same in AsyncAPI's own dialect."""
    return {name: value for name, value in schema.items() if name not in ("$schema", "$id", "examples")}
