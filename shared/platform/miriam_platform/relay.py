"""The relay: publishes recorded events to the broker, each at least once, in the order of their numbers.

The event table is the outbox: a recorded event needs nothing else to be published some day. One relay leads, by an
advisory lock that its session holds; others stand by. The leader reads behind the checkpoint, keeps a window of events
under way, and moves the checkpoint to the highest number below which all is confirmed. At the first event that the
broker did not take, or returned for want of a queue, it lets go of all that is under way and starts again behind the
checkpoint: events are never published in another order but as a repetition, which a consumer knows by the numbers.
"""

import time
from collections.abc import Callable
from itertools import chain

from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT
from psycopg2.extensions import connection as Connection

from miriam_platform import amqp, logging, store
from miriam_platform.amqp import Link, Lost, Unconfirmed
from miriam_platform.database import LOST, connect, pauses

EXCHANGE = "miriam.events"
CONTENT_TYPE = "application/cloudevents+json"
WINDOW = 500
# A crash publishes again what was confirmed since the checkpoint was last moved.
CHECKPOINT_SECONDS = 0.1
POLL_SECONDS = 1.0
STANDBY_SECONDS = 0.5
_LOCK = 0x4D6952656C6179

log = logging.get(__name__)


class NotTaken(Exception):
    """The broker refused or returned an event: nothing behind it may pass before it."""


class Relay:
    """The relay of one service. `run` works until `stop` is called, from a signal handler for instance."""

    def __init__(self, service: str, database_url: str, amqp_url: str, window: int = WINDOW) -> None:
        self._service = service
        self._database_url = database_url
        self._amqp_url = amqp_url
        self._window = window
        self._stopping = False
        self._confirmed = False

    def stop(self) -> None:
        """Come to an end soon; what is under way and unconfirmed will be published again by the next leader."""
        self._stopping = True

    def run(self) -> None:
        """Lead, or stand by, until stopped; lost servers are awaited with growing pauses."""
        waits = pauses()
        while not self._stopping:
            self._confirmed = False
            try:
                self._session()
            except (Lost, NotTaken, *LOST) as error:
                if self._confirmed:
                    waits = pauses()
                pause = next(waits)
                log.warning("relay interrupted", error=logging.told(error), pause=pause)
                self._rest(pause)

    def _session(self) -> None:
        connection = connect(self._database_url, f"{self._service}-relay")
        try:
            connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            while not (self._stopping or _lead(connection)):
                self._rest(STANDBY_SECONDS)
            if not self._stopping:
                self._lead(connection, Link(self._amqp_url, f"{self._service}-relay"))
        finally:
            connection.close()

    def _lead(self, connection: Connection, link: Link) -> None:
        try:
            leader = _Leader(self._service, connection, link.open(), self._window)
            try:
                leader.work(lambda: self._stopping)
            finally:
                self._confirmed = leader.confirmed_some
        finally:
            link.close()

    def _rest(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._stopping and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))


class _Leader:
    """One term of leading: over one connection each to database and broker, ended by any trouble with either."""

    def __init__(self, service: str, connection: Connection, link: Link, window: int) -> None:
        self._connection = connection
        self._link = link
        self._window = window
        self._out = Unconfirmed(link)
        self._properties = amqp.persistent(link.user, CONTENT_TYPE)
        self._service = service
        self._keys: dict[str, str] = {}
        self.confirmed_some = False
        with connection.cursor() as cursor:
            cursor.execute("listen event_store")
            # A repetition after a crash is harmless, a wait for the disk at each step is not.
            cursor.execute("set synchronous_commit = off")
            cursor.execute("select sequence from relay.checkpoint")
            self._checkpoint: int = cursor.fetchone()[0]  # type: ignore[index]
        self._published = self._checkpoint
        self._moved_at = time.monotonic()
        self._news = True
        link.watch(connection.fileno(), self._notified)

    def work(self, stopping: Callable[[], bool]) -> None:
        log.info("relay leads", sequence=self._checkpoint)
        looked_at = time.monotonic()
        while not stopping():
            room = self._window - len(self._out)
            due = time.monotonic() - looked_at >= POLL_SECONDS
            # Half a window at least, so that reading costs little an event.
            if (self._news or due) and room >= self._window // 2:
                looked_at = time.monotonic()
                self._publish(room)
            self._link.turn(POLL_SECONDS if not self._news and not len(self._out) else CHECKPOINT_SECONDS)
            if self._out.failed:
                log.warning("event not taken", count=len(self._out.failed))
                self._advance(now=True)
                raise NotTaken
            self._advance(now=not len(self._out))
        self._advance(now=True)

    def _publish(self, most: int) -> None:
        events = store.read_after(self._connection, self._published, most)
        # A notification that came with an answer to a query makes the descriptor readable no more.
        self._news = len(events) == most or bool(self._connection.notifies)
        self._connection.notifies.clear()
        for sequence, type_, body in events:
            if not body:
                # Only what the ledger holds is ever emptied.
                self._published = sequence
                continue
            key = self._keys.get(type_) or self._keys.setdefault(type_, routing_key(self._service, type_))
            self._out.publish(EXCHANGE, key, body.encode(), str(sequence), self._properties, mandatory=True)
            self._published = sequence

    def _advance(self, now: bool) -> None:
        confirmed = min(
            (int(mark) - 1 for mark in chain(self._out.failed, filter(None, [self._out.oldest]))),
            default=self._published,
        )
        since = time.monotonic() - self._moved_at
        if confirmed <= self._checkpoint or not (now or since >= CHECKPOINT_SECONDS):
            return
        with self._connection.cursor() as cursor:
            cursor.execute("select relay.advance(%s, %s)", (self._checkpoint, confirmed))
            outcome = cursor.fetchone()[0]  # type: ignore[index]
        if outcome == "mismatch":
            raise Lost("another relay moved the checkpoint")
        self._checkpoint = confirmed
        self.confirmed_some = True
        self._moved_at = time.monotonic()

    def _notified(self) -> None:
        self._connection.poll()
        self._connection.notifies.clear()
        self._news = True


def routing_key(service: str, type_: str) -> str:
    """Where an event of this type goes: `<service>.<family>.<fact>`."""
    _, family, fact, _ = type_.split(".")
    return f"{service}.{family}.{fact}"


def _lead(connection: Connection) -> bool:
    # Asked again and again rather than waited for: a waiting statement would hold back vacuum.
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", (_LOCK,))
        [(answer,)] = cursor.fetchall()
        return bool(answer)
