"""Which CPAS lie in which region and carry which projects: public knowledge, by which figures are tied together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.definitions import Definitions
from miriam_reporting.reports.snapshot import snapshot

_PLACES = """
select c.cpas, c.project, coalesce(r.region, 'unknown')
  from carrier_at as c
  left join cpas_at as r using (cpas)
 order by c.cpas collate "C", c.project collate "C"
"""


@dataclass(frozen=True, slots=True)
class Places:
    """The region of each CPAS, and who carries each project."""

    regions: Mapping[str, str]
    carriers: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]]) -> "Places":
        """From rows of CPAS, project, region."""
        carriers: dict[str, list[str]] = {}
        for cpas, project, _ in rows:
            carriers.setdefault(project, []).append(cpas)
        return cls({cpas: region for cpas, _, region in rows}, carriers)

    def projects(self, cpas: str) -> list[str]:
        """The projects that a CPAS carries, alone or with others."""
        return [project for project, carriers in self.carriers.items() if cpas in carriers]

    def clusters(self) -> list[tuple[list[str], list[str]]]:
        """CPAS and projects that hang together: what the CPAS of one count, its projects count."""
        left = dict.fromkeys(sorted(self.regions))
        found = []
        while left:
            reached, projects = [next(iter(left))], dict[str, None]()
            for cpas in reached:
                left.pop(cpas, None)
                for project in self.projects(cpas):
                    projects[project] = None
                    reached += [other for other in self.carriers[project] if other not in reached]
            found.append((reached, list(projects)))
        return found


def places_at(connection: Connection, edition: str, position: int, definitions: Definitions) -> Places:
    """The places of an edition at a position. Needs a connection outside a transaction, and leaves it so."""
    with snapshot(connection, edition, position, (), definitions.standing), connection.cursor() as cursor:
        cursor.execute(_PLACES)
        rows: list[Any] = cursor.fetchall()
    return Places.of(rows)
