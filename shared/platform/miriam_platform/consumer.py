"""Consuming many queues on one channel, and handing over what has arrived as a batch.

Each queue has its own prefetch, and the queues take turns in a batch, message by message: so neither one that floods
nor many that do can put off what comes alone, and a sender of huge messages fills no batch. Nothing is acknowledged
here but what the caller names: after its commit.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pika.exceptions import AMQPError
from pika.spec import Basic, BasicProperties

from miriam_platform import properties
from miriam_platform.amqp import OPENING, Link, Lost

properties.guard()
# A batch becomes one transaction: a sender of huge messages must not make it outgrow the memory of us or the database.
MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was delivered and not yet acknowledged. `user_id`, where it is set, the broker vouches for."""

    tag: int
    queue: str
    routing_key: str
    user_id: str | None
    redelivered: bool
    body: bytes = field(repr=False)
    content: tuple[str | None, str | None] = (None, None)
    expires: bool = False


class Consumer:
    """The consumer of any number of queues, on one channel of a link. `prefetch` is the most unacknowledged a queue."""

    def __init__(self, link: Link, prefetch: int) -> None:
        self._link = link
        self._channel = link.channel()
        # By queue, in the order in which it is their turn; none that is empty.
        self._arrived: dict[str, deque[Message]] = {}
        self._count = 0
        self._unacknowledged: dict[int, None] = {}
        self._queues: dict[str, str] = {}
        self._channel.add_on_cancel_callback(self._cancelled)
        # Not global: each consumer that starts from now on has this window to itself.
        answered: list[object] = []
        self._channel.basic_qos(prefetch_count=prefetch, callback=answered.append)
        link.until(lambda: bool(answered), OPENING)

    @property
    def queues(self) -> set[str]:
        """The queues that are consumed now."""
        return set(self._queues.values())

    def subscribe(self, queue: str) -> bool:
        """Consume a queue too; false where it does not exist (yet). Raises Lost."""
        if not self._link.queue_exists(queue):
            return False
        started: list[object] = []
        tag = self._channel.basic_consume(queue, self._delivered(queue), callback=started.append)
        self._queues[tag] = queue
        self._link.until(lambda: bool(started), OPENING)
        return True

    def gather(self, most: int, seconds: float) -> list[Message]:
        """What has arrived, up to `most` or MOST_BYTES; waits up to `seconds` for the first. Raises Lost.

        Of each queue in its order.
        """
        # One look at least, however much waits here: what has just come may be alone, and has its turn too.
        self._link.turn(0 if self._arrived else seconds)
        before = -1
        while before < self._count < most:
            before = self._count
            self._link.turn(0)
        batch: list[Message] = []
        size = 0
        while self._arrived and len(batch) < most and size < MOST_BYTES:
            queue = next(iter(self._arrived))
            waiting = self._arrived.pop(queue)
            message = waiting.popleft()
            if waiting:
                self._arrived[queue] = waiting
            size += len(message.body)
            batch.append(message)
        self._count -= len(batch)
        return batch

    def acknowledge(self, messages: Iterable[Message]) -> None:
        """Tell the broker that these are done with. Raises Lost."""
        done = {message.tag for message in messages}
        if not done:
            return
        together = 0
        for tag in self._unacknowledged:
            if tag not in done:
                break
            together = tag
        try:
            # One frame for all that stand before the first unfinished message.
            if together:
                self._channel.basic_ack(together, multiple=True)
            for tag in sorted(done):
                if tag > together:
                    self._channel.basic_ack(tag)
        except AMQPError as error:
            raise Lost(type(error).__name__) from error
        for tag in done:
            self._unacknowledged.pop(tag, None)
        self._link.turn(0)

    def _delivered(self, queue: str) -> Any:
        def deliver(_: object, method: Basic.Deliver, properties: BasicProperties, body: bytes) -> None:
            tag = int(method.delivery_tag or 0)
            self._unacknowledged[tag] = None
            key, again = str(method.routing_key), bool(method.redelivered)
            content = (properties.content_type, properties.content_encoding)
            expires = properties.expiration is not None
            message = Message(tag, queue, key, properties.user_id, again, body, content, expires)
            self._arrived.setdefault(queue, deque()).append(message)
            self._count += 1

        return deliver

    def _cancelled(self, frame: Any) -> None:
        # The queue was deleted; should it come back, it is subscribed to anew.
        self._queues.pop(frame.method.consumer_tag, None)
