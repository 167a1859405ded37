"""Which facts are held of a woman, by their kind and number: what an answer to her request for access begins from."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_reporting.facts.definitions import definition
from miriam_reporting.facts.mentions import SUBJECTS
from miriam_reporting.privacy.women import participations_of

# The fact tables that tell something of a participation, in the order of a woman's way.
TABLES = (
    "participation", "participation_event", "session", "goal", "goal_event", "assessment", "referral", "referral_close",
    "membership", "attendance", "exit", "follow_up", "person_link",
)  # fmt: skip
_COUNT = """
select {name} as table, v.participation,
       count(distinct v.first_id) filter (where v.until_position = 9223372036854775807 and not v.retracted),
       count(distinct v.event_id)
  from facts.{table} as v{mentioned}
 where v.participation = any (%(of)s)
 group by v.participation
"""
# The tables' indexes begin with the project.
_MENTIONED = "\n  join facts.mention as m on m.project = v.project and m.subject = v.participation"


@dataclass(frozen=True, slots=True)
class Held:
    """Facts of one kind that are held of a participation.

    facts     those that stand
    events    recorded events that tell of them: corrections and retractions too
    service   which service recorded them
    sealed    whether what came with them may hold a name or a note, which lies sealed in that service alone
    """

    kind: str
    participation: str
    facts: int
    events: int
    service: str
    sealed: bool


def held_of(connection: Connection, persons: Sequence[str]) -> list[Held]:
    """What is held of these persons, under their pseudonyms, by participation and kind. No fact itself is told."""
    participations = participations_of(connection, persons)
    if not participations:
        return []
    query = " union all ".join(_count(table) for table in TABLES)
    with connection.cursor() as cursor:
        cursor.execute(query, {"of": participations})
        found = [_held(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda each: (each.participation, TABLES.index(each.kind)))


def _count(table: str) -> str:
    of_projects = SUBJECTS.get(table) == "participation"
    return _COUNT.format(name=f"'{table}'", table=table, mentioned=_MENTIONED if of_projects else "")


def _held(table: str, participation: str, facts: int, events: int) -> Held:
    (known,) = (each for each in definition().tables if each.name == table)
    types = [EVENT_TYPES[name] for name in known.types]
    sealed = any(each.personal for each in types)
    return Held(table, participation, facts, events, types[0].owner, sealed)
