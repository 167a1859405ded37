"""Each recording service as it is: its own database, its own keys, its own rules; and emitters that send to it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import migrated
import orjson
import pytest
from joserfc import jwe

from miriam_contracts import ids
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.examples import emitted, payload
from miriam_groups.service import DEFINITION as GROUPS
from miriam_intake.service import DEFINITION as INTAKE
from miriam_local.databases import DatabaseAccess
from miriam_platform import keys as key_files
from miriam_platform.database import Database, connect
from miriam_platform.definition import ServiceDefinition
from miriam_platform.deliveries import Delivery, Result
from miriam_platform.keys import Keys
from miriam_platform.recorder import Recorder
from miriam_sessions.service import DEFINITION as SESSIONS

DEFINITIONS = {definition.name: definition for definition in (INTAKE, SESSIONS, GROUPS)}
EMITTERS = {
    "anderlecht": "cpas", "schaerbeek": "cpas", "test-acme": "cpas", "test-beta": "cpas",
    "spp-is": "authority", "spp-is-dpo": "dpo",
}  # fmt: skip
_HEADER = {"alg": "ECDH-ES", "enc": "A256GCM"}


@dataclass(slots=True)
class Service:
    """One recording service without its doors: what it records, asked of its own database."""

    definition: ServiceDefinition
    access: DatabaseAccess
    keys: Keys
    database: Database
    recorder: Recorder
    numbers: Iterator[int]

    def delivery(self, kind: str, example: str = "typical", *, source: str = "", **changes: Any) -> Delivery:
        """A message with a golden example, changed; `personal` as an object is sealed to this service."""
        model = emitted(kind, example)
        routing_key = EVENT_TYPES[model["type"]].routing_key
        personal = changes.pop("personal", None)
        data = payload(kind, example, **changes)
        if personal is not None:
            data.get("replacement", data)["personal"] = self.seal(personal)
        source = source or model["source"]
        field = EVENT_TYPES[model["type"]].subject_field
        subject = data.get("replacement", data).get(field) or model["subject"]
        event = {**model, "id": f"e-{next(self.numbers)}", "source": source, "subject": subject, "data": data}
        _, sender_kind, sender = source.split("/")
        return Delivery(orjson.dumps(event), f"{sender_kind}.{sender}", f"{sender}.{routing_key}")

    def seal(self, block: dict[str, Any]) -> str:
        """A personal block as an emitter seals it to this service."""
        return jwe.encrypt_compact(_HEADER, orjson.dumps(block), self.keys.personal, algorithms=[*_HEADER.values()])

    def record(self, *deliveries: Delivery) -> list[Result]:
        """What became of each."""
        return self.recorder.record(deliveries)

    def recorded(self, delivery: Delivery) -> dict[str, Any]:
        """The recorded event of a delivery, which must be recorded now."""
        (result,) = self.record(delivery)
        assert result.outcome == "recorded", result.problems
        ((body,),) = self.ask("select body from event_store.event where id = %s", result.events[0].id)
        event: dict[str, Any] = json.loads(body)
        return event

    def refused(self, delivery: Delivery) -> tuple[str, ...]:
        """The rules that refuse a delivery."""
        (result,) = self.record(delivery)
        return tuple(problem.code for problem in result.problems)

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database as its owner."""
        connection = connect(self.access.owner_url, "test-owner")
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


@pytest.fixture
def new_service(new_database: Callable[..., DatabaseAccess], tmp_path: Path) -> Iterator[Callable[[str], Service]]:
    """`new_service("intake")`: that service, migrated, keyed, and knowing the emitters of the golden examples."""
    opened: list[Service] = []

    def make(name: str) -> Service:
        definition = DEFINITIONS[name]
        access = new_database(name, migrated.by(definition.migrations))
        folder = tmp_path / f"keys-{name}"
        key_files.make(folder, definition.extra_keys)
        keys = key_files.load(folder, definition.extra_keys)
        database = Database(access.app_url, f"test-{name}")
        service = Service(definition, access, keys, database, Recorder(definition, keys, database), itertools.count(1))
        for emitter, kind in EMITTERS.items():
            service.ask("select door.register_emitter(%s, %s, %s)", emitter, kind, ids.is_test(emitter))
        opened.append(service)
        return service

    yield make
    for service in opened:
        service.database.close()


@pytest.fixture
def intake(new_service: Callable[[str], Service]) -> Service:
    """Intake."""
    return new_service("intake")


@pytest.fixture
def sessions(new_service: Callable[[str], Service]) -> Service:
    """Sessions."""
    return new_service("sessions")


@pytest.fixture
def groups(new_service: Callable[[str], Service]) -> Service:
    """Groups."""
    return new_service("groups")
