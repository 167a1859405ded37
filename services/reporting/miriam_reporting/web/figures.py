"""The figures that a reader may see: a CPAS its own, the authority and auditors every one."""

from collections.abc import Sequence

from psycopg2.extensions import connection as Connection

from miriam_platform.pool import Pool
from miriam_reporting.reports.as_of import answered, resolve
from miriam_reporting.reports.current import report
from miriam_reporting.reports.model import LEVELS, Figure, Report
from miriam_reporting.web.roles import Role, Viewer

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
    pool: Pool,
    viewer: Viewer,
    edition: str,
    as_of: str | None = None,
    levels: Sequence[str] = ("total",),
    codes: Sequence[str] | None = None,
) -> Report:
    """The report of an edition with the figures that this reader may see; `as_of` is a position or a day.

    Of the indicators named by `codes` alone, where it is given: a large edition has many figures at its lower levels.
    Raises UnknownEdition, PositionBeyondHead, BadAsOf, NoCheckpointYet, RetiredEdition.
    """
    wanted = ("cpas", "project") if viewer.role is Role.CPAS else tuple(levels)

    def ask(connection: Connection) -> Report:
        when = resolve(connection, as_of)
        found = report(connection, edition, when.position, wanted, codes).as_report()
        return answered(connection, found, when)

    found = pool.ask(ask)
    if viewer.role is not Role.CPAS:
        return found
    own = pool.ask(lambda connection: projects_of(connection, edition, viewer.cpas or "", found.position))
    kept = [each for each in found.figures if _is_own(each, viewer.cpas or "", own)]
    return Report(found.edition, found.position, kept, (), found.answered, found.definitions)


def projects_of(connection: Connection, edition: str, cpas: str, position: int) -> set[str]:
    """The projects of the edition that a CPAS carries at a position: alone, or as lead or member of a consortium."""
    with connection.cursor() as cursor:
        cursor.execute(_CARRIED, {"edition": edition, "cpas": cpas, "position": position})
        return {str(project) for (project,) in cursor}


def _is_own(figure: Figure, cpas: str, projects: set[str]) -> bool:
    by = figure.by
    return by.get("cpas") == cpas or by.get("project") in projects


__all__ = ["LEVELS", "figures_for", "projects_of"]
