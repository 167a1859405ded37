"""The signed heads of the ledger that are kept, each with the cosignatures known of it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg2.extensions import connection as Connection

from miriam_transparency.notes import Note, Signature

BRUSSELS = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed head: the root over the first `size` leaves, the note with all its cosignatures, when it was signed."""

    size: int
    root: bytes
    note: str
    signed_at: datetime


def latest(connection: Connection) -> Signed | None:
    """The largest; None before the first."""
    return _one(connection, "order by size desc", ())


def at(connection: Connection, size: int) -> Signed | None:
    """The one of exactly this size."""
    return _one(connection, "where size = %s", (size,))


def covering(connection: Connection, size: int, cosigned_by: str | None = None) -> Signed | None:
    """The smallest with `size` leaves or more, and with the cosignature of a witness where one is named."""
    if cosigned_by is None:
        return _one(connection, "where size >= %s order by size", (size,))
    return _one(
        connection,
        "where size = (select min(size) from ledger.cosignature where size >= %s and name = %s)",
        (size, cosigned_by),
    )


def before(connection: Connection, size: int) -> Signed | None:
    """The largest that has `size` leaves or fewer."""
    return _one(connection, "where size <= %s order by size desc", (size,))


def last_of_day(connection: Connection, day: date) -> Signed | None:
    """The last that was signed until the end of that day in Brussels; None where the first came later."""
    end = datetime.combine(day + timedelta(days=1), time(), BRUSSELS)
    return _one(connection, "where signed_at < %s order by size desc", (end,))


def add(connection: Connection, size: int, root: bytes, note: str) -> datetime:
    """Keep a signed head. Raises psycopg2.errors.RestrictViolation where it does not follow the last."""
    with connection.cursor() as cursor:
        cursor.execute("select ledger.add_checkpoint(%s, %s, %s)", (size, root, note))
        row: Any = cursor.fetchone()
        signed_at: datetime = row[0]
        return signed_at


def add_cosignature(connection: Connection, size: int, signature: Signature) -> bool:
    """Keep a witness's signature, which the caller has verified; false where it had signed this head before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select ledger.add_cosignature(%s, %s, %s)", (size, signature.name, signature.line().removesuffix("\n"))
        )
        row: Any = cursor.fetchone()
        return bool(row[0])


def _one(connection: Connection, which: str, values: tuple[Any, ...]) -> Signed | None:
    with connection.cursor() as cursor:
        cursor.execute(f"select size, root, note, signed_at from ledger.checkpoint {which} limit 1", values)
        row = cursor.fetchone()
        if row is None:
            return None
        size, root, text, signed_at = row
        cursor.execute("select line from ledger.cosignature where size = %s order by seen_at, name", (size,))
        note = Note.parse(text)
        for (line,) in cursor.fetchall():
            note = note.with_signature(Signature.parse(line))
        return Signed(size, bytes(root), str(note), signed_at)
