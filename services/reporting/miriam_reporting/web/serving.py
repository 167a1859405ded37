"""The pages' process: waitress before Flask, threads that wait for the database while others are answered."""

import signal
import threading
from typing import Any

from flask import Flask
from waitress.server import create_server

from miriam_platform import logging
from miriam_reporting.web import turns
from miriam_reporting.web.app import create_app
from miriam_reporting.web.settings import Settings
from miriam_reporting.web.warmer import Warmer

# For those that have their turn, those that wait for it, and what needs none.
THREADS = turns.AT_ONCE + turns.WAITING + 6

log = logging.get(__name__)


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    app = create_app(settings)
    server = listening(app, settings)
    warmer: Warmer = app.extensions["miriam.warmer"]

    def stop(*_: object) -> None:
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    log.info("pages served", address=settings.address, url=settings.url)
    threading.Thread(target=warmer.run, name="warmer", daemon=True).start()
    try:
        server.run()
    finally:
        warmer.stop()
        server.close()


def listening(app: Flask, settings: Settings) -> Any:
    """A server that listens, and answers once it is run.

    What a proxy says of who asks (X-Forwarded-For, X-Forwarded-Proto) is believed of the one that the settings name,
    and taken away from all others: limits go by that address.
    """
    host, _, port = settings.address.rpartition(":")
    believed: dict[str, Any] = {}
    if settings.proxy:
        headers = {"x-forwarded-for", "x-forwarded-proto"}
        believed = {"trusted_proxy": settings.proxy, "trusted_proxy_headers": headers}
    return create_server(app, host=host, port=int(port), threads=THREADS, ident=None, **believed)
