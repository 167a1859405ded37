"""A connection to RabbitMQ that the caller turns: pika's asynchronous connection, without giving the program to it.

BlockingConnection waits for each confirm by itself (1,000 to 1,900 publishes a second); SelectConnection keeps hundreds
under way (12,000 and more), but wants to own the loop. Here the caller says `turn`, at the places where it has time to:
so one plain loop can read a database, publish, collect confirms and stop, with no callbacks between.
"""

import contextlib
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pika
from pika.adapters.select_connection import IOLoop
from pika.channel import Channel
from pika.exceptions import AMQPError
from pika.spec import Basic, BasicProperties

from miriam_platform import broker_address

# Half of it without a sign from the broker, and pika says so; twice, and the connection counts as dead.
HEARTBEAT = 20
OPENING = 15.0
CLOSING = 2.0
# Channels that ask for the lengths of queues at once.
_ASKING = 8


class Lost(Exception):
    """Connection or channel are gone, or could not be had. What was not confirmed may be there, or not."""


class Link:
    """One connection, with as many channels as asked for. Not for threads. Open it with `open`, once.

    The address is as `broker_address` says. Raises broker_address.Unusable.
    """

    def __init__(self, url: str, name: str) -> None:
        parameters, self.user = broker_address.parameters(url)
        parameters.heartbeat = HEARTBEAT
        parameters.client_properties = {"connection_name": name}
        self._parameters = parameters
        self._loop = IOLoop()
        self._connection: pika.SelectConnection | None = None
        self._open = False
        self._gone: Exception | None = None

    def open(self, seconds: float = OPENING) -> "Link":
        """Connect, waiting for it no longer than `seconds`. Raises Lost."""
        self._loop.activate_poller()
        try:
            self._connection = pika.SelectConnection(
                self._parameters,
                on_open_callback=self._opened,
                on_open_error_callback=self._closed,
                on_close_callback=self._closed,
                custom_ioloop=self._loop,
            )
            self.until(lambda: self._open, seconds)
        except (AMQPError, OSError) as error:
            raise Lost(type(error).__name__) from error
        return self

    def channel(self) -> Channel:
        """An open channel. When it closes for any reason, the whole link counts as gone. Raises Lost."""
        opened: list[Channel] = []
        assert self._connection is not None
        channel = self._connection.channel(on_open_callback=opened.append)
        channel.add_on_close_callback(self._closed)
        self.until(lambda: bool(opened), OPENING)
        return channel

    def queue_exists(self, name: str) -> bool:
        """Whether a queue can be consumed. Asked on a channel of its own, which the broker closes where it cannot."""
        assert self._connection is not None
        answers: list[bool] = []

        def ask(channel: Channel) -> None:
            channel.add_on_close_callback(lambda *_: answers.append(False))
            channel.queue_declare(name, passive=True, callback=lambda _: found(channel))

        def found(channel: Channel) -> None:
            answers.append(True)
            channel.close()

        self._connection.channel(on_open_callback=ask)
        self.until(lambda: bool(answers), OPENING)
        return answers[0]

    def waiting_in(self, names: Sequence[str], seconds: float) -> Mapping[str, int | None]:
        """How many messages wait in each queue; None where there is no such queue. What the broker has not told within
        `seconds` is not there. Raises Lost.

        Asked on some channels at once, one question after the other on each.
        """
        assert self._connection is not None
        connection, left, found = self._connection, deque(names), dict[str, int | None]()

        def ask(channel: Channel) -> None:
            if not left:
                return
            name = left.popleft()
            # The broker closes the channel that asked for a queue that is not there.
            channel.add_on_close_callback(lambda *_: missing(name))
            channel.queue_declare(name, passive=True, callback=lambda frame: told(channel, name, frame))

        def told(channel: Channel, name: str, frame: Any) -> None:
            found[name] = int(frame.method.message_count)
            ask(channel)

        def missing(name: str) -> None:
            if name not in found and connection.is_open:
                found[name] = None
                connection.channel(on_open_callback=ask)

        for _ in range(min(_ASKING, len(names))):
            connection.channel(on_open_callback=ask)
        end = time.monotonic() + seconds
        while len(found) < len(names) and (rest := end - time.monotonic()) > 0:
            self.turn(rest)
        return found

    def turn(self, seconds: float) -> None:
        """Send and receive what is there to send and receive, waiting up to `seconds` for the first of it.

        Raises Lost where the connection or a channel is gone.
        """
        if self._gone is not None:
            raise Lost(str(self._gone)) from self._gone
        try:
            self._poll(seconds)
        except (AMQPError, OSError) as error:
            self._gone = error
        if self._gone is not None:
            raise Lost(str(self._gone)) from self._gone

    def wake(self) -> None:
        """Have the `turn` that is under way, or the next one, return at once. The one method for other greenlets."""
        self._loop.add_callback_threadsafe(lambda: None)

    def until(self, reached: Callable[[], bool], seconds: float) -> None:
        """Turn until `reached()`. Raises Lost, also when that took longer than `seconds`."""
        end = time.monotonic() + seconds
        while not reached():
            left = end - time.monotonic()
            if left <= 0:
                raise Lost(f"no answer from the broker in {seconds:g} s")
            self.turn(left)

    def watch(self, descriptor: int, ready: Callable[[], None]) -> None:
        """Have `turn` return, and call `ready`, when a further file descriptor can be read."""
        self._loop.add_handler(descriptor, lambda _fd, _events: ready(), IOLoop.READ)

    def close(self) -> None:
        """Close politely where that is still possible, and let go of everything.

        A connection that lost one channel must be closed too: its other channel would go on holding messages.
        """
        with contextlib.suppress(AMQPError, OSError):
            if self._connection is not None and not self._connection.is_closed:
                self._connection.close()
            end = time.monotonic() + CLOSING
            while self._connection is not None and not self._connection.is_closed and time.monotonic() < end:
                self._poll(CLOSING)
        with contextlib.suppress(Exception):
            self._loop.deactivate_poller()
        self._loop.close()

    def _poll(self, seconds: float) -> None:
        timeout = self._loop.call_later(max(seconds, 0), lambda: None)
        try:
            self._loop.poll()
            self._loop.process_timeouts()
        finally:
            self._loop.remove_timeout(timeout)

    def _opened(self, _: object) -> None:
        self._open = True

    def _closed(self, _: object, reason: Any) -> None:
        if self._gone is None:
            self._gone = reason if isinstance(reason, Exception) else Lost(str(reason))


class Unconfirmed:
    """Publishes on a channel of its own in confirm mode, and keeps account of what the broker has not yet confirmed.

    `failed` holds the marks of what came back: not taken by the broker (nack), or confirmed after it was returned for
    want of a queue. A message's mark is the caller's, and travels as its message id.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._channel = link.channel()
        confirming: list[object] = []
        self._channel.add_on_return_callback(self._returned)
        self._channel.confirm_delivery(self._answered, callback=confirming.append)
        link.until(lambda: bool(confirming), OPENING)
        self._next_tag = 1
        self._waiting: dict[int, str] = {}
        self._came_back: set[str] = set()
        self.failed: set[str] = set()

    def publish(
        self, exchange: str, key: str, body: bytes, mark: str, properties: BasicProperties, mandatory: bool = False
    ) -> None:
        """Hand a message over; it leaves with the next `turn`. Raises Lost."""
        properties.message_id = mark
        try:
            self._channel.basic_publish(exchange, key, body, properties, mandatory)
        except AMQPError as error:
            raise Lost(type(error).__name__) from error
        self._waiting[self._next_tag] = mark
        self._next_tag += 1

    def __len__(self) -> int:
        """How many are under way."""
        return len(self._waiting)

    @property
    def oldest(self) -> str | None:
        """The mark of the oldest message under way."""
        return next(iter(self._waiting.values()), None)

    def _answered(self, frame: Any) -> None:
        method = frame.method
        taken = isinstance(method, Basic.Ack)
        if not method.multiple:
            self._settle(method.delivery_tag, taken)
            return
        # Tags were given in order, and a dict keeps it.
        while self._waiting and (tag := next(iter(self._waiting))) <= method.delivery_tag:
            self._settle(tag, taken)

    def _settle(self, tag: int, taken: bool) -> None:
        mark = self._waiting.pop(tag)
        if not taken or mark in self._came_back:
            self._came_back.discard(mark)
            self.failed.add(mark)

    def _returned(self, _channel: object, _method: object, properties: BasicProperties, _body: bytes) -> None:
        # The broker sends the return before the confirm: the confirm alone would say that all went well.
        self._came_back.add(str(properties.message_id))


def persistent(user: str, content_type: str) -> BasicProperties:
    """The properties that every message of ours carries: kept on disk, and vouched for by the broker."""
    return BasicProperties(content_type=content_type, delivery_mode=2, user_id=user)


Arrived = deque[tuple[Basic.Deliver, BasicProperties, bytes]]
