"""A nameko entrypoint that hands batches to a service's method: the method commits, and only then is acknowledged.

nameko's own consumers acknowledge a message whose handler raised, and spread one queue over several workers, which
loses its order. Here one batch is under way at a time; what a batch is, and when it is acknowledged, the subclass
says.
"""

from typing import Any

from eventlet import Timeout
from eventlet.event import Event
from nameko.extensions import Entrypoint

from miriam_platform import logging
from miriam_platform.amqp import Link, Lost
from miriam_platform.database import LOST, pauses
from miriam_platform.runtime import RUNTIME, Runtime
from miriam_platform.settling import Stopping

TURN_SECONDS = 2.0

log = logging.get(__name__)


class Batches(Entrypoint):
    """Consumes over one link at a time, opened anew with growing pauses after it was lost. Subclasses define `work`."""

    def setup(self) -> None:
        """Read the runtime out of nameko's configuration."""
        self.runtime: Runtime = self.container.config[RUNTIME]
        self.stopping = False
        self.settled = False
        self._ended = Event()

    def start(self) -> None:
        """Begin consuming, in a greenlet of its own."""
        self.container.spawn_managed_thread(self._run, identifier="batches")

    def stop(self) -> None:
        """Finish the batch under way, then end."""
        self.stopping = True
        self._ended.wait()

    def kill(self) -> None:
        """End without finishing: what is not acknowledged comes again."""
        self.stopping = True

    def work(self, link: Link) -> None:
        """Consume over `link` until `self.stopping`, and set `self.settled` when a batch was acknowledged.

        Raises Lost, or one of database.LOST, to be called anew over another link.
        """
        raise NotImplementedError

    def call(self, link: Link, *arguments: Any) -> Any:
        """The answer of the service's method; what it raises is raised here. Raises Lost where the link goes."""
        done: Event = Event()

        def finished(_: object, result: Any, exc_info: Any) -> tuple[Any, Any]:
            done.send((result, exc_info))
            link.wake()
            return result, exc_info

        self.container.spawn_worker(self, arguments, {}, handle_result=finished)
        try:
            # While the method waits for its database, the next messages come in, and heartbeats are kept.
            while not done.ready():
                link.turn(TURN_SECONDS)
        finally:
            # Also where the link was lost: a second batch must not begin before this one has ended.
            result, exc_info = done.wait()
        if exc_info is not None:
            raise exc_info[1]
        return result

    def _run(self) -> None:
        waits = pauses()
        try:
            while not self.stopping:
                link = Link(self.runtime.config.amqp_url, f"{self.runtime.definition.name}-{self.method_name}")
                self.settled = False
                try:
                    self.work(link.open())
                except Stopping:
                    return
                except (Lost, *LOST) as error:
                    if self.settled:
                        waits = pauses()
                    pause = next(waits)
                    log.warning("consuming interrupted", error=logging.told(error), pause=pause)
                    self._rest(pause)
                finally:
                    link.close()
        finally:
            self._ended.send(None)

    def _rest(self, seconds: float) -> None:
        with Timeout(seconds, False):
            while not self.stopping:
                Event().wait(timeout=min(seconds, 0.2))
