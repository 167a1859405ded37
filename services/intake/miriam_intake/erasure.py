"""What intake destroys when a woman's data are erased, inside the transaction that records it.

Events stay as they are, and so does every figure. What leads from them to her goes: the row from her number, the keys
and blocks of her participations, what was refused of them. The other services do their part when they read that the
keys are destroyed (`miriam_platform.following`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from psycopg2.extensions import connection as Connection

from miriam_intake import persons
from miriam_platform import forgetting, own, sealing, store
from miriam_platform.definition import Enrichment

ERASED = "miriam.person.erased.v1"
_ENROLMENTS = ("miriam.participation.enrolled.v1", "miriam.participation.corrected.v1")
_PAGE = 500


def erased(asked: Enrichment) -> Mapping[str, Any]:
    """The payload as it came; and, for each of her participations, that its key is destroyed."""
    participations = forget_person(asked.connection, asked.data["person"], asked.data.get("participation"))
    destroyed = sealing.destroy_all(asked.connection, participations)
    forgetting.forget(asked.connection, participations, asked.keys)
    for each in destroyed:
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


def name_again(connection: Connection, events: Sequence[Mapping[str, Any]]) -> None:
    """Note whom the enrolments among these recorded events name: they came back from the ledger.

    The way from a number to a person does not come back: no event holds a number.
    """
    for event in events:
        data = event["data"]
        stated = data.get("replacement", data) if event["type"] in _ENROLMENTS else {}
        if "person" in stated:
            persons.name(connection, event["id"], stated["participation"], stated["person"])


def erase_again(connection: Connection) -> None:
    """Delete once more what leads to those who were erased: a backup may have brought it back."""
    after = 0
    while page := store.read_type(connection, ERASED, after, _PAGE):
        for event in page:
            data = orjson.loads(event.body)["data"]
            sealing.destroy_all(connection, forget_person(connection, data["person"], data.get("participation")))
        after = page[-1].sequence
