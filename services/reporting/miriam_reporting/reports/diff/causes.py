"""Why a fact counts otherwise at the later position: what happened to it between the two."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.diff import events
from miriam_reporting.reports.diff.events import Leaf, Span
from miriam_reporting.reports.diff.model import Named


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a fact between the two positions: a cause of README.md, and the events that say so."""

    cause: str
    events: Sequence[Named] = ()


class Fates:
    """The fates of the facts that evidence names: each is read once, however often it is asked for."""

    def __init__(self, connection: Connection, span: Span) -> None:
        self._connection = connection
        self._span = span
        self.leaves: dict[str, Leaf] = {}
        self._fates: dict[str, Fate] = {}

    def read(self, event_ids: Collection[str]) -> None:
        """Read what must be known to tell the fates of the facts that these events state or change."""
        new = set(event_ids).difference(self.leaves)
        if not new:
            return
        self.leaves |= events.leaves(self._connection, new)
        firsts = {self.leaves[each].first_id for each in new}.difference(self._fates)
        if unread := firsts.difference(self.leaves):
            self.leaves |= events.leaves(self._connection, unread)
        changed = events.changes(self._connection, firsts, self._span.after, self._span.upto) if firsts else {}
        self._fates |= {each: _fate(self.leaves[each], changed.get(each, []), self._span) for each in firsts}

    def of(self, event_id: str) -> Fate:
        """The fate of the fact that this event states or changes."""
        return self._fates[self.leaves[event_id].first_id]


def _fate(first: Leaf, changed: Sequence[Leaf], span: Span) -> Fate:
    own = [_named(leaf, "retracted" if leaf.retracts else "corrected") for leaf in changed]
    if first.position > span.after:
        late = first.occurred_on is not None and (first.noted_on - first.occurred_on).days > span.late_after_days
        cause = "late" if late else "new"
        return Fate(cause, [_named(first, cause), *own])
    return Fate(own[-1].cause, own) if own else Fate("re_matched")


def _named(leaf: Leaf, cause: str) -> Named:
    return Named(leaf.event_id, leaf.position, leaf.type, cause)


def named(leaves: Sequence[Leaf], cause: str) -> list[Named]:
    """Leaves as events of a cause."""
    return [_named(leaf, cause) for leaf in leaves]


def events_of(fates: Mapping[str, Fate]) -> list[Named]:
    """The events of several facts, each once, in the order of the ledger."""
    found = {event.event_id: event for fate in fates.values() for event in fate.events}
    return sorted(found.values(), key=lambda event: event.position)
