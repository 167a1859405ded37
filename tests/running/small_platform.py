"""A small platform without broker and processes: real event stores, a real ledger that is signed and witnessed, real
spools with signed receipts; and over HTTP all that an auditor and an emitter may ask.

What moves events between its parts is a call instead of a process. Everything that is stored is written by the
platform's own code.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import migrated
import orjson
import psycopg2
from attacker import renamed
from psycopg2.extensions import connection as Connection
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from miriam_contracts.examples import emitted, examples
from miriam_contracts.reading import reading_token
from miriam_emitter import Settings
from miriam_emitter.events import prepare
from miriam_emitter.keys import PublicKeys
from miriam_emitter.receipts import split, verify
from miriam_emitter.spool import Spool
from miriam_groups.service import DEFINITION as GROUPS
from miriam_intake.service import DEFINITION as INTAKE
from miriam_local.databases import DatabaseAccess
from miriam_platform import events_http, receipts, refusals_http, store, store_check_http
from miriam_platform import keys as key_files
from miriam_platform.database import Database
from miriam_platform.definition import ServiceDefinition
from miriam_platform.deliveries import Delivery
from miriam_platform.keys import Keys
from miriam_platform.recorder import Recorder
from miriam_reporting.audit import cosigned
from miriam_reporting.audit.origins import OriginAnswers
from miriam_reporting.ledger.add import add, last_sequence
from miriam_reporting.ledger.checkpointer import Checkpointer
from miriam_reporting.ledger.http import LogAnswers
from miriam_reporting.ledger.leaves import read
from miriam_reporting.ledger.log_keys import LogKeys
from miriam_reporting.ledger.status import head
from miriam_reporting.reports.life import events as life
from miriam_sessions.service import DEFINITION as SESSIONS
from miriam_transparency.keys import SigningKey, write_public
from miriam_transparency.notes import COSIGNATURE
from miriam_transparency.witness import Witness, begin

ORIGIN = "miriam.test/ledger"
TOKEN = "services-token-of-this-test"
DEFINITIONS = {definition.name: definition for definition in (INTAKE, SESSIONS, GROUPS)}
FACTS = {"intake": "participation.referred", "sessions": "session.held", "groups": "group.formed"}
NewDatabase = Callable[..., DatabaseAccess]


@dataclass
class Service:
    """A recording service without its doors."""

    definition: ServiceDefinition
    access: DatabaseAccess
    keys: Keys
    database: Database
    recorder: Recorder


@dataclass
class SmallPlatform:
    """What a test asks of it, and does to it. `emitters` are the settings of each CPAS, with its spool."""

    folder: Path
    services: dict[str, Service]
    reporting: DatabaseAccess
    database: Database
    emitters: dict[str, Settings]
    log_keys: LogKeys
    witness_key: SigningKey
    superuser_url: str
    url: str = ""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def trust(self) -> Path:
        """The authority's file of keys."""
        return self.folder / "keys" / "AUTHORITY.pub"

    def environment(self) -> dict[str, str]:
        """In which the commands of reporting mean this platform."""
        return {
            "MIRIAM_REPORTING_DATABASE_URL": self.reporting.app_url,
            "MIRIAM_SERVICE_TOKEN": TOKEN,
            "MIRIAM_OWNER_URLS": ",".join(f"{name}={url}" for name, url in self.owner_urls().items()),
            "MIRIAM_KEYS_DIR": str(self.log_keys.folder),
            "MIRIAM_HOME": str(self.folder / "home"),
        }

    def owner_urls(self) -> dict[str, str]:
        """Where each recording service answers."""
        return {name: f"{self.url}/{name}" for name in self.services}

    def emit(self, service: str, emitter: str, count: int) -> list[str]:
        """Have a CPAS emit facts, record them, and give it its receipts; the ids of what it emitted."""
        settings, recording = self.emitters[emitter], self.services[service]
        model = emitted(FACTS[service])
        model["data"].pop("personal", None)
        events = [renamed(model, emitter, number=next(self._numbers)) for _ in range(count)]
        with Spool(settings.spool, settings.source) as spool:
            entries = [prepare(event, settings, PublicKeys(settings.keys_dir), spool.secret) for event in events]
            spool.put(entries)
            deliveries = [Delivery(e.body, settings.user, e.routing_key) for e in entries]
            results = recording.recorder.record(deliveries)
            assert [result.outcome for result in results] == ["recorded"] * count, [r.problems for r in results]
            now = dt.datetime.now(dt.UTC)
            for _, message in receipts.messages(results, service, recording.keys, now):
                known = PublicKeys(settings.keys_dir)
                spool.settle([verify(each, settings.source, known) for each in split(message)])
        return [event["id"] for event in events]

    def report(self) -> None:
        """Have reporting record an event of its own, in store and ledger at once."""
        example = next(e for e in examples("recorded") if e.kind == "report.drafted.v1")
        data = {**example.event["data"], "report": f"2023-2024.{next(self._numbers)}"}
        with self.database.transaction() as connection:
            life.record(connection, life.read_report(connection, data["report"]), "drafted", data, _now())

    def take(self) -> None:
        """Bring what the services recorded into the ledger."""
        for name, service in self.services.items():
            with self.database.transaction() as connection:
                after = last_sequence(connection, name)
                with service.database.transaction() as owner:
                    bodies = [event.body for event in store.read_after(owner, after, 5000)]
                if bodies:
                    add(connection, name, [read(body.encode()) for body in bodies])
        with self.database.transaction() as connection, connection.cursor() as cursor:
            cursor.execute("select ledger.set_milestones()")

    def sign(self) -> int | None:
        """Have the log sign its head. Raises HistoryChanged."""
        with closing(psycopg2.connect(self.reporting.app_url)) as connection:
            return Checkpointer(self.reporting.app_url, self.log_keys, ORIGIN).sign_head(connection)

    @property
    def witness_state(self) -> Path:
        """What the witness remembers."""
        return self.folder / "witness.state"

    def witness(self) -> Witness:
        """The authority's witness."""
        return Witness(self.witness_key, self.log_keys.published(), self.witness_state)

    @contextmanager
    def superuser(self, service: str) -> Iterator[Connection]:
        """A superuser in the database of a service, the triggers taken away; committed at the end."""
        access = self.reporting if service == "reporting" else self.services[service].access
        with closing(psycopg2.connect(self.superuser_url, dbname=access.name)) as connection:
            with connection, connection.cursor() as cursor:
                cursor.execute("set session_replication_role = replica")
            with connection:
                yield connection


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@contextmanager
def small_platform(
    folder: Path, new_database: NewDatabase, superuser_url: str, cpas: tuple[str, ...] = ("anderlecht", "schaerbeek")
) -> Iterator[SmallPlatform]:
    """A platform in `folder`, empty but for its keys, answering over HTTP until the end."""
    with ExitStack() as stack:
        public = folder / "keys"
        public.mkdir(parents=True)
        services = {name: _service(name, folder, new_database, cpas) for name in DEFINITIONS}
        reporting = new_database("reporting", migrated.reporting)
        database = Database(reporting.app_url, "test-reporting")
        for each in (database, *(service.database for service in services.values())):
            stack.callback(each.close)
        log_keys = LogKeys(folder / "reporting-keys")
        log_keys.make_missing(ORIGIN)
        witness_key = SigningKey.make("authority.test", COSIGNATURE)
        write_public([witness_key.verifier], log_keys.folder / "witnesses.vkeys")
        write_public([witness_key.verifier, *log_keys.published()], public / "AUTHORITY.pub")
        platform = SmallPlatform(folder, services, reporting, database, {}, log_keys, witness_key, superuser_url)
        begin(platform.witness_state, ORIGIN, witness_key, int(_now().timestamp()))
        server = stack.enter_context(_serving(platform))
        platform.url = f"http://127.0.0.1:{server.server_port}"
        for name in cpas:
            platform.emitters[name] = Settings(
                name, "cpas", "amqp://nobody", public, folder / f"{name}.spool",
                reporting_url=platform.url, reading_token=reading_token(TOKEN, name),
            )  # fmt: skip
        yield platform


def _service(name: str, folder: Path, new_database: NewDatabase, cpas: tuple[str, ...]) -> Service:
    definition = DEFINITIONS[name]
    access = new_database(name, migrated.by(definition.migrations))
    private = folder / f"{name}-keys"
    key_files.make(private, definition.extra_keys)
    keys = key_files.load(private, definition.extra_keys)
    for file in ("receipt.pub.json", "personal.pub.json"):
        shutil.copy(private / file, folder / "keys" / f"{name}.{file}")
    with closing(psycopg2.connect(access.owner_url)) as connection, connection, connection.cursor() as cursor:
        for emitter in cpas:
            cursor.execute("select door.register_emitter(%s, 'cpas', false)", (emitter,))
    database = Database(access.app_url, f"test-{name}")
    return Service(definition, access, keys, database, Recorder(definition, keys, database))


@contextmanager
def _serving(platform: SmallPlatform) -> Iterator[Any]:
    """The services' and reporting's own answers, at the paths at which nameko would give them."""

    @Request.application
    def answer(request: Request) -> Response:
        first, _, rest = request.path.lstrip("/").partition("/")
        if first in platform.services:
            return _of_a_service(platform.services[first], rest, request)
        return _of_reporting(platform, request)

    server = make_server("127.0.0.1", 0, answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def _of_a_service(service: Service, path: str, request: Request) -> Response:
    runtime: Any = SimpleNamespace(config=SimpleNamespace(service_token=TOKEN), definition=service.definition)
    with closing(Database(service.access.app_url, "test-http")) as database:
        authorization = request.headers.get("Authorization")
        if path == "healthz":
            status, headers, body = events_http.health(runtime, database)
        elif path == "v1/events/differing":
            status, headers, body = store_check_http.differing(runtime, database, request.args, authorization)
        elif path == "v1/refusals":
            status, headers, body = refusals_http.refusals(runtime, database, request.args, authorization)
        else:
            status, headers, body = events_http.events(runtime, database, request.args, authorization)
    return Response(body, status, headers)


def _of_reporting(platform: SmallPlatform, request: Request) -> Response:
    log = LogAnswers(platform.log_keys)
    with closing(Database(platform.reporting.app_url, "test-http")) as database:
        answers: Mapping[str, Callable[[], Response]] = {
            "/v1/ledger/head": lambda: Response(orjson.dumps(database.ask(head)), content_type="application/json"),
            "/v1/ledger/cosigned": lambda: cosigned.answer(request, database),
            "/v1/ledger/checkpoint": lambda: log.checkpoint(database),
            "/v1/ledger/consistency": lambda: log.consistency(request, database),
            "/v1/ledger/inclusion": lambda: log.inclusion(request, database),
            "/v1/ledger/inclusions": lambda: log.inclusions(request, database),
            "/v1/ledger/cosignatures": lambda: log.cosignatures(request, database),
        }
        if request.path.startswith("/v1/ledger/origins/"):
            kind, _, emitter = request.path.removeprefix("/v1/ledger/origins/").partition("/")
            return OriginAnswers(TOKEN).leaves(request, database, kind, emitter)
        return answers[request.path]() if request.path in answers else Response(json.dumps({}), 404)
