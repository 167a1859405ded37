"""The moments of the ledger that can be looked back to: the last signed head of each day, and positions between."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from miriam_platform.times import BRUSSELS
from miriam_reporting.facts.reading import reading

# With fewer days than this, positions are offered too: a history may be of one day.
_FEW = 12
_BETWEEN = 20
# From day to day along the index, however many heads were signed on each.
_DAYS = """
with recursive last as (
  (select size, signed_at from ledger.checkpoint order by signed_at desc, size desc limit 1)
   union all
  select before.size, before.signed_at
    from last
   cross join lateral (
     select c.size, c.signed_at
       from ledger.checkpoint as c
      where c.signed_at < date_trunc('day', last.signed_at, 'Europe/Brussels')
      order by c.signed_at desc, c.size desc
      limit 1
   ) as before
)
select size, signed_at from last where size between %s and %s order by size
"""
_OPENED = "select min(from_position) from facts.edition where edition = %s"
_RECEIVED = "select position, received_at from ledger.leaf where position = any (%s) order by position"


@dataclass(frozen=True, slots=True)
class Moment:
    """A position, when its leaf arrived or its head was signed, and what asks for it: a day, or the position itself."""

    position: int
    at: dt.datetime
    as_of: str

    @property
    def is_day(self) -> bool:
        """Whether a day asks for it."""
        return "-" in self.as_of


def moments(connection: Connection, edition: str) -> Sequence[Moment]:
    """Those since an edition was opened, up to what the facts have reached, the oldest first; none where it was not.

    As `report` asks for its connection.
    """
    with reading(connection) as reached, connection.cursor() as cursor:
        cursor.execute(_OPENED, (edition,))
        ((opened,),) = cursor.fetchall()
        if opened is None:
            return []
        cursor.execute(_DAYS, (opened, reached))
        found = [Moment(size, at, at.astimezone(BRUSSELS).date().isoformat()) for size, at in cursor]
        if len(found) < _FEW:
            known = {each.position for each in found}
            between = {opened + (reached - opened) * step // _BETWEEN for step in range(_BETWEEN + 1)} - known
            cursor.execute(_RECEIVED, (sorted(between),))
            found += [Moment(position, at, str(position)) for position, at in cursor]
    return sorted(found, key=lambda each: each.position)
