"""Evidence of both sides of a diff in two sessions, one for each core, and the units whose rows differ.

What each unit's rows come to is compared by a hash of each row, added up: so rows leave the database of those units
alone that differ.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import Query
from miriam_reporting.reports.beside import at_once
from miriam_reporting.reports.diff import near
from miriam_reporting.reports.diff.events import Span
from miriam_reporting.reports.diff.narrowing import narrowed
from miriam_reporting.reports.diff.rows import TURN, Rows
from miriam_reporting.reports.diff.states import Row
from miriam_reporting.reports.tallies import evidence_query, unregistered

_KEEP = "create temporary table diff_evidence on commit drop as\n"
_OF_QUERY = """
select {number} as query, e.unit, e.category, e.event_id::text as event_id, e.position, e.counted, e.reason,
       e.amount::bigint as amount, e.cpas, e.project, e.region
  from ({evidence}) as e
"""
# Adding up, and not one exclusive or the other: two rows that are the same must not cancel out.
_UNITS = """
select e.query, e.unit,
       sum(hash_record_extended(
         row(e.category, e.event_id, e.position, e.counted, e.reason, e.amount, e.cpas, e.project, e.region), 0
       ))::text
  from diff_evidence as e
 group by e.query, e.unit
 order by e.query, e.unit collate "C"
"""
_ROWS = """
select e.query, e.unit, e.category, e.event_id, e.position, e.counted, e.reason, e.amount, e.cpas, e.project, e.region
  from diff_evidence as e
  join unnest(%(queries)s::integer[], %(units)s::text[]) as wanted (query, unit) using (query, unit)
"""
_AT_ONCE = 10_000
Unit = tuple[int, str]


class Sides:
    """The evidence of some queries at two positions, each laid out in a session of its own."""

    def __init__(
        self, before: tuple[Connection, int], after: tuple[Connection, int], queries: Sequence[Query], span: Span
    ) -> None:
        self._sides = before, after
        self._queries = queries
        at_once(lambda: _keep(*before, queries, span), lambda: _keep(*after, queries, span))
        self._units: defaultdict[int, list[str]] = defaultdict(list)
        for number, unit in _differing(before[0], after[0]):
            self._units[number].append(unit)
        # All of the first turns at once, if they are few: else each query is asked for its own.
        few = sum(map(len, self._units.values())) <= TURN
        self._read = self._rows_of([(n, u) for n, units in self._units.items() for u in units]) if few else {}

    def differing(self, query: Query | None, turn: int = TURN) -> Iterator[Mapping[str, Rows]]:
        """By unit, all rows on both sides of the units whose rows differ: `turn` units at a time, by their names."""
        if query is None:
            return
        number = self._queries.index(query)
        units = self._units[number]
        for first in range(0, len(units), turn):
            now = units[first : first + turn]
            read = self._read or self._rows_of([(number, unit) for unit in now])
            yield {unit: read[number, unit] for unit in now}

    def known(self) -> Iterator[Rows]:
        """Rows that were read already, of all queries."""
        yield from self._read.values()

    def _rows_of(self, units: Sequence[Unit]) -> dict[Unit, Rows]:
        found: defaultdict[Unit, Rows] = defaultdict(Rows)
        if not units:
            return found
        asked = {"queries": [number for number, _ in units], "units": [unit for _, unit in units]}
        for name, (connection, _) in zip(("before", "after"), self._sides, strict=True):
            with connection.cursor() as cursor:
                cursor.execute(_ROWS, asked)
                for number, *row in cursor:
                    getattr(found[number, row[0]], name).append(Row._make(row))
        return found


def _keep(connection: Connection, position: int, queries: Sequence[Query], span: Span) -> None:
    whole = near.concern_all(connection, span.edition, span.after, span.upto)
    if not whole:
        near.find(connection, span.edition, span.after, span.upto)
    pieces = []
    for number, query in enumerate(queries):
        evidence = evidence_query(query) if whole else narrowed(query)
        if unregistered(query) is None:
            evidence = evidence.replace("%(unregistered)s", "null")
        pieces.append(_OF_QUERY.replace("{number}", str(number)).replace("{evidence}", evidence))
    # Every query has its own; that of those whose region is unknown is the same.
    named = next(filter(None, map(unregistered, queries)), None)
    with connection.cursor() as cursor:
        cursor.execute(_KEEP + " union all".join(pieces), {"position": position, "unregistered": named})
        cursor.execute("analyze diff_evidence")


def _differing(before: Connection, after: Connection) -> Iterator[Unit]:
    """Queries and units whose rows differ, in their order: both sides are read side by side, never whole."""
    with before.cursor("diff_before") as old, after.cursor("diff_after") as new:
        for cursor in (old, new):
            cursor.itersize = _AT_ONCE
            cursor.execute(_UNITS)
        yield from _merged(iter(old), iter(new))


def _merged(old: Iterator[tuple[int, str, str]], new: Iterator[tuple[int, str, str]]) -> Iterator[Unit]:
    one, other = next(old, None), next(new, None)
    while one and other:
        # Text in the order of its characters' numbers, as the database has it.
        mine, theirs = one[:2], other[:2]
        if mine == theirs:
            if one[2] != other[2]:
                yield mine
            one, other = next(old, None), next(new, None)
        elif mine < theirs:
            yield mine
            one = next(old, None)
        else:
            yield theirs
            other = next(new, None)
    for left in chain((one, *old) if one else (), (other, *new) if other else ()):
        yield left[:2]
