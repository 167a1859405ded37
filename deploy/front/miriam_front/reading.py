"""What the front is asked without events: receipts, keys, health."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from werkzeug.wrappers import Request, Response

from miriam_contracts import http_problems
from miriam_contracts.envelope import CONTENT_TYPE
from miriam_front import answers, paging
from miriam_front.owners import Answer, Owners, Question
from miriam_front.paging import Page
from miriam_front.posting import passed_on

MOST = 1000
USUAL = 500
HEALTH_SECONDS = 1.5


class Failed(Exception):
    """Some owners could not answer; `answers` holds what each said."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = dict(answers)
        super().__init__(", ".join(answers))


def receipts(owners: Owners, request: Request) -> Response:
    """`GET /v1/receipts?after=&limit=`: the holder's receipts of every service, oldest first.

    While one service is away there is no answer: whoever reads on would think that it had read everything.

    Raises:
        HttpProblem: an argument is none.
        Failed: a service did not answer.
    """
    limit = _limit(request.args.get("limit", str(USUAL)))
    try:
        after = paging.read(request.args.get("after", ""), owners.names)
    except paging.BadCursor:
        raise http_problems.bad_argument("after", "the `next` of an earlier answer") from None

    def fetch(wanted: Mapping[str, tuple[str, int]]) -> dict[str, Page]:
        found = owners.ask(
            {
                owner: Question("GET", f"/v1/receipts?{_query(place, number)}", passed_on(request))
                for owner, (place, number) in wanted.items()
            }
        )
        pages = {owner: _page(answer) for owner, answer in found.items()}
        failed = {
            owner: found[owner] if found[owner].status != 200 else Answer(0)
            for owner, page in pages.items()
            if page is None
        }
        if failed:
            raise Failed(failed)
        return {owner: page for owner, page in pages.items() if page}

    page = paging.merged(after, limit, fetch)
    return answers.json({"receipts": page.receipts, "next": page.next})


def receipt(owners: Owners, request: Request, event: str) -> Response:
    """`GET /v1/receipts/<id>`: the latest receipt of an event, whichever service gave it.

    Raises:
        HttpProblem: no service gave one.
        Failed: a service that may have given one did not answer.
    """
    found = owners.ask_everyone(Question("GET", f"/v1/receipts/{quote(event, safe='')}", passed_on(request)))
    bodies = [body for answer in found.values() if answer.status == 200 and (body := answers.read(answer))]
    # Recorded is for good: no other service has a later word.
    final = [body for body in bodies if body.get("receipt") in ("recorded", "duplicate")]
    failed = {owner: answer for owner, answer in found.items() if answer.status not in (200, 404)}
    if failed and not final:
        raise Failed(failed)
    if not bodies:
        raise http_problems.not_found("no service has a receipt under this id")
    return answers.json(max(final or bodies, key=lambda body: str(body.get("time", ""))))


def refusal(owners: Owners, request: Request, event: str) -> Response:
    """`GET /v1/refusals/<id>`: the event that was refused, as it came, from the service that keeps it.

    Raises:
        HttpProblem: no service keeps one.
        Failed: a service that may keep one did not answer.
    """
    found = owners.ask_everyone(Question("GET", f"/v1/refusals/{quote(event, safe='')}", passed_on(request)))
    for answer in found.values():
        if answer.status == 200:
            # It may name somebody: nothing on its way may keep it.
            return Response(answer.body, 200, {"Cache-Control": "no-store"}, content_type=CONTENT_TYPE)
    failed = {owner: answer for owner, answer in found.items() if answer.status != 404}
    if failed:
        raise Failed(failed)
    raise http_problems.not_found("no service keeps an event of yours with this id as refused")


def keys(owners: Owners, request: Request) -> Response:
    """`GET /v1/keys`: the public keys of each service, by its name.

    Raises:
        Failed: a service did not answer.
    """
    found = owners.ask_everyone(Question("GET", "/v1/keys"))
    read = {owner: answers.read(answer) if answer.status == 200 else None for owner, answer in found.items()}
    failed = {owner: Answer(0) for owner, body in read.items() if body is None}
    if failed:
        raise Failed(failed)
    return answers.json(read)


def health(owners: Owners, request: Request) -> Response:
    """`GET /healthz`: the state of each service; 503 where none answers.

    200 while some are away: what has come for the others is still recorded, so nobody should be sent elsewhere.
    """
    found = owners.ask_everyone(Question("GET", "/healthz", seconds=HEALTH_SECONDS))
    states = {owner: "ok" if answer.status == 200 else "away" for owner, answer in found.items()}
    whole, some = set(states.values()) == {"ok"}, "ok" in states.values()
    told = {"service": "front", "status": "ok" if whole else "degraded" if some else "away", "owners": states}
    return answers.json(told, 200 if some else 503)


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST):
        raise http_problems.bad_argument("limit", f"1..{MOST}")
    return int(text)


def _query(after: str, limit: int) -> str:
    return urlencode({"after": after, "limit": limit} if after else {"limit": limit})


def _page(answer: Answer) -> Page | None:
    body = answers.read(answer) if answer.status == 200 else None
    found, behind = (body.get("receipts"), body.get("next")) if body else (None, None)
    if not isinstance(found, list) or not isinstance(behind, str) or not paging.fits(behind):
        return None
    return Page(found, behind)
