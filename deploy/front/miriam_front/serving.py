"""The front on waitress: a bounded number of threads, bounded bodies, and problems for what is no HTTP request too."""

from __future__ import annotations

import signal
from typing import Any

import orjson
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask

from miriam_contracts import http_problems
from miriam_contracts.batches import MOST_BYTES
from miriam_contracts.http_problems import HttpProblem, language_of
from miriam_contracts.problems import Problem
from miriam_front import answers, logging
from miriam_front.application import Front
from miriam_front.owners import Owners
from miriam_front.settings import Settings

CONNECTIONS = 400
# What is larger than a batch may be is read to its end and refused in good order. Beyond this the connection is cut,
# and the client may not get to read why.
MOST_READ = 2 * MOST_BYTES
HEADER_BYTES = 32 * 1024


class ProblemTask(ErrorTask):
    """What waitress refuses before we see it (too long, no HTTP), as a problem like any other."""

    def execute(self) -> None:
        """Write the answer, and close."""
        request: Any = self.request
        found = _refused(request.error.code)
        self.status = f"{found.status} {request.error.reason}"
        # It may not have come as far as its headers.
        asked = getattr(request, "headers", {}).get("ACCEPT_LANGUAGE")
        body = orjson.dumps(found.body(language_of(asked)))
        kind = ("Content-Type", http_problems.CONTENT_TYPE)
        self.response_headers = [*self.response_headers, kind, *found.headers.items()]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; what is being answered is answered."""
    logging.configure(settings.log_level)
    owners = Owners(settings.owners, settings.threads, settings.seconds)
    # The one place where waitress takes another answer than its own plain text.
    HTTPChannel.error_task_class = ProblemTask
    server = create_server(
        Front(owners),
        listen=settings.address,
        threads=settings.threads,
        ident=None,
        connection_limit=CONNECTIONS,
        max_request_header_size=HEADER_BYTES,
        max_request_body_size=MOST_READ,
        asyncore_use_poll=True,
        log_socket_errors=False,
    )
    signal.signal(signal.SIGTERM, _end)
    logging.get(__name__).info("serving", address=settings.address)
    server.run()
    logging.get(__name__).info("stopping")
    owners.close()


def _end(number: int, _: object) -> None:
    # waitress takes it as the order to let its threads finish.
    raise SystemExit(0)


def _refused(status: int) -> HttpProblem:
    if status == 413:
        return http_problems.too_large(f"..{MOST_BYTES}", "bytes of a body, inflated")
    if status == 431:
        return HttpProblem(431, Problem("http_too_large", "headers", f"..{HEADER_BYTES}"))
    if status < 500 or status == 501:
        return HttpProblem(status, Problem("http_bad_argument", "request", "HTTP/1.1"))
    return http_problems.unavailable(answers.RETRY_SECONDS, "a fault of ours; send it again")
