"""The numbers of the ledger: positions without a hole, and each source's numbers in their order; and the heads that
claim to know them.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.findings import Finding
from miriam_reporting.audit.sweep.asking import ask

MILESTONE = 10_000


@dataclass
class Order:
    """What was counted of the leaves so far: by source its last number, its highest, and how many leaves it has."""

    last: dict[str, int] = field(default_factory=dict)
    highest: dict[str, int] = field(default_factory=dict)
    leaves: dict[str, int] = field(default_factory=dict)

    def read(self, connection: Connection, first: int, last: int) -> Iterator[Finding]:
        """Count leaves first..last, which follow those counted before."""
        for position, source, sequence, event_id, expected in ask(
            connection, "order", first=first, last=last, before=json.dumps(self.last)
        ):
            what = f"number {sequence} stands where {expected} follows"
            yield Finding("order", what, position, source, sequence, event_id)
        for source, newest, highest, leaves in ask(connection, "sources", first=first, last=last):
            self.last[source] = newest
            self.highest[source] = max(highest, self.highest.get(source, 0))
            self.leaves[source] = self.leaves.get(source, 0) + leaves


def holes(connection: Connection, first: int, last: int) -> Iterator[Finding]:
    """Positions of first..last at which no leaf stands."""
    for low, high in ask(connection, "holes", first=first, last=last):
        where = f"positions {low} to {high}" if high > low else f"position {low}"
        yield Finding("position", f"no leaf stands at {where}", low)


def milestones(connection: Connection, position: int, order: Order, newest: int) -> Iterator[Finding]:
    """What the milestone at `position` says against what was counted; `newest` is the last position that has one."""
    with connection.cursor() as cursor:
        cursor.execute("select source, highest, leaves from ledger.milestone where position = %s", (position,))
        told = {source: (highest, leaves) for source, highest, leaves in cursor.fetchall()}
    if not told and position > newest:
        return
    for source in sorted(told.keys() | order.leaves.keys()):
        counted = (order.highest.get(source, 0), order.leaves.get(source, 0))
        if told.get(source, (0, 0)) != counted:
            yield Finding("milestone", "its highest number or its count is not that of the leaves", position, source)


def sources(connection: Connection, told: dict[str, int], order: Order) -> Iterator[Finding]:
    """What `ledger.source` said at the beginning against the last number of each source."""
    for source in sorted(told.keys() | order.last.keys()):
        counted = order.last.get(source, 0)
        if told.get(source, 0) != counted:
            what = f"ledger.source says {told.get(source, 0)}, the last leaf has number {counted}"
            yield Finding("source", what, source=source, sequence=counted)
