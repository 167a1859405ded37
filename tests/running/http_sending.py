"""Requests that can be written down and sent again, each with the token of whoever is to have sent it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import urllib3
from running_platform import RunningPlatform

SECONDS = 120.0


@dataclass(frozen=True)
class Sent:
    """One request: to which program, in whose name (empty: without a token), and what."""

    program: str
    holder: str
    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def as_json(self) -> dict[str, Any]:
        """To be written down. No token is in it."""
        return {
            "program": self.program,
            "holder": self.holder,
            "method": self.method,
            "target": self.target,
            "headers": dict(self.headers),
            "body": base64.b64encode(self.body).decode(),
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Sent:
        """What `as_json` wrote."""
        return cls(**{**told, "body": base64.b64decode(told["body"])})


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 where nothing did. Names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def json(self) -> Any:
        """The body, read; None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def receipts(self) -> list[dict[str, Any]]:
        """Its receipts; none where it has none."""
        found: list[dict[str, Any]] = self.json.get("receipts", []) if isinstance(self.json, dict) else []
        return found


@dataclass
class Client:
    """Sends them. `tokens` holds the bearer token of each holder."""

    platform: RunningPlatform
    tokens: Mapping[str, str]

    def __post_init__(self) -> None:
        self._pool = urllib3.PoolManager(retries=False, timeout=SECONDS)

    def url(self, program: str) -> str:
        """Where a program answers."""
        return f"http://127.0.0.1:{self.platform.deployment.ports.http(program)}"

    def send(self, sent: Sent) -> Answer:
        """The answer; any status is one."""
        headers = dict(sent.headers)
        if sent.holder:
            headers["Authorization"] = f"Bearer {self.tokens[sent.holder]}"
        try:
            answer = self._pool.request(
                sent.method, self.url(sent.program) + sent.target, body=sent.body or None, headers=headers,
                redirect=False,
            )  # fmt: skip
        except urllib3.exceptions.HTTPError:
            return Answer(0, {}, b"")
        return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.data)
