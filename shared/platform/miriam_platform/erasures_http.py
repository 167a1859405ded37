"""What a recording service answers of an erasure over HTTP: how far it followed, and what it destroyed."""

import hashlib
from collections.abc import Mapping

import orjson
from psycopg2.extensions import connection as Connection

from miriam_contracts import http_problems
from miriam_contracts.ids import UUID_PATTERN
from miriam_platform import events_http
from miriam_platform.answers import JSON, Answer, answered
from miriam_platform.own import DESTROYED
from miriam_platform.pool import AnyDatabase
from miriam_platform.runtime import Runtime


def erasures(
    runtime: Runtime, database: AnyDatabase, arguments: Mapping[str, str], authorization: str | None
) -> Answer:
    """`GET /v1/erasures?because_of=ID`: what this service destroyed because of that recorded event, and under which
    numbers it said so; `followed` is intake's number up to which it has carried out everything.

    401 without the services' bearer token, 400 without an id, 503 where the database is away.
    """

    def work() -> Answer:
        events_http.for_services(runtime, authorization)
        because_of = arguments.get("because_of", "")
        if not UUID_PATTERN.fullmatch(because_of):
            raise http_problems.bad_argument("because_of", UUID_PATTERN.pattern)
        found = database.ask(lambda connection: _found(connection, because_of))
        return 200, JSON, orjson.dumps({"service": runtime.definition.name, **found}).decode()

    return answered(work, None)


def _found(connection: Connection, because_of: str) -> dict[str, object]:
    with connection.cursor() as cursor:
        cursor.execute("select sequence from sealed.followed")
        [(followed,)] = cursor.fetchall()
        cursor.execute(
            "select sequence, id::text, body from event_store.event"
            " where type = %s and body::jsonb -> 'data' ->> 'because_of' = %s order by sequence",
            (DESTROYED, because_of),
        )
        destroyed = [
            {
                "participation": event["subject"],
                "blocks": event["data"]["blocks"],
                "id": event_id,
                "sequence": sequence,
                "leaf": hashlib.sha256(b"\0" + body.encode()).hexdigest(),
            }
            for sequence, event_id, body in cursor.fetchall()
            for event in [orjson.loads(body)]
        ]
    return {"followed": followed, "destroyed": destroyed}
