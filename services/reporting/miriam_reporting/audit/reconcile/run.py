"""One store beside the ledger, page by page, both in the order of their numbers."""

import datetime as dt
from collections.abc import Callable

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.findings import Finding
from miriam_reporting.audit.reconcile.comparison import Comparison, last_number, leaves_of, lost
from miriam_reporting.audit.reconcile.result import Reconciled
from miriam_reporting.audit.reconcile.stores import PAGE, Store


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
    bound = last_number(connection, store.source)
    comparison = Comparison(connection, store, found)
    while page := store.page(comparison.after, PAGE):
        comparison.take(page)
        if tell is not None:
            tell(len(page))
    found.store = comparison.after
    found.ledger = max(bound, comparison.last)
    _beyond_the_store(connection, store.source, found.store, bound, found)
    _counter(given, store.counter(), found)
    _columns(store, found)
    if found.lag and found.lag_since and _moment(found.lag_since) < now - patience:
        what = f"{found.lag} events wait for the ledger since {found.lag_since}"
        found.findings.add(Finding("late", what, source=store.source))
    return found


def _beyond_the_store(connection: Connection, source: str, store: int, bound: int, found: Reconciled) -> None:
    after = store
    while after < bound and (leaves := leaves_of(connection, source, after, bound, PAGE)):
        for sequence, leaf in leaves.items():
            found.findings.add(lost(source, sequence, leaf))
        after = max(leaves)


def _counter(before: int, after: int, found: Reconciled) -> None:
    """What the store's counter said before and after against the last event that it gave."""
    if before > found.store:
        what = f"its counter says {before}, its last event is {found.store}"
        found.findings.add(Finding("store", what, source=found.source, sequence=before))
    elif after < found.store:
        what = f"its counter says {after}, and it has events up to {found.store}"
        found.findings.add(Finding("store", what, source=found.source, sequence=after))


def _columns(store: Store, found: Reconciled) -> None:
    """What does not travel to the ledger, each store looks at itself."""
    after: int | None = 0
    while after is not None:
        look = store.looked_at(after)
        for guard in look.guards if after == 0 else ():
            found.findings.add(Finding("guard", guard, source=store.source))
        for sequence, id_, columns in look.differing:
            what = "columns that do not say what its body says: " + ", ".join(columns)
            found.findings.add(Finding("column", what, None, store.source, sequence, id_))
        after = look.last


def _moment(text: str) -> dt.datetime:
    try:
        told = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        # Of an event that does not tell its time nobody can say that it is young.
        return dt.datetime.min.replace(tzinfo=dt.UTC)
    return told if told.tzinfo else told.replace(tzinfo=dt.UTC)
