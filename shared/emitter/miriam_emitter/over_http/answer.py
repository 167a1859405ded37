"""What a door answered to one request, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import orjson

_LONGEST_PAUSE = 3600.0
_USUAL_PAUSE = 5.0
_LATER = (408, 425, 429, 500, 502, 503, 504)


class Kind(Enum):
    """What became of a request."""

    ANSWERED = "answered"  # 200
    LATER = "later"  # the door is there, and cannot take it now
    SMALLER = "smaller"  # too large for it
    BROKEN = "broken"  # no answer, or not a whole one
    AWAY = "away"  # nobody is there
    REFUSED = "refused"  # it will not talk to us, or is no door at all


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        receipts: of the events that were settled, whatever the kind; not verified yet.
        next: the cursor behind the receipts asked for.
        reason: words for what went wrong, without a value of an event.
        pause: seconds of peace that the door asks for.
    """

    kind: Kind
    receipts: list[dict[str, Any]] = field(default_factory=list)
    next: str = ""
    reason: str = ""
    pause: float = 0.0


def read(status: int, headers: Any, body: bytes) -> Answer:
    """The answer in a response."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = None
    told = content if isinstance(content, dict) else {}
    found = told.get("receipts")
    receipts = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    if status == 200:
        if not isinstance(found, list):
            return Answer(Kind.REFUSED, reason="what answers there is no door: its answer holds no receipts")
        return Answer(Kind.ANSWERED, receipts, str(told.get("next") or ""))
    reason = _reason(status, told)
    if status in _LATER:
        return Answer(Kind.LATER, receipts, reason=reason, pause=_pause(headers.get("Retry-After")))
    if status == 413:
        return Answer(Kind.SMALLER, receipts, reason=reason)
    return Answer(Kind.REFUSED, receipts, reason=reason)


def _reason(status: int, told: dict[str, Any]) -> str:
    words = f"the door answers {status}"
    if isinstance(told.get("code"), str):
        words += f" {told['code']}"
    if isinstance(told.get("title"), str):
        words += f": {told['title'].rstrip('.')}"
    if status in (401, 403):
        words += "; have the token renewed in the credentials"
    return words


def _pause(asked: str | None) -> float:
    try:
        return min(max(float(asked or ""), 0.0), _LONGEST_PAUSE)
    except ValueError:
        return _USUAL_PAUSE
