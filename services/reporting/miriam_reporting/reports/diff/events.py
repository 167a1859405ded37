"""The leaves that a diff speaks of, read from the ledger."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.facts.definitions import definition


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


@dataclass(frozen=True, slots=True)
class Span:
    """Between which positions an edition is compared, and after how many days its facts are late."""

    edition: str
    after: int
    upto: int
    late_after_days: int


class Between:
    """The leaves between two positions, by what they are about: read once, when first asked for."""

    def __init__(self, connection: Connection, span: Span) -> None:
        self.connection = connection
        self.span = span
        self._kept = False

    def about(self, wanted: Sequence[tuple[Collection[str], Collection[str]]]) -> list[Leaf]:
        """Those that state or change facts of some kinds and share a key, in their order.

        `wanted` are pairs of kinds and keys: a leaf is of one of the kinds and shares one of the keys of the same pair.
        """
        self._keep()
        asked = {
            f"{name}_{number}": list(values)
            for number, pair in enumerate(wanted)
            for name, values in zip(("kinds", "keys"), pair, strict=True)
        }
        either = (
            f"select * from diff_leaf where kind = any(%(kinds_{number})s) and keys && %(keys_{number})s::text[]"
            for number in range(len(wanted))
        )
        with self.connection.cursor() as cursor:
            cursor.execute(f"{' union '.join(either)} order by position", asked)
            return [Leaf(*row) for row in cursor]

    def _keep(self) -> None:
        if self._kept:
            return
        self._kept = True
        where = "l.position > %(after)s and l.position <= %(upto)s and l.type = any(%(types)s)"
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"create temporary table diff_leaf on commit drop as {_text().replace('{where}', where)}",
                {"after": self.span.after, "upto": self.span.upto, "types": _types()},
            )
            cursor.execute("create index on diff_leaf using gin (keys)")
            cursor.execute("analyze diff_leaf")


def _read(connection: Connection, where: str, asked: Mapping[str, Any], ending: str = "") -> list[Leaf]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_text()}{ending}".replace("{where}", where), asked)
        return [Leaf(*row) for row in cursor]


@cache
def _types() -> list[str]:
    """The types that state facts, or change them."""
    tables = definition().tables
    return sorted({kind for table in tables for kind in (*table.types, *table.corrected, *table.retracted)})


@cache
def _text() -> str:
    return resources.files(__package__).joinpath("events.sql").read_text("utf-8")
