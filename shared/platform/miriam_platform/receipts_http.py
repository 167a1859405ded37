"""`GET /v1/receipts` and `/v1/receipts/<id>`: an emitter's receipts once more, all of them or one."""

from collections.abc import Iterator, Sequence

from werkzeug.wrappers import Request

from miriam_contracts import http_problems
from miriam_contracts.canonical import canonical
from miriam_contracts.ids import LOCAL_PATTERN
from miriam_platform import kept_receipts, posted, receipts, tokens
from miriam_platform.answers import JSON, Answer, answered
from miriam_platform.events_http import number
from miriam_platform.http_door import HttpDoor
from miriam_platform.kept_receipts import Kept
from miriam_platform.tokens import Holder

MOST = 1000
DEFAULT = 500
# After so many signatures others have their turn.
BREATH = 50


def receipts_after(at: HttpDoor, request: Request) -> Answer:
    """`GET /v1/receipts?after=CURSOR&limit=N`: `{"receipts": [...], "next": CURSOR}`, oldest first; or a problem."""
    return answered(lambda: _after(at, request), request.headers.get("Accept-Language"))


def receipt_of(at: HttpDoor, request: Request, emitted_id: str) -> Answer:
    """`GET /v1/receipts/<id>`: the newest receipt of an event, by its emitter's id; or a problem."""
    return answered(lambda: _of(at, request, emitted_id), request.headers.get("Accept-Language"))


def _after(at: HttpDoor, request: Request) -> Answer:
    holder = reader(at, request)
    after = kept_receipts.cursor_of(request.args.get("after", ""))
    if after is None:
        raise http_problems.bad_argument("after", "`next` of an answer before")
    limit = number(request.args.get("limit", str(DEFAULT)))
    if limit is None or not 1 <= limit <= MOST:
        raise http_problems.bad_argument("limit", f"1..{MOST}")
    with at.fairness.request(holder.name):
        at.fairness.charge(holder.name, 1)
        found, behind = at.database.ask(lambda c: kept_receipts.page(c, holder, after, limit))
        body = b'{"receipts":[' + b",".join(_signed(at, holder, found)) + b'],"next":"%b"}' % str(behind).encode()
    return 200, JSON, body.decode()


def _of(at: HttpDoor, request: Request, emitted_id: str) -> Answer:
    holder = reader(at, request)
    found = None
    with at.fairness.request(holder.name):
        at.fairness.charge(holder.name, 1)
        if LOCAL_PATTERN.fullmatch(emitted_id):
            found = at.database.ask(lambda c: kept_receipts.latest(c, at.definition.name, holder, emitted_id))
    if found is None:
        raise http_problems.not_found("no event of yours with this id was recorded, refused or parked here")
    return 200, JSON, b"".join(_signed(at, holder, [found])).decode()


def reader(at: HttpDoor, request: Request) -> Holder:
    """The emitter who reads what is his. Raises HttpProblem."""
    holder = tokens.authenticate(at.database, request.headers.get("Authorization"), tokens.RECEIPTS)
    if holder.kind is None:
        raise http_problems.scope_missing("a registered emitter")
    return holder


def _signed(at: HttpDoor, holder: Holder, found: Sequence[Kept]) -> Iterator[bytes]:
    for place, kept in enumerate(found):
        if place % BREATH == BREATH - 1:
            posted.breathe()
        yield canonical(
            receipts.signed(
                at.keys,
                outcome=kept.outcome,
                service=at.definition.name,
                source=holder.source,
                emitted_id=kept.emitted_id,
                subject=kept.subject,
                time=kept.time,
                events=kept.events,
                problems=kept.problems,
            )
        )
