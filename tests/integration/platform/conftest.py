"""A migrated service database, a small service to record for, and a CPAS that sends to it."""

from __future__ import annotations

import itertools
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import migrated
import orjson
import psycopg2
import pytest
from joserfc import jwe
from psycopg2.extensions import connection as Connection

from miriam_local.databases import DatabaseAccess
from miriam_platform import keys as key_files
from miriam_platform.database import Database, connect
from miriam_platform.definition import ServiceDefinition
from miriam_platform.deliveries import Delivery
from miriam_platform.keys import Keys
from miriam_platform.recorder import Recorder

Connect = Callable[[], Connection]


@pytest.fixture
def access(new_database: Callable[..., DatabaseAccess]) -> DatabaseAccess:
    """A database with the platform's SQL and no service's."""
    return new_database("sessions", migrated.by(None))


@pytest.fixture
def new_connection(access: DatabaseAccess) -> Iterator[Connect]:
    """Opens connections as the service's application, closed after the test."""
    opened: list[Connection] = []

    def make() -> Connection:
        opened.append(connect(access.app_url, "test"))
        return opened[-1]

    yield make
    for connection in opened:
        connection.close()


@pytest.fixture
def connection(new_connection: Connect) -> Connection:
    """One connection as the service's application."""
    return new_connection()


@pytest.fixture
def owner(access: DatabaseAccess) -> Iterator[Connection]:
    """One connection as the database's owner."""
    opened = connect(access.owner_url, "test-owner")
    yield opened
    opened.close()


@pytest.fixture
def rows(owner: Connection) -> Callable[..., list[tuple[Any, ...]]]:
    """Asks the database, as its owner, in a transaction of its own."""

    def ask(query: str, *values: Any) -> list[tuple[Any, ...]]:
        with owner, owner.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    return ask


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """The service's keys, made for this test."""
    key_files.make(tmp_path / "keys")
    return key_files.load(tmp_path / "keys")


@pytest.fixture
def definition() -> ServiceDefinition:
    """A small recording service, on the real contracts of sessions."""
    made: ServiceDefinition = runpy.run_path(str(Path(__file__).with_name("fragile_service.py")))["DEFINITION"]
    return made


@pytest.fixture
def register(rows: Callable[..., Any]) -> Callable[[str], None]:
    """Makes a CPAS known to the service."""
    return lambda emitter: rows("select door.register_emitter(%s, 'cpas', false)", emitter) and None


@pytest.fixture
def new_recorder(
    definition: ServiceDefinition, keys: Keys, access: DatabaseAccess, register: Callable[[str], None]
) -> Iterator[Callable[[], Recorder]]:
    """Makes recorders of the small service, which know the CPAS `anderlecht`; each as in a process of its own."""
    register("anderlecht")
    opened: list[Database] = []

    def make() -> Recorder:
        opened.append(Database(access.app_url, "test-recorder"))
        return Recorder(definition, keys, opened[-1])

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def recorder(new_recorder: Callable[[], Recorder]) -> Recorder:
    """One recorder."""
    return new_recorder()


class Sender:
    """What a CPAS sends: emissions that keep the contract, unless told otherwise."""

    def __init__(self, keys: Keys, emitter: str = "anderlecht") -> None:
        self.emitter = emitter
        self._keys = keys
        self._numbers = itertools.count(1)

    def emission(self, type_: str, participation: str = "p-1", **changes: Any) -> dict[str, Any]:
        """An emission of `goal.set` and its kin."""
        subject = f"{self.emitter}:{participation}"
        data = {
            "project": "spp:anderlecht-1",
            "participation": subject,
            "goal": f"{self.emitter}:g-1",
            "occurred_on": "2023-10-02",
            **({"domain": "housing"} if type_ == "goal.set" else {}),
            **({"evidence": "document"} if type_ == "goal.reached" else {}),
            **changes.pop("data", {}),
        }
        return {
            "specversion": "1.0",
            "id": f"e-{next(self._numbers)}",
            "source": f"/cpas/{self.emitter}",
            "type": f"miriam.{type_}.v1",
            "subject": subject,
            "time": "2023-10-02T14:30:00+02:00",
            "data": data,
            **changes,
        }

    def jwe(self, block: dict[str, Any]) -> str:
        """A personal block sealed to the service."""
        header = {"alg": "ECDH-ES", "enc": "A256GCM"}
        return jwe.encrypt_compact(header, orjson.dumps(block), self._keys.personal, algorithms=list(header.values()))

    def deliver(self, emission: dict[str, Any] | bytes, **changes: Any) -> Delivery:
        """A message as the broker hands it over."""
        body = emission if isinstance(emission, bytes) else orjson.dumps(emission)
        fact = ".".join(emission["type"].split(".")[1:3]) if isinstance(emission, dict) else "goal.set"
        given = {"user_id": f"cpas.{self.emitter}", "routing_key": f"{self.emitter}.{fact}", **changes}
        return Delivery(body=body, **given)

    def goal_set(self, participation: str = "p-1", goal: str = "g-1", **changes: Any) -> Delivery:
        """A goal set, ready to be recorded."""
        data = {"goal": f"{self.emitter}:{goal}", **changes.pop("data", {})}
        return self.deliver(self.emission("goal.set", participation, data=data, **changes))

    def goal_reached(self, participation: str = "p-1", goal: str = "g-1", **changes: Any) -> Delivery:
        """A goal reached, which its rule allows after it was set."""
        return self.deliver(
            self.emission("goal.reached", participation, data={"goal": f"{self.emitter}:{goal}"}, **changes)
        )


@pytest.fixture
def sender(keys: Keys) -> Sender:
    """The CPAS `anderlecht`."""
    return Sender(keys)


@pytest.fixture
def new_sender(keys: Keys) -> Callable[[str], Sender]:
    """Another CPAS."""
    return lambda emitter: Sender(keys, emitter)


@pytest.fixture
def admin(postgres: Any) -> Iterator[Connection]:
    """The server's superuser: ends other sessions, as an outage would."""
    opened = psycopg2.connect(postgres.url)
    opened.autocommit = True
    yield opened
    opened.close()
