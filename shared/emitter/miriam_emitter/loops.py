"""The loop that lines run on: pika's where one goes over AMQP, else the standard library's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from miriam_emitter.transport import Loop


def make_loop(amqp: bool) -> Loop:
    """A new loop; pika is imported for AMQP alone."""
    if not amqp:
        return PlainLoop()
    from pika.adapters.select_connection import IOLoop

    loop: Loop = IOLoop()
    return loop


class PlainLoop:
    """asyncio's loop under the names that pika gives to its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def call_later(self, delay: float, callback: Callable[[], Any]) -> asyncio.TimerHandle:
        """Call back in so many seconds; what to cancel it with."""
        return self._loop.call_later(delay, callback)

    def remove_timeout(self, timer: asyncio.TimerHandle) -> None:
        """Cancel a timer."""
        timer.cancel()

    def add_callback_threadsafe(self, callback: Callable[[], Any]) -> None:
        """Call back soon in the loop's thread; from any thread. After `close` nothing."""
        try:
            self._loop.call_soon_threadsafe(callback)
        except RuntimeError:
            if not self._loop.is_closed():
                raise

    def start(self) -> None:
        """Run until `stop`."""
        self._loop.run_forever()

    def stop(self) -> None:
        """End `start` soon. In the loop's thread."""
        self._loop.stop()

    def close(self) -> None:
        """Give everything back."""
        self._loop.close()
