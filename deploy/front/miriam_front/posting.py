"""`POST /v1/events`: each event to its owner, all owners at the same time, and their receipts as one answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Request, Response

from miriam_contracts import batches, envelope, http_problems
from miriam_contracts.batches import TooMany
from miriam_contracts.problems import ContractError
from miriam_front import answers, splitting
from miriam_front.owners import Answer, Owners, Question

PASSED_ON = ("Authorization", "Accept-Language", "traceparent")
_KINDS = (envelope.CONTENT_TYPE, batches.CONTENT_TYPE)
_TARGET = "/v1/events"
# A body beyond this, or a compressed one, may take seconds of the processor to be cut.
_LIGHT = 64 * 1024
KNOCK_SECONDS = 2.0


def post(owners: Owners, request: Request) -> Response:
    """The answer to a posted event or batch.

    Raises:
        HttpProblem: what came is no event and no batch.
    """
    coding = _coding(request)
    if coding != "identity" or (request.content_length or 0) > _LIGHT:
        shut = _knock(owners, request)
        if shut is not None:
            return shut
    body = _body(request, coding)
    if request.mimetype == envelope.CONTENT_TYPE:
        owner = splitting.owner_of(body)
        places = {owner: [0]}
        questions = {owner: _question(request, envelope.CONTENT_TYPE, body)}
    else:
        events = _events(body)
        places = splitting.by_owner(events)
        questions = {
            owner: _question(request, batches.CONTENT_TYPE, splitting.batch(events[place] for place in own))
            for owner, own in places.items()
        }
    found = owners.ask(questions)
    settled = {owner: _settled(answer) for owner, answer in found.items()}
    failed = {
        owner: answer if answer.status != 200 else Answer(0)
        for owner, answer in found.items()
        if answer.status != 200 or len(settled[owner]) != len(places[owner])
    }
    receipts = splitting.in_order(places, settled)
    return answers.of_owners(request, failed, receipts) if failed else answers.json({"receipts": receipts})


def passed_on(request: Request) -> dict[str, str]:
    """The client's headers that a service is to see."""
    return {name: request.headers[name] for name in PASSED_ON if name in request.headers}


def _question(request: Request, kind: str, body: bytes) -> Question:
    return Question("POST", _TARGET, {**passed_on(request), "Content-Type": kind}, body)


def _knock(owners: Owners, request: Request) -> Response | None:
    """The answer to who has no token that holds; None for all others, and where it cannot be told now.

    The front knows no token. A service looks at it before it looks at a body: so it is shown an empty batch first, and
    who has none cannot have us inflate and cut megabytes.
    """
    asked = _question(request, batches.CONTENT_TYPE, splitting.batch([]))
    found = owners.ask({splitting.FALLBACK: replace(asked, seconds=KNOCK_SECONDS)})
    shut = {owner: answer for owner, answer in found.items() if answer.status in (401, 403) and answers.said(answer)}
    return answers.of_owners(request, shut) if shut else None


def _coding(request: Request) -> str:
    if request.mimetype not in _KINDS or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise http_problems.media_type("Content-Type", ", ".join(_KINDS))
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        raise http_problems.media_type("Content-Encoding", "gzip")
    if (request.content_length or 0) > batches.MOST_BYTES:
        raise _too_large()
    return coding


def _too_large() -> http_problems.HttpProblem:
    return http_problems.too_large(f"..{batches.MOST_BYTES}", "bytes of a body, inflated")


def _body(request: Request, coding: str) -> bytes:
    body = request.get_data(cache=False)
    if coding == "identity":
        return body
    try:
        return batches.inflate(body)
    except TooMany:
        raise _too_large() from None
    except ContractError:
        raise http_problems.not_json("the body is not the one whole gzip member that it says to be") from None


def _events(body: bytes) -> list[bytes]:
    try:
        events = batches.split(body)
    except TooMany as problem:
        raise http_problems.too_large(problem.problems[0].allowed, "events in a request") from None
    except ContractError as problem:
        place = problem.problems[0].field
        raise http_problems.not_json(f"element {place}, counted from 0, is not JSON" if place else "") from None
    if not events:
        raise http_problems.empty_batch()
    return events


def _settled(answer: Answer) -> list[Mapping[str, Any]]:
    """The receipts in an answer, a problem's too."""
    receipts = (answers.read(answer) or {}).get("receipts")
    return [each for each in receipts if isinstance(each, dict)] if isinstance(receipts, list) else []
