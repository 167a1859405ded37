"""A CPAS at the HTTP door: what it posts and asks, straight to the door's functions, without a socket."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from miriam_platform import http_door
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
        found: list[dict[str, Any]] = self.body.get("receipts", [])
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
