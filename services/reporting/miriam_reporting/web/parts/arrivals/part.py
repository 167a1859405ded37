"""The part itself, and whose arrivals are looked at."""

from collections.abc import Sequence

from psycopg2.extensions import connection as Connection

from miriam_contracts.ids import EMITTER_PATTERN
from miriam_reporting.web.asked import Asked, Page
from miriam_reporting.web.guard import Unknown
from miriam_reporting.web.part import Part
from miriam_reporting.web.roles import Role
from miriam_reporting.web.view import View

PART = Part("arrivals")
READERS = (Role.CPAS, Role.AUTHORITY, Role.AUDITOR)
_REGISTERED = """
select distinct f.cpas collate "C"
  from facts.cpas as f
 where f.until_position = 9223372036854775807 and not f.retracted
 order by 1
"""


def whose(asked: Asked) -> str | None:
    """The CPAS: the reader's own, or the one that is chosen by `?cpas=`; None before one is chosen.

    Raises Unknown for what can be none.
    """
    if asked.viewer.role is Role.CPAS:
        return asked.viewer.cpas
    chosen = asked.args.get("cpas") or None
    if chosen is not None and not EMITTER_PATTERN.fullmatch(chosen):
        raise Unknown(f"cpas: {EMITTER_PATTERN.pattern}", asked._("There is no CPAS of that name."))
    return chosen


def choose(asked: Asked) -> Page:
    """Where none is chosen: the list to choose from."""
    view = View("arrivals", asked._("Refusals and late facts"), ())
    return Page("arrivals/choose.html", view, choice=asked.database.ask(registered))


def registered(connection: Connection) -> Sequence[str]:
    """Every CPAS that is registered, by id."""
    with connection.cursor() as cursor:
        cursor.execute(_REGISTERED)
        return [str(cpas) for (cpas,) in cursor]
