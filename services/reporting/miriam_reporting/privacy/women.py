"""Whose data a request is about: pseudonyms, found by a participation, and records that turned out to be one woman."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg2.extensions import connection as Connection

ERASED = "miriam.person.erased.v1"
_STANDS = "until_position = 9223372036854775807 and not retracted"
_PERSONS = f"select distinct person from facts.participation where participation = any (%s) and {_STANDS}"
_PARTICIPATIONS = f"select distinct participation from facts.participation where person = any (%s) and {_STANDS}"
# The last word on each pair, whichever of the two participations said it.
_LINKED = f"""
select one, other
  from (
    select distinct on (pair.one, pair.other) pair.one, pair.other, f.fact
      from facts.person_link as f
     cross join lateral (
             select least(f.participation collate "C", f.other collate "C"),
                    greatest(f.participation collate "C", f.other collate "C")
           ) as pair (one, other)
     where (f.participation = any (%(of)s) or f.other = any (%(of)s)) and f.{_STANDS.replace("not ", "not f.")}
     order by pair.one, pair.other, f.occurred_on desc, f.first_id desc
  ) as verdict
 where fact = 'linked'
"""
_KNOWN = """
select person from facts.participation where person = any (%(persons)s)
 union
select data->'data'->>'person' from ledger.leaf where type = %(erased)s and data->'data'->>'person' = any (%(persons)s)
"""


def persons_of(connection: Connection, participations: Iterable[str]) -> list[str]:
    """The pseudonyms of those whose participations these are, by the enrolments that stand; in order."""
    return _column(connection, _PERSONS, (list(participations),))


def participations_of(connection: Connection, persons: Iterable[str]) -> list[str]:
    """Their participations, by the enrolments that stand; in order."""
    return _column(connection, _PARTICIPATIONS, (list(persons),))


def records_of(connection: Connection, person: str) -> list[str]:
    """Every record of the woman: `person` first, then those that are linked with her by now; in order."""
    found, fresh = {person}, {person}
    while fresh:
        with connection.cursor() as cursor:
            cursor.execute(_LINKED, {"of": participations_of(connection, fresh)})
            pairs = {each for pair in cursor.fetchall() for each in pair}
        fresh = set(persons_of(connection, pairs)) - found if pairs else set()
        found |= fresh
    return [person, *sorted(found - {person})]


def known_persons(connection: Connection, persons: Sequence[str]) -> frozenset[str]:
    """Those of the pseudonyms that the ledger knows: by an enrolment, in whatever version, or an erasure."""
    return frozenset(_column(connection, _KNOWN, {"persons": list(persons), "erased": ERASED}))


def _column(connection: Connection, query: str, given: Sequence[Any] | Mapping[str, Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        return sorted(str(value) for (value,) in cursor.fetchall())
