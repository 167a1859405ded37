"""A CPAS at the HTTP door: what it posts and asks, straight to the door's functions, without a socket."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import orjson
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from miriam_platform import events_http, http_door, receipts_http, refusals_http, refused_http
from miriam_platform.deliveries import Delivery
from miriam_platform.http_door import HttpDoor

ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


def new_token() -> tuple[str, str, bytes]:
    """A token: its text, its id, the hash of its secret."""
    token_id = secrets.token_hex(6)
    secret = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    return f"mrm_{token_id}_{secret}", token_id, hashlib.sha256(secret.encode()).digest()


@dataclass(frozen=True)
class Answered:
    """An answer, its body read."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def receipts(self) -> list[dict[str, Any]]:
        """Its receipts; none where it has no such member."""
        found: list[dict[str, Any]] = self.body.get("receipts", []) if isinstance(self.body, dict) else []
        return found

    @property
    def outcomes(self) -> list[str]:
        """What became of each event."""
        return [receipt["receipt"] for receipt in self.receipts]


@dataclass(frozen=True)
class Client:
    """Who shows `token` at a door."""

    door: HttpDoor
    token: str

    def post(self, *events: Delivery | bytes, **headers: str) -> Answered:
        """Post events as a batch."""
        return self.post_body(b"[" + b",".join(map(_body, events)) + b"]", BATCH, **headers)

    def post_one(self, event: Delivery | bytes, **headers: str) -> Answered:
        """Post an event alone."""
        return self.post_body(_body(event), ONE, **headers)

    def post_body(self, body: bytes, content_type: str | None = BATCH, **headers: str) -> Answered:
        """Post a body as it stands."""
        return answered(http_door.post(self.door, self._request("POST", "/v1/events", body, content_type, headers)))

    def receipts(self, after: str = "", limit: int | str | None = None, **headers: str) -> Answered:
        """Ask a page of receipts."""
        asked = {"after": after, "limit": "" if limit is None else str(limit)}
        query = urlencode({name: value for name, value in asked.items() if value})
        request = self._request("GET", f"/v1/receipts?{query}", b"", None, headers)
        return answered(receipts_http.receipts_after(self.door, request))

    def all_receipts(self, limit: int) -> list[dict[str, Any]]:
        """Every receipt, page by page."""
        found: list[dict[str, Any]] = []
        after = ""
        while True:
            answer = self.receipts(after, limit)
            assert answer.status == 200, answer.body
            assert len(answer.receipts) <= limit
            found += answer.receipts
            if not answer.receipts:
                assert answer.body["next"] == after or not after
                return found
            after = answer.body["next"]

    def receipt(self, emitted_id: str, **headers: str) -> Answered:
        """Ask the newest receipt of an event."""
        request = self._request("GET", "/v1/receipts/x", b"", None, headers)
        return answered(receipts_http.receipt_of(self.door, request, emitted_id))

    def refusal(self, emitted_id: str) -> tuple[int, dict[str, str], str]:
        """Ask an event that was refused, as it came."""
        request = self._request("GET", "/v1/refusals/x", b"", None, {})
        return refused_http.refused_event(self.door, request, emitted_id)

    def events(self, after: int | str = 0, limit: int | str = 500) -> Answered:
        """Ask recorded events by number."""
        runtime: Any = SimpleNamespace(config=SimpleNamespace(service_token="a-token-between-services"))
        asked = {"after": str(after), "limit": str(limit)}
        return answered(events_http.events(runtime, self.door.database, asked, f"Bearer {self.token}"))

    def refusals(self, **asked: str) -> Answered:
        """Ask the refusals of an emitter, as a service does where `token` is the services'."""
        runtime: Any = SimpleNamespace(
            config=SimpleNamespace(service_token="a-token-between-services"),
            definition=SimpleNamespace(name="sessions"),
        )
        return answered(refusals_http.refusals(runtime, self.door.database, asked, f"Bearer {self.token}"))

    def _request(
        self, method: str, path: str, body: bytes, content_type: str | None, headers: Mapping[str, str]
    ) -> Request:
        given = {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return Request(
            EnvironBuilder(
                path, method=method, data=body, content_type=content_type, headers=Headers(given)
            ).get_environ()
        )


def answered(answer: tuple[int, Mapping[str, str], str]) -> Answered:
    """The answer of a door's function."""
    status, headers, body = answer
    return Answered(status, headers, orjson.loads(body))


def _body(event: Delivery | bytes) -> bytes:
    return event.body if isinstance(event, Delivery) else event
