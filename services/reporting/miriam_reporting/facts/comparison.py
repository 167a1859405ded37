"""Whether two sets of fact tables say the same, up to a position."""

from dataclasses import dataclass

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from miriam_reporting.facts.definitions import FactTable
from miriam_reporting.facts.schema import LIVE, NEXT


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of one table that stand in one set alone, with the ids of some of the events concerned."""

    table: str
    missing: int
    added: int
    event_ids: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.table}: {self.missing} rows missing, {self.added} added (events {', '.join(self.event_ids)})"


# As the table was at `upto`: later versions are left out, and what they closed is open again.
_AS_OF = """
select {columns}, case when until_position > %(upto)s then 9223372036854775807 else until_position end as until_position
  from {schema}.{table}
 where from_position <= %(upto)s
"""
_SAME = """
select (select (count(*), coalesce(sum(hashtextextended(old::text, 0)), 0)) from ({old}) as old)
     = (select (count(*), coalesce(sum(hashtextextended(new::text, 0)), 0)) from ({new}) as new)
"""
_DIFFERENT = """
with missing as ({old} except all {new}), added as ({new} except all {old})
select (select count(*) from missing), (select count(*) from added),
       array(select event_id::text from (table missing union all table added) as either
              group by event_id order by min(from_position) limit 20)
"""


def differences(connection: Connection, table: FactTable, upto: int) -> list[Difference]:
    """How `facts` and `facts_next` differ in one table as of leaf `upto`; empty where they do not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
            " and attname <> 'until_position' order by attname",
            (f"{LIVE}.{table.name}",),
        )
        columns = sql.SQL(", ").join(sql.Identifier(name) for (name,) in cursor.fetchall())
        old, new = (
            sql.SQL(_AS_OF).format(columns=columns, schema=sql.Identifier(name), table=sql.Identifier(table.name))
            for name in (LIVE, NEXT)
        )
        # Sums of hashes take one pass and no sorting; only where they differ is it worth to look closer.
        cursor.execute(sql.SQL(_SAME).format(old=old, new=new), {"upto": upto})
        row = cursor.fetchone()
        if row and row[0]:
            return []
        cursor.execute(sql.SQL(_DIFFERENT).format(old=old, new=new), {"upto": upto})
        row = cursor.fetchone()
        assert row is not None
        return [Difference(table.name, int(row[0]), int(row[1]), tuple(row[2]))]
