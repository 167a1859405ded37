"""Reporting as a nameko service: it consumes the recorded events of every service, and answers questions over HTTP.

The only module that knows nameko and eventlet.
"""
# ruff: noqa: E402

import eventlet

# Before anything else is imported: what opens sockets or waits must do so in eventlet's way.
# psycopg2 too: a query that waits for its server must not stop heartbeats and requests. (`psycopg` alone would mean
# nothing else, hence `all`.)
eventlet.monkey_patch(all=True, psycopg=True)

import json
import signal
from collections.abc import Callable, Sequence
from typing import Any

from eventlet import Timeout
from eventlet.event import Event
from nameko.extensions import DependencyProvider, Entrypoint
from nameko.runners import ServiceRunner
from werkzeug.wrappers import Request, Response

from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_platform import logging
from miriam_platform.amqp import Link
from miriam_platform.config import Config
from miriam_platform.consumer import Message
from miriam_platform.database import LOST, Database
from miriam_platform.web import DoorHandler
from miriam_reporting.audit import cosigned
from miriam_reporting.audit.event.http import EventAnswers
from miriam_reporting.audit.origins import OriginAnswers
from miriam_reporting.config import owner_urls
from miriam_reporting.ledger.asking import as_problem
from miriam_reporting.ledger.consuming import Consuming
from miriam_reporting.ledger.giving_back import GivingBack
from miriam_reporting.ledger.http import LogAnswers
from miriam_reporting.ledger.log_keys import LogKeys
from miriam_reporting.ledger.owners import Owners
from miriam_reporting.ledger.status import head
from miriam_reporting.ledger.taking import Step, Taking
from miriam_reporting.reports.diff.http import DiffAnswers
from miriam_reporting.reports.http import ReportAnswers
from miriam_reporting.reports.life.http import LifeAnswers
from miriam_reporting.reports.withholding.http import PublicAnswers

# While the method works, the connection is turned so often that its heartbeats are kept.
TURN_SECONDS = 2.0

log = logging.get(__name__)


class QuestionHandler(DoorHandler):
    """Entrypoint `@http(method, path)`. No text comes through that PostgreSQL cannot hold."""

    def handle_request(self, request: Request) -> Response:
        """The answer of the service's method."""
        texts = (request.path, *(text for pair in request.args.items(multi=True) for text in pair))
        if any("\0" in text for text in texts):
            return as_problem(400, "bad_argument", "no character U+0000 stands in a path or an argument")
        return super().handle_request(request)


http = QuestionHandler.decorator


class LedgerQueue(Entrypoint):
    """Hands the method `(source, batch)` of one source's queue; acknowledges the batch after it answered DONE."""

    def __init__(self, source: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._source = source

    def start(self) -> None:
        """Begin to consume, in a greenlet of the container."""
        self._consuming = Consuming(self._source, self.container.config["MIRIAM_AMQP_URL"], self._work)
        self._ended = Event()
        self.container.spawn_managed_thread(self._run, identifier=f"ledger-{self._source}")

    def stop(self) -> None:
        """Stop consuming, and wait for the batch under way."""
        self._consuming.stop()
        self._ended.wait()

    def _run(self) -> None:
        try:
            self._consuming.run()
        finally:
            self._ended.send()

    def _work(self, link: Link, batch: Sequence[Message]) -> Step:
        answered = Event()

        def handle_result(_: object, result: Any, exc_info: Any) -> tuple[Any, Any]:
            answered.send((result, exc_info))
            return result, exc_info

        self.container.spawn_worker(self, (self._source, batch), {}, handle_result=handle_result)
        while not answered.ready():
            with Timeout(TURN_SECONDS, False):
                answered.wait()
            if not answered.ready():
                link.turn(0)
        result, exc_info = answered.wait()
        if exc_info is not None:
            raise exc_info[1]
        return Step(result)


ledger_queue = LedgerQueue.decorator


class Ledger(DependencyProvider):
    """Takes batches into the ledger: one database connection a source."""

    def setup(self) -> None:
        """Make what takes each source's batches; connections open when first used."""
        config = self.container.config
        owners = Owners(config["MIRIAM_OWNER_URLS"], config["MIRIAM_SERVICE_TOKEN"])
        self._taking = {
            source: Taking(source, Database(config["MIRIAM_DATABASE_URL"], f"reporting-ledger-{source}"), owners)
            for source in RECORDING_SERVICES
        }

    def get_dependency(self, worker_ctx: Any) -> dict[str, Taking]:
        """By source."""
        return self._taking


class Reader(DependencyProvider):
    """A database connection for one answer, taken from those that are free."""

    def setup(self) -> None:
        """No connection is open before the first question."""
        self._url = self.container.config["MIRIAM_DATABASE_URL"]
        self._free: list[Database] = []
        self._taken: dict[int, Database] = {}

    def get_dependency(self, worker_ctx: Any) -> Database:
        """The worker's own for as long as it works."""
        database = self._free.pop() if self._free else Database(self._url, "reporting-http")
        self._taken[id(worker_ctx)] = database
        return database

    def worker_teardown(self, worker_ctx: Any) -> None:
        """Give the connection back."""
        database = self._taken.pop(id(worker_ctx), None)
        if database is not None:
            self._free.append(database)


class Answers(DependencyProvider):
    """Reports and explanations, for those who show the services' token."""

    def setup(self) -> None:
        """One for all workers: it keeps no state."""
        self._answers = ReportAnswers(self.container.config["MIRIAM_SERVICE_TOKEN"])

    def get_dependency(self, worker_ctx: Any) -> ReportAnswers:
        """The same for every worker."""
        return self._answers


class Looks(DependencyProvider):
    """Single events and differences, for those who show the services' token."""

    def setup(self) -> None:
        """One for all workers: they keep no state."""
        token = self.container.config["MIRIAM_SERVICE_TOKEN"]
        self._answers = DiffAnswers(token), EventAnswers(token)

    def get_dependency(self, worker_ctx: Any) -> tuple[DiffAnswers, EventAnswers]:
        """The same for every worker."""
        return self._answers


class Origins(DependencyProvider):
    """What stands under an emitter's name, for those who show its reading token."""

    def setup(self) -> None:
        """One for all workers: it keeps no state."""
        self._answers = OriginAnswers(self.container.config["MIRIAM_SERVICE_TOKEN"])

    def get_dependency(self, worker_ctx: Any) -> OriginAnswers:
        """The same for every worker."""
        return self._answers


class Log(DependencyProvider):
    """The log's signed heads and proofs, for anybody."""

    def setup(self) -> None:
        """One for all workers: it reads the key files anew each time."""
        self._answers = LogAnswers(LogKeys(self.container.config["MIRIAM_KEYS_DIR"]))

    def get_dependency(self, worker_ctx: Any) -> LogAnswers:
        """The same for every worker."""
        return self._answers


class Back(DependencyProvider):
    """Recorded events, given back to services that lost them."""

    def setup(self) -> None:
        """One for all workers: it keeps no state."""
        self._answers = GivingBack(self.container.config["MIRIAM_SERVICE_TOKEN"])

    def get_dependency(self, worker_ctx: Any) -> GivingBack:
        """The same for every worker."""
        return self._answers


class Lives(DependencyProvider):
    """The life of reports, and signatures of CPAS."""

    def setup(self) -> None:
        """One for all workers: it keeps no state."""
        self._answers = LifeAnswers(self.container.config["MIRIAM_SERVICE_TOKEN"])

    def get_dependency(self, worker_ctx: Any) -> LifeAnswers:
        """The same for every worker."""
        return self._answers


class ReportingService:
    """Reporting: the ledger's door to the broker, and reporting's own to HTTP."""

    name = "reporting"
    ledger = Ledger()
    database = Reader()
    answers = Answers()
    lives = Lives()
    proofs = Log()
    origins = Origins()
    looks = Looks()
    back = Back()

    @ledger_queue("intake", expected_exceptions=LOST)
    @ledger_queue("sessions", expected_exceptions=LOST)
    @ledger_queue("groups", expected_exceptions=LOST)
    def take_leaves(self, source: str, batch: Sequence[Message]) -> Step:
        """Take a batch of recorded events; an empty one asks the source's owner for what follows."""
        taking: Taking = self.ledger[source]
        return taking.take(batch) if batch else taking.catch_up()

    @http("GET", "/healthz")
    def healthz(self, request: Request) -> Response:
        """200 while the database answers, 503 otherwise."""
        return self._answer(lambda connection: {"status": "ok"} | _asked(connection))

    @http("GET", "/v1/ledger/head")
    def ledger_head(self, request: Request) -> Response:
        """The ledger's position, each source's last number, and how far the facts are."""
        return self._answer(head)

    @http("GET", "/v1/ledger/events")
    def leaves_of_a_service(self, request: Request) -> Response:
        """What the ledger holds of a service, for that service to take back."""
        answers: GivingBack = self.back
        return answers.answer(request, self.database)

    @http("GET", "/v1/ledger/origins/<string:kind>/<string:emitter>")
    def leaves_of_an_emitter(self, request: Request, kind: str, emitter: str) -> Response:
        """What stands in the ledger under an emitter's name, for that emitter."""
        answers: OriginAnswers = self.origins
        return answers.leaves(request, self.database, kind, emitter)

    @http("GET", "/v1/ledger/cosigned")
    def cosigned(self, request: Request) -> Response:
        """The newest head that a witness cosigned."""
        return cosigned.answer(request, self.database)

    @http("GET", "/v1/ledger/checkpoint")
    def checkpoint(self, request: Request) -> Response:
        """The newest signed head of the ledger, with its cosignatures."""
        return self._log().checkpoint(self.database)

    @http("GET", "/v1/ledger/checkpoint/<string:size>")
    def checkpoint_at(self, request: Request, size: str) -> Response:
        """The signed head of a size."""
        return self._log().checkpoint(self.database, size)

    @http("GET", "/v1/ledger/keys")
    def log_keys(self, request: Request) -> Response:
        """The public halves of the log's keys."""
        return self._log().keys()

    @http("GET", "/v1/ledger/consistency")
    def consistency(self, request: Request) -> Response:
        """A proof that one size of the ledger continues another."""
        return self._log().consistency(request, self.database)

    @http("GET", "/v1/ledger/inclusion")
    def inclusion(self, request: Request) -> Response:
        """Where a leaf stands, and the proof of it."""
        return self._log().inclusion(request, self.database)

    @http("POST", "/v1/ledger/inclusions")
    def inclusions(self, request: Request) -> Response:
        """The same of up to 1,000 leaves."""
        return self._log().inclusions(request, self.database)

    @http("POST", "/v1/ledger/cosignatures")
    def cosignatures(self, request: Request) -> Response:
        """Takes what witnesses signed."""
        return self._log().cosignatures(request, self.database)

    @http("GET", "/v1/editions/<string:edition>/report")
    def report(self, request: Request, edition: str) -> Response:
        """The figures of an edition, as `miriam report --json` prints them."""
        answers: ReportAnswers = self.answers
        return answers.report(request, self.database, edition)

    @http("GET", "/v1/editions/<string:edition>/explain/<string:code>")
    def explain(self, request: Request, edition: str, code: str) -> Response:
        """A figure and its evidence, as `miriam explain --json` prints them."""
        answers: ReportAnswers = self.answers
        return answers.explain(request, self.database, edition, code)

    def _log(self) -> LogAnswers:
        answers: LogAnswers = self.proofs
        return answers

    @http("GET", "/v1/reports")
    def reports(self, request: Request) -> Response:
        """The life of each report: where it stands, whose signatures are missing, what was published."""
        lives: LifeAnswers = self.lives
        return lives.reports(request, self.database)

    @http("GET", "/v1/reports/<string:report>")
    def one_report(self, request: Request, report: str) -> Response:
        """The life of one report, and what a CPAS is asked to sign."""
        lives: LifeAnswers = self.lives
        return lives.report(request, self.database, report)

    @http("POST", "/v1/reports/<string:report>/signatures")
    def sign_report(self, request: Request, report: str) -> Response:
        """Take a CPAS's signature: it is its own proof."""
        lives: LifeAnswers = self.lives
        return lives.sign(request, self.database, report)

    @http("GET", "/v1/published")
    def published(self, request: Request) -> Response:
        """What was published, for anybody."""
        return PublicAnswers().published(request, self.database)

    @http("GET", "/v1/published/<string:report>")
    def one_published(self, request: Request, report: str) -> Response:
        """A publication, its small cells withheld, for anybody."""
        return PublicAnswers().one(request, self.database, report)

    @http("GET", "/v1/editions/<string:edition>/diff")
    def diff(self, request: Request, edition: str) -> Response:
        """What changed between two positions, as `miriam diff --json` prints it."""
        answers: DiffAnswers = self.looks[0]
        return answers.diff(request, self.database, edition)

    @http("GET", "/v1/events/<string:event_id>")
    def event(self, request: Request, event_id: str) -> Response:
        """One event with its proof and its chain, as `miriam audit event --json` prints it."""
        answers: EventAnswers = self.looks[1]
        return answers.event(request, self.database, event_id)

    def _answer(self, ask: Callable[[Any], dict[str, Any]]) -> Response:
        try:
            with self.database.transaction() as connection:
                return _json(ask(connection))
        except LOST:
            return _json({"status": "the database does not answer"}, 503)


def _asked(connection: Any) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return {}


def _json(value: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value) + "\n", status=status, content_type="application/json")


def run(config: Config) -> None:
    """Serve until SIGTERM or SIGINT; the batch under way is finished first."""
    runner = ServiceRunner(
        config={
            "WEB_SERVER_ADDRESS": config.http_address,
            # Slow questions must not take every worker from the ledger.
            "max_workers": 30,
            "MIRIAM_DATABASE_URL": config.database_url,
            "MIRIAM_AMQP_URL": config.amqp_url,
            "MIRIAM_SERVICE_TOKEN": config.service_token,
            "MIRIAM_OWNER_URLS": owner_urls(),
            "MIRIAM_KEYS_DIR": config.keys_dir,
        }
    )
    runner.add_service(ReportingService)
    ending = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # A handler may not wait itself; the greenlet that it wakes may.
        signal.signal(number, lambda *_: None if ending.ready() else ending.send())
    runner.start()
    log.info("serving", address=config.http_address)
    stopper = eventlet.spawn(lambda: (ending.wait(), runner.stop()))
    runner.wait()
    stopper.kill()
