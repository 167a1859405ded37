"""One store beside the ledger, page by page, both in the order of their numbers."""

import datetime as dt
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.findings import Finding, Findings
from miriam_reporting.audit.reconcile.stores import PAGE, Item, Store

# Leaves held in memory at once; more than a page, so that an honest page takes one query.
_AT_ONCE = 2 * PAGE


class Leaf(NamedTuple):
    """What the ledger holds under a number."""

    position: int
    event_id: str
    hash: bytes


@dataclass
class Reconciled:
    """A store and the ledger, compared.

    `store` and `ledger` are the last numbers of each, `same` the events that agree, `retired` those of them whose body
    is gone, `lag` those that the ledger has not taken yet.
    """

    source: str
    store: int = 0
    ledger: int = 0
    same: int = 0
    retired: int = 0
    lag: int = 0
    lag_since: str = ""
    findings: Findings = field(default_factory=Findings)

    def as_json(self) -> dict[str, Any]:
        """As `miriam audit reconcile --json` prints it."""
        return {
            "source": self.source,
            "store": self.store,
            "ledger": self.ledger,
            "same": self.same,
            "retired": self.retired,
            "lag": self.lag,
            "lag_since": self.lag_since or None,
            **self.findings.as_json(),
        }


def reconcile(
    connection: Connection,
    store: Store,
    patience: dt.timedelta,
    now: dt.datetime,
    tell: Callable[[int], None] | None = None,
) -> Reconciled:
    """Compare a store with the ledger. `tell` is called with the number of events just compared.

    Events that the ledger has not taken yet are lag; where the oldest of them was recorded longer than `patience`
    before `now`, that is a difference too. Raises OwnerUnavailable, and what psycopg2 raises of a lost connection.
    """
    found = Reconciled(store.source)
    given = store.counter()
    # Read before the store: what the ledger holds by now, the store must hold when it is asked next.
    bound = _last(connection, store.source)
    comparison = _Comparison(connection, store, found)
    while page := store.page(comparison.after, PAGE):
        comparison.take(page)
        if tell is not None:
            tell(len(page))
    found.store = comparison.after
    found.ledger = max(bound, comparison.last)
    _beyond_the_store(connection, store.source, found.store, bound, found)
    _counter(given, store.counter(), found)
    if found.lag and found.lag_since and _moment(found.lag_since) < now - patience:
        what = f"{found.lag} events wait for the ledger since {found.lag_since}"
        found.findings.add(Finding("late", what, source=store.source))
    return found


class _Comparison:
    """Walks through a store; `after` is the number up to which it was read, `last` the ledger's last by then."""

    def __init__(self, connection: Connection, store: Store, found: Reconciled) -> None:
        self.after = 0
        self.last = 0
        self._connection = connection
        self._store = store
        self._found = found
        self._position = 0

    def take(self, page: list[Item]) -> None:
        """Compare the next page."""
        upto = self._end(page)
        window = self._in_order(page, upto)
        self.last = _last(self._connection, self._store.source)
        low = self.after
        while low < upto:
            # Where the store lacks millions, they do not all fit in memory at once.
            leaves = _leaves(self._connection, self._store.source, low, upto, _AT_ONCE)
            high = upto if len(leaves) < _AT_ONCE else max(leaves)
            part = {sequence: each for sequence, each in window.items() if low < sequence <= high}
            self._order_of(leaves)
            self._holes(part.keys(), leaves, low, high)
            for sequence, each in sorted(part.items()):
                self._compare(sequence, each, leaves.get(sequence))
            low = high
        self.after = upto

    def _end(self, page: list[Item]) -> int:
        """The store's own number of the last event of a page.

        Its body says it. Where that is not the number that follows, it is looked for: a body that was changed could
        send us past events, or back for ever.
        """
        newest, least = page[-1], self.after + len(page)
        if newest.sequence == least or (
            newest.sequence is not None and newest.sequence > least and self._is_next(newest.sequence - 1, newest)
        ):
            return newest.sequence
        self._tell("order", "it stands under another number", newest)
        step = 1
        while self._is_next(least + step - 1, newest):
            step *= 2
        low, high = least + step // 2, least + step - 1
        while low < high:
            middle = (low + high) // 2
            if self._is_next(middle, newest):
                low = middle + 1
            else:
                high = middle
        return low

    def _is_next(self, after: int, wanted: Item) -> bool:
        """Whether this event is the first behind a number."""
        given = self._store.page(after, 1)
        return bool(given) and (given[0].id, given[0].leaf) == (wanted.id, wanted.leaf)

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
                self._found.findings.add(_lost(self._store.source, sequence, leaves[sequence]))
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
            self._found.retired += each.retired

    def _tell(self, check: str, what: str, each: Item) -> None:
        finding = Finding(check, what, None, self._store.source, each.sequence, each.id[:36] or None)
        self._found.findings.add(finding)


def _beyond_the_store(connection: Connection, source: str, store: int, bound: int, found: Reconciled) -> None:
    after = store
    while after < bound and (leaves := _leaves(connection, source, after, bound, PAGE)):
        for sequence, leaf in leaves.items():
            found.findings.add(_lost(source, sequence, leaf))
        after = max(leaves)


def _lost(source: str, sequence: int, leaf: Leaf) -> Finding:
    return Finding("store", "missing in the store", leaf.position, source, sequence, leaf.event_id)


def _counter(before: int, after: int, found: Reconciled) -> None:
    """What the store's counter said before and after against the last event that it gave."""
    if before > found.store:
        what = f"its counter says {before}, its last event is {found.store}"
        found.findings.add(Finding("store", what, source=found.source, sequence=before))
    elif after < found.store:
        what = f"its counter says {after}, and it has events up to {found.store}"
        found.findings.add(Finding("store", what, source=found.source, sequence=after))


def _last(connection: Connection, source: str) -> int:
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


def _leaves(connection: Connection, source: str, after: int, upto: int, limit: int) -> dict[int, Leaf]:
    """Up to `limit` leaves of a source, of numbers after+1..upto, in the order of their numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select sequence, position, event_id::text, hash from ledger.leaf"
            " where source = %s and sequence > %s and sequence <= %s order by sequence limit %s",
            (source, after, upto, limit),
        )
        return {sequence: Leaf(position, id_, bytes(digest)) for sequence, position, id_, digest in cursor.fetchall()}


def _moment(text: str) -> dt.datetime:
    try:
        told = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        # Of an event that does not tell its time nobody can say that it is young.
        return dt.datetime.min.replace(tzinfo=dt.UTC)
    return told if told.tzinfo else told.replace(tzinfo=dt.UTC)
