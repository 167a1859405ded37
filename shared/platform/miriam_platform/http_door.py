"""`POST /v1/events`: events of one emitter in, a receipt for each out, in their order, after the commit.

Plain functions of a request, so that nameko stays at the edge (`service_class`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request

from miriam_contracts import http_problems
from miriam_contracts.canonical import canonical
from miriam_platform import deliveries, door, posted, receipts, tokens
from miriam_platform.answers import JSON, RETRY_SECONDS, Answer, answered
from miriam_platform.config import Config
from miriam_platform.database import Database
from miriam_platform.definition import ServiceDefinition
from miriam_platform.deliveries import Delivery, Result
from miriam_platform.fairness import Fairness
from miriam_platform.http_settling import RequestSettler, SharedRecorder
from miriam_platform.keys import Keys
from miriam_platform.pool import AnyDatabase, Pool
from miriam_platform.recorder import Recorder
from miriam_platform.telling import tell
from miriam_platform.times import now
from miriam_platform.tokens import Holder

# What is recorded in one transaction: so little that another emitter's request, or the inbox, soon has its turn.
MOST_TOGETHER = 50
MOST_BYTES_TOGETHER = 512 * 1024
# To the database, beside the recorders': for tokens, receipts, and events by number.
MOST_CONNECTIONS = 6


@dataclass(frozen=True, slots=True)
class HttpDoor:
    """What the requests at one service's door share."""

    definition: ServiceDefinition
    config: Config
    keys: Keys
    database: AnyDatabase
    recorder: SharedRecorder
    fairness: Fairness

    def close(self) -> None:
        """Close the connections that no request uses."""
        self.database.close()
        self.recorder.database.close()


def at(definition: ServiceDefinition, config: Config, keys: Keys) -> HttpDoor:
    """The door of a serving process. Connections are opened when they are needed."""
    pool = Pool(config.database_url, f"{definition.name}-http", MOST_CONNECTIONS)
    database = Database(config.database_url, f"{definition.name}-http-recorder")
    recorder = Recorder(definition, keys, database)
    return HttpDoor(
        definition, config, keys, pool, SharedRecorder(recorder, database), Fairness(config.door_events_per_second)
    )


@dataclass(slots=True)
class _Settled:
    """Receipts so far, in the order of the events, and how many events have none."""

    receipts: list[dict[str, Any]]
    unanswered: int = 0


def post(at: HttpDoor, request: Request) -> Answer:
    """`POST /v1/events`: 200 with `{"receipts": [...]}`, or a problem; a 503 with the receipts of what was settled."""
    settled = _Settled([])
    return answered(lambda: _post(at, request, settled), request.headers.get("Accept-Language"), settled.receipts)


def _post(at: HttpDoor, request: Request, settled: _Settled) -> Answer:
    holder = tokens.authenticate(at.database, request.headers.get("Authorization"), tokens.EMIT)
    if holder.kind is None:
        raise http_problems.scope_missing("a registered emitter")
    with at.fairness.request(holder.name):
        # Whatever it holds, a request costs something.
        at.fairness.charge(holder.name, 1)
        events = posted.events(request)
        at.fairness.charge(holder.name, len(events) - 1)
        with at.fairness.turn(holder.name):
            _settle(at, holder, events, settled)
    if settled.unanswered:
        missing = f"{settled.unanswered} of {len(events)} events have no receipt yet; send those again unchanged"
        raise http_problems.unavailable(RETRY_SECONDS, missing)
    return 200, JSON, (b'{"receipts":[' + b",".join(map(canonical, settled.receipts)) + b"]}").decode()


def _settle(at: HttpDoor, holder: Holder, events: Iterable[bytes], settled: _Settled) -> None:
    settler = RequestSettler(at.recorder.recorder, at.database, at.recorder.record)
    in_clear = at.config.door_encrypted
    came = (deliveries.posted(event, holder.name, str(holder.kind), in_clear=in_clear) for event in events)
    for chunk in _chunks(came):
        results = settler.settle(chunk)
        found = [result for result in results if result is not None]
        settled.unanswered += len(results) - len(found)
        _tell(at, holder, found, settled)
        posted.breathe()


def _tell(at: HttpDoor, holder: Holder, results: Sequence[Result], settled: _Settled) -> None:
    moment = now()
    settled.receipts += [receipts.build(result, at.definition.name, at.keys, moment) for result in results]
    for result in results:
        tell(result)
    if holder.failing and results:
        with at.database.transaction() as connection:
            door.forget_attempts(connection, [result.delivery for result in results], at.keys)


def _chunks(came: Iterable[Delivery]) -> Iterator[list[Delivery]]:
    chunk: list[Delivery] = []
    size = 0
    for delivery in came:
        if chunk and (len(chunk) == MOST_TOGETHER or size + len(delivery.body) > MOST_BYTES_TOGETHER):
            yield chunk
            chunk, size = [], 0
        chunk.append(delivery)
        size += len(delivery.body)
    yield chunk
