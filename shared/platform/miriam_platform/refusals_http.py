"""What a recording service tells another service of an emitter's refusals: when, which of its events, and why.

What was sent is sealed and is not in it; nor is whom it was about.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson

from miriam_contracts import http_problems
from miriam_contracts.ids import EMITTER_PATTERN
from miriam_platform import events_http, operating
from miriam_platform.answers import JSON, Answer, answered
from miriam_platform.operating import KeptRefusal
from miriam_platform.pool import AnyDatabase
from miriam_platform.runtime import Runtime
from miriam_platform.times import timestamp

MOST = 200


def refusals(
    runtime: Runtime, database: AnyDatabase, arguments: Mapping[str, str], authorization: str | None
) -> Answer:
    """`GET /v1/refusals?emitter=ID&limit=N`: the newest refusals of an emitter, up to N (200 at most; 50 where unsaid).

    401 without the services' bearer token, 400 for arguments out of bounds, 503 where the database is away.
    """

    def work() -> Answer:
        events_http.for_services(runtime, authorization)
        emitter, limit = arguments.get("emitter", ""), events_http.number(arguments.get("limit", "50"))
        if not EMITTER_PATTERN.fullmatch(emitter):
            raise http_problems.bad_argument("emitter", EMITTER_PATTERN.pattern)
        if limit is None or not 1 <= limit <= MOST:
            raise http_problems.bad_argument("limit", f"1..{MOST}")
        found = database.ask(lambda connection: operating.refusals(connection, emitter=emitter, limit=limit))
        told = {"service": runtime.definition.name, "refusals": [_told(each) for each in found]}
        return 200, JSON, orjson.dumps(told).decode()

    return answered(work, None)


def _told(refusal: KeptRefusal) -> dict[str, Any]:
    return {
        "number": refusal.number,
        "id": refusal.emitted_id,
        "type": refusal.emitted_type,
        "problems": [asdict(each) for each in refusal.problems],
        "times": refusal.times,
        "status": refusal.status,
        "last_refused_at": timestamp(refusal.last_refused_at),
    }
