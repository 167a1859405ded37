"""A small client of RabbitMQ's management HTTP API: only what provisioning and the tests ask of it."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from miriam_local.errors import LocalError, ServerFailed

_LOOPBACK_ONLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class BrokerRefused(LocalError):
    """The broker understood the request and said no. `status` is the HTTP status, `reason` its own words."""

    def __init__(self, status: int, request: str, reason: str) -> None:
        super().__init__(f"RabbitMQ refused {request} ({status}): {reason}", "see `miriam logs rabbitmq`")
        self.status = status
        self.reason = reason


@dataclass(frozen=True)
class ManagementApi:
    """One RabbitMQ, seen through `address` (like `http://127.0.0.1:47003`) as an administrator."""

    address: str
    user: str
    password: str
    timeout: float = 20.0

    def get(self, *path: str) -> Any:
        """The answer to a GET. Each element of `path` is escaped, so that a vhost `/` is one element.

        Raises:
            BrokerRefused: any status of 400 or more.
            ServerFailed: no answer.
        """
        return self._ask("GET", path, None)

    def put(self, *path: str, body: dict[str, Any] | None = None) -> None:
        """Create or confirm a thing. Raises as `get` does."""
        self._ask("PUT", path, body or {})

    def post(self, *path: str, body: dict[str, Any]) -> Any:
        """Send a request. Raises as `get` does."""
        return self._ask("POST", path, body)

    def delete(self, *path: str) -> None:
        """Remove a thing; one that is not there is fine. Raises as `get` does."""
        try:
            self._ask("DELETE", path, None)
        except BrokerRefused as refused:
            if refused.status != 404:
                raise

    def answers(self) -> bool:
        """True when the API and the broker behind it answer now."""
        try:
            return bool(self.get("overview").get("rabbitmq_version"))
        except (BrokerRefused, ServerFailed):
            return False

    def version(self) -> tuple[int, ...]:
        """The broker's version, as numbers to compare: (3, 10, 8)."""
        text = str(self.get("overview")["rabbitmq_version"]).split("-")[0].split("+")[0]
        return tuple(int(part) for part in text.split(".") if part.isdigit())

    def _ask(self, method: str, path: tuple[str, ...], body: dict[str, Any] | None) -> Any:
        where = "/".join(quote(element, safe="") for element in path)
        word = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        request = urllib.request.Request(
            f"{self.address}/api/{where}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {word}", "Content-Type": "application/json"},
        )
        try:
            with _LOOPBACK_ONLY.open(request, timeout=self.timeout) as answer:
                text = answer.read()
        except urllib.error.HTTPError as problem:
            said = problem.read().decode("utf-8", "replace")
            raise BrokerRefused(problem.code, f"{method} {where}", said) from None
        except (urllib.error.URLError, OSError) as problem:
            raise ServerFailed(
                f"RabbitMQ's management API at {self.address} does not answer: {problem}", "run `miriam up`"
            ) from None
        return json.loads(text) if text else None
