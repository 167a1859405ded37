"""The tables at the door: emitters, refusals, attempts, parked events.

Whatever came with a payload is sealed with the door's key before it is stored; what stays readable for operators was
checked to be a mere id (`admission.readable`) or is a rule of ours.
"""

import uuid
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson
from psycopg2.extensions import connection as Connection

from miriam_platform import fingerprint, sealing
from miriam_platform.deliveries import Delivery, Result
from miriam_platform.keys import Keys

REFUSAL_BINDING = "refusal"
PARKED_BINDING = "parked"


class Subject(NamedTuple):
    """What parked events are kept in order by."""

    emitter: str
    subject: str


def emitters(connection: Connection) -> dict[str, str]:
    """The kind of each emitter that this service knows, by id."""
    with connection.cursor() as cursor:
        cursor.execute("select id, kind from door.emitter")
        return dict(cursor.fetchall())


def seal_delivery(delivery: Delivery, keys: Keys, binding: str) -> bytes:
    """The sender and the exact bytes of a message, sealed with the door's key."""
    sender = (delivery.user_id or "").encode()
    return sealing.seal(keys.door, sender + b"\n" + delivery.body, binding)


def unseal_delivery(sealed: bytes, routing_key: str, keys: Keys, binding: str) -> Delivery:
    """The message that was sealed. Raises sealing.Unreadable: the door's key is another one."""
    sender, _, body = sealing.unseal(keys.door, sealed, binding).partition(b"\n")
    return Delivery(body=body, user_id=sender.decode() or None, routing_key=routing_key, redelivered=True)


_KEEP = """
select door.keep_refusals(%s::uuid[], %s::text[], %s::bytea[], %s::text[], %s::text[], %s::text[],
                          %s::text[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::boolean[])
"""


def keep_refusals(connection: Connection, refused: Sequence[Result], keys: Keys) -> None:
    """Keep what was refused for 90 days; a message that was kept before is counted, not kept twice."""
    if not refused:
        return
    rows = [
        (
            str(uuid.uuid4()),
            result.emitter or "unknown",
            fingerprint.of_message(keys.fingerprint, result.delivery),
            result.attributes.get("id"),
            result.attributes.get("type"),
            result.attributes.get("subject"),
            result.attributes.get("correlationid"),
            result.delivery.routing_key if result.emitter else "",
            result.problems[0].code,
            orjson.dumps([{"code": p.code, "field": p.field, "allowed": p.allowed} for p in result.problems]).decode(),
            seal_delivery(result.delivery, keys, REFUSAL_BINDING),
            result.delivery.redelivered,
        )
        for result in refused
    ]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [list(column) for column in zip(*rows, strict=True)])


def parked_subjects(connection: Connection, subjects: Iterable[Subject]) -> set[Subject]:
    """Which of these have parked events: what comes for them is parked behind those."""
    asked = list(subjects)
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct parked.emitter, parked.subject from door.parked"
            "  join unnest(%s::text[], %s::text[]) as asked (emitter, subject)"
            "    on asked.emitter = parked.emitter and asked.subject = parked.subject"
            " where parked.status = 'parked'",
            ([s.emitter for s in asked], [s.subject for s in asked]),
        )
        return {Subject(*row) for row in cursor.fetchall()}


def park(connection: Connection, result: Result, keys: Keys, attempts: int, error: str) -> None:
    """Park an event, and forget its attempts; one that is parked already stays where it stands."""
    mark = fingerprint.of_message(keys.fingerprint, result.delivery)
    with connection.cursor() as cursor:
        cursor.execute(
            "select door.park(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                result.delivery.emitter,
                result.attributes.get("subject", ""),
                mark,
                result.attributes.get("id"),
                result.attributes.get("type"),
                result.attributes.get("correlationid"),
                result.delivery.routing_key,
                seal_delivery(result.delivery, keys, PARKED_BINDING),
                attempts,
                error,
            ),
        )


def count_attempt(connection: Connection, delivery: Delivery, keys: Keys, error: str) -> int:
    """Count a failure of our own on this message; answer how many there were."""
    mark = fingerprint.of_message(keys.fingerprint, delivery)
    with connection.cursor() as cursor:
        cursor.execute("select door.count_attempt(%s, %s, %s)", (mark, delivery.emitter, error))
        return int(cursor.fetchone()[0])  # type: ignore[index]


def forget_attempts(connection: Connection, deliveries: Iterable[Delivery], keys: Keys) -> None:
    """Forget the failures of messages that were handled in the end."""
    marks = [fingerprint.of_message(keys.fingerprint, d) for d in deliveries]
    with connection.cursor() as cursor:
        cursor.execute("delete from door.attempt where fingerprint = any (%s::bytea[])", (marks,))
