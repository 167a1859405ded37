"""What the door keeps of participations whose data are destroyed: refused messages are emptied, parked ones stripped.

A parked event is a fact that is still to be recorded, so it stays; only its personal block goes. Sent again later with
its block, it counts as another content under the same id.
"""

from collections.abc import Sequence

from psycopg2.extensions import connection as Connection

from miriam_platform import door
from miriam_platform.door import PARKED_BINDING
from miriam_platform.keys import Keys
from miriam_platform.sealing import Unreadable


def forget(connection: Connection, participations: Sequence[str], keys: Keys) -> None:
    """Leave nothing at the door that could name one of these women: by the subject of what was sent.

    Called when their keys are destroyed already: who parks an event of theirs meanwhile holds the key until then.
    """
    if not participations:
        return
    with connection.cursor() as cursor:
        cursor.execute("select door.forget_subjects(%s::text[])", (list(participations),))
        cursor.execute(
            "select position, payload from door.parked"
            " where subject = any (%s) and status in ('parked', 'asked') order by position for update",
            (list(participations),),
        )
        for position, payload in cursor.fetchall():
            kept = _stripped(bytes(payload), keys)
            cursor.execute("update door.parked set payload = %s where position = %s", (kept, position))


def _stripped(payload: bytes, keys: Keys) -> bytes:
    """The sealed message without its personal block; nothing at all where it cannot be read to be stripped."""
    try:
        plain = door.stripped(door.unseal_delivery(payload, keys, PARKED_BINDING))
    except (Unreadable, ValueError):
        return b""
    return b"" if plain is None else door.seal_delivery(plain, keys, PARKED_BINDING)
