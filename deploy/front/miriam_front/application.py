"""The front as a WSGI application: paths, methods, and one line of log for each answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from werkzeug.wrappers import Request, Response

from miriam_contracts import http_problems
from miriam_contracts.http_problems import HttpProblem
from miriam_front import answers, logging, posting, reading
from miriam_front.owners import Owners

Handler = Callable[[Owners, Request], Response]
# Paths that end in an event's id.
_OF_AN_EVENT: dict[str, Callable[..., Response]] = {
    "/v1/receipts/": reading.receipt,
    "/v1/refusals/": reading.refusal,
}
# path: method, handler, whether a token is needed
_ROUTES: dict[str, tuple[str, Handler, bool]] = {
    "/v1/events": ("POST", posting.post, True),
    "/v1/receipts": ("GET", reading.receipts, True),
    "/v1/keys": ("GET", reading.keys, False),
    "/healthz": ("GET", reading.health, False),
}


class Front:
    """Answers requests; it keeps nothing of them."""

    def __init__(self, owners: Owners) -> None:
        self._owners = owners
        self._log = logging.get(__name__)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI interface."""
        request = Request(environ)
        route = next((f"{start}<id>" for start in _OF_AN_EVENT if request.path.startswith(start)), request.path)
        begun = time.monotonic()
        response = self._answer(request)
        # Asked every few seconds by whoever watches.
        write = self._log.debug if request.path == "/healthz" else self._log.info
        write(
            "answered",
            method=request.method if request.method in ("GET", "POST") else "other",
            route=route if route in _ROUTES or route.endswith("/<id>") else "other",
            status=response.status_code,
            seconds=round(time.monotonic() - begun, 4),
        )
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            return self._handle(request)
        except HttpProblem as found:
            return answers.problem(request, found)
        except reading.Failed as found:
            return answers.of_owners(request, found.answers)
        except Exception as error:
            # By its kind alone: a message may quote what came.
            self._log.error("failed", error=type(error).__name__)
            return answers.problem(
                request,
                http_problems.unavailable(answers.RETRY_SECONDS, "a fault of ours, which is logged; send it again"),
            )

    def _handle(self, request: Request) -> Response:
        method, handler, needs_token = self._route(request.path)
        if request.method != method:
            raise http_problems.method_not_allowed(method)
        if needs_token and not request.headers.get("Authorization", "").lower().startswith("bearer "):
            # Whose token it is, and whether it holds, the services know. That there is none can be seen from here.
            raise http_problems.unauthorized("Authorization: Bearer mrm_<id>_<secret> is needed")
        return handler(self._owners, request)

    def _route(self, path: str) -> tuple[str, Handler, bool]:
        for start, read in _OF_AN_EVENT.items():
            event = path.removeprefix(start)
            if event != path and event and "/" not in event:
                return "GET", partial(read, event=event), True
        if path not in _ROUTES:
            raise http_problems.not_found("nothing stands at this path")
        return _ROUTES[path]
