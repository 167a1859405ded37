"""Wiping a test CPAS: the bodies of its events, their blocks and keys, and all that the door keeps of it.

What stays are numbers and leaf hashes, so that order and proofs stand without the content. The service says in its own
name which numbers it emptied (`door.wiped`), in the transaction that empties them; nothing else can be emptied so, and
nothing of an emitter that is no test (`event_store.wipe`). The ledger empties the same leaves when it comes by.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import orjson
import psycopg2.errors
from psycopg2.extensions import connection as Connection

from miriam_contracts import ids
from miriam_platform import own, store, tally
from miriam_platform.database import Database
from miriam_platform.definition import ServiceDefinition
from miriam_platform.own import WIPED, OwnFact, StreamMoved
from miriam_platform.times import brussels_day, now

# Runs of numbers in one statement: as many as its contract allows.
MOST_RUNS = 2_000
MOST_ROUNDS = 20
_PAGE = 500

Run = tuple[int, int]  # first and last number


class NoTest(Exception):
    """Only a test CPAS can be wiped: what others sent is for good."""


class NotPublished(Exception):
    """An event of the test CPAS has not reached the broker yet: its bytes must, before they are emptied. Try later."""


@dataclass(slots=True)
class Wiped:
    """What was wiped here: `statements` are the recorded ids of what the service said of it."""

    events: int = 0
    blocks: int = 0
    at_the_door: int = 0
    statements: list[str] = field(default_factory=list)


def wipe(
    database: Database, definition: ServiceDefinition, emitter: str, reason: str, moment: dt.datetime | None = None
) -> Wiped:
    """Wipe a test CPAS from this service's store. What it sends later is recorded as before; repeated, it wipes that.

    Raises NoTest, NotPublished, and what the database raises: then nothing was wiped.
    """
    if not ids.is_test(emitter):
        raise NoTest(emitter)
    moment = moment or now()
    # Refusals are counted before they go.
    tally.tally(database, definition.name, moment)
    for _ in range(MOST_ROUNDS):
        try:
            with database.transaction() as connection:
                return _wipe(connection, definition, emitter, reason, moment)
        except StreamMoved:
            continue
        except psycopg2.errors.ObjectNotInPrerequisiteState:
            raise NotPublished from None
    raise StreamMoved({own.wiped_stream(definition.name)})


def wipe_again(connection: Connection, definition: ServiceDefinition) -> None:
    """Carry out again what this service once said: a backup may have brought it back. Its numbers must be published."""
    after = 0
    while page := store.read_type(connection, WIPED, after, _PAGE):
        for event in page:
            told = orjson.loads(event.body)
            _destroy(connection, definition, told["data"]["emitter"], told["id"])
        after = page[-1].sequence


def _wipe(
    connection: Connection, definition: ServiceDefinition, emitter: str, reason: str, moment: dt.datetime
) -> Wiped:
    done = Wiped()
    # Batches under way hold it shared: so none of them rests on a state that is emptied meanwhile.
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('event_store.retired'))")
        cursor.execute("select first, last from event_store.events_of_test(%s)", (emitter,))
        found = cursor.fetchall()
    facts = list(_statements(definition.name, emitter, reason, moment, found))
    own.record(connection, definition.name, facts, moment)
    for fact in facts:
        statement = fact.event_id(definition.name)
        done.blocks += _destroy(connection, definition, emitter, statement)
        done.events += fact.data["events"]
        done.statements.append(statement)
    with connection.cursor() as cursor:
        cursor.execute("select door.wipe(%s, %s)", (emitter, tally.tallied(connection, definition.name)))
        [(done.at_the_door,)] = cursor.fetchall()
    return done


def _statements(service: str, emitter: str, reason: str, moment: dt.datetime, runs: Sequence[Run]) -> Iterator[OwnFact]:
    left = iter(runs)
    while some := list(islice(left, MOST_RUNS)):
        yield OwnFact(
            type=WIPED,
            stream=own.wiped_stream(service),
            subject=service,
            id=f"wiped-{uuid.uuid4()}",
            data={
                "emitter": emitter,
                "occurred_on": brussels_day(moment),
                "reason": reason,
                "events": sum(last - first + 1 for first, last in some),
                "numbers": [{"first": first, "last": last} for first, last in some],
            },
        )


def _destroy(connection: Connection, definition: ServiceDefinition, emitter: str, statement: str) -> int:
    """Empty what a recorded statement names, and destroy what came with it; how many blocks went."""
    with connection.cursor() as cursor:
        cursor.execute("select wiped::text from event_store.wipe(%s) as wiped", (statement,))
        events = [event_id for (event_id,) in cursor.fetchall()]
        cursor.execute("select sealed.wipe(%s, %s::uuid[])", (emitter, events))
        [(blocks,)] = cursor.fetchall()
    definition.wiped(connection, events)
    return int(blocks)
