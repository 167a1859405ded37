"""The entrypoint that brings a service what it has to destroy: its own queue of intake's erasures and retirements."""

from collections.abc import Sequence

from miriam_platform import logging
from miriam_platform.amqp import Link, Lost
from miriam_platform.batches import Batches
from miriam_platform.consumer import Consumer, Message
from miriam_platform.database import LOST
from miriam_platform.following import queue_of
from miriam_platform.retiring import NotPublished
from miriam_platform.settling import Stopping

MOST = 200
PREFETCH = 400
IDLE_SECONDS = 1.0

log = logging.get(__name__)


class Follower(Batches):
    """Entrypoint: `@follower` above a method that takes a list of Message and has carried them out when it answers."""

    def work(self, link: Link) -> None:
        """Consume the queue until stopped."""
        queue = queue_of(self.runtime.definition.name)
        consumer = Consumer(link, PREFETCH)
        if not consumer.subscribe(queue):
            raise Lost(f"there is no queue {queue}")
        log.info("queue consumed", queue=queue)
        while not self.stopping:
            messages = consumer.gather(MOST, IDLE_SECONDS)
            if messages:
                self._carry_out(link, messages)
                consumer.acknowledge(messages)
                self.settled = True

    def _carry_out(self, link: Link, messages: Sequence[Message]) -> None:
        try:
            self.call(link, messages)
        except (Lost, Stopping, *LOST):
            raise
        except NotPublished:
            raise Lost("a retirement waits until all of its events are published") from None
        except Exception as error:
            # What is to be destroyed is never given up, and must not take the inbox down with it.
            log.error("fault of ours", count=len(messages), error=logging.told(error))
            raise Lost("what is to be destroyed could not be") from error


follower = Follower.decorator
