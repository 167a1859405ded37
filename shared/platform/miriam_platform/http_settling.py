"""Records what one request brought, and keeps one bad event from stopping the good ones: `settling` over HTTP.

The same three kinds of trouble, but nothing waits here: the sender is there and sends again. What fails by our own
fault is left without answer, with the later events of its subject in the request, and is counted in the database; the
fifth time it is parked, and what comes for its subject is parked behind it. Both doors count the same message as one.

Between the doors, and between two requests at once, nothing holds a subject's order but the sender, who waits for an
answer before he sends what follows.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from miriam_platform import door, logging, parking
from miriam_platform.database import LOST, Database
from miriam_platform.deliveries import Delivery, Result
from miriam_platform.door import Subject
from miriam_platform.parking import MOST_ATTEMPTS
from miriam_platform.pool import AnyDatabase
from miriam_platform.recorder import Recorder

log = logging.get(__name__)


@dataclass(slots=True)
class SharedRecorder:
    """A recorder for many requests, with its connection: one batch at a time."""

    recorder: Recorder
    database: Database
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, deliveries: Sequence[Delivery]) -> list[Result]:
        """As Recorder.record; once more where the connection was lost, perhaps while idle.

        The outcome of the first try may be unknown then: what was recorded is a duplicate.
        """
        with self._lock:
            try:
                return self.recorder.record(deliveries)
            except LOST as error:
                log.warning("database lost", error=logging.told(error))
                return self.recorder.record(deliveries)


@dataclass(slots=True)
class RequestSettler:
    """Settles the deliveries of one request. `record` is that of a SharedRecorder."""

    recorder: Recorder
    database: AnyDatabase
    record: Callable[[Sequence[Delivery]], list[Result]]
    _failed: set[Subject] = field(default_factory=set)

    def settle(self, deliveries: Sequence[Delivery]) -> list[Result | None]:
        """What became of each, in order, committed; None of what is to be sent again. Raises one of LOST."""
        if not self._failed:
            try:
                return list(self.record(deliveries))
            except LOST:
                raise
            except Exception as error:
                log.error("fault of ours", count=len(deliveries), error=logging.told(error))
        return [self._alone(delivery) for delivery in deliveries]

    def _alone(self, delivery: Delivery) -> Result | None:
        if self._failed and parking.subject(self.recorder, delivery) in self._failed:
            return None
        try:
            return self.record([delivery])[0]
        except LOST:
            raise
        except Exception as error:
            return self._count(delivery, logging.told(error))

    def _count(self, delivery: Delivery, error: str) -> Result | None:
        keys = self.recorder.keys
        with self.database.transaction() as connection:
            attempts = door.count_attempt(connection, delivery, keys, error)
            if attempts >= MOST_ATTEMPTS:
                [parked] = parking.park(connection, self.recorder, [delivery], attempts, error)
                log.error("parked", emitter=delivery.emitter, count=1, error=error)
                return parked
        log.warning("left unanswered", emitter=delivery.emitter, attempt=attempts, error=error)
        self._failed.add(parking.subject(self.recorder, delivery))
        return None
