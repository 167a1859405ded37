"""Reading what is asked of the log, with all its bounds, and writing what is answered."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from miriam_contracts.catalogue import SERVICES
from miriam_platform.events_http import problem

MOST = 1000
_MOST_BYTES = 256 * 1024


class Wrong(Exception):
    """Ends a request: HTTP status, code, detail."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


def leaves_asked(request: Request) -> tuple[list[tuple[str, int]], int | None]:
    """The leaves asked, by source and number, and at which size. Raises Wrong."""
    try:
        asked = json.loads(body(request))
        leaves = [(each["source"], each["sequence"]) for each in asked["leaves"]]
        size = asked.get("size")
        # A field without a value is left out, here as everywhere.
        numbers = [*([size] if "size" in asked else []), *(sequence for _, sequence in leaves)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Wrong(400, "bad_argument", "{size, leaves: [{source, sequence}]}") from None
    if not 1 <= len(leaves) <= MOST or len(set(map(repr, leaves))) != len(leaves):
        raise Wrong(400, "out_of_range", f"leaves: 1 to {MOST}, each once")
    if not all(type(each) is int and 0 < each < 2**53 for each in numbers):
        raise Wrong(400, "out_of_range", "size and sequence: numbers from 1")
    if any(source not in SERVICES for source, _ in leaves):
        raise Wrong(400, "out_of_range", f"source: {', '.join(SERVICES)}")
    return leaves, size


def body(request: Request) -> bytes:
    """The body, which is not long. Raises Wrong."""
    if (request.content_length or 0) > _MOST_BYTES:
        raise Wrong(413, "too_large", f"{_MOST_BYTES} bytes or fewer")
    try:
        return request.stream.read(_MOST_BYTES + 1)[:_MOST_BYTES]
    except (OSError, ValueError):
        raise Wrong(400, "bad_argument", "the body broke off") from None


def number(name: str, text: str | None) -> int:
    """A natural number in plain digits. Raises Wrong."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Wrong(400, "bad_argument", f"{name}: a number, 0 or more")
    return int(text)


def only(request: Request, known: set[str]) -> None:
    """Raise Wrong where an argument is not among `known`."""
    if any(name not in known for name in request.args):
        raise Wrong(400, "bad_argument", f"arguments: {', '.join(sorted(known))}")


def encoded(hashes: Iterable[bytes]) -> list[str]:
    """Hashes as base64."""
    return [base64.b64encode(each).decode() for each in hashes]


def text(content: str) -> Response:
    """Plain text that is asked for anew each time."""
    return Response(content, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-cache"})


def as_json(value: dict[str, Any]) -> Response:
    """A JSON object."""
    return Response(json.dumps(value) + "\n", content_type="application/json")


def as_problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """A problem after RFC 9457."""
    status, told, content = problem(status, code, detail, headers)
    return Response(content, status, told)
