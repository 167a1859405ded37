"""In whose name the authority's steps are recorded, and whose account took them."""

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit import access
from miriam_reporting.audit.access import Shown
from miriam_reporting.reports.errors import UnknownEdition
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.editions import editions

_KIND = "/authority/"
_OPENED_BY = """
select leaf.data ->> 'origin'
  from ledger.leaf
 where leaf.type = 'miriam.edition.opened.v1' and leaf.data -> 'data' ->> 'edition' = %s
   and starts_with(leaf.data ->> 'origin', %s)
 order by leaf.position
 limit 1
"""


def office(connection: Connection, edition: str) -> str:
    """The authority that opened an edition, as `authority.spp-is`. Raises UnknownEdition."""
    with connection.cursor() as cursor:
        cursor.execute(_OPENED_BY, (edition, _KIND))
        row = cursor.fetchone()
        if row is None:
            cursor.execute("select position from ledger.head")
            ((head,),) = cursor.fetchall()
            raise UnknownEdition(edition, head, [each.id for each in editions(connection)])
    return f"authority.{row[0].removeprefix(_KIND)}"


def note(asked: Asked, step: str, actor: str, **what: str) -> None:
    """Write down, committed, whose account is about to take a step: the ledger will name the office alone."""
    purpose = f"{step} as {actor}"
    access.note(asked.database, asked.viewer.actor, purpose, {"page": step, **what}, shown=Shown("step", 0))
