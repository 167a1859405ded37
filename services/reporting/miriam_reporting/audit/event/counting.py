"""In which figures an event counts, and how: the evidence of every indicator, asked for one event."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import Indicator, Query, indicators
from miriam_reporting.reports.layouts import Layouts
from miriam_reporting.reports.snapshot import snapshot
from miriam_reporting.reports.tallies import evidence_query, unregistered

_ROWS = """
select e.category, e.counted, e.reason
  from ({evidence}) as e
 where e.event_id = %(event_id)s::uuid
 group by e.category, e.counted, e.reason
 order by e.category collate "C", e.counted collate "C", e.reason collate "C"
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """That an event counts in a part of an indicator: as numerator, denominator or excluded, then for which reason."""

    code: str
    part: str
    counted: str
    reason: str | None


def counted(connection: Connection, edition: str, event_id: str, as_of: int | None = None) -> tuple[int, list[Counted]]:
    """Where the event is evidence in the edition at the total, and the position that was asked.

    A row that stands in several parts is told of the whole, or where there is none, of its own. Lays out the whole
    edition. Needs a connection outside a transaction, and leaves it so. Raises UnknownEdition, PositionBeyondHead.
    """
    with snapshot(connection, edition, as_of, _needs()) as position:
        return position, _all(connection, event_id, position)


def counted_in(layouts: Layouts, edition: str, event_id: str, as_of: int | None = None) -> tuple[int, list[Counted]]:
    """As `counted`, of an edition that stays laid out."""
    with layouts.of(edition, as_of, _needs()) as (connection, position):
        return position, _all(connection, event_id, position)


def _needs() -> Iterator[str]:
    return (evidence_query(query) for each in indicators().values() for query in _queries(each))


def _queries(indicator: Indicator) -> Iterable[Query]:
    return dict.fromkeys(section.query for section in indicator.sections)


def _all(connection: Connection, event_id: str, position: int) -> list[Counted]:
    return [row for each in indicators().values() for row in _of(connection, each, event_id, position)]


def _of(connection: Connection, indicator: Indicator, event_id: str, position: int) -> Iterator[Counted]:
    for query in _queries(indicator):
        given = {"position": position, "unregistered": unregistered(query), "event_id": event_id}
        with connection.cursor() as cursor:
            cursor.execute(_ROWS.replace("{evidence}", evidence_query(query)), given)
            rows = cursor.fetchall()
        for category, how, reason in rows:
            yield Counted(indicator.code, _part(indicator, query, category), how, reason)


def _part(indicator: Indicator, query: Query, category: str) -> str:
    sections = [section for section in indicator.sections if section.query == query]
    own = next((section for section in sections if section.membership != "part"), None)
    if own is not None and category:
        return own.part(category)
    whole = next((section for section in sections if section.membership == "part"), None)
    return whole.part(whole.categories[0]) if whole is not None and whole.categories else ""
