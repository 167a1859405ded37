"""The pages' process: waitress before Flask, threads that wait for the database while others are answered."""

import signal

from waitress.server import create_server

from miriam_platform import logging
from miriam_reporting.web.app import CONNECTIONS, create_app
from miriam_reporting.web.settings import Settings

log = logging.get(__name__)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    host, _, port = settings.address.rpartition(":")
    server = create_server(create_app(settings), host=host, port=int(port), threads=CONNECTIONS, ident=None)

    def stop(*_: object) -> None:
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    log.info("pages served", address=settings.address, url=settings.url)
    try:
        server.run()
    finally:
        server.close()
