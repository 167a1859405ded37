"""What was destroyed of persons who were erased: which service says so, when, and the proof that it said so."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.event.proving import NotProved, Proven, head_for, prove
from miriam_reporting.privacy.women import ERASED
from miriam_transparency import merkle

DESTROYED = "miriam.key.destroyed.v1"
_LEAF = "select position, source, sequence, event_id::text, body, hash from ledger.leaf"
_ONE = f"{_LEAF} where type = %(type)s and data->'data'->>'person' = any (%(persons)s) order by position"
_PAGE = f"{_LEAF} where type = %(type)s and position < %(before)s order by position desc limit %(most)s"
_STATEMENTS = f"{_LEAF} where type = %s and data->'data'->>'because_of' = %s order by position"
_NO_END = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Erasure:
    """A person's erasure as it stands in the ledger. `origin` is who granted it: `/dpo/spp-is-dpo`.

    `participation` is the one through which she asked; None where that was not told.
    """

    position: int
    event_id: str
    person: str
    occurred_on: dt.date
    ground: str
    participation: str | None
    origin: str
    recorded: dt.datetime


@dataclass(frozen=True, slots=True)
class Statement:
    """A service's word that it destroyed the key of a participation, and `blocks` sealed rows with it."""

    service: str
    sequence: int
    position: int
    event_id: str
    participation: str
    occurred_on: dt.date
    blocks: int
    recorded: dt.datetime


@dataclass(frozen=True, slots=True)
class Destruction:
    """An erasure, what each service destroyed because of it, and the proofs, by position, that the ledger holds each.

    A service that held nothing of her says nothing; so does one that has not carried it out yet.
    """

    erasure: Erasure
    statements: Sequence[Statement]
    proofs: dict[int, Proven]


def newest(connection: Connection, most: int, before: int | None = None) -> list[Erasure]:
    """The newest `most` erasures, newest first; `before`: of those at a smaller position."""
    asked = {"type": ERASED, "before": before or _NO_END, "most": most}
    return [_erasure(leaf) for leaf in _leaves(connection, _PAGE, asked)]


def erasures_of(connection: Connection, persons: Sequence[str]) -> list[Erasure]:
    """The erasures of these persons, in the order of the ledger: one each at most."""
    asked = {"type": ERASED, "persons": list(persons)}
    return [_erasure(leaf) for leaf in _leaves(connection, _ONE, asked)]


def destruction_of(connection: Connection, person: str) -> Destruction | None:
    """What was destroyed of a person, each leaf and its proof verified; None where she is not erased. Raises NotProved.

    It reads the ledger several times, of which nothing is ever changed; what is added meanwhile may be told or not.
    """
    leaves = _leaves(connection, _ONE, {"type": ERASED, "persons": [person]})
    if not leaves:
        return None
    erased = leaves[0]
    answers = _leaves(connection, _STATEMENTS, (DESTROYED, erased.event_id))
    leaves = sorted([erased, *answers], key=lambda leaf: leaf.position)
    for leaf in leaves:
        if merkle.leaf_hash(leaf.body.encode()) != leaf.hash:
            raise NotProved(f"the body of leaf {leaf.position} is not what its hash was made of")
    head = head_for(connection, leaves[-1].position)
    proofs = prove(connection, [(leaf.position, leaf.hash) for leaf in leaves], head)
    statements = [_statement(leaf) for leaf in answers]
    return Destruction(_erasure(erased), statements, {proven.position: proven for proven in proofs})


@dataclass(frozen=True, slots=True)
class _Leaf:
    position: int
    source: str
    sequence: int
    event_id: str
    body: str
    hash: bytes


def _leaves(connection: Connection, query: str, given: Sequence[Any] | Mapping[str, Any]) -> list[_Leaf]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return [
            _Leaf(position, source, sequence, event_id, body, bytes(digest))
            for position, source, sequence, event_id, body, digest in cursor.fetchall()
        ]


def _erasure(leaf: _Leaf) -> Erasure:
    event = json.loads(leaf.body)
    data = event["data"]
    return Erasure(
        position=leaf.position,
        event_id=leaf.event_id,
        person=data["person"],
        occurred_on=dt.date.fromisoformat(data["occurred_on"]),
        ground=data["ground"],
        participation=data.get("participation"),
        origin=event["origin"],
        recorded=dt.datetime.fromisoformat(event["recordedtime"]),
    )


def _statement(leaf: _Leaf) -> Statement:
    event = json.loads(leaf.body)
    data = event["data"]
    return Statement(
        service=leaf.source,
        sequence=leaf.sequence,
        position=leaf.position,
        event_id=leaf.event_id,
        participation=data["participation"],
        occurred_on=dt.date.fromisoformat(data["occurred_on"]),
        blocks=data["blocks"],
        recorded=dt.datetime.fromisoformat(event["recordedtime"]),
    )
