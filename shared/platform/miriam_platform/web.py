"""nameko's web server as the doors need it: bounded, and answering its own errors as problems too."""

from collections.abc import Callable, Iterable
from typing import Any

from eventlet import wsgi
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

log = logging.get(__name__)


class DoorServer(WebServer):
    """The web server of a recording service."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Semaphore(MOST_REQUESTS)

    def get_wsgi_app(self) -> Callable[..., Iterable[bytes]]:
        """What nameko serves; what it does not know is answered as a problem."""
        known = super().get_wsgi_app()

        def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            # eventlet's input ends with the body, also where that comes in chunks.
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
