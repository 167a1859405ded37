"""Which event goes to whom, and the receipts back in the order of the events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from miriam_contracts.catalogue import RECORDING_SERVICES, families_of

# Answers what nobody owns: that it is no event of ours is said in a signed receipt.
FALLBACK = RECORDING_SERVICES[0]
Receipts = Sequence[Mapping[str, Any]]
_OWNERS = {family: service for service in RECORDING_SERVICES for family in families_of(service)}
_PREFIX = "miriam."


def owner_of(event: bytes) -> str:
    """The service that records events of its family; FALLBACK for what cannot be read, or is of no family of ours.

    The family decides, as in a routing key over AMQP: of its own families a service knows every version, and refuses
    what is none.
    """
    try:
        value = orjson.loads(event)
    except orjson.JSONDecodeError:
        return FALLBACK
    name = value.get("type") if isinstance(value, dict) else None
    if not isinstance(name, str) or not name.startswith(_PREFIX):
        return FALLBACK
    return _OWNERS.get(name.removeprefix(_PREFIX).partition(".")[0], FALLBACK)


def by_owner(events: Sequence[bytes]) -> dict[str, list[int]]:
    """The places of the events of each owner, in order."""
    places: dict[str, list[int]] = {}
    for place, event in enumerate(events):
        places.setdefault(owner_of(event), []).append(place)
    return places


def batch(events: Iterable[bytes]) -> bytes:
    """A batch of these events, the bytes of each as they came."""
    return b"[" + b",".join(events) + b"]"


def in_order(places: Mapping[str, Sequence[int]], receipts: Mapping[str, Receipts]) -> list[Mapping[str, Any]]:
    """The receipts of each owner's events, brought into the order of all events.

    An owner that settled only some of its events says in each receipt which one it is about, and not its place: what it
    gave comes after the rest, in its own order.
    """
    whole = {owner: given for owner, given in receipts.items() if len(given) == len(places[owner])}
    placed = [pair for owner, given in whole.items() for pair in zip(places[owner], given, strict=True)]
    placed.sort(key=lambda pair: pair[0])
    rest = (receipt for owner, given in receipts.items() if owner not in whole for receipt in given)
    return [*(receipt for _, receipt in placed), *rest]
