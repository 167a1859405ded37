"""What a recording service answers over HTTP: its recorded events by number, its public keys, its health.

Plain functions of a request, so that nameko stays at the edge (`service_class`).
"""

import hmac
from collections.abc import Mapping

import orjson

from miriam_contracts import http_problems
from miriam_platform import logging, store, tokens
from miriam_platform.answers import JSON, Answer, answered
from miriam_platform.database import LOST
from miriam_platform.pool import AnyDatabase
from miriam_platform.runtime import Runtime

MOST = 1000
PROBLEM = {"Content-Type": "application/problem+json"}

log = logging.get(__name__)


def events(runtime: Runtime, database: AnyDatabase, arguments: Mapping[str, str], authorization: str | None) -> Answer:
    """`GET /v1/events?after=N&limit=M`: a JSON array of the exact bodies behind number N, up to M (1,000 at most).

    An event whose body was emptied is `{"sequence", "id", "retired": true, "leaf": hex}`.

    It is for services, and for tokens of the door with the scope `events` (auditors); what an auditor read is logged
    under his name. 401 and 403 to others, 400 for arguments out of bounds, 503 where the
    database is away.
    """

    def work() -> Answer:
        auditor = None
        if not is_service(runtime, authorization):
            auditor = tokens.authenticate(database, authorization, tokens.EVENTS).name
        after, limit = number(arguments.get("after", "0")), number(arguments.get("limit", "500"))
        if after is None:
            raise http_problems.bad_argument("after", "0..")
        if limit is None or not 1 <= limit <= MOST:
            raise http_problems.bad_argument("limit", f"1..{MOST}")
        found = database.ask(lambda connection: store.read_leaves_after(connection, after, limit))
        if auditor:
            log.info("events read", name=auditor, after=after, count=len(found))
        return 200, JSON, "[" + ",".join(found) + "]"

    return answered(work, None)


def is_service(runtime: Runtime, authorization: str | None) -> bool:
    """Whether this is the services' bearer token."""
    expected = f"Bearer {runtime.config.service_token}"
    # Compared in constant time: the time of an answer must not tell how much of a guess was right.
    return hmac.compare_digest((authorization or "").encode(), expected.encode())


def for_services(runtime: Runtime, authorization: str | None) -> None:
    """Raise HttpProblem, 401, to who does not show the services' bearer token."""
    if not is_service(runtime, authorization):
        raise http_problems.unauthorized("a bearer token of the services is needed")


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
    body = {"type": f"urn:miriam:http:{code}", "status": status, "title": code, "code": code, "detail": detail}
    return status, {**PROBLEM, **(headers or {})}, _json(body)


def _json(value: Mapping[str, object]) -> str:
    return orjson.dumps(value).decode()


def number(text: str) -> int | None:
    """The number that an argument gives, 0 or more; None where it is none."""
    # No sign, no underscore, no other script's digits: int() takes them all.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
