"""Whether an emission says again what was recorded, where the fingerprint of the first one is lost."""

from collections.abc import Mapping
from typing import Any

import orjson

from miriam_contracts.catalogue import added_fields
from miriam_platform.admission import Admitted


def repeats(body: str | None, one: Admitted) -> bool:
    """Whether an emission says what the recorded event in `body` says: all but the personal block can be compared.

    Of an event whose body was emptied its id alone is left: what comes under that id is taken for the same.
    """
    if body is None:
        return True
    event = orjson.loads(body)
    stated = (one.emitted.event_type.type, one.emitted.subject, one.time)
    if stated != (event["type"], event["subject"], event["time"]):
        return False
    return _says(one.fact.data, event["data"], added_fields(one.emitted.event_type.family))


def _says(stated: Mapping[str, Any], recorded: Mapping[str, Any], added: frozenset[str]) -> bool:
    if not (stated.keys() <= recorded.keys() and recorded.keys() - stated.keys() <= added):
        return False
    return all(
        _says(value, recorded[name], added) if name == "replacement" else value == recorded[name]
        for name, value in stated.items()
    )
