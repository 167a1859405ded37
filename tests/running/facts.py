"""Facts to emit, made of the golden examples, as many as a test wants and no two alike."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from miriam_contracts.examples import emitted

CPAS, AUTHORITY = "anderlecht", "spp-is"
_numbers = itertools.count(1)


def facts(kind: str, number: int) -> Iterator[dict[str, Any]]:
    """Facts of a kind whose subject is new each time, so that no rule of its stream refuses it."""
    for _ in range(number):
        event, each = emitted(kind), f"alone-{next(_numbers)}"
        data = event["data"]
        for field, value in list(data.items()):
            if value == event["subject"]:
                data[field] = f"{CPAS}:{each}"
        yield {**event, "id": each, "subject": f"{CPAS}:{each}", "data": data}
