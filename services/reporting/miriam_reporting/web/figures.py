"""The figures that a reader may see: a CPAS its own, the authority and auditors every one."""

from collections.abc import Callable, Mapping, Sequence

from psycopg2.extensions import connection as Connection

from miriam_reporting.reports import kept
from miriam_reporting.reports.as_of import answered, resolve
from miriam_reporting.reports.current import QuickReport, report
from miriam_reporting.reports.model import LEVELS, Report
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.roles import Role

Wanted = Callable[[str, Mapping[str, str]], bool]  # by code, and by what a figure is of

_CARRIED = """
select p.project
  from facts.project as p
 where p.edition = %(edition)s and p.from_position <= %(position)s and p.until_position > %(position)s
   and not p.retracted
   and (p.cpas = %(cpas)s
        or exists (select from facts.consortium as c
                    where c.consortium = p.consortium and %(cpas)s = any (c.members) and not c.retracted
                      and c.from_position <= %(position)s and c.until_position > %(position)s))
"""


def figures_for(
    asked: Asked,
    edition: str,
    as_of: str | None = None,
    levels: Sequence[str] = ("total",),
    codes: Sequence[str] | None = None,
    wanted: Wanted | None = None,
) -> Report:
    """The report of an edition with the figures that this reader may see; `as_of` is a position or a day.

    Where given, of the indicators named by `codes` alone, and of those figures of which `wanted(code, by)` is true: a
    large edition has very many at its lower levels. What is so narrowed has no overlaps.
    Raises UnknownEdition, PositionBeyondHead, BadAsOf, NoCheckpointYet, RetiredEdition.
    """
    is_cpas = asked.viewer.role is Role.CPAS
    told = ("cpas", "project") if is_cpas else tuple(levels)

    def ask(connection: Connection) -> QuickReport:
        when = resolve(connection, as_of)
        position = when.position
        if position is None or kept.is_last_known(connection, edition, position):
            return answered(connection, report(connection, edition, position, told, codes, may_be_kept=True), when)
        # Of the past every figure at once: who asks for some of them asks for others next, as the pictures of a page.
        whole = asked.remembered.whole(connection, edition, position)
        return answered(connection, whole.narrowed(told, codes), when)

    found = asked.database.ask(ask)
    if is_cpas:
        cpas = asked.viewer.cpas or ""
        own = asked.database.ask(lambda connection: projects_of(connection, edition, cpas, found.position))
        found = found.only(lambda _, by: by.get("cpas") == cpas or by.get("project") in own)
    return (found.only(wanted) if wanted else found).as_report()


def projects_of(connection: Connection, edition: str, cpas: str, position: int) -> set[str]:
    """The projects of the edition that a CPAS carries at a position: alone, or as lead or member of a consortium."""
    with connection.cursor() as cursor:
        cursor.execute(_CARRIED, {"edition": edition, "cpas": cpas, "position": position})
        return {str(project) for (project,) in cursor}


__all__ = ["LEVELS", "Wanted", "figures_for", "projects_of"]
