"""What intake destroys when a woman's data are erased, inside the transaction that records it.

Events stay as they are, and so does every figure. What leads from them to her goes: the row from her number, the keys
and blocks of her participations, what was refused of them. The other services do their part when they read that the
keys are destroyed (`miriam_platform.following`).
"""

from collections.abc import Mapping
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_platform import forgetting, own, sealing
from miriam_platform.definition import Enrichment


def erased(asked: Enrichment) -> Mapping[str, Any]:
    """The payload as it came; and, for each of her participations, that its key is destroyed."""
    participations = forget_person(asked.connection, asked.data["person"], asked.data.get("participation"))
    forgetting.forget(asked.connection, participations, asked.keys)
    for each in sealing.destroy_all(asked.connection, participations):
        asked.entailed.append(
            own.key_destroyed(
                each.participation,
                each.blocks,
                because_of=asked.fact.event_id,
                ground="erased",
                on=asked.fact.received_on,
            )
        )
    return asked.data


def forget_person(connection: Connection, person: str, asked: str | None) -> list[str]:
    """Delete what leads to a woman; her participations. `asked` is the one through which she asked, where she did."""
    with connection.cursor() as cursor:
        cursor.execute("select person.erase(%s, %s)", (person, asked))
        return [participation for (participation,) in cursor.fetchall()]
