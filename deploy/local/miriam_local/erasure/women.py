"""Whose data are asked for: a person, or who stands behind a participation, and who turned out to be the same woman."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_contracts.history import INITIAL, History, Standing, evolve

_LINKS = tuple(f"miriam.person.{fact}.v1" for fact in ("linked", "unlinked", "corrected", "retracted"))


@dataclass(frozen=True)
class Woman:
    """One record of a woman in intake.

    participations   hers, by their enrolments; none where they were erased
    erased           the recorded id of her erasure; None before it
    """

    person: str
    participations: tuple[str, ...]
    erased: str | None


def person_of(connection: Connection, participation: str) -> str | None:
    """The person whose participation it is, by the last version of its enrolment."""
    with connection.cursor() as run:
        run.execute("select person.of_participation(%s)", (participation,))
        row = run.fetchone()
    return None if row is None else row[0]


def women_behind(connection: Connection, person: str) -> list[Woman]:
    """The record of a person, and behind it those of all who are linked with her: two records, one woman."""
    verdicts = _verdicts(connection)
    found: dict[str, Woman] = {}
    waiting = [person]
    while waiting:
        each = waiting.pop()
        if each in found:
            continue
        found[each] = woman = _woman(connection, each)
        for participation in woman.participations:
            for other in _linked(verdicts, participation):
                neighbour = person_of(connection, other)
                if neighbour is not None:
                    waiting.append(neighbour)
    first = found.pop(person)
    return [first, *(found[name] for name in sorted(found))]


def _woman(connection: Connection, person: str) -> Woman:
    with connection.cursor() as run:
        run.execute("select person.participations_of(%s)", (person,))
        participations = tuple(row[0] for row in run.fetchall())
        run.execute(
            "select id::text from event_store.event where stream = %s and type = 'miriam.person.erased.v1'",
            (f"person/{person}",),
        )
        row = run.fetchone()
    return Woman(person, participations, None if row is None else row[0])


def _verdicts(connection: Connection) -> Mapping[frozenset[str], str]:
    """The last word on each pair of participations, whichever of the two it was said of."""
    with connection.cursor() as run:
        run.execute(
            "select body from event_store.event where type = any (%s) and body is not null order by sequence",
            (list(_LINKS),),
        )
        events = [json.loads(row[0]) for row in run.fetchall()]
    facts = sorted(_standing(events), key=lambda fact: (fact.data["occurred_on"], fact.first_id))
    return {frozenset((fact.data["participation"], fact.data["other"])): fact.name for fact in facts}


def _standing(events: Iterable[Mapping[str, Any]]) -> Iterator[Standing]:
    state: History = INITIAL
    for event in events:
        state = evolve(state, event)
    return state.standing("person", "linked", "unlinked")


def _linked(verdicts: Mapping[frozenset[str], str], participation: str) -> Iterator[str]:
    for pair, verdict in verdicts.items():
        if verdict == "linked" and participation in pair:
            yield from pair - {participation}
