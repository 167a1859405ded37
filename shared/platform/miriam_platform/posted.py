"""What was posted: the events in a request's body, as they came, to the byte."""

import time

from werkzeug.wrappers import Request

from miriam_contracts import batches, http_problems
from miriam_contracts.batches import CONTENT_TYPE as BATCH
from miriam_contracts.batches import MOST_BYTES, TooMany
from miriam_contracts.envelope import CONTENT_TYPE as ONE
from miriam_contracts.problems import ContractError


def events(request: Request) -> list[bytes]:
    """The events of a request, 1 to batches.MOST_EVENTS.

    Raises HttpProblem: 400 for what is no JSON or an empty batch, 413 for too many bytes or events, 415 for another
    media type or coding.
    """
    batch = _is_batch(request)
    body = _body(request, _is_compressed(request))
    try:
        if not batch:
            return [batches.single(body)]
        # A hostile body takes more than a second to cut: the other emitters' events must not wait for it.
        found = batches.split(body, breathe=breathe)
    except TooMany as problem:
        raise http_problems.too_large(problem.problems[0].allowed, "events in a request") from None
    except ContractError as problem:
        place = problem.problems[0].field
        raise http_problems.not_json(f"element {place}, counted from 0, is not JSON" if place else "") from None
    if not found:
        raise http_problems.empty_batch()
    return found


def breathe() -> None:
    """Let the others work: served under eventlet, this is where another request, or the inbox, gets its turn."""
    time.sleep(0)


def _is_batch(request: Request) -> bool:
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in (ONE, BATCH) or charset != "utf-8":
        raise http_problems.media_type("Content-Type", f"{ONE}, {BATCH}")
    return request.mimetype == BATCH


def _is_compressed(request: Request) -> bool:
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        raise http_problems.media_type("Content-Encoding", "gzip")
    return coding != "identity"


def _body(request: Request, compressed: bool) -> bytes:
    too_large = http_problems.too_large(f"..{MOST_BYTES}", "bytes of a body, inflated")
    # Said before it is read: what is announced as too large is not waited for.
    if (request.content_length or 0) > MOST_BYTES:
        raise too_large
    body = bytearray()
    try:
        while len(body) <= MOST_BYTES and (part := request.stream.read(min(65536, MOST_BYTES + 1 - len(body)))):
            body += part
    except (OSError, ValueError):
        raise http_problems.not_json("the body broke off") from None
    if len(body) > MOST_BYTES:
        raise too_large
    if not compressed:
        return bytes(body)
    try:
        return batches.inflate(bytes(body))
    except TooMany:
        raise too_large from None
    except ContractError:
        raise http_problems.not_json("the body is not the one whole gzip member that Content-Encoding says") from None
