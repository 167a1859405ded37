"""A history told again by makers who know the newer version of session.held: the same facts, in another form."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

from miriam_contracts import codes
from miriam_contracts.canonical import canonical
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.upcasting import newest

HELD, CORRECTED = "miriam.session.held.v1", "miriam.session.corrected.v1"


def retold(bodies: Sequence[bytes], source: random.Random) -> list[bytes]:
    """The same leaves, about half of the individual sessions told in version 2, some of them about more themes.

    A correction of a session that was last told in version 2 is of version 2; of the others, some.
    """
    newer: set[str] = set()
    return [_leaf(body, source, newer) for body in bodies]


def _leaf(body: bytes, source: random.Random, newer: set[str]) -> bytes:
    event: dict[str, Any] = json.loads(body)
    data = event["data"]
    if event["type"] == HELD and source.random() < 0.5:
        newer.add(event["id"])
        told = _about_more(data, source)
        return canonical({**event, "type": "miriam.session.held.v2", "data": told})
    if event["type"] == CORRECTED and data["fact"] == "held" and (data["corrects"] in newer or source.random() < 0.5):
        newer.add(data["corrects"])
        told = {**data, "replacement": _about_more(data["replacement"], source)}
        assert EVENT_TYPES["miriam.session.corrected.v2"].load(told) == []
        return canonical({**event, "type": "miriam.session.corrected.v2", "data": told})
    return body


def _about_more(held: dict[str, Any], source: random.Random) -> dict[str, Any]:
    told = dict(newest("session", "held", 1, held))
    others = [domain for domain in codes.LIFE_DOMAINS if domain not in told["themes"]]
    told["themes"] = [*told["themes"], *source.sample(others, source.randrange(5))]
    assert EVENT_TYPES["miriam.session.held.v2"].load(told) == []
    return told
