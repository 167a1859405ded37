"""Asking the recording services something over HTTP while a reader waits: all at once, and not for long."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orjson

# A reader who waits longer believes that the page is broken.
PATIENCE = 1.0
_LARGEST = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Told:
    """What a service answered: `status` is None where it did not, `body` None where it is no JSON."""

    service: str
    status: int | None
    body: Any
    seconds: float


def ask(urls: Mapping[str, str], token: str, path: str) -> Sequence[Told]:
    """Ask each service the same, with the services' token; in the order of their names. Raises nothing."""
    with ThreadPoolExecutor(max(1, len(urls))) as askers:
        return [*askers.map(lambda name: _ask(name, f"{urls[name].rstrip('/')}{path}", token), sorted(urls))]


def _ask(name: str, url: str, token: str) -> Told:
    began = time.monotonic()
    status, text = None, b""
    try:
        request = Request(url, headers={"Authorization": f"Bearer {token}", "Accept": "application/json"})
        with urlopen(request, timeout=PATIENCE) as answer:
            status, text = answer.status, answer.read(_LARGEST)
    except HTTPError as error:
        status = error.code
        with error:
            text = _rest(error)
    except (OSError, HTTPException):
        pass
    return Told(name, status, _json(text), time.monotonic() - began)


def _rest(error: HTTPError) -> bytes:
    try:
        return error.read(_LARGEST)
    except (OSError, HTTPException):
        return b""


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
