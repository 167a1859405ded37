"""What to do with a batch: record it, answer it, and keep one bad event from stopping the good ones.

Three kinds of trouble, told apart:
- the message is wrong: that is no trouble here, the recorder refuses it;
- a server is away: the same batch is tried again with growing pauses, and nothing is held against any event;
- our own fault: the batch is tried one by one; the event that fails is held back, with the later ones of its subject,
  and tried again alone after growing pauses. Its attempts are counted in the database, so a restart does not forget
  them. After the fifth it is parked with its followers, until an operator has it retried or discarded.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from miriam_platform import door, logging, parking
from miriam_platform.amqp import Lost
from miriam_platform.consumer import Message
from miriam_platform.database import LOST, Database, pauses
from miriam_platform.deliveries import Delivery, Result
from miriam_platform.door import Subject
from miriam_platform.parking import MOST_ATTEMPTS
from miriam_platform.recorder import Recorder

FIRST_HOLD = 0.2

log = logging.get(__name__)


class Stopping(Exception):
    """The process is coming to its end; what is not acknowledged will come again."""


Record = Callable[[Sequence[Delivery]], Sequence[Result]]


@dataclass(slots=True)
class _Held:
    """A subject whose first message failed: it and its followers, and when to try again."""

    messages: list[Message]
    due: float
    attempts: int


@dataclass(slots=True)
class Settler:
    """Settles messages: `record` them (through the service), `answer` the results, `acknowledge` the messages.

    `wait` passes time while a server is away; it may raise, which ends the session: unacknowledged messages come again.
    """

    recorder: Recorder
    database: Database
    record: Record
    answer: Callable[[Sequence[Result]], None]
    acknowledge: Callable[[Iterable[Message]], None]
    wait: Callable[[float], None]
    unroutable: str
    _held: dict[Subject, _Held] = field(default_factory=dict)

    def settle(self, messages: Sequence[Message]) -> None:
        """Settle what came, but for what must wait behind a held message of its subject."""
        ready = self._without_followers(messages)
        if ready:
            self._try(ready)

    def settle_due(self) -> None:
        """Try again the held messages whose pause is over."""
        now = time.monotonic()
        for subject, held in list(self._held.items()):
            if held.due <= now and self._handle(held.messages[:1]):
                del self._held[subject]
                self.settle(held.messages[1:])

    def seconds_to_next(self, most: float) -> float:
        """Seconds until a held message is due, `most` at most."""
        now = time.monotonic()
        return min((max(held.due - now, 0.0) for held in self._held.values()), default=most)

    def delivery(self, message: Message) -> Delivery:
        """The message as the recorder takes it."""
        return Delivery(
            message.body,
            message.user_id,
            message.routing_key,
            message.redelivered,
            unroutable=message.queue == self.unroutable,
            copied=self._is_copy(message),
            content=message.content,
            expires=message.expires,
        )

    def _is_copy(self, message: Message) -> bool:
        """Whether its sender had it copied into another's inbox (headers CC, BCC): RabbitMQ 3.10 asks nobody."""
        owner = message.queue.partition(".inbox.")[2]
        return message.queue != self.unroutable and owner != message.routing_key.partition(".")[0]

    def _try(self, messages: Sequence[Message]) -> None:
        if self._handle(messages, alone=len(messages) == 1):
            return
        if len(messages) > 1:
            for message in messages:
                for ready in self._without_followers([message]):
                    self._handle([ready])

    def _handle(self, messages: Sequence[Message], alone: bool = True) -> bool:
        """Record, answer and acknowledge; false where a fault of ours prevented it."""
        deliveries = [self.delivery(message) for message in messages]
        for pause in pauses():
            try:
                self.answer(self.record(deliveries))
                break
            except (Lost, Stopping):
                raise
            except LOST as error:
                log.warning("database lost", error=logging.told(error), pause=pause)
                self.wait(pause)
            except Exception as error:
                log.error("fault of ours", count=len(messages), error=logging.told(error))
                if alone:
                    self._failed(messages[0], logging.told(error))
                return False
        if any(message.redelivered for message in messages) or self._held:
            self.database.run(lambda c: door.forget_attempts(c, deliveries, self.recorder.keys))
        self.acknowledge(messages)
        return True

    def _failed(self, message: Message, error: str) -> None:
        delivery = self.delivery(message)
        attempts = self.database.run(lambda c: door.count_attempt(c, delivery, self.recorder.keys, error))
        subject = self._subject(delivery)
        held = self._held.setdefault(subject, _Held([message], 0.0, 0))
        held.attempts = attempts
        held.due = time.monotonic() + FIRST_HOLD * 2 ** (attempts - 1)
        log.warning("held back", emitter=subject.emitter, attempt=attempts, error=error, count=len(held.messages))
        if attempts >= MOST_ATTEMPTS:
            self._park(subject, held, error)

    def _park(self, subject: Subject, held: _Held, error: str) -> None:
        """Park the failing message and all that waits behind it, in order and in one transaction; then answer."""
        deliveries = [self.delivery(message) for message in held.messages]
        results = self.database.run(lambda c: parking.park(c, self.recorder, deliveries, held.attempts, error))
        log.error("parked", emitter=subject.emitter, count=len(results), error=error)
        self.answer(results)
        self.acknowledge(held.messages)
        self._held.pop(subject, None)

    def _without_followers(self, messages: Sequence[Message]) -> list[Message]:
        if not self._held:
            return list(messages)
        ready = []
        for message in messages:
            held = self._held.get(self._subject(self.delivery(message)))
            if held is None:
                ready.append(message)
            else:
                held.messages.append(message)
        return ready

    def _subject(self, delivery: Delivery) -> Subject:
        return parking.subject(self.recorder, delivery)
