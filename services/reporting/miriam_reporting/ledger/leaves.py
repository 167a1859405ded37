"""A recorded event as the ledger takes it: its number, its id and its exact text."""

import re
import uuid
from typing import NamedTuple

import orjson

from miriam_contracts.catalogue import SERVICES

_SOURCE_PREFIX = "/services/"
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class Unreadable(ValueError):
    """These bytes are no recorded event. The message says which rule they break, and quotes nothing of them."""


class RecordedEvent(NamedTuple):
    """One recorded event. `body` is the text exactly as it was hashed; `source` the name of the service."""

    source: str
    sequence: int
    id: str
    type: str
    body: str


def read(body: bytes) -> RecordedEvent:
    """The recorded event in `body`. Raises Unreadable."""
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreadable("no JSON in UTF-8") from None
    if not isinstance(event, dict):
        raise Unreadable("no object")
    # PostgreSQL's jsonb cannot hold it, and no contract lets it through. A backslash that is itself escaped begins
    # no escape: a name that merely spells one out must not stop its source.
    if _NUL.search(body):
        raise Unreadable("a NUL character")
    source, sequence, kind = event.get("source"), event.get("sequence"), event.get("type")
    name = source.removeprefix(_SOURCE_PREFIX) if isinstance(source, str) else ""
    if name not in SERVICES or source == name:
        raise Unreadable("source is no service")
    if not isinstance(sequence, int) or isinstance(sequence, bool) or not 0 < sequence < 2**53:
        raise Unreadable("sequence is no number of an event")
    if not isinstance(kind, str) or not isinstance(event.get("data"), dict) or not isinstance(event.get("time"), str):
        raise Unreadable("type, time or data is missing")
    try:
        event_id = str(uuid.UUID(event.get("id")))
    except (ValueError, TypeError, AttributeError):
        raise Unreadable("id is no UUID") from None
    return RecordedEvent(name, sequence, event_id, kind, body.decode())
