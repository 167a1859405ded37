"""What leaves say in short: which fact, of which participation, on which day."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.web.parts.evidence import saying

_LEAVES = """
select position, event_id::text, type, data->>'origin', data->'data' from ledger.leaf where position = any (%s)
"""


@dataclass(frozen=True, slots=True)
class Told:
    """A leaf's event and its payload; of a correction `payload` is what it puts in the place of the fact."""

    event_id: str
    type: str
    origin: str
    data: Mapping[str, Any]

    @property
    def payload(self) -> Mapping[str, Any]:
        """The fact as it says it."""
        inner = self.data.get("replacement")
        return inner if isinstance(inner, dict) else self.data

    @property
    def fact(self) -> str:
        """Family and fact, of a correction those of what it corrects: `session.held`."""
        _, family, fact, *_ = self.type.split(".")
        told = self.data.get("fact")
        return f"{family}.{told}" if fact in ("corrected", "retracted") and told else f"{family}.{fact}"

    @property
    def participation(self) -> str | None:
        """Whose it is; None of what several women are in."""
        told = self.payload.get("participation")
        return told if isinstance(told, str) else None

    @property
    def occurred_on(self) -> dt.date | None:
        """The day on which it happened."""
        told = self.payload.get("occurred_on")
        return dt.date.fromisoformat(told) if isinstance(told, str) else None

    def title(self, language: str) -> str:
        """What the event is called."""
        return saying.title(self.type, self.data, language)


def told_of(connection: Connection, positions: Iterable[int]) -> dict[int, Told]:
    """The leaves at these positions."""
    with connection.cursor() as cursor:
        cursor.execute(_LEAVES, (sorted(set(positions)),))
        return {
            position: Told(event_id, kind, origin or "", data or {})
            for position, event_id, kind, origin, data in cursor
        }
