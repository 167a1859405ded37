"""Recorded events as a service would publish them, and reporting's database to take them."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import migrated
import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import canonical
from miriam_contracts.catalogue import EVENT_TYPES, RECORDING_SERVICES
from miriam_local.databases import DatabaseAccess

DOMAINS = (
    "finances", "social_support", "housing", "mobility", "physical_health", "leisure", "mental_wellbeing", "autonomy",
    "self_confidence",
)  # fmt: skip
NOTED = "2024-02-01T10:00:00.000000Z"


class Recorder:
    """Records events as the services do: a number of its own for each source, without holes."""

    def __init__(self) -> None:
        self.sequences = dict.fromkeys(RECORDING_SERVICES, 0)
        self.bodies: dict[str, list[bytes]] = {source: [] for source in RECORDING_SERVICES}

    def event(self, name: str, subject: str, data: dict[str, Any], *, source: str = "", time: str = NOTED) -> str:
        """Record `name` (`session.held`) and answer its id; `data` without occurred_on happened on 2024-01-31."""
        kind = f"miriam.{name}.v1"
        source = source or EVENT_TYPES[kind].owner
        self.sequences[source] += 1
        number = self.sequences[source]
        event_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{source} {number}"))
        body = canonical(
            {
                "correlationid": event_id,
                "data": {"occurred_on": "2024-01-31", **data},
                "datacontenttype": "application/json",
                "id": event_id,
                "origin": "/cpas/anderlecht",
                "originid": f"e-{number}",
                "recordedtime": time,
                "salt": f"{number:032x}",
                "sequence": number,
                "source": f"/services/{source}",
                "specversion": "1.0",
                "subject": subject,
                "time": time,
                "type": kind,
            }
        )
        self.bodies[source].append(body)
        return event_id

    def session(self, participation: str, session: str = "anderlecht:s-1", minutes: int = 60, **more: Any) -> str:
        """A session that was held."""
        return self.event("session.held", participation, held(participation, session, minutes), **more)

    def corrected(self, name: str, subject: str, first: str, replacement: dict[str, Any], **more: Any) -> str:
        """A correction of fact `name`, which was first recorded as `first`."""
        family, _, fact = name.partition(".")
        data = {
            "corrects": first, "supersedes": first, "fact": fact, "reason": "typing_error",
            "replacement": {"occurred_on": "2024-01-31", **replacement},
        }  # fmt: skip
        return self.event(f"{family}.corrected", subject, data, **more)

    def retracted(self, name: str, subject: str, first: str, **more: Any) -> str:
        """A retraction of fact `name`, which was first recorded as `first`."""
        family, _, fact = name.partition(".")
        data = {"retracts": first, "supersedes": first, "fact": fact, "reason": "duplicate"}
        return self.event(f"{family}.retracted", subject, data, **more)


def held(participation: str, session: str, minutes: int) -> dict[str, Any]:
    return {
        "project": "authority:pr-1", "participation": participation, "session": session,
        "duration_minutes": minutes, "place": "cpas", "theme": "housing", "case_manager": "anderlecht:cm-1",
    }  # fmt: skip


def random_history(chance: random.Random, size: int) -> Iterator[bytes]:
    """`size` events of every family that figures rest on; of ten, one corrects and a half retracts an earlier fact."""
    recorder, made = Recorder(), 0
    standing: list[tuple[str, str, str, dict[str, Any]]] = []
    while made < size:
        if standing and chance.random() < 0.15:
            place = chance.randrange(len(standing))
            name, subject, first, data = standing[place]
            if chance.random() < 2 / 3:
                recorder.corrected(name, subject, first, {**data, "occurred_on": f"2024-01-{chance.randint(1, 31):02}"})
            else:
                recorder.retracted(name, subject, first)
                # Now and then what no service records: a change of what is retracted already.
                if chance.random() < 0.9:
                    standing.pop(place)
        else:
            name, subject, data = _random_fact(chance, made)
            standing.append((name, subject, recorder.event(name, subject, data), data))
        made += 1
        # Corrections mostly follow soon, so that many fall into the batch of their fact.
        if len(standing) > 40:
            standing.pop(0)
        for source in recorder.bodies.values():
            yield from source
            source.clear()


def _random_fact(chance: random.Random, number: int) -> tuple[str, str, dict[str, Any]]:
    woman = f"anderlecht:p-{chance.randint(1, 40)}"
    at = {"project": "authority:pr-1", "participation": woman}
    group = {"project": "authority:pr-1", "group": "anderlecht:g-1"}
    present = [f"anderlecht:p-{n}" for n in chance.sample(range(1, 40), 12)]
    scores = {domain: {"status": "valid", "score": chance.randint(0, 10)} for domain in DOMAINS}
    facts: list[tuple[str, str, dict[str, Any]]] = [
        ("session.held", woman, held(woman, f"anderlecht:s-{number}", chance.randint(20, 90))),
        ("session.missed", woman, {**at, "session": f"anderlecht:s-{number}", "reason": "excused"}),
        ("goal.set", woman, {**at, "goal": f"anderlecht:gl-{number}", "domain": "housing"}),
        ("goal.reached", woman, {**at, "goal": f"anderlecht:gl-{number}", "evidence": "document"}),
        ("assessment.completed", woman, {
            **at, "assessment": f"anderlecht:a-{number}", "moment": "start", "instrument": "miriam-2022",
            "scores": scores,
        }),
        ("referral.made", woman, {**at, "referral": f"anderlecht:r-{number}", "domain": "health", "partner": "legal"}),
        ("participation.ended", woman, {**at, "reason": "completed", "certificate": True}),
        ("person.linked", woman, {"participation": woman, "other": f"jette:p-{number}"}),
        ("group.joined", "anderlecht:g-1", {**group, "participation": woman}),
        ("groupsession.held", "anderlecht:g-1", {
            **group, "groupsession": f"anderlecht:gs-{number}", "duration_minutes": 120, "theme": "health",
            "case_manager": "anderlecht:cm-1", "present": present[:8], "excused": present[8:10], "absent": present[10:],
        }),
    ]  # fmt: skip
    return chance.choice(facts)


@pytest.fixture
def history() -> Callable[[random.Random, int], Iterator[bytes]]:
    return random_history


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Call a function with each of the arguments, all at the same time."""

    def call(function: Callable[[Any], Any], arguments: Iterable[Any]) -> list[Any]:
        given = list(arguments)
        with ThreadPoolExecutor(len(given)) as pool:
            return list(pool.map(function, given))

    return call


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def access(new_database: Callable[..., DatabaseAccess]) -> DatabaseAccess:
    """Reporting's database, migrated."""
    return new_database("reporting", migrated.reporting)


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    connection = psycopg2.connect(url)
    try:
        yield connection
    finally:
        connection.close()


@pytest.fixture
def owner(access: DatabaseAccess) -> Iterator[Connection]:
    with _connected(access.owner_url) as connection:
        yield connection


@pytest.fixture
def app(access: DatabaseAccess) -> Iterator[Connection]:
    with _connected(access.app_url) as connection:
        yield connection
