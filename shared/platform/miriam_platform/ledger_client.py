"""Asking reporting what its ledger holds of a service: what a restored service lost, the ledger still has."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from miriam_contracts.canonical import leaf_hash

PAGE = 500
# A start must not wait long for a service that is not there; an answer that has begun may take its time.
_PATIENCE = 5.0
_DIRECT = build_opener(ProxyHandler({}))


class LedgerAway(Exception):
    """Reporting does not answer, or not as agreed. The message says which, never what it answered."""


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """An event as the ledger holds it. `body` is None where it was emptied; `leaf` is its hash (32 bytes)."""

    sequence: int
    id: str
    type: str
    leaf: bytes
    body: str | None


class LedgerClient:
    """The ledger of reporting at `url`, for who knows the services' token."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._token = token

    def last_sequence(self, source: str) -> int:
        """The last number that the ledger holds of a source; 0 where it holds none. Raises LedgerAway."""
        sources = self._get("/v1/ledger/head", {}).get("sources", {})
        return int(sources.get(source, {}).get("sequence", 0))

    def events(self, source: str, after: int, limit: int = PAGE, type_: str = "") -> list[HeldEvent]:
        """Up to `limit` events of a source (and a type) behind a number, in order. Raises LedgerAway."""
        asked = {"source": source, "after": after, "limit": limit, **({"type": type_} if type_ else {})}
        try:
            return [_event(each) for each in self._get("/v1/ledger/events", asked)["events"]]
        except (KeyError, TypeError, ValueError) as error:
            raise LedgerAway("not answered as agreed") from error

    def every(self, source: str, type_: str, after: int = 0) -> Iterator[list[HeldEvent]]:
        """All events of a type behind a number, page by page. Raises LedgerAway."""
        while page := self.events(source, after, PAGE, type_):
            yield page
            after = page[-1].sequence

    def _get(self, path: str, asked: dict[str, Any]) -> Any:
        address = f"{self._url}{path}?{urlencode(asked)}" if asked else f"{self._url}{path}"
        request = Request(address, headers={"Authorization": f"Bearer {self._token}"})
        try:
            with _DIRECT.open(request, timeout=_PATIENCE) as answer:
                return json.load(answer)
        except URLError as error:
            status = getattr(error, "code", None)
            raise LedgerAway(f"status {status}" if status else "not reached") from error
        except (OSError, HTTPException, ValueError) as error:
            raise LedgerAway(type(error).__name__) from error


def _event(told: dict[str, Any]) -> HeldEvent:
    event = HeldEvent(told["sequence"], told["id"], told["type"], bytes.fromhex(told["leaf"]), told["body"])
    if event.body is not None and leaf_hash(event.body.encode()) != event.leaf:
        raise ValueError("a body that is not its leaf's")
    return event
