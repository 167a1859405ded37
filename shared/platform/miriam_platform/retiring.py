"""The end of an edition's retention: bodies of its events, keys and sealed blocks of its participations are destroyed.

What stays are numbers and leaf hashes, so that order and proofs stand without the content, and what is said of
editions, projects and CPAS, which names nobody. First it is announced, so that nothing new comes; then destroyed, in a
transaction of its own: killed between the two, it is carried out again from the start.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg2.errors
from psycopg2.extensions import connection as Connection

from miriam_platform import forgetting, own, sealing
from miriam_platform.database import Database
from miriam_platform.definition import ServiceDefinition
from miriam_platform.keys import Keys
from miriam_platform.own import OwnFact
from miriam_platform.times import brussels_day

_PARTICIPATION = "participation/"


class NotPublished(Exception):
    """An event of the edition has not reached the broker yet: its bytes must, before they are emptied. Try later."""


def announce(connection: Connection, event: Mapping[str, Any]) -> None:
    """Have facts about a retired edition refused from the commit on. `event` is the recorded `edition.retired`."""
    data = event["data"]
    with connection.cursor() as cursor:
        cursor.execute(
            "select event_store.announce_retirement(%s, %s::text[], %s)",
            (data["edition"], list(data.get("projects", ())), event["id"]),
        )


def destroy(
    connection: Connection, definition: ServiceDefinition, keys: Keys, event: Mapping[str, Any], moment: dt.datetime
) -> list[OwnFact]:
    """Destroy what this service holds of a retired edition; what it has to say of it. Raises NotPublished."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("select id::text, stream, whole from event_store.retire(%s)", (event["id"],))
        except psycopg2.errors.ObjectNotInPrerequisiteState:
            raise NotPublished from None
        found = cursor.fetchall()
        streams = sorted({stream for _, stream, whole in found if whole})
        # Of a woman of whom more than this edition is known, what came with its events goes, and her key stays.
        partly = [event_id for event_id, _, whole in found if not whole]
        cursor.execute("delete from sealed.block where event_id = any (%s::uuid[])", (partly,))
    subjects = sorted({stream.partition("/")[2] for stream in streams})
    participations = [s.removeprefix(_PARTICIPATION) for s in streams if s.startswith(_PARTICIPATION)]
    destroyed = sealing.destroy_all(connection, participations)
    forgetting.forget(connection, subjects, keys)
    definition.retired(connection, participations)
    return [
        own.key_destroyed(
            each.participation,
            each.blocks,
            because_of=event["id"],
            ground="retired",
            on=brussels_day(moment),
            correlation=event["correlationid"],
        )
        for each in destroyed
        if each.held
    ]


def retire(
    database: Database, definition: ServiceDefinition, keys: Keys, event: Mapping[str, Any], moment: dt.datetime
) -> Sequence[OwnFact]:
    """Announce and carry out a retirement, and say what was destroyed. Raises NotPublished, own.StreamMoved, and what
    the database raises: then it is to be carried out again.
    """
    with database.transaction() as connection:
        announce(connection, event)
    with database.transaction() as connection:
        stated = destroy(connection, definition, keys, event, moment)
        with connection.cursor() as cursor:
            cursor.execute("select sealed.follow_to(%s)", (event["sequence"],))
        own.record(connection, definition.name, stated, moment)
        return stated
