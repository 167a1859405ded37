"""What stands in the ledger under an emitter's name, told to that emitter alone.

    GET /v1/ledger/origins/<kind>/<id>?after=<position>&limit=<1..1000>

with the emitter's reading token (`miriam_contracts.reading`), or the services' token. The answer names numbers, ids
and hashes, never a payload, and never an event of another.
"""

import hmac
from collections.abc import Mapping
from typing import Any

import orjson
from psycopg2.extensions import connection as Connection
from werkzeug.wrappers import Request, Response

from miriam_contracts.catalogue import EMITTER_KINDS
from miriam_contracts.ids import EMITTER_PATTERN
from miriam_contracts.reading import reading_token
from miriam_platform.database import LOST, Database
from miriam_platform.events_http import problem

MOST = 1000
_COLUMNS = ("position", "source", "sequence", "originid", "type", "leaf")


class OriginAnswers:
    """Answers emitters. `token` is the services' token, from which each emitter's own is derived."""

    def __init__(self, token: str) -> None:
        self._token = token

    def leaves(self, request: Request, database: Database, kind: str, emitter: str) -> Response:
        """A page of leaves: `{origin, after, leaves: [...], next}`; `next` is null on the last page.

        401 without the right token, 400 for arguments out of bounds, 404 for what cannot be an emitter, 503 where the
        database is away.
        """
        if kind not in EMITTER_KINDS or not EMITTER_PATTERN.fullmatch(emitter):
            return _problem(404, "not_found", "no emitter has that name")
        if not self._may_read(request.headers.get("Authorization", ""), emitter):
            return _problem(
                401, "unauthorized", "the emitter's reading token is needed", {"WWW-Authenticate": "Bearer"}
            )
        after, limit = _number(request.args.get("after", "0")), _number(request.args.get("limit", str(MOST)))
        if after is None or limit is None or not 1 <= limit <= MOST:
            return _problem(400, "out_of_range", f"after: 0 or more; limit: 1..{MOST}")
        origin = f"/{kind}/{emitter}"
        try:
            found = database.ask(lambda connection: leaves_of(connection, origin, after, limit))
        except LOST:
            return _problem(503, "unavailable", "the database is away; try again", {"Retry-After": "2"})
        following = found[-1]["position"] if len(found) == limit else None
        answer = {"origin": origin, "after": after, "leaves": found, "next": following}
        return Response(orjson.dumps(answer), content_type="application/json", headers={"Cache-Control": "no-store"})

    def _may_read(self, shown: str, emitter: str) -> bool:
        # Both compared in constant time, and both always: the time of an answer must not tell how near a guess was.
        given = shown.encode()
        own = hmac.compare_digest(given, f"Bearer {reading_token(self._token, emitter)}".encode())
        service = hmac.compare_digest(given, f"Bearer {self._token}".encode())
        return own or service


def leaves_of(connection: Connection, origin: str, after: int, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` leaves of `origin` behind position `after`, in order; `leaf` is the hash in hexadecimal."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select position, source, sequence, originid, type, encode(leaf, 'hex')"
            " from ledger.leaves_of_origin(%s, %s, %s)",
            (origin, after, limit),
        )
        return [dict(zip(_COLUMNS, row, strict=True)) for row in cursor.fetchall()]


def _number(text: str) -> int | None:
    # No sign, no underscore, no other script's digits: int() takes them all.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    status, told, body = problem(status, code, detail, headers)
    return Response(body, status, told)
