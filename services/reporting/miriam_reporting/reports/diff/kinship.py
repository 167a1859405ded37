"""What a unit is near to: her other participations, the project and consortium that it belongs to, the edition.

Everything that was ever said up to the later position counts: whatever was true at either side is among it.
"""

from collections import defaultdict
from collections.abc import Iterable

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
    """Widens the keys of a unit (events.sql) to those of what it may rest on; a family of participations is one `f:`.

    One for a diff: what is read of a participation is read once.
    """

    def __init__(self, connection: Connection, edition: str, upto: int) -> None:
        self._connection = connection
        self._edition = edition
        self._upto = upto
        self._near: defaultdict[str, set[str]] = defaultdict(set)
        self._head: dict[str, str] = {}  # of the family, by participation and person
        self._family: dict[str, set[str]] = {}  # by its head
        self._read: set[str] = set()
        with connection.cursor() as cursor:
            for statement, letters in ((_PROJECTS, "pck"), (_GROUPS, "gpk")):
                cursor.execute(statement, {"upto": upto})
                for name, *others in cursor:
                    self._near[f"{letters[0]}:{name}"].update(
                        f"{letter}:{other}" for letter, other in zip(letters[1:], others, strict=True) if other
                    )
            cursor.execute(_LINKS, {"upto": upto})
            for one, other in cursor.fetchall():
                self._tie(one, other)

    def admit(self, keys: Iterable[str]) -> None:
        """Read what must be known of these participations, and of all of their families."""
        wanted = {key[2:] for key in keys if key[0] == "w"}
        with self._connection.cursor() as cursor:
            # From participations to persons, from persons to participations, until there is nobody new.
            while new := {each for name in wanted for each in self._members(name)} - self._read:
                self._read |= new
                cursor.execute(_PERSONS, {"upto": self._upto, "names": list(new)})
                for participation, person, project in cursor.fetchall():
                    self._tie(participation, person)
                    self._near[f"w:{participation}"].add(f"p:{project}")

    def family(self, key: str) -> str:
        """The key of the family that a participation is of."""
        return f"f:{self._head.get(key[2:], key[2:])}"

    def near(self, key: str) -> set[str]:
        """What is next to a key: a project's consortium and CPAS, a group's project and consortium."""
        return self._near.get(key, set())

    def participations(self, key: str) -> set[str]:
        """The participations of a family, as keys."""
        return {f"w:{name}" for name in self._members(key[2:]) if ":" in name}

    def widened(self, keys: Iterable[str]) -> frozenset[str]:
        """The keys, and all that they are near to. Participations must be admitted before."""
        found, new = {f"e:{self._edition}"}, set(keys)
        while new:
            found |= new
            nearer = {near for key in new for near in self._near.get(key, ())}
            nearer |= {f"c:{key[2:].partition(':')[0]}" for key in new if key[0] in "wg"}
            nearer |= {self.family(key) for key in new if key[0] == "w"}
            new = nearer - found
        return frozenset(found)

    def _members(self, name: str) -> set[str]:
        return self._family.get(self._head.get(name, name), {name})

    def _tie(self, one: str, other: str) -> None:
        head, joining = self._head.get(one, one), self._head.get(other, other)
        if head == joining:
            return
        ours, theirs = self._members(one), self._members(other)
        if len(ours) < len(theirs):
            head, joining, ours, theirs = joining, head, theirs, ours
        # The smaller joins the larger, so that nobody moves often.
        self._family.setdefault(head, ours).update(theirs)
        self._family.pop(joining, None)
        for name in (head, *theirs):
            self._head[name] = head
