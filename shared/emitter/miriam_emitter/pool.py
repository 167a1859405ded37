"""Many emitters in one thread: their links share one loop, so that an event costs as little as it can."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_emitter.errors import Unreachable
from miriam_emitter.line import Line
from miriam_emitter.loops import make_loop
from miriam_emitter.progress import Progress, Report
from miriam_emitter.transport import Loop, now
from miriam_emitter.workers import Workers

if TYPE_CHECKING:
    from miriam_emitter.emitter import Emitter

_TICK = 0.05
_REPORT = 0.25
_FAREWELL = 3.0
# Requests under way at a time: one a service and one for receipts; and of all emitters together.
_REQUESTS = 4
_MOST_REQUESTS = 32


class EmitterPool:
    """Runs emitters together. Each keeps its own spool, user and connection; they share the thread that calls `run`."""

    def __init__(self, emitters: Sequence[Emitter]) -> None:
        self._emitters = list(emitters)
        self._loop: Loop | None = None
        self._failure: BaseException | None = None
        self._parting = False

    def run(
        self, until_drained: bool = True, progress: Report | None = None, patience: float | None = None
    ) -> Progress:
        """Send what the spools hold; the state at the end.

        Until every entry has its receipt; or, with `until_drained` false, until `stop`, sending what is put meanwhile.
        The platform may be away for days: links come back by themselves. `progress` is called four times a second.

        Args:
            until_drained: end once nothing waits any more.
            progress: hears how far it has come; what it raises ends the run.
            patience: seconds without any receipt after which to give up; None: never.

        Raises:
            Unreachable: patience ran out. What waits is safe in the spools.
            SpoolFull: patience ran out, and receipts cannot be kept for want of room.
            SpoolError: receipts can no longer be kept.
            NotConfigured: a public key of a service is missing.
        """
        for emitter in self._emitters:
            for service in RECORDING_SERVICES:
                emitter.keys.receipt(service, "")
        self._failure = None
        self._parting = False
        over_http = sum(emitter.settings.over == "http" for emitter in self._emitters)
        loop = self._loop = make_loop(amqp=over_http < len(self._emitters))
        workers = Workers(min(_REQUESTS * over_http, _MOST_REQUESTS))
        try:
            lines = [Line(e.settings, e.spool, e.keys, loop, workers, self._fail) for e in self._emitters]
        except BaseException:
            self._loop = None
            loop.close()
            raise
        for emitter, line in zip(self._emitters, lines, strict=True):
            emitter.attach(line.more)
        started = time.monotonic()

        def state() -> Progress:
            return Progress(
                waiting=sum(line.spool.count_waiting() for line in lines),
                in_flight=sum(line.in_flight for line in lines),
                seconds=time.monotonic() - started,
                troubles={line.settings.id: line.trouble for line in lines if line.trouble},
                by_emitter={line.settings.id: line.tally for line in lines},
            )

        reported = 0.0

        def tick() -> None:
            nonlocal reported
            if self._parting:
                return
            try:
                for line in lines:
                    line.tick()
                if progress is not None and now() - reported >= _REPORT:
                    reported = now()
                    progress(state())
                if until_drained and all(line.drained for line in lines):
                    loop.stop()
                elif patience is not None:
                    self._lose_patience(lines, patience)
            except Exception as problem:
                self._fail(problem)
            else:
                loop.call_later(_TICK, tick)

        try:
            for line in lines:
                line.start()
            loop.call_later(0, tick)
            loop.start()
        except BaseException as problem:
            # Interrupted from outside: the receipts that came are kept all the same.
            self._failure = self._failure or problem
        finally:
            self._part(loop, lines)
            workers.stop()
        end = state()
        if progress is not None and self._failure is None:
            progress(end)
        if self._failure is not None:
            raise self._failure
        return end

    def stop(self) -> None:
        """End `run` soon, from any thread or signal handler."""
        loop = self._loop
        if loop is not None:
            loop.add_callback_threadsafe(loop.stop)

    def _fail(self, problem: BaseException) -> None:
        self._failure = self._failure or problem
        if self._loop is not None and not self._parting:
            self._loop.stop()

    def _lose_patience(self, lines: Sequence[Line], patience: float) -> None:
        hopeful = [line for line in lines if not line.drained]
        if not hopeful or now() - max(line.last_answer for line in hopeful) < patience:
            return
        for line in hopeful:
            if line.full is not None:
                raise line.full
        reason = hopeful[0].trouble or "the platform took them, and no service answered"
        count = sum(line.spool.count_waiting() for line in lines)
        raise Unreachable(
            f"{count} events have no receipt after {patience:g} s: {reason}",
            "they are safe in the spool; emit again when the platform is back",
        )

    def _part(self, loop: Loop, lines: Sequence[Line]) -> None:
        """Keep what came, close every connection in good order, within a few seconds."""
        self._parting = True
        for emitter in self._emitters:
            emitter.detach()
        for line in lines:
            try:
                line.stop()
            except Exception as problem:
                self._failure = self._failure or problem
        deadline = time.monotonic() + _FAREWELL

        def watch() -> None:
            if time.monotonic() >= deadline or all(line.stopped for line in lines):
                loop.stop()
            else:
                loop.call_later(_TICK / 5, watch)

        try:
            loop.call_later(0, watch)
            loop.start()
        except Exception as problem:
            self._failure = self._failure or problem
        finally:
            self._loop = None
            loop.close()
