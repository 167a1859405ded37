"""Files of events, one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from miriam_emitter.errors import EventRejected


def read_lines(lines: Iterable[bytes]) -> tuple[list[dict[str, Any]], list[int]]:
    """The events of a file, and the number of the line on which each stands (from 1). Empty lines are skipped.

    Raises:
        EventRejected: a line is not a JSON object; `index` is its number.
    """
    events: list[dict[str, Any]] = []
    numbers: list[int] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = orjson.loads(line)
        except orjson.JSONDecodeError:
            event = None
        if not isinstance(event, dict):
            raise EventRejected("not a JSON object", "write one event a line", number)
        events.append(event)
        numbers.append(number)
    return events, numbers
