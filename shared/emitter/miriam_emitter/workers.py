"""Threads that wait for answers, so that the loop need not."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

Work = Callable[[], None]


class Workers:
    """So many threads, begun when they are first needed. None keeps the process from ending."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._threads = 0
        self._idle = threading.Semaphore(0)
        self._work: queue.SimpleQueue[Work | None] = queue.SimpleQueue()

    def do(self, work: Work) -> None:
        """Have it done soon, by whoever is free. It must raise nothing. From one thread alone."""
        if not self._idle.acquire(blocking=False) and self._threads < self._most:
            self._threads += 1
            threading.Thread(target=self._run, name="miriam-emitter-http", daemon=True).start()
        self._work.put(work)

    def stop(self) -> None:
        """Let the threads end once they have done what they were given."""
        for _ in range(self._threads):
            self._work.put(None)
        self._threads = 0

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()
            self._idle.release()
