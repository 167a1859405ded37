"""`GET /v1/refusals/<id>`: the event that was refused, as it came, for its sender alone and for 90 days.

Operators see rule, field and time; what was sent is sealed, and its sender may ask for it: to see what his system
really said. What was mended and recorded since may still be read as it was refused before.
"""

from psycopg2.extensions import connection as Connection
from werkzeug.wrappers import Request

from miriam_contracts import http_problems
from miriam_contracts.envelope import CONTENT_TYPE
from miriam_contracts.ids import LOCAL_PATTERN
from miriam_platform import door
from miriam_platform.answers import Answer, answered
from miriam_platform.http_door import HttpDoor
from miriam_platform.receipts_http import reader
from miriam_platform.sealing import Unreadable
from miriam_platform.tokens import Holder


def refused_event(at: HttpDoor, request: Request, emitted_id: str) -> Answer:
    """The bytes of the event; or a problem: 404 where nothing of that id was refused, or it is no longer kept."""
    return answered(lambda: _refused(at, request, emitted_id), request.headers.get("Accept-Language"))


def _refused(at: HttpDoor, request: Request, emitted_id: str) -> Answer:
    holder = reader(at, request)
    with at.fairness.request(holder.name):
        at.fairness.charge(holder.name, 1)
        return _shown(at, holder, emitted_id)


def _shown(at: HttpDoor, holder: Holder, emitted_id: str) -> Answer:
    def find(connection: Connection) -> bytes | None:
        with connection.cursor() as cursor:
            cursor.execute("select door.refused_message(%s, %s)", (holder.name, emitted_id))
            [(found,)] = cursor.fetchall()
            return None if found is None else bytes(found)

    sealed = at.database.ask(find) if LOCAL_PATTERN.fullmatch(emitted_id) else None
    if sealed is None:
        raise http_problems.not_found("no event of yours with this id is kept as refused here")
    try:
        delivery = door.unseal_delivery(sealed, at.keys, door.REFUSAL_BINDING)
    except Unreadable:
        raise http_problems.not_found("it was sealed with another key of the door, and cannot be shown") from None
    if delivery.in_clear and not at.config.door_encrypted:
        # What came over an encrypted way may hold names anywhere, also in a field that no contract has.
        raise http_problems.not_found("it came over an encrypted way, and is shown over one alone")
    return 200, {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"}, delivery.body.decode()
