"""What a recording service answers over HTTP: its recorded events by number, its public keys, its health.

Plain functions of a request, so that nameko stays at the edge (`service_class`).
"""

import hmac
from collections.abc import Mapping

import orjson

from miriam_platform import store
from miriam_platform.database import LOST
from miriam_platform.pool import AnyDatabase
from miriam_platform.runtime import Runtime

MOST = 1000
JSON = {"Content-Type": "application/json"}
PROBLEM = {"Content-Type": "application/problem+json"}
Answer = tuple[int, dict[str, str], str]


def events(runtime: Runtime, database: AnyDatabase, arguments: Mapping[str, str], authorization: str | None) -> Answer:
    """`GET /v1/events?after=N&limit=M`: a JSON array of the exact bodies behind number N, up to M (1,000 at most).

    An event whose body was emptied is `{"sequence", "id", "retired": true, "leaf": hex}`.

    401 without the services' bearer token, 400 for arguments out of bounds, 503 where the database is away.
    """
    if (refused := unauthorized(runtime, authorization)) is not None:
        return refused
    after, limit = number(arguments.get("after", "0")), number(arguments.get("limit", "500"))
    if after is None or limit is None or not 1 <= limit <= MOST:
        return problem(400, "out_of_range", f"after: 0 or more; limit: 1..{MOST}")
    try:
        found = database.ask(lambda connection: store.read_leaves_after(connection, after, limit))
    except LOST:
        return problem(503, "unavailable", "the database is away; try again", {"Retry-After": "2"})
    return 200, JSON, "[" + ",".join(found) + "]"


def unauthorized(runtime: Runtime, authorization: str | None) -> Answer | None:
    """The answer to who does not show the services' bearer token; None to who does."""
    expected = f"Bearer {runtime.config.service_token}"
    # Compared in constant time: the time of an answer must not tell how much of a guess was right.
    if hmac.compare_digest((authorization or "").encode(), expected.encode()):
        return None
    return problem(401, "unauthorized", "a bearer token of the services is needed", {"WWW-Authenticate": "Bearer"})


def health(runtime: Runtime, database: AnyDatabase) -> Answer:
    """`GET /healthz`: 200 with the newest number, or 503 where the database does not answer."""
    try:
        last = database.ask(store.last_sequence)
    except LOST:
        return 503, JSON, _json({"service": runtime.definition.name, "status": "database away"})
    return 200, JSON, _json({"service": runtime.definition.name, "status": "ok", "sequence": last})


def public_keys(runtime: Runtime) -> Answer:
    """`GET /v1/keys`: the keys with which emitters seal personal blocks and check receipts (JWK)."""
    keys = runtime.keys
    return 200, JSON, _json({"personal": dict(keys.personal_public), "receipt": dict(keys.receipt_public)})


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer after RFC 9457."""
    body = {"type": f"urn:miriam:http:{code}", "status": status, "title": code, "detail": detail}
    return status, {**PROBLEM, **(headers or {})}, _json(body)


def _json(value: Mapping[str, object]) -> str:
    return orjson.dumps(value).decode()


def number(text: str) -> int | None:
    """The number that an argument gives, 0 or more; None where it is none."""
    # No sign, no underscore, no other script's digits: int() takes them all.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
