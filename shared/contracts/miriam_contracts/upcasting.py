"""Old facts are read by today's code: a payload of any version, told in the newest one.

What was recorded is never rewritten; a reader upcasts what it reads. So rules know the newest version alone, whichever
version an emitter speaks.
"""

from collections.abc import Mapping
from typing import Any

from miriam_contracts.catalogue import EVENT_TYPES

_STEPS = {(t.family, t.fact, t.version): t.upcast for t in EVENT_TYPES.values() if t.upcast}


def newest(family: str, fact: str, version: int, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The payload of a fact that kept the contract of `version`, in the fact's newest version."""
    while step := _STEPS.get((family, fact, version)):
        data, version = step(data), version + 1
    return data


def version_of(event_type: str) -> int:
    """The version that the name of an event type ends in: 2 of `miriam.session.held.v2`."""
    return int(event_type.rpartition(".v")[2])
