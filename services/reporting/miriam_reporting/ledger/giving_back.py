"""`GET /v1/ledger/events`: what the ledger holds of a source, exactly, for a service that lost some of its own.

Its own database restored from a backup, a service takes its missing numbers back from here before it opens.
"""

import hmac
import json
from collections.abc import Mapping

from psycopg2.extensions import connection as Connection
from werkzeug.wrappers import Request, Response

from miriam_contracts.catalogue import EVENT_TYPES, SERVICES
from miriam_platform.database import LOST, Database
from miriam_reporting.ledger.asking import as_problem

MOST = 1000


class BadQuestion(ValueError):
    """An argument out of its bounds; the message names it and what is allowed."""


class GivingBack:
    """Answers the services, who show their `token`."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    def answer(self, request: Request, database: Database) -> Response:
        """The events asked for. 400, 401, 503 as problems (RFC 9457)."""
        # Compared in constant time: the time of an answer must not tell how much of a guess was right.
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), self._expected):
            needed = "a bearer token of the services is needed"
            return as_problem(401, "unauthorized", needed, {"WWW-Authenticate": "Bearer"})
        try:
            with database.transaction() as connection:
                return Response(events(connection, request.args), content_type="application/json")
        except BadQuestion as error:
            return as_problem(400, "out_of_range", str(error))
        except LOST:
            return as_problem(503, "unavailable", "the database is away; try again")


def events(connection: Connection, asked: Mapping[str, str]) -> str:
    """`{"events": [{sequence, id, type, leaf, body}]}`: those of `source` behind number `after`, `limit` at most, of
    one `type` where it is given. `leaf` is hexadecimal; `body` is the exact text, null where it was emptied.

    Raises BadQuestion.
    """
    source, kind = asked.get("source", ""), asked.get("type")
    after, limit = _number(asked.get("after", "0"), "after"), _number(asked.get("limit", str(MOST)), "limit")
    if source not in SERVICES:
        raise BadQuestion(f"source: one of {', '.join(SERVICES)}")
    if kind is not None and kind not in EVENT_TYPES:
        raise BadQuestion("type: a type of the catalogue")
    if not 1 <= limit <= MOST:
        raise BadQuestion(f"limit: 1..{MOST}")
    # Of one source, numbers and positions grow together; each order has its own index.
    query = (
        "select sequence, event_id::text, type, encode(hash, 'hex'), body from ledger.leaf"
        " where source = %(source)s and sequence > %(after)s"
        + (" and type = %(type)s order by position" if kind else " order by sequence")
        + " limit %(limit)s"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, {"source": source, "after": after, "type": kind, "limit": limit})
        names = ("sequence", "id", "type", "leaf", "body")
        return json.dumps({"events": [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]})


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadQuestion(f"{name}: a number")
    return int(text)
