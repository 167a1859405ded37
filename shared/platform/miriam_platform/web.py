"""nameko's web server as the doors need it: bounded, and answering its own errors as problems too."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from eventlet import Timeout, wsgi
from eventlet.semaphore import Semaphore
from nameko.web.handlers import HttpRequestHandler
from nameko.web.server import WebServer
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Request, Response

from miriam_contracts import http_problems
from miriam_contracts.http_problems import HttpProblem
from miriam_platform import logging
from miriam_platform.answers import RETRY_SECONDS, problem_answer

# Requests that are worked on at once; beyond them, 503. The workers of inbox and timers are never among them.
MOST_REQUESTS = 64
# How long a connection may stand still.
SOCKET_SECONDS = 30
# How long a whole body may take; a proxy that gathers requests (deploy/front) needs a moment.
BODY_SECONDS = 120
# Of a body that is not wanted so much is read all the same, for the client to hear why; then it is cut off.
MOST_DISCARDED = 1024 * 1024
DISCARD_SECONDS = 5

log = logging.get(__name__)


class BodyTooSlow(OSError):
    """A body did not come in time."""


class TimedBody:
    """A request's body, which must come within some seconds: who drips holds a worker, and the end of the process."""

    def __init__(self, read: Callable[[int | None], bytes], seconds: float) -> None:
        self._read = read
        self._end = time.monotonic() + seconds

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, without it all that are left. Raises BodyTooSlow."""
        with Timeout(max(self._end - time.monotonic(), 0.001), BodyTooSlow):
            # eventlet reads beyond the body where it is told -1.
            return self._read(None if size < 0 else size)


def _discard(read: Callable[[int | None], bytes]) -> None:
    timed = TimedBody(read, DISCARD_SECONDS)
    for _ in range(MOST_DISCARDED // 16384):
        if not timed.read(16384):
            return
    # eventlet ends the connection then.
    raise BodyTooSlow


class DoorServer(WebServer):
    """The web server of a recording service."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Semaphore(MOST_REQUESTS)

    def get_wsgi_app(self) -> Callable[..., Iterable[bytes]]:
        """What nameko serves; what it does not know is answered as a problem."""
        known = super().get_wsgi_app()

        def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            body = environ["wsgi.input"]
            body.discard = partial(_discard, body.read)
            environ["wsgi.input"] = TimedBody(body.read, BODY_SECONDS)
            # It ends with the body, also where that comes in chunks.
            environ["wsgi.input_terminated"] = True
            try:
                known.url_map.bind_to_environ(environ).match()
            except HTTPException as error:
                language = environ.get("HTTP_ACCEPT_LANGUAGE")
                return _response(_told(error), language)(environ, start_response)
            answer: Iterable[bytes] = known(environ, start_response)
            return answer

        return application

    def get_wsgi_server(self, sock: Any, wsgi_app: Any, *arguments: Any, **named: Any) -> wsgi.Server:
        """The server of nameko, which does not wait for a silent client for ever."""
        server = super().get_wsgi_server(sock, wsgi_app, *arguments, **named)
        server.socket_timeout = SOCKET_SECONDS
        return server


class DoorHandler(HttpRequestHandler):
    """Entrypoint `@http(method, path)`."""

    server = DoorServer()

    def handle_request(self, request: Request) -> Response:
        """The answer of the service's method."""
        language = request.headers.get("Accept-Language")
        if not self.server.room.acquire(blocking=False):
            return _response(http_problems.unavailable(RETRY_SECONDS, "too many requests are under way"), language)
        try:
            response: Response = super().handle_request(request)
            return response
        finally:
            self.server.room.release()

    def response_from_exception(self, exc: Exception) -> Response:
        """What the methods did not answer themselves is a fault of ours; its message may hold a value."""
        log.error("fault of ours", error=logging.told(exc))
        return _response(http_problems.unavailable(RETRY_SECONDS, "a fault of ours; send it again"), None)


def _told(error: HTTPException) -> HttpProblem:
    if isinstance(error, MethodNotAllowed):
        return http_problems.method_not_allowed(", ".join(sorted(error.valid_methods or ())))
    return http_problems.not_found("no such path")


def _response(problem: HttpProblem, accept_language: str | None) -> Response:
    status, headers, body = problem_answer(problem, accept_language)
    return Response(body, status, headers)


http = DoorHandler.decorator
