"""The nameko service of any recording service: nothing but edges, so that nameko could be replaced here alone."""

from collections.abc import Sequence
from typing import Any

from nameko.extensions import DependencyProvider
from nameko.timer import timer
from werkzeug.wrappers import Request

from miriam_platform import (
    erasures_http,
    events_http,
    http_door,
    receipts_http,
    refusals_http,
    refused_http,
    store_check_http,
)
from miriam_platform.answers import Answer
from miriam_platform.consumer import Message
from miriam_platform.database import LOST, Database
from miriam_platform.deliveries import Delivery, Result
from miriam_platform.follower import follower
from miriam_platform.following import Following
from miriam_platform.http_door import HttpDoor
from miriam_platform.inbox import inbox
from miriam_platform.pool import AnyDatabase
from miriam_platform.recorder import Recorder
from miriam_platform.runtime import RUNTIME, Runtime
from miriam_platform.tally import tally
from miriam_platform.web import http

# How often the day's tally is thought of; one is made a day.
TALLY_SECONDS = 900


class RuntimeProvider(DependencyProvider):
    """Gives a worker the runtime of this process."""

    def get_dependency(self, worker_ctx: Any) -> Runtime:
        """The runtime."""
        runtime: Runtime = worker_ctx.container.config[RUNTIME]
        return runtime


class RecorderProvider(DependencyProvider):
    """Gives a worker the recorder."""

    def get_dependency(self, worker_ctx: Any) -> Recorder:
        """The process's one recorder."""
        runtime: Runtime = worker_ctx.container.config[RUNTIME]
        return runtime.recorder


class FollowingProvider(DependencyProvider):
    """Gives a worker what carries out erasures."""

    def setup(self) -> None:
        """One for the process: the follower hands over one batch at a time."""
        runtime: Runtime = self.container.config[RUNTIME]
        database = Database(runtime.config.database_url, f"{runtime.definition.name}-follower")
        self._following = Following(runtime.definition, runtime.keys, database)

    def get_dependency(self, worker_ctx: Any) -> Following:
        """The process's one."""
        return self._following


class DoorProvider(DependencyProvider):
    """Gives a worker the HTTP door."""

    def get_dependency(self, worker_ctx: Any) -> HttpDoor:
        """The process's one door."""
        runtime: Runtime = worker_ctx.container.config[RUNTIME]
        return runtime.door


class DatabaseProvider(DependencyProvider):
    """Gives a worker the connections that requests share: they run side by side, a connection does not."""

    def get_dependency(self, worker_ctx: Any) -> AnyDatabase:
        """The pool of this process."""
        runtime: Runtime = worker_ctx.container.config[RUNTIME]
        return runtime.door.database


def service_class(name: str) -> type:
    """The service class of a recording service, for nameko's container."""
    return type(f"{name.title()}Service", (RecordingService,), {"name": name})


class RecordingService:
    """What every recording service does at its edges."""

    name = "recording"

    runtime = RuntimeProvider()
    recorder = RecorderProvider()
    following = FollowingProvider()
    database = DatabaseProvider()
    door = DoorProvider()

    @inbox(expected_exceptions=LOST)
    def record(self, deliveries: Sequence[Delivery]) -> list[Result]:
        """Record a batch from the broker."""
        results: list[Result] = self.recorder.record(deliveries)
        return results

    @follower(expected_exceptions=LOST)
    def follow(self, messages: Sequence[Message]) -> None:
        """Destroy here what intake says is to be destroyed."""
        self.following.follow(messages)

    @timer(interval=TALLY_SECONDS, expected_exceptions=LOST)
    def tally(self) -> None:
        """Once a day, what the door refused becomes an event."""
        tally(self.database, self.name, before_today=True)

    @http("POST", "/v1/events")
    def post(self, request: Request) -> Answer:
        """Record what an emitter posts, and answer each event with a receipt."""
        return http_door.post(self.door, request)

    @http("GET", "/v1/receipts")
    def receipts(self, request: Request) -> Answer:
        """An emitter's receipts, the oldest first."""
        return receipts_http.receipts_after(self.door, request)

    @http("GET", "/v1/receipts/<emitted_id>")
    def receipt(self, request: Request, emitted_id: str) -> Answer:
        """The newest receipt of one event."""
        return receipts_http.receipt_of(self.door, request, emitted_id)

    @http("GET", "/v1/refusals/<emitted_id>")
    def refusal(self, request: Request, emitted_id: str) -> Answer:
        """What was refused, as it came, to its sender."""
        return refused_http.refused_event(self.door, request, emitted_id)

    @http("GET", "/v1/events")
    def events(self, request: Request) -> Answer:
        """Recorded events by number."""
        authorization = request.headers.get("Authorization")
        return events_http.events(self.runtime, self.database, request.args, authorization)

    @http("GET", "/v1/events/differing")
    def differing(self, request: Request) -> Answer:
        """Recorded events whose columns do not say what their body says."""
        authorization = request.headers.get("Authorization")
        return store_check_http.differing(self.runtime, self.database, request.args, authorization)

    @http("GET", "/v1/erasures")
    def erasures(self, request: Request) -> Answer:
        """What was destroyed here because of an erasure or a retirement."""
        authorization = request.headers.get("Authorization")
        return erasures_http.erasures(self.runtime, self.database, request.args, authorization)

    @http("GET", "/v1/refusals")
    def refusals(self, request: Request) -> Answer:
        """The newest refusals of an emitter, to services."""
        authorization = request.headers.get("Authorization")
        return refusals_http.refusals(self.runtime, self.database, request.args, authorization)

    @http("GET", "/healthz")
    def health(self, request: Request) -> Answer:
        """Whether this process can record."""
        return events_http.health(self.runtime, self.database)

    @http("GET", "/v1/keys")
    def keys(self, request: Request) -> Answer:
        """The service's public keys."""
        return events_http.public_keys(self.runtime)
