"""The tables at the door: emitters, refusals, attempts, parked events.

Whatever came with a payload is sealed with the door's key before it is stored; what stays readable for operators was
checked to be a mere id (`admission.readable`) or is a rule of ours.
"""

import uuid
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import orjson
from psycopg2.extensions import connection as Connection

from miriam_contracts.envelope import personal_of, without_personal
from miriam_platform import fingerprint, sealing
from miriam_platform.deliveries import UNKNOWN_KEY, Delivery, Result, routing_key_of
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


# What was sent compressed takes no more room here than on its way: else 10 kilobytes of a flood would fill 8 megabytes.
_WORTH_PACKING = 4096


def seal_delivery(delivery: Delivery, keys: Keys, binding: str) -> bytes:
    """A message as it came, to the byte, sealed with the door's key; a large one is compressed before."""
    packed = len(delivery.body) >= _WORTH_PACKING
    body = zlib.compress(delivery.body) if packed else delivery.body
    header = orjson.dumps([delivery.user_id, delivery.routing_key, delivery.in_clear, delivery.content, packed])
    return sealing.seal(keys.door, header + b"\n" + body, binding)


def unseal_delivery(sealed: bytes, keys: Keys, binding: str) -> Delivery:
    """The message that was sealed, to be tried again. Raises sealing.Unreadable: the door's key is another one."""
    header, _, body = sealing.unseal(keys.door, sealed, binding).partition(b"\n")
    # What was sealed before the properties were kept says nothing of them, nor of compression.
    user_id, routing_key, in_clear, *more = orjson.loads(header)
    said = (more[0][0], more[0][1]) if more else (None, None)
    if more[1:] == [True]:
        body = zlib.decompress(body)
    emitter, _, key = routing_key.partition(".")
    if key == UNKNOWN_KEY:
        # The catalogue may know its type by now.
        routing_key = routing_key_of(body, emitter)
    return Delivery(body, user_id, routing_key, redelivered=True, in_clear=in_clear, retried=True, content=said)


def stripped(delivery: Delivery) -> Delivery | None:
    """The message without its personal block; None where it cannot be read to be stripped."""
    try:
        event = orjson.loads(delivery.body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
        return None
    if personal_of(event["data"]) is None:
        return delivery
    return replace(delivery, body=orjson.dumps({**event, "data": without_personal(event["data"])}))


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
            " where parked.status in ('parked', 'asked')",
            ([s.emitter for s in asked], [s.subject for s in asked]),
        )
        return {Subject(*row) for row in cursor.fetchall()}


_DESTROYED = "select wrapped is null from sealed.key where participation = %s for share"


def park(connection: Connection, result: Result, keys: Keys, attempts: int, error: str) -> None:
    """Park an event, and forget its attempts; one that is parked already stays where it stands.

    Of a woman whose key was destroyed it is parked without its personal block, and known again by the rest. The key
    stays locked until this transaction ends: an erasure waits for it, and then finds what was parked.
    """
    kept: Delivery | None = result.delivery
    with connection.cursor() as cursor:
        cursor.execute(_DESTROYED, (result.attributes.get("subject", ""),))
        if cursor.fetchone() == (True,):
            kept = stripped(result.delivery)
            forget_attempts(connection, [result.delivery], keys)
        # A hash over her block would be as good as the block to who tries numbers.
        mark = fingerprint.of_message(keys.fingerprint, kept or replace(result.delivery, body=b""))
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
                b"" if kept is None else seal_delivery(kept, keys, PARKED_BINDING),
                attempts,
                error,
            ),
        )


def count_attempt(connection: Connection, delivery: Delivery, keys: Keys, error: str) -> int:
    """Count a failure of our own on this message; answer how many there were."""
    mark = fingerprint.of_message(keys.fingerprint, delivery)
    with connection.cursor() as cursor:
        cursor.execute("select door.count_attempt(%s, %s, %s)", (mark, delivery.emitter, error))
        [(answer,)] = cursor.fetchall()
        return int(answer)


def forget_attempts(connection: Connection, deliveries: Iterable[Delivery], keys: Keys) -> None:
    """Forget the failures of messages that were handled in the end."""
    marks = [fingerprint.of_message(keys.fingerprint, d) for d in deliveries]
    with connection.cursor() as cursor:
        cursor.execute("delete from door.attempt where fingerprint = any (%s::bytea[])", (marks,))


def asked_refusals(connection: Connection, most: int) -> list[tuple[int, bytes]]:
    """Number and sealed message of the refusals that an operator has tried again, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select number, payload from door.refusal where status = 'asked' order by number limit %s", (most,)
        )
        return [(number, bytes(payload)) for number, payload in cursor.fetchall()]


def settle_refusal(connection: Connection, number: int, *, failed: bool) -> None:
    """What became of it: one that was refused once more is kept again already, by `keep_refusals`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update door.refusal set status = %s where number = %s and status = 'asked'",
            ("kept" if failed else "retried", number),
        )


def asked_parked(connection: Connection, most: int) -> list[tuple[int, Subject, bytes]]:
    """Position, subject and sealed message of the parked events that an operator has tried again, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select position, emitter, subject, payload from door.parked"
            " where status = 'asked' order by position limit %s",
            (most,),
        )
        return [
            (position, Subject(emitter, subject), bytes(payload))
            for position, emitter, subject, payload in cursor.fetchall()
        ]


def settle_parked(connection: Connection, position: int, error: str | None) -> None:
    """Tell what became of a parked event that was tried again: `error`, or None where it is settled."""
    with connection.cursor() as cursor:
        cursor.execute("select door.settle_parked(%s, %s)", (position, error))


def expire_refusals(connection: Connection) -> int:
    """Delete refusals past their 90 days; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute("select door.expire_refusals()")
        [(answer,)] = cursor.fetchall()
        return int(answer)
