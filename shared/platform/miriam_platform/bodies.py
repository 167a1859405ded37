"""The canonical JSON of a recorded event, open at the place of its number: SQL fills the number in under its lock."""

import secrets
from collections.abc import Mapping
from typing import Any

from miriam_contracts.canonical import canonical

_OPEN = '"sequence":0,'
_HEAD_END = len('"sequence":')


def recorded(
    emission: Mapping[str, Any],
    *,
    service: str,
    event_id: str,
    correlation: str,
    data: Mapping[str, Any],
    time: str,
    personal_digest: str | None,
    recorded_time: str,
) -> dict[str, Any]:
    """The attributes of an event to be recorded, from its emission; `sequence` is 0 until the store numbers it;
    `time` is the emission's, in UTC.

    The salt's 128 random bits keep the leaf's hash from telling anything of an event with few possible contents.
    """
    event = {
        "correlationid": correlation,
        "data": data,
        "datacontenttype": "application/json",
        "id": event_id,
        "origin": emission["source"],
        "originid": emission["id"],
        "recordedtime": recorded_time,
        "salt": secrets.token_hex(16),
        "sequence": 0,
        "source": f"/services/{service}",
        "specversion": "1.0",
        "subject": emission["subject"],
        "time": time,
        "type": emission["type"],
    }
    for name in ("causationid", "traceparent"):
        if name in emission:
            event[name] = emission[name]
    if personal_digest is not None:
        event["personaldigest"] = personal_digest
    return event


def halves(event: Mapping[str, Any]) -> tuple[str, str]:
    """The canonical text up to and including `"sequence":`, and the rest behind the number.

    The last `"sequence":0,` is the envelope's: behind it stand only attributes whose forms allow no quotation mark.
    """
    text = canonical(event).decode()
    place = text.rindex(_OPEN) + _HEAD_END
    return text[:place], text[place + 1 :]
