"""What happened in an edition, in order: each fact with its activity, when, and its payload."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_contracts.upcasting import newest, version_of
from miriam_reporting.reports.snapshot import snapshot

_CHUNK = 5_000
_WOMEN = "select e.participation, e.woman from participation_at as e where e.asked"


@dataclass(frozen=True, slots=True)
class Happening:
    """One event. `at` and `noted_at` are UTC, ISO 8601.

    id        the fact's first event; of a correction or retraction in a history its own
    activity  `session.held`; `session.corrected` of a correction in a history
    fact      `session.held`, whatever the event did to it
    payload   as it stands after the event (of a retraction, as the fact first said it), in the type's newest version
    """

    id: str
    activity: str
    fact: str
    at: str
    noted_at: str
    event_id: str
    position: int
    service: str
    origin: str
    reason: str | None
    payload: Mapping[str, Any]

    @property
    def changes_a_fact(self) -> bool:
        """Whether it corrects or retracts, and is no fact itself."""
        return self.activity != self.fact


@dataclass(frozen=True, slots=True)
class Course:
    """An edition as of `position`: who the woman of each participation is, and what happened, in order."""

    position: int
    women: Mapping[str, str]
    happenings: Iterator[Happening]


@contextmanager
def happenings(connection: Connection, edition: str, as_of: int | None, history: bool = False) -> Iterator[Course]:
    """What stands in the edition at `as_of`, or with `history` every version that there was, oldest day first.

    To be read within: rows are fetched as they are asked for. Needs a connection outside a transaction. Raises
    UnknownEdition, PositionBeyondHead.
    """
    statement = resources.files(__package__).joinpath("events.sql").read_text("utf-8")
    with snapshot(connection, edition, as_of, [statement, _WOMEN]) as position:
        with connection.cursor() as cursor:
            cursor.execute(_WOMEN)
            women = dict(cursor.fetchall())
        with connection.cursor(name="happenings") as cursor:
            cursor.itersize = _CHUNK
            cursor.execute(statement, {"edition": edition, "position": position, "history": history})
            yield Course(position, women, itertools.starmap(_happening(history), cursor))


def _happening(history: bool) -> Any:
    def made(
        first_id: str,
        event_id: str,
        position: int,
        service: str,
        kind: str,
        first_kind: str,
        payload: Mapping[str, Any],
        reason: str | None,
        origin: str,
        at: str,
        noted_at: str,
    ) -> Happening:
        fact = _name(first_kind)
        family, _, name = fact.partition(".")
        told_by = first_kind if _name(kind).endswith(".retracted") else kind
        changes = history and event_id != first_id
        return Happening(
            id=event_id if changes else first_id,
            activity=_name(kind) if changes else fact,
            fact=fact,
            at=at,
            noted_at=noted_at,
            event_id=event_id,
            position=position,
            service=service,
            origin=origin,
            reason=reason if changes else None,
            payload=newest(family, name, version_of(told_by), payload),
        )

    return made


def _name(kind: str) -> str:
    _, family, fact, _ = kind.split(".")
    return f"{family}.{fact}"
