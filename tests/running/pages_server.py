"""The pages under waitress in a thread, as their own process serves them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import Flask

from miriam_local.processes import free_ports
from miriam_reporting.web.serving import listening
from miriam_reporting.web.settings import Settings


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve it on a free port; the address."""
    [port] = free_ports(1)
    settings: Settings = app.extensions["miriam.settings"]
    server = listening(app, replace(settings, address=f"127.0.0.1:{port}"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        # Its loop ends where it has nothing left to wait for; waitress knows no other end than a signal.
        server.trigger.pull_trigger(server._map.clear)
        thread.join(20)
        server.task_dispatcher.shutdown()
        server.close()
