"""The walk through a store beside the ledger, page by page, both in the order of their numbers."""

from collections.abc import Set
from typing import NamedTuple

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.findings import Finding
from miriam_reporting.audit.reconcile.result import Reconciled
from miriam_reporting.audit.reconcile.stores import PAGE, Item, Store

# Leaves held in memory at once; more than a page, so that an honest page takes one query.
_AT_ONCE = 2 * PAGE
_UNFOUNDED = """
select leaf.position, leaf.sequence, leaf.event_id::text
  from ledger.leaf
 where leaf.source = %s
   and leaf.sequence = any (%s)
   and coalesce(leaf.data->'data'->>'project', leaf.data->'data'->'replacement'->>'project') is not null
   and coalesce(leaf.data->'data'->>'project', leaf.data->'data'->'replacement'->>'project')
       not in (select retired.project from ledger.retired_projects() as retired)
   and not (leaf.data->>'origin' like '/cpas/test-%%' and ledger.said_to_be_wiped(leaf.source, leaf.sequence))
"""


class Leaf(NamedTuple):
    """What the ledger holds under a number."""

    position: int
    event_id: str
    hash: bytes


class Comparison:
    """Walks through a store; `after` is the number up to which it was read, `last` the ledger's last by then."""

    def __init__(self, connection: Connection, store: Store, found: Reconciled) -> None:
        self.after = 0
        self.last = 0
        self._connection = connection
        self._store = store
        self._found = found
        self._position = 0
        self._emptied: list[int] = []

    def take(self, page: list[Item]) -> None:
        """Compare the next page."""
        upto = self._end(page)
        window = self._in_order(page, upto)
        self.last = last_number(self._connection, self._store.source)
        low = self.after
        while low < upto:
            # Where the store lacks millions, they do not all fit in memory at once.
            leaves = leaves_of(self._connection, self._store.source, low, upto, _AT_ONCE)
            high = upto if len(leaves) < _AT_ONCE else max(leaves)
            part = {sequence: each for sequence, each in window.items() if low < sequence <= high}
            self._order_of(leaves)
            self._holes(part.keys(), leaves, low, high)
            for sequence, each in sorted(part.items()):
                self._compare(sequence, each, leaves.get(sequence))
            low = high
        self._unfounded()
        self.after = upto

    def _end(self, page: list[Item]) -> int:
        """The store's own number of the last event of a page.

        Its body says it. Where that is not the number that follows, it is looked for: a body that was changed could
        send us past events, or back for ever.
        """
        newest, least = page[-1], self.after + len(page)
        if newest.sequence == least or (
            newest.sequence is not None
            and newest.sequence > least
            and self._stands_behind(newest.sequence - 1, newest, 1)
        ):
            return newest.sequence
        self._tell("order", "it stands under another number", newest)
        step = 1
        while self._stands_behind(least + step - 1, newest, len(page)):
            step *= 2
        low, high = least + step // 2, least + step - 1
        while low < high:
            middle = (low + high) // 2
            if self._stands_behind(middle, newest, len(page)):
                low = middle + 1
            else:
                high = middle
        return low

    def _stands_behind(self, after: int, wanted: Item, among: int) -> bool:
        """Whether this event is among the first so many behind a number."""
        return any((each.id, each.leaf) == (wanted.id, wanted.leaf) for each in self._store.page(after, among))

    def _in_order(self, page: list[Item], upto: int) -> dict[int, Item]:
        window: dict[int, Item] = {}
        before = self.after
        for each in page:
            if each.sequence is None:
                self._tell("store", "no recorded event", each)
                continue
            if each.source != f"/services/{self._store.source}" and not each.retired:
                self._tell("store", "its source is another service", each)
            if each.sequence <= before:
                self._tell("order", f"it stands behind number {before} in the store", each)
            before = max(before, each.sequence)
            if self.after < each.sequence <= upto:
                window.setdefault(each.sequence, each)
        return window

    def _order_of(self, leaves: dict[int, Leaf]) -> None:
        for sequence, leaf in leaves.items():
            if leaf.position <= self._position:
                what = f"it stands before number {sequence - 1} in the ledger"
                self._found.findings.add(
                    Finding("order", what, leaf.position, self._store.source, sequence, leaf.event_id)
                )
            self._position = max(self._position, leaf.position)

    def _holes(self, given: Set[int], leaves: dict[int, Leaf], low: int, high: int) -> None:
        """Numbers of low+1..high that the store does not give; those that nobody has are told as ranges."""
        expected = low + 1
        for sequence in (*sorted(given | leaves.keys()), high + 1):
            if sequence > expected:
                numbers = f"numbers {expected} to {sequence - 1}" if sequence - 1 > expected else "it"
                what = f"{numbers} missing in the store and in the ledger"
                self._found.findings.add(Finding("store", what, None, self._store.source, expected))
            if sequence in leaves and sequence not in given:
                self._found.findings.add(lost(self._store.source, sequence, leaves[sequence]))
            expected = sequence + 1

    def _compare(self, sequence: int, each: Item, leaf: Leaf | None) -> None:
        if leaf is None and sequence > self.last:
            self._found.lag += 1
            # Numbers ascend with time, so the first is the oldest; a retired event has no time any more.
            self._found.lag_since = self._found.lag_since or each.recorded
        elif leaf is None:
            self._tell("ledger", "missing in the ledger", each)
        elif leaf.hash != each.leaf:
            what = "its body differs from the leaf" if leaf.event_id == each.id else "the ledger holds another event"
            self._found.findings.add(
                Finding("differs", what, leaf.position, self._store.source, sequence, leaf.event_id)
            )
        else:
            self._found.same += 1
            if each.retired:
                self._found.retired += 1
                self._emptied.append(sequence)

    def _unfounded(self) -> None:
        """Events that were emptied in the store, of a project that is current by the ledger, which has them still."""
        if not self._emptied:
            return
        with self._connection.cursor() as cursor:
            cursor.execute(_UNFOUNDED, (self._store.source, self._emptied))
            for position, sequence, id_ in cursor.fetchall():
                what = "emptied in the store, and its edition is not retired"
                self._found.findings.add(Finding("store", what, position, self._store.source, sequence, id_))
        self._emptied = []

    def _tell(self, check: str, what: str, each: Item) -> None:
        finding = Finding(check, what, None, self._store.source, each.sequence, each.id[:36] or None)
        self._found.findings.add(finding)


def lost(source: str, sequence: int, leaf: Leaf) -> Finding:
    """A leaf whose event the store does not have."""
    return Finding("store", "missing in the store", leaf.position, source, sequence, leaf.event_id)


def last_number(connection: Connection, source: str) -> int:
    """The last number of a source that the ledger has, or says to have."""
    with connection.cursor() as cursor:
        # What the ledger says that it has, it must have: a leaf that is gone from its end is no lag.
        cursor.execute(
            "select greatest((select max(sequence) from ledger.leaf where source = %s),"
            "                (select last_sequence from ledger.source where source = %s), 0)",
            (source, source),
        )
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])


def leaves_of(connection: Connection, source: str, after: int, upto: int, limit: int) -> dict[int, Leaf]:
    """Up to `limit` leaves of a source, of numbers after+1..upto, in the order of their numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select sequence, position, event_id::text, hash from ledger.leaf"
            " where source = %s and sequence > %s and sequence <= %s order by sequence limit %s",
            (source, after, upto, limit),
        )
        return {sequence: Leaf(position, id_, bytes(digest)) for sequence, position, id_, digest in cursor.fetchall()}
