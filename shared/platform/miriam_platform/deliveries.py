"""What comes to the door, and what becomes of it."""

import contextlib
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.envelope import MAX_BYTES
from miriam_contracts.problems import Problem
from miriam_platform.store import KnownEvent

OutcomeName = Literal["recorded", "duplicate", "refused", "parked"]
# In place of family and fact, where the catalogue has no such type.
UNKNOWN_KEY = "unknown"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as the transport handed it over.

    user_id      the sender as the transport vouches for it, `<kind>.<emitter>`; None where it does not
    routing_key  `<emitter>.<family>.<fact>`; the broker lets an emitter write under its own first word alone
    redelivered  the transport gave it out before: it may have been handled already
    unroutable   no service has a queue for its routing key
    copied       it lies in the inbox of another emitter than its routing key says
    retried      an operator has it tried again: it does not wait behind the parked events of its subject
    content      what its properties say of the body: type and encoding; None where they say nothing
    expires      its sender had the broker drop it after some time
    in_clear     a personal block may stand open, because the transport itself is encrypted (HTTPS)
    """

    body: bytes = field(repr=False)
    user_id: str | None
    routing_key: str
    redelivered: bool = False
    unroutable: bool = False
    in_clear: bool = False
    retried: bool = False
    copied: bool = False
    content: tuple[str | None, str | None] = (None, None)
    expires: bool = False

    @property
    def emitter(self) -> str:
        """The emitter's id, by the routing key."""
        return self.routing_key.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one delivery.

    emitter    its id, as far as this service knows the emitter; None: nobody to answer to
    attributes id, type, subject, correlationid of the emission, as far as they could be read and are mere ids
    events     what was recorded of it, now or the first time
    problems   why it was refused
    """

    outcome: OutcomeName
    delivery: Delivery
    emitter: str | None
    source: str | None
    attributes: dict[str, Any]
    events: tuple[KnownEvent, ...] = ()
    problems: tuple[Problem, ...] = ()


def posted(body: bytes, emitter: str, kind: str, *, in_clear: bool) -> Delivery:
    """A message that came over HTTP: the token vouches for its sender, its routing key is that of its type."""
    return Delivery(body, f"{kind}.{emitter}", routing_key_of(body, emitter), in_clear=in_clear)


def routing_key_of(body: bytes, emitter: str) -> str:
    """`<emitter>.<family>.<fact>` by the type that the body names; of no type of the catalogue, `<emitter>.unknown`.

    So nothing that a sender could write into it is kept readable.
    """
    event_type = None
    if len(body) <= MAX_BYTES:
        with contextlib.suppress(orjson.JSONDecodeError):
            event = orjson.loads(body)
            name = event.get("type") if isinstance(event, dict) else None
            event_type = EVENT_TYPES.get(name) if isinstance(name, str) else None
    return f"{emitter}.{event_type.routing_key if event_type else UNKNOWN_KEY}"
