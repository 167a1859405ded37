"""What `diff` gives, quickly, by the definitions of this code: two sessions at once, a side each, laid out once; and
evidence of those alone whom changes may concern. That both give the same is a test.
"""

from collections.abc import Iterator, Mapping, Sequence

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import Query
from miriam_reporting.indicators.standing import needed
from miriam_reporting.reports.beside import at_once, beside
from miriam_reporting.reports.definitions import current
from miriam_reporting.reports.diff.comparison import Comparison, Pair, Step, late_after_days, queries_of
from miriam_reporting.reports.diff.compute import Told, asked_of, pairs_of, told
from miriam_reporting.reports.diff.events import Span
from miriam_reporting.reports.diff.model import Changed, Diff, Side
from miriam_reporting.reports.diff.rows import Rows
from miriam_reporting.reports.diff.sides import Sides
from miriam_reporting.reports.snapshot import lay_out, opened
from miriam_reporting.reports.tallies import statements


def quick_diff(
    connection: Connection,
    edition: str,
    before: int,
    after: int,
    levels: Sequence[str] = ("total",),
    codes: Sequence[str] | None = None,
    most: int | None = None,
) -> Diff:
    """As `diff`, by the definitions of this code on both sides; opens a second session to the same database.

    Raises what `diff` raises.
    """
    if before > after:
        turned = quick_diff(connection, edition, after, before, levels, codes, most)
        return Diff(edition, turned.after, turned.before, [changed.turned() for changed in turned.figures])
    with opened(connection, before):
        pass
    with opened(connection, after), beside(connection) as other:
        found = _Compared(connection, other, edition, before, after).figures(levels, codes, most)
    return Diff(edition, Side(before), Side(after), found)


class _Compared:
    """Two sessions in one snapshot: `other` has the earlier side, `connection` the later one."""

    def __init__(self, connection: Connection, other: Connection, edition: str, before: int, after: int) -> None:
        self._sides = (other, before), (connection, after)
        self._connection = connection
        self._edition, self._before, self._after = edition, before, after

    def figures(self, levels: Sequence[str], codes: Sequence[str] | None, most: int | None) -> list[Changed]:
        by = current()
        facts = needed(text for each in asked_of(by, codes) for text in statements(each))

        def side(session: Connection, position: int) -> Told:
            lay_out(session, self._edition, position, facts)
            return told(session, position, levels, codes, by)

        earlier, later = self._sides
        # What is wrong with the earlier side is told first.
        old, new = at_once(lambda: side(*earlier), lambda: side(*later))
        pairs = pairs_of(old, new)
        return self._taken_apart(pairs, most) if pairs else []

    def _taken_apart(self, pairs: Sequence[Pair], most: int | None) -> list[Changed]:
        by = current()
        queries = queries_of(by, pairs, [other.code for _, other in pairs])
        span = Span(self._edition, self._before, self._after, late_after_days(self._connection))
        sides = Sides(*self._sides, queries, span)
        comparison = Comparison(self._connection, span, (by, by), _Both(sides), most)
        comparison.fates.read({row.event_id for rows in sides.known() for row in set(rows.before) ^ set(rows.after)})
        return comparison.of(pairs)


class _Both:
    """Evidence of one step: both sides have the same definitions, so their queries are the same."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides

    def differing(self, step: Step, queries: tuple[Query | None, Query | None]) -> Iterator[Mapping[str, Rows]]:
        return self._sides.differing(queries[1])
