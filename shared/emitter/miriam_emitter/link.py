"""The AMQP side of one emitter: a connection that comes back by itself, publishing with confirms, and receipts.

It knows nothing of spool and order; it tells its owner what happened. Several links share one loop and one thread.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import pika
from pika.adapters.select_connection import IOLoop, SelectConnection
from pika.channel import Channel
from pika.exceptions import AMQPError
from pika.spec import Basic, BasicProperties

from miriam_contracts.envelope import CONTENT_TYPE
from miriam_emitter import tls
from miriam_emitter.errors import NotConfigured
from miriam_emitter.settings import Settings
from miriam_emitter.spool import Waiting
from miriam_emitter.transport import Closed, Owner, pause_before

log = logging.getLogger(__name__)

EXCHANGE = "cpas.inbox"
RECEIPTS = "cpas.receipts"
_FIRST_PAUSE = 0.5
_PREFETCH = 2000
_PERSISTENT = 2
_HEARTBEAT = 30


class _OneWrite(SelectConnection):
    """Hands the frames of a message to the socket in one piece.

    pika makes three system calls a message of them, and three packets: a third of what an event costs here. Should a
    later pika know this method no more, it is slower and still right.
    """

    def _output_marshaled_frames(self, marshaled_frames: Sequence[bytes]) -> None:
        super()._output_marshaled_frames([b"".join(marshaled_frames)])


class Link:
    """One emitter's connection on `loop`, from `start` to `stop`.

    pika swallows what its callbacks raise, so whatever the owner raises is handed to `failed` instead.
    """

    def __init__(self, loop: IOLoop, settings: Settings, owner: Owner, failed: Callable[[Exception], None]) -> None:
        self._loop = loop
        self._settings = settings
        self._owner = owner
        self._failed = failed
        self._parameters = connection_parameters(settings)
        self._properties = BasicProperties(content_type=CONTENT_TYPE, delivery_mode=_PERSISTENT, user_id=settings.user)
        self._connection: SelectConnection | None = None
        self._channel: Channel | None = None
        self._published = 0
        self._attempts = 0
        self._timer: Any = None
        self._reason = ""
        self._wanted = False
        self.blocked = False

    @property
    def ready(self) -> bool:
        """Whether events may be published now."""
        return self._channel is not None and not self.blocked

    @property
    def idle(self) -> bool:
        """Whether there is no connection, and none in the making."""
        return self._connection is None

    @property
    def caught_up(self) -> bool:
        """Always: receipts come to us by themselves."""
        return True

    @property
    def trouble(self) -> str:
        """Whether the broker holds everything up."""
        return "the broker takes nothing: it is short of memory or disk" if self.blocked else ""

    def start(self) -> None:
        """Connect, and keep connected."""
        self._wanted = True
        self._connect()

    def stop(self) -> None:
        """Close in good order; `idle` tells when it is done."""
        self._wanted = False
        self._channel = None
        if self._timer is not None:
            self._loop.remove_timeout(self._timer)
            self._timer = None
        if self._connection is not None and not (self._connection.is_closing or self._connection.is_closed):
            self._connection.close()

    def publish(self, entry: Waiting) -> int:
        """Hand one event to the broker; its delivery tag.

        Raises:
            Closed: the channel closed meanwhile; the owner hears of it as well.
        """
        assert self._channel is not None
        try:
            self._channel.basic_publish(EXCHANGE, entry.routing_key, entry.body, self._properties)
        except AMQPError as problem:
            raise Closed(type(problem).__name__) from problem
        self._published += 1
        return self._published

    def acknowledge(self, tag: int) -> None:
        """Acknowledge every receipt up to this tag; on a closed channel nothing: they will come again."""
        if self._channel is not None:
            self._channel.basic_ack(tag, multiple=True)

    def _connect(self) -> None:
        self._timer = None
        self._reason = ""
        self._connection = _OneWrite(
            self._parameters,
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_open_error,
            on_close_callback=self._on_close,
            custom_ioloop=self._loop,
        )
        self._connection.add_on_connection_blocked_callback(self._on_blocked)
        self._connection.add_on_connection_unblocked_callback(self._on_unblocked)

    def _on_open(self, connection: SelectConnection) -> None:
        if not self._wanted:
            connection.close()
            return
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Channel) -> None:
        self._published = 0
        channel.add_on_close_callback(self._on_channel_close)
        channel.add_on_cancel_callback(self._on_cancel)
        channel.confirm_delivery(self._on_confirm)
        channel.basic_qos(prefetch_count=_PREFETCH)
        # Consuming before publishing: what cannot hear receipts shall not send.
        channel.basic_consume(
            f"{RECEIPTS}.{self._settings.id}", self._on_receipts, callback=lambda _: self._on_ready(channel)
        )

    def _on_ready(self, channel: Channel) -> None:
        if self._wanted:
            self._channel = channel
            self._attempts = 0
            self._tell(self._owner.connected)

    def _on_confirm(self, frame: Any) -> None:
        method = frame.method
        if isinstance(method, Basic.Ack):
            self._tell(self._owner.confirmed, method.delivery_tag, method.multiple)
        else:
            self._tell(self._owner.nacked, method.delivery_tag, method.multiple)

    def _on_receipts(self, _: Channel, method: Basic.Deliver, __: BasicProperties, body: bytes) -> None:
        self._tell(self._owner.received, body, method.delivery_tag)

    def _on_cancel(self, _: Any) -> None:
        self._lose("the queue of receipts is gone")

    def _on_channel_close(self, _: Channel, problem: Exception) -> None:
        self._lose(_reason(problem))

    def _on_blocked(self, *_: Any) -> None:
        # The broker is short of memory or disk: what is sent now would only pile up in our own buffer.
        self.blocked = True

    def _on_unblocked(self, *_: Any) -> None:
        self.blocked = False

    def _on_close(self, _: SelectConnection, problem: Exception) -> None:
        self._gone(self._reason or _reason(problem))

    def _on_open_error(self, _: SelectConnection, problem: Exception) -> None:
        self._gone(_reason(problem))

    def _tell(self, call: Callable[..., None], *args: Any) -> None:
        try:
            call(*args)
        except Exception as problem:
            self._failed(problem)

    def _lose(self, reason: str) -> None:
        """Give the whole connection up where the channel is of no more use."""
        self._channel = None
        self._reason = reason
        connection = self._connection
        if connection is not None and not (connection.is_closing or connection.is_closed):
            connection.close()

    def _gone(self, reason: str) -> None:
        self._channel = None
        self._connection = None
        self.blocked = False
        if not self._wanted:
            return
        pause = pause_before(self._attempts, _FIRST_PAUSE, self._settings.longest_pause)
        self._attempts += 1
        # Spread over half the pause, so that all the CPAS do not come back to a restarted broker at once.
        self._timer = self._loop.call_later(pause * random.uniform(0.5, 1.0), self._connect)
        self._tell(self._owner.disconnected, reason)


def connection_parameters(settings: Settings) -> pika.connection.Parameters:
    """Where to connect, and how. Raises NotConfigured."""
    address = urlsplit(settings.amqp_url)
    # Without a password it is the certificate that says who we are.
    external = address.password is None and settings.certificate_file is not None
    if address.password is None and not external:
        raise NotConfigured(
            "amqp_url holds no password, and no certificate is named", "have the credentials made again"
        )
    bare = address._replace(netloc=address.netloc.rpartition("@")[2]).geturl() if external else settings.amqp_url
    parameters = pika.URLParameters(bare)
    if parameters.ssl_options is not None:
        parameters.ssl_options = pika.SSLOptions(tls.context(settings), parameters.host)
    elif external:
        raise NotConfigured("a certificate is shown over amqps:// alone", "have the credentials made again")
    if external:
        parameters.credentials = pika.credentials.ExternalCredentials()
    parameters.heartbeat = _HEARTBEAT
    parameters.connection_attempts = 1
    parameters.socket_timeout = 10
    parameters.stack_timeout = 15
    parameters.client_properties = {"connection_name": f"emitter {settings.id}"}
    return parameters


def _reason(problem: BaseException) -> str:
    """Words for what pika raised, whose own can be a stack of nested objects."""
    inner = problem
    while True:
        nested = [*getattr(inner, "exceptions", ()), getattr(inner, "exception", None), *inner.args]
        causes = [cause for cause in nested if isinstance(cause, BaseException)]
        if not causes:
            break
        inner = causes[-1]
    known = tls.reason(inner)
    if known is not None:
        return known
    text = str(inner)
    return text if isinstance(inner, OSError) and text else f"{type(inner).__name__} {text}".rstrip()
