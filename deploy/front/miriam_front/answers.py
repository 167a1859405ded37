"""What the front answers: JSON, or a problem after RFC 9457 with the codes of the doors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from werkzeug.wrappers import Request, Response

from miriam_contracts import http_problems
from miriam_contracts.http_problems import HttpProblem, language_of
from miriam_front.owners import Answer
from miriam_front.splitting import Receipts

RETRY_SECONDS = 2
# Said by a door to a client. All else (500, a page of some proxy) is a fault of ours, and passes.
_PASSED_ON = frozenset({400, 401, 403, 404, 413, 415, 429, 503})
_PASSING = frozenset({429, 503})
_HEADERS = ("WWW-Authenticate", "Retry-After")


def json(value: Any, status: int = 200) -> Response:
    """An answer of JSON that nobody may keep."""
    return Response(orjson.dumps(value), status, {"Cache-Control": "no-store"}, content_type="application/json")


def problem(request: Request, found: HttpProblem, receipts: Receipts = ()) -> Response:
    """A problem in the reader's language."""
    body = found.body(language_of(request.headers.get("Accept-Language")), receipts)
    return _problem(body, found.status, found.headers)


def of_owners(request: Request, failed: Mapping[str, Answer], receipts: Receipts = ()) -> Response:
    """What the owners that could not do it said, as one problem: first what the client must mend, then what time mends.

    An owner that does not answer, or answers what no door answers, is away.
    """
    told = {owner: body for owner, answer in failed.items() if (body := said(answer)) is not None}
    away = [owner for owner in failed if owner not in told]
    retry = max(_seconds(answer) for answer in failed.values())
    # The client's own faults before what passes, and of that the longest: 401, 403 ... 503, 429.
    ranked = sorted(told, key=lambda owner: (failed[owner].status in _PASSING, _order(failed[owner].status)))
    if not ranked or (away and failed[ranked[0]].status in _PASSING):
        again = "; send again what has no receipt here" if request.method == "POST" else "; ask again"
        return problem(request, http_problems.unavailable(retry, f"out of reach: {', '.join(away)}{again}"), receipts)
    answer, body = failed[ranked[0]], told[ranked[0]]
    body.pop("receipts", None)
    if receipts:
        body["receipts"] = list(receipts)
    headers = {name: answer.headers[name] for name in _HEADERS if name in answer.headers}
    if answer.status in _PASSING:
        headers["Retry-After"] = str(retry)
    return _problem(body, answer.status, headers)


def said(answer: Answer) -> dict[str, Any] | None:
    """The problem that a door answered; None for what is no door's answer."""
    body = read(answer)
    known = answer.status in _PASSED_ON and body is not None and isinstance(body.get("code"), str)
    return body if known else None


def read(answer: Answer) -> dict[str, Any] | None:
    """The JSON object of an answer; None for anything else."""
    try:
        value = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _problem(body: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    more = {"Cache-Control": "no-store", **headers}
    return Response(orjson.dumps(body), status, more, content_type=http_problems.CONTENT_TYPE)


def _seconds(answer: Answer) -> int:
    text = answer.headers.get("Retry-After", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else RETRY_SECONDS


def _order(status: int) -> int:
    return -status if status in _PASSING else status
