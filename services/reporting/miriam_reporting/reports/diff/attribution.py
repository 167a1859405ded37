"""Giving each changed unit its cause, and the events that made it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import Query
from miriam_reporting.indicators.standing import Standing
from miriam_reporting.reports.diff import events
from miriam_reporting.reports.diff.causes import Fate, Fates, events_of, named
from miriam_reporting.reports.diff.grounds import Ground, kinds, likely_kinds
from miriam_reporting.reports.diff.kinship import Kinship
from miriam_reporting.reports.diff.model import CAUSES, NAMED, Change, Named, State
from miriam_reporting.reports.diff.rows import Rows, both
from miriam_reporting.reports.diff.states import Row


@dataclass(frozen=True, slots=True)
class Pending:
    """A changed unit whose cause is not known yet.

    `rows` are its rows at the figure's place, as they count there; `anywhere` its rows at any place.
    """

    unit: str
    before: State
    after: State
    rows: Rows
    anywhere: Rows

    @property
    def lost(self) -> list[Row]:
        """The rows of the earlier side alone."""
        return list(Counter(self.rows.before) - Counter(self.rows.after))

    @property
    def gained(self) -> list[Row]:
        """The rows of the later side alone."""
        return list(Counter(self.rows.after) - Counter(self.rows.before))

    @property
    def touched(self) -> list[Row]:
        """The rows of one side alone, whichever."""
        return self.lost + self.gained


@dataclass(frozen=True, slots=True)
class Span:
    """Between which positions an edition is compared, and after how many days its facts are late."""

    edition: str
    after: int
    upto: int
    late_after_days: int


class Attribution:
    """Answers for the changed units of one query: what is read of the ledger, is read once for all of them."""

    def __init__(
        self,
        connection: Connection,
        span: Span,
        query: Query,
        standing: Sequence[Standing],
        pending: Sequence[Pending],
    ) -> None:
        self._query = query
        rows = {row for each in pending for row in each.touched}
        self._fates = Fates(connection, {row.event_id for row in rows}, span.after, span.upto, span.late_after_days)
        self._every = kinds(query, standing)
        unmoved = [each for each in pending if self._cause(each)[0] == "re_matched"]
        if unmoved:
            own = {self._own_keys(each) for each in unmoved}
            self._kinship = Kinship(connection, span.edition, own, span.upto)
            wide = frozenset[str]().union(*(self._kinship.widened(keys) for keys in own))
            self._ground = Ground(events.about(connection, self._every, wide, span.after, span.upto))

    def of(self, pending: Pending) -> Change:
        """The change with its cause."""
        cause, fates = self._cause(pending)
        told = self._rests_on(pending) if cause == "re_matched" else events_of(fates)
        return Change(pending.unit, cause, pending.before, pending.after, told[:NAMED], max(0, len(told) - NAMED))

    def _cause(self, pending: Pending) -> tuple[str, dict[str, Fate]]:
        fates = {row.event_id: self._fates.of(row.event_id) for row in pending.touched}
        return min((fate.cause for fate in fates.values()), key=CAUSES.index), fates

    def _rests_on(self, pending: Pending) -> list[Named]:
        own = self._own_keys(pending)
        kinds_of_own = frozenset(self._fates.leaves[row.event_id].kind for row in pending.touched)
        # What left one region for another is to be seen at neither alone.
        touched = {row.event_id for row in pending.touched}
        before, after = ([row for row in side if row.event_id in touched] for side in both(pending.anywhere))
        likely = likely_kinds(before, after, self._query, kinds_of_own)
        found = self._ground.nearest(own, self._kinship.widened(own), likely, self._every)
        return named(found, "re_matched")

    def _own_keys(self, pending: Pending) -> frozenset[str]:
        """What the unit itself is about: the keys of its events; of a group session's, one woman's where it is hers."""
        keys = {key for row in pending.touched for key in self._fates.leaves[row.event_id].keys}
        _, slash, woman = pending.unit.partition("/")
        if slash and f"w:{woman}" in keys:
            keys = {key for key in keys if key[0] != "w" or key == f"w:{woman}"}
        keys.update(f"c:{row.cpas}" for row in pending.touched if row.cpas)
        keys.update(f"p:{row.project}" for row in pending.touched if row.project)
        return frozenset(keys)
