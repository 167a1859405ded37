"""The evidence of a query at two positions, and the rows of those units alone whose rows are not the same, in turns."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from psycopg2.extensions import connection as Connection

from miriam_reporting.indicators.definitions import Query
from miriam_reporting.reports.diff.states import Row
from miriam_reporting.reports.tallies import evidence_query, unregistered

_COLUMNS = "unit, category, event_id, position, counted, reason, amount, cpas, project, region"
_KEEP = """
create temporary table {name} on commit drop as
select e.unit, e.category, e.event_id::text as event_id, e.position, e.counted, e.reason, e.amount::bigint as amount,
       e.cpas, e.project, e.region
  from ({evidence}) as e
"""
_NOTHING = """
create temporary table if not exists diff_nothing (
  unit text, category text, event_id text, position bigint, counted text, reason text, amount bigint,
  cpas text, project text, region text
) on commit drop
"""
# The columns are compared as they are, so a row that only moved to another region is another row.
_UNITS = """
create temporary table diff_unit on commit drop as
select unit, (row_number() over (order by unit collate "C") - 1) / %(turn)s as turn
  from (
    select distinct unit
      from (
        (select * from {before} except all select * from {after})
         union all
        (select * from {after} except all select * from {before})
      ) as either
  ) as differing
"""
_ROWS = "select {columns} from {table} as r where r.unit in (select u.unit from diff_unit as u where u.turn = %(turn)s)"
# Units whose rows are held at a time.
TURN = 5_000


@dataclass(slots=True)
class Rows:
    """A unit's rows on both sides."""

    before: list[Row] = field(default_factory=list)
    after: list[Row] = field(default_factory=list)


def keep(connection: Connection, query: Query, position: int, name: str) -> None:
    """Keep a query's evidence, as laid out in this snapshot, in a temporary table of that name."""
    asked = {"position": position, "unregistered": unregistered(query)}
    with connection.cursor() as cursor:
        cursor.execute(_KEEP.replace("{name}", name).replace("{evidence}", evidence_query(query)), asked)
        cursor.execute(f"analyze {name}")


def differing(connection: Connection, before: str, after: str, turn: int = TURN) -> Iterator[Mapping[str, Rows]]:
    """By unit, all rows on both sides of the units whose rows differ: `turn` units at a time, by their names."""
    with connection.cursor() as cursor:
        cursor.execute(_UNITS.replace("{before}", before).replace("{after}", after), {"turn": turn})
        units = cursor.rowcount
        try:
            for number in range(-(-units // turn)):
                found: defaultdict[str, Rows] = defaultdict(Rows)
                for side, table in (("before", before), ("after", after)):
                    cursor.execute(_ROWS.format(columns=_COLUMNS, table=table), {"turn": number})
                    for row in map(Row._make, cursor):
                        getattr(found[row.unit], side).append(row)
                yield dict(sorted(found.items()))
        finally:
            cursor.execute("drop table diff_unit")


def both(rows: Rows) -> tuple[list[Row], list[Row]]:
    """Both sides' rows."""
    return rows.before, rows.after


def nothing(connection: Connection) -> str:
    """The name of a table of evidence that holds none."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTHING)
    return "diff_nothing"
