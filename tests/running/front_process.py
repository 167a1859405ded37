"""The front as a process of its own, and services behind it that misbehave as a test wants them to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_local.processes import port_is_free, wait_until

BATCH = "application/cloudevents-batch+json"
ONE = "application/cloudevents+json"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass(frozen=True)
class FrontProcess:
    """A front that runs."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def ask(self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answered:
        """GET, or POST where there is a body; any status is an answer."""
        return ask(self.url + path, body, headers)


@dataclass
class Service:
    """A service as the front sees it: it notes what it was asked, and answers what the test says."""

    name: str
    answer: Callable[[Request], Response]
    url: str = ""
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


def ask(
    url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, opener: Any = _DIRECT
) -> Answered:
    """GET, or POST where there is a body; any status is an answer."""
    request = urllib.request.Request(url, data=body, headers={"Authorization": "Bearer any", **(headers or {})})
    try:
        with opener.open(request, timeout=30) as answer:
            return Answered(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return Answered(refused.code, refused.headers, refused.read())


def free_port(begin: int) -> int:
    """A port from `begin` on at which nobody listens, another one for each test run."""
    return next(port for port in range(begin + os.getpid() % 900 * 8, 65_000) if port_is_free(port))


def recording(request: Request) -> Response:
    """The answer of a service that records all that it is sent."""
    if request.path != "/v1/events":
        return Response(json.dumps({"status": "ok"}), content_type="application/json")
    sent = request.get_json(force=True)
    receipts = [{"receipt": "recorded", "id": each["id"]} for each in (sent if isinstance(sent, list) else [sent])]
    return Response(json.dumps({"receipts": receipts}), content_type="application/json")


@contextmanager
def services() -> Iterator[dict[str, Service]]:
    """One HTTP server for each recording service, on a free port."""
    found: dict[str, Service] = {}
    servers = []
    try:
        for name in RECORDING_SERVICES:
            service = found[name] = Service(name, recording)
            server = make_server("127.0.0.1", 0, _application(service), threaded=True)
            service.url = f"http://127.0.0.1:{server.server_port}"
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            servers.append((server, thread))
        yield found
    finally:
        for server, thread in servers:
            server.shutdown()
            thread.join(10)
            server.server_close()


@contextmanager
def front(folder: Path, owners: Mapping[str, str], **settings: str) -> Iterator[FrontProcess]:
    """`python -m miriam_front serve` before these addresses, ended at the end."""
    port = free_port(35_000)
    environment = {
        "PATH": os.environ["PATH"],
        "MIRIAM_HTTP_ADDRESS": f"127.0.0.1:{port}",
        "MIRIAM_OWNER_URLS": ",".join(f"{name}={url}" for name, url in owners.items()),
        **settings,
    }
    log = folder / f"front-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "miriam_front", "serve"], env=environment, stderr=output)
    try:
        assert wait_until(lambda: not port_is_free(port), 30, 0.1), log.read_text("utf-8")
        yield FrontProcess(f"http://127.0.0.1:{port}", log, process)
    finally:
        process.terminate()
        code = process.wait(timeout=30)
    assert code == 0, log.read_text("utf-8")


def _application(service: Service) -> Any:
    @Request.application
    def answer(request: Request) -> Response:
        service.asked.append((request.full_path.rstrip("?"), dict(request.headers), request.get_data()))
        return service.answer(request)

    return answer
