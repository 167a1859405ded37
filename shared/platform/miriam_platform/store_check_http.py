"""What a recording service answers over HTTP of its own columns, to who shows the services' token."""

from collections.abc import Mapping

import orjson
from psycopg2.extensions import connection as Connection

from miriam_contracts import http_problems
from miriam_platform import events_http, store_check
from miriam_platform.answers import JSON, Answer, answered
from miriam_platform.pool import AnyDatabase
from miriam_platform.runtime import Runtime

MOST = 5000


def differing(
    runtime: Runtime, database: AnyDatabase, arguments: Mapping[str, str], authorization: str | None
) -> Answer:
    """`GET /v1/events/differing?after=N`: of the 5,000 events behind N, those whose columns differ from their body.

    `{last, events, differing: [{sequence, id, columns}], guards}`: `last` is null behind the last event, `guards` what
    should refuse change and is not there. 401, 400, 503 as `/v1/events`.
    """

    def look(connection: Connection, after: int) -> dict[str, object]:
        page = store_check.check(connection, after, MOST)
        return {
            "last": page.last,
            "events": page.events,
            "differing": [{"sequence": d.sequence, "id": d.id, "columns": d.columns} for d in page.differing],
            "guards": store_check.guards_missing(connection),
        }

    def work() -> Answer:
        events_http.for_services(runtime, authorization)
        after = events_http.number(arguments.get("after", "0"))
        if after is None:
            raise http_problems.bad_argument("after", "0..")
        return 200, JSON, orjson.dumps(database.ask(lambda connection: look(connection, after))).decode()

    return answered(work, None)
