"""Asking reporting: the newest cosigned head, the ledger's own numbers, and what stands under our name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import Request

from miriam_transparency.log import LogClient, LogUnreachable


@dataclass(frozen=True, slots=True)
class Listed:
    """A leaf that stands under our name: `id` is the emitter's id that it names, `leaf` its hash in hexadecimal."""

    position: int
    source: str
    sequence: int
    id: str
    type: str
    leaf: str


@dataclass(frozen=True, slots=True)
class Head:
    """What the ledger says of itself, unproved: how many leaves, and each service's last number."""

    position: int
    sources: dict[str, int]


class Reporting(LogClient):
    """Reporting at `url`, asked as the emitter that holds `token`. Raises LogUnreachable or LogRefused."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(url)
        self._token = token

    def cosigned(self, witness: str) -> str | None:
        """The newest head, a note, that this witness cosigned; None where it cosigned none."""
        return self._note(f"/v1/ledger/cosigned?{urlencode({'by': witness})}")

    def head(self) -> Head:
        """The ledger's head as it says it."""
        answer = self._json("/v1/ledger/head")
        try:
            sources = {str(name): int(each["sequence"]) for name, each in answer["sources"].items()}
            return Head(int(answer["position"]), sources)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise LogUnreachable("the answer is not in its form") from None

    def under_our_name(self, kind: str, emitter: str, after: int) -> tuple[list[Listed], int | None]:
        """A page of what stands under our name behind a position, and where the next page begins; None at the end."""
        path = f"/v1/ledger/origins/{quote(kind)}/{quote(emitter)}?{urlencode({'after': after})}"
        request = Request(self.url + path, headers={"Authorization": f"Bearer {self._token}"})
        answer = self._read(request)
        try:
            if answer["origin"] != f"/{kind}/{emitter}":
                raise LogUnreachable("the answer is of another emitter")
            return [_listed(each) for each in answer["leaves"]], _next(answer["next"], after)
        except (KeyError, TypeError, ValueError):
            raise LogUnreachable("the answer is not in its form") from None

    def _read(self, request: Request) -> dict[str, Any]:
        try:
            answer = json.loads(self._send(request))
        except (ValueError, RecursionError):
            raise LogUnreachable(f"{self.url}: the answer is no JSON") from None
        if not isinstance(answer, dict):
            raise LogUnreachable(f"{self.url}: the answer is not in its form")
        return answer


def _listed(each: dict[str, Any]) -> Listed:
    return Listed(
        int(each["position"]), str(each["source"]), int(each["sequence"]), str(each["originid"]), str(each["type"]),
        str(each["leaf"]),
    )  # fmt: skip


def _next(given: Any, after: int) -> int | None:
    if given is not None and (type(given) is not int or given <= after):
        # A page that does not go on would be asked for for ever.
        raise ValueError
    return given
