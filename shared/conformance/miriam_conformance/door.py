"""The door's own word: what it answered to each event, read over HTTP apart from the program that is tried."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import urllib3

from miriam_emitter.errors import NotConfigured, Unreachable

_PAGE = 1000
# Under this stands what was answered to messages whose id the door did not believe.
NAMELESS = ""
Receipt = dict[str, Any]


class DoorSays:
    """The receipts of one emitter, collected from where the run began. `at` is the door's address."""

    def __init__(self, at: str, token: str, ca_file: str | None = None) -> None:
        self.at = at.rstrip("/")
        self._token = token
        self._pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(30), ca_certs=ca_file)
        self._cursor = ""
        self._found: dict[str, list[Receipt]] = defaultdict(list)

    def skip(self) -> None:
        """Begin here: what was answered before is another run's."""
        self.refresh()
        self._found.clear()

    def refresh(self) -> None:
        """Read what was answered since. Raises Unreachable, NotConfigured."""
        while True:
            fields = {"limit": str(_PAGE)} | ({"after": self._cursor} if self._cursor else {})
            answer = self.ask("GET", "/v1/receipts", fields=fields)
            if answer.status in (401, 403):
                raise NotConfigured("the door does not take the token", "`miriam tokens add`, or admit the CPAS again")
            if answer.status != 200:
                raise Unreachable(f"the door answers {answer.status} to GET /v1/receipts", "see `miriam status`")
            page = orjson.loads(answer.data)
            for receipt in page["receipts"]:
                self._found[receipt["id"] or NAMELESS].append(receipt)
            self._cursor = page["next"]
            if not page["receipts"]:
                return

    def of(self, ids: Iterable[str]) -> dict[str, list[Receipt]]:
        """What was answered to each of these in this run, in its order."""
        return {id_: list(self._found[id_]) for id_ in ids}

    def count(self, ids: Iterable[str]) -> int:
        """How many of these have an answer."""
        return sum(1 for id_ in ids if self._found[id_])

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        with_token: bool = True,
    ) -> urllib3.BaseHTTPResponse:
        """The door's answer. Raises Unreachable where there is none."""
        whole = {"Authorization": f"Bearer {self._token}"} if with_token else {}
        whole |= headers or {}
        try:
            if body is not None:
                return self._pool.request(method, f"{self.at}{path}", body=body, headers=whole)
            return self._pool.request(method, f"{self.at}{path}", fields=dict(fields or {}), headers=whole)
        except urllib3.exceptions.HTTPError as problem:
            name = type(problem).__name__
            raise Unreachable(f"the door at {self.at} does not answer ({name})", "see `miriam status`") from None
