"""The inbox: every emitter's queue of this service on one channel, recorded in batches, answered with receipts.

In this order: commit, receipts confirmed by the broker, acknowledgement. A process that dies in between leaves messages
that come again and are found to be duplicates; so a receipt may come twice, and is never missing.
"""

import time
from collections import Counter
from collections.abc import Sequence

from miriam_platform import amqp, door, logging, receipts
from miriam_platform.amqp import Link, Lost, Unconfirmed
from miriam_platform.batches import Batches
from miriam_platform.consumer import Consumer
from miriam_platform.database import LOST, Database
from miriam_platform.deliveries import Delivery, Result
from miriam_platform.housekeeping import Housekeeper
from miriam_platform.settling import Settler, Stopping
from miriam_platform.telling import tell
from miriam_platform.times import now

RECEIPTS = "cpas.receipts"
# The alternate exchange leads here; intake answers for all services.
UNROUTABLE = "intake.unroutable"
MOST = 500
PREFETCH = 100
# How long to wait for messages before looking round for new queues and for the end.
IDLE_SECONDS = 0.25
NEW_QUEUES_SECONDS = 2.0
CONFIRM_SECONDS = 15.0

log = logging.get(__name__)


class Inbox(Batches):
    """Entrypoint: `@inbox` above a method that takes a list of Delivery and answers a list of Result."""

    def setup(self) -> None:
        """Prepare; connections are opened when work begins."""
        super().setup()
        name = self.runtime.definition.name
        self._database = Database(self.runtime.config.database_url, f"{name}-inbox")

    def work(self, link: Link) -> None:
        """Consume all queues of this service until stopped."""
        consumer = Consumer(link, PREFETCH)
        out = Unconfirmed(link)
        settler = Settler(
            recorder=self.runtime.recorder,
            database=self._database,
            record=lambda deliveries: self._record(link, deliveries),
            answer=lambda results: self._answer(link, out, results),
            acknowledge=consumer.acknowledge,
            wait=lambda seconds: self._wait(link, seconds),
            unroutable=UNROUTABLE,
        )
        housekeeper = Housekeeper(self.runtime.keys, self._database, settler.record, settler.answer)
        looked_at = 0.0
        while not self.stopping:
            if time.monotonic() - looked_at >= NEW_QUEUES_SECONDS:
                self._subscribe(consumer)
                housekeeper.turn()
                looked_at = time.monotonic()
            messages = consumer.gather(MOST, settler.seconds_to_next(IDLE_SECONDS))
            settler.settle(messages)
            settler.settle_due()
            self.settled = self.settled or bool(messages)

    def _subscribe(self, consumer: Consumer) -> None:
        service = self.runtime.definition.name
        try:
            with self._database.transaction() as connection:
                wanted = {f"{service}.inbox.{emitter}" for emitter in door.emitters(connection)}
        except LOST as error:
            log.warning("database lost", error=logging.told(error))
            return
        if service == UNROUTABLE.partition(".")[0]:
            wanted.add(UNROUTABLE)
        for queue in sorted(wanted - consumer.queues):
            if consumer.subscribe(queue):
                log.info("queue consumed", queue=queue)
            else:
                log.warning("queue missing", queue=queue)

    def _record(self, link: Link, deliveries: Sequence[Delivery]) -> Sequence[Result]:
        began = time.monotonic()
        results: Sequence[Result] = self.call(link, deliveries)
        counts = Counter[str](result.outcome for result in results)
        log.info("batch", count=len(results), seconds=round(time.monotonic() - began, 4), **counts)
        for result in results:
            tell(result)
        return results

    def _answer(self, link: Link, out: Unconfirmed, results: Sequence[Result]) -> None:
        """Send the receipts and wait until the broker has them. Raises Lost where it does not take them."""
        properties = amqp.persistent(link.user, receipts.CONTENT_TYPE)
        definition, keys = self.runtime.definition, self.runtime.keys
        for emitter, body in list(receipts.messages(results, definition.name, keys, now())):
            out.publish(RECEIPTS, emitter, body, "receipt", properties)
        link.until(lambda: not len(out), CONFIRM_SECONDS)
        if out.failed:
            out.failed.clear()
            raise Lost("the broker did not take the receipts")

    def _wait(self, link: Link, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self.stopping:
                raise Stopping
            link.turn(min(left, IDLE_SECONDS))


inbox = Inbox.decorator
