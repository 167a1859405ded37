"""Consuming one source's queue into the ledger: link, batch, acknowledgement after the commit, catching up when idle.

Each source has a loop and a connection of its own, so a source that waits for its owner delays no other.
"""

import time
from collections.abc import Callable, Sequence

from miriam_platform import logging
from miriam_platform.amqp import Link, Lost
from miriam_platform.consumer import Consumer, Message
from miriam_platform.database import LOST, pauses
from miriam_reporting.ledger.taking import Step

BATCH = 500
# Two batches may be under way while one is written.
PREFETCH = 3 * BATCH
TURN_SECONDS = 0.25
IDLE_SECONDS = 1.0
CATCH_UP_SECONDS = 30.0

# Settles a batch, keeping the link alive meanwhile; an empty batch asks the owner for what follows.
Work = Callable[[Link, Sequence[Message]], Step]

log = logging.get(__name__)


class Consuming:
    """The loop of one source. `run` lasts until `stop`; `work` is called with one batch at a time."""

    def __init__(self, source: str, amqp_url: str, work: Work) -> None:
        self._source = source
        self._queue = f"reporting.ledger.{source}"
        self._url = amqp_url
        self._work = work
        self._stopping = False

    def stop(self) -> None:
        """Come to an end after the batch under way."""
        self._stopping = True

    def run(self) -> None:
        """Consume until stopped; a lost broker is awaited with growing pauses."""
        waits = pauses()
        while not self._stopping:
            link = Link(self._url, f"reporting-ledger-{self._source}")
            began = time.monotonic()
            try:
                link.open()
                self._consume(link)
            except Lost as error:
                if time.monotonic() - began > 10:
                    waits = pauses()
                pause = next(waits)
                log.warning("broker lost", queue=self._queue, error=logging.told(error), pause=pause)
                time.sleep(pause)
            finally:
                link.close()

    def _consume(self, link: Link) -> None:
        consumer = Consumer(link, PREFETCH)
        if not consumer.subscribe(self._queue):
            raise Lost(f"there is no queue {self._queue}")
        log.info("consuming", queue=self._queue)
        last_message = time.monotonic()
        next_look = last_message + IDLE_SECONDS
        while not self._stopping:
            batch = consumer.gather(BATCH, TURN_SECONDS)
            now = time.monotonic()
            if batch:
                if self._settled(link, batch):
                    consumer.acknowledge(batch)
                last_message = time.monotonic()
            elif now >= next_look and now - last_message >= IDLE_SECONDS:
                # While messages come, a missing one shows as a gap; only when none comes must one look.
                self._settled(link, [])
                next_look = time.monotonic() + CATCH_UP_SECONDS

    def _settled(self, link: Link, batch: list[Message]) -> bool:
        """Work on a batch until it is done; false when told to stop before."""
        waits = pauses()
        while not self._stopping:
            try:
                step = self._work(link, batch)
            except LOST as error:
                log.warning("database lost", queue=self._queue, error=logging.told(error))
                step = Step.WAIT
            except Exception as error:
                # Whatever it is, the batch is not acknowledged: it stays with the broker until it is in the ledger.
                log.error("batch failed", queue=self._queue, error=logging.told(error))
                step = Step.WAIT
            if step is Step.DONE:
                return True
            if step is Step.AGAIN:
                waits = pauses()
                link.turn(0)
            else:
                self._wait(link, next(waits))
        return False

    def _wait(self, link: Link, seconds: float) -> None:
        end = time.monotonic() + seconds
        # The broker must hear from us meanwhile.
        while not self._stopping and (left := end - time.monotonic()) > 0:
            link.turn(min(left, TURN_SECONDS))
