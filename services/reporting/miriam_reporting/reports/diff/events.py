"""The leaves that a diff speaks of, read from the ledger."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_contracts.catalogue import EVENT_TYPES


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf and the fact that it states or changes.

    `kind` is the fact's name (`session.held`), also of its corrections and retractions; `first_id` the fact's first
    event; `keys` what it is about (events.sql); days are those of Brussels.
    """

    event_id: str
    position: int
    type: str
    kind: str
    first_id: str
    noted_on: dt.date
    occurred_on: dt.date | None
    keys: Sequence[str]

    @property
    def retracts(self) -> bool:
        """Whether it ends its fact."""
        return self.type.split(".")[2] == "retracted"


def leaves(connection: Connection, event_ids: Collection[str]) -> Mapping[str, Leaf]:
    """Leaves by event id."""
    found = _read(connection, "l.event_id = any(%(ids)s::uuid[])", {"ids": list(event_ids)})
    return {leaf.event_id: leaf for leaf in found}


def changes(connection: Connection, first_ids: Collection[str], after: int, upto: int) -> Mapping[str, list[Leaf]]:
    """The corrections and retractions among leaves after..upto of these facts, by first id, in their order."""
    where = (
        # In the words of the index leaf_change_of.
        "l.position > %(after)s and l.position <= %(upto)s and split_part(l.type, '.', 3) in ('corrected', 'retracted')"
        " and coalesce(l.data->'data'->>'corrects', l.data->'data'->>'retracts') = any(%(ids)s)"
    )
    asked = {"after": after, "upto": upto, "ids": list(first_ids)}
    found: dict[str, list[Leaf]] = {}
    for leaf in _read(connection, where, asked, "order by position"):
        found.setdefault(leaf.first_id, []).append(leaf)
    return found


def about(
    connection: Connection, wanted: Sequence[tuple[Collection[str], Collection[str]]], after: int, upto: int
) -> list[Leaf]:
    """The leaves after..upto that state or change facts of some kinds and share a key, in their order.

    `wanted` are pairs of kinds and keys: a leaf is of one of the kinds and shares one of the keys of the same pair.
    """
    kinds = {kind for each, _ in wanted for kind in each}
    types = [t.type for t in EVENT_TYPES.values() if t.routing_key in kinds]
    families = {kind.partition(".")[0] for kind in kinds}
    types += [t.type for t in EVENT_TYPES.values() if t.fact in ("corrected", "retracted") and t.family in families]
    where = "l.position > %(after)s and l.position <= %(upto)s and l.type = any(%(types)s)"
    asked: dict[str, Any] = {"after": after, "upto": upto, "types": types}
    pairs = []
    for number, (each, keys) in enumerate(wanted):
        asked |= {f"kinds_{number}": list(each), f"keys_{number}": list(keys)}
        pairs.append(f"kind = any(%(kinds_{number})s) and keys && %(keys_{number})s::text[]")
    return _read(connection, where, asked, f"where {' or '.join(pairs)} order by position")


def _read(connection: Connection, where: str, asked: Mapping[str, Any], ending: str = "") -> list[Leaf]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_text()}{ending}".replace("{where}", where), asked)
        return [Leaf(*row) for row in cursor]


@cache
def _text() -> str:
    return resources.files(__package__).joinpath("events.sql").read_text("utf-8")
