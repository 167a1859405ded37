"""What a unit is near to: her other participations, the project and consortium that these belong to, the edition.

Everything that was ever said up to the later position counts: whatever was true at either side is among it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from psycopg2.extensions import connection as Connection

_LINKS = "select participation, other from facts.person_link where from_position <= %(upto)s"
_PERSONS = """
select distinct participation, person, project
  from facts.participation
 where from_position <= %(upto)s and (participation = any(%(names)s) or person = any(%(names)s))
"""
_PROJECTS = "select distinct project, cpas, consortium from facts.project where from_position <= %(upto)s"
_GROUPS = "select distinct group_id, project, consortium from facts.grp where from_position <= %(upto)s"


class Kinship:
    """Widens the keys of a unit (events.sql) to those of everything that it may rest on."""

    def __init__(self, connection: Connection, edition: str, keys: Iterable[Collection[str]], upto: int) -> None:
        self._edition = edition
        self._near: defaultdict[str, set[str]] = defaultdict(set)
        with connection.cursor() as cursor:
            for statement, letters in ((_PROJECTS, "pck"), (_GROUPS, "gpk")):
                cursor.execute(statement, {"upto": upto})
                for name, *others in cursor:
                    self._near[f"{letters[0]}:{name}"].update(
                        f"{letter}:{other}" for letter, other in zip(letters[1:], others, strict=True) if other
                    )
        women = {key[2:] for each in keys for key in each if key.startswith("w:")}
        if women:
            self._families(connection, women, upto)

    def _families(self, connection: Connection, women: set[str], upto: int) -> None:
        tied: defaultdict[str, set[str]] = defaultdict(set)
        projects: defaultdict[str, set[str]] = defaultdict(set)
        with connection.cursor() as cursor:
            cursor.execute(_LINKS, {"upto": upto})
            for one, other in cursor.fetchall():
                tied[one].add(other)
                tied[other].add(one)
            asked: set[str] = set()
            wanted = women.union(tied)
            # From participations to persons, from persons to participations, until there is nobody new.
            while new := wanted - asked:
                asked |= new
                cursor.execute(_PERSONS, {"upto": upto, "names": list(new)})
                for participation, person, project in cursor.fetchall():
                    tied[participation].add(person)
                    tied[person].add(participation)
                    projects[participation].add(f"p:{project}")
                    wanted |= {participation, person}
        for family in _components(tied):
            hers = {f"w:{name}" for name in family if ":" in name}
            for name in family:
                self._near[f"w:{name}"] |= hers | projects[name]
        for name in women:
            self._near[f"w:{name}"] |= projects[name]

    def widened(self, keys: Iterable[str]) -> frozenset[str]:
        """The keys, and all that they are near to."""
        found, new = {f"e:{self._edition}"}, set(keys)
        while new:
            found |= new
            nearer = {near for key in new for near in self._near.get(key, ())}
            nearer |= {f"c:{key[2:].partition(':')[0]}" for key in new if key[0] in "wg"}
            # A project leads to its consortium and CPAS, and no further.
            new = {key for key in nearer if key not in found}
        return frozenset(found)


def _components(tied: Mapping[str, set[str]]) -> list[list[str]]:
    found: list[list[str]] = []
    seen: set[str] = set()
    for start in tied:
        if start in seen:
            continue
        family, open_ends = {start}, [start]
        while open_ends:
            for other in tied[open_ends.pop()]:
                if other not in family:
                    family.add(other)
                    open_ends.append(other)
        seen |= family
        found.append(sorted(family))
    return found
