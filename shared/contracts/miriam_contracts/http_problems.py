"""What an HTTP door answers where it can give no receipts: a problem after RFC 9457, in the reader's language.

Its codes are rules of the catalogue, `http_<code>`; the prefix is not shown.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from miriam_contracts.batches import MOST_EVENTS
from miriam_contracts.problems import LANGUAGES, Problem, describe

CONTENT_TYPE = "application/problem+json"
_PREFIX = "http_"
_RANGE = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*[qQ]=([01](?:\.[0-9]{0,3})?)\s*)?")


@dataclass(slots=True, eq=False)
class HttpProblem(Exception):
    """A request that is answered with a problem.

    problem  code, field and value allowed
    detail   a sentence in English about this request; never a value that came with it
    headers  such as Retry-After (seconds)
    """

    status: int
    problem: Problem
    detail: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self, language: str, receipts: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """The members of the answer; with `receipts`, those of the events that were settled all the same."""
        code = self.problem.code.removeprefix(_PREFIX)
        title = describe(self.problem, language)
        made: dict[str, Any] = {
            "type": f"urn:miriam:http:{code}",
            "title": title,
            "status": self.status,
            "code": code,
            "detail": self.detail or title,
        }
        if self.problem.field:
            made["field"] = self.problem.field
        if self.problem.allowed:
            made["allowed"] = self.problem.allowed
        if receipts:
            made["receipts"] = list(receipts)
        return made


def language_of(accept_language: str | None) -> str:
    """The one of LANGUAGES that an Accept-Language likes best (RFC 9110); English where it likes none of them."""
    best, liked = LANGUAGES[0], 0.0
    for part in (accept_language or "").split(",")[:20]:
        match = _RANGE.fullmatch(part)
        if match is None or match[1].lower() not in LANGUAGES:
            continue
        quality = float(match[2] or 1)
        if quality > liked:
            best, liked = match[1].lower(), quality
    return best


def bad_argument(field: str, allowed: str) -> HttpProblem:
    """400: an argument of the query breaks its rule."""
    return HttpProblem(400, Problem("http_bad_argument", field, allowed))


def not_json(detail: str) -> HttpProblem:
    """400: the body is not what its media type says."""
    return HttpProblem(400, Problem("http_not_json"), detail)


def empty_batch() -> HttpProblem:
    """400: a batch without events."""
    return HttpProblem(400, Problem("http_empty_batch", allowed=f"1..{MOST_EVENTS}"))


def unauthorized(detail: str) -> HttpProblem:
    """401: no token, or none that holds."""
    return HttpProblem(401, Problem("http_unauthorized"), detail, {"WWW-Authenticate": "Bearer"})


def scope_missing(scope: str) -> HttpProblem:
    """403: the token holds, but not for this."""
    return HttpProblem(403, Problem("http_scope_missing", allowed=scope))


def not_found(detail: str) -> HttpProblem:
    """404: nothing stands there."""
    return HttpProblem(404, Problem("http_not_found"), detail)


def method_not_allowed(methods: str) -> HttpProblem:
    """405: the path knows other methods."""
    return HttpProblem(405, Problem("http_method_not_allowed", allowed=methods), headers={"Allow": methods})


def too_large(allowed: str, detail: str = "") -> HttpProblem:
    """413: too many events, or bytes; `allowed` says how many, `detail` of what."""
    return HttpProblem(413, Problem("http_too_large", allowed=allowed), detail)


def media_type(field: str, allowed: str) -> HttpProblem:
    """415: a form in which no event is taken; `field` is the header that says it."""
    return HttpProblem(415, Problem("http_media_type", field, allowed))


def too_many(seconds: int, detail: str) -> HttpProblem:
    """429: more than is let through; again after so many seconds."""
    return HttpProblem(429, Problem("http_too_many"), detail, {"Retry-After": str(seconds)})


def unavailable(seconds: int, detail: str) -> HttpProblem:
    """503: our own trouble; again after so many seconds."""
    return HttpProblem(503, Problem("http_unavailable"), detail, {"Retry-After": str(seconds)})
