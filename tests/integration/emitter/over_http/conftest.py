"""A small HTTP server in the place of the doors, that fails as a test wants it to.

It keeps to the protocol and signs as the services do; what it does not do is record. The emitter against the real
doors is tested where those are; here are the answers that they would give by accident only: 503, 429, half an answer,
none at all.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import socket
import ssl
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from miriam_contracts.canonical import canonical
from miriam_emitter import Emitter, Settings
from miriam_emitter.events import _OWNERS

sys.path.insert(0, str(Path(__file__).parents[3] / "running"))

TOKEN = "mrm_abcdefghijkl_" + "s" * 43

Event = dict[str, Any]
Receipts = list[dict[str, Any]]


@dataclass
class Asked:
    """A POST as it arrived: its events, the bytes of each, and its headers."""

    events: list[Event]
    bodies: list[bytes]
    headers: dict[str, str]


@dataclass
class Reply:
    """What to answer. `cut`: break off in the middle; `hang`: seconds before anything is said."""

    status: int
    content: Any
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hang: float = 0.0


@dataclass
class Door:
    """The double. `outcome(event, before)` decides a receipt; `post(asked, receipts)` may change the whole answer."""

    keys: dict[str, Ed25519PrivateKey]
    outcome: Callable[[Event, int], str] = lambda _, before: "duplicate" if before else "recorded"
    post: Callable[[Asked, Receipts], Reply] | None = None
    token: str = TOKEN
    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    receipts: Receipts = field(default_factory=list)
    polls: list[str] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)
    port: int = 0
    _counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: ThreadingHTTPServer | None = None
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def arrived(self) -> list[str]:
        """The ids, in the order in which they came, as often as they came."""
        return [event["id"] for asked in self.asked for event in asked.events]

    def start(self) -> Door:
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                door._open.append(self.connection)

            def do_POST(self) -> None:
                door._serve(self, lambda: door._post(self))

            def do_GET(self) -> None:
                door._serve(self, lambda: door._get(self))

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Server(("127.0.0.1", self.port), Handler)
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def settle(self, event: Event, outcome: str | None = None) -> dict[str, Any]:
        """The receipt of an event, kept to be asked for."""
        with self._lock:
            said = outcome or self.outcome(event, self._counts[event["id"]])
            self._counts[event["id"]] += 1
            receipt = self.receipt(event, said)
            self.receipts.append(receipt)
            return receipt

    def receipt(self, event: Event, outcome: str) -> dict[str, Any]:
        service = _OWNERS.get(event["type"].split(".")[1]) or "intake"
        problem = {"code": "required", "field": "data/kind", "allowed": "", "title": {"en": "missing", "fr": "absent"}}
        content: dict[str, Any] = {
            "receipt": outcome,
            "service": service,
            "emitter": event["source"],
            "id": event["id"],
            "subject": event["subject"],
            "time": "2023-09-01T10:00:00.000000Z",
            "events": [{"id": "x", "sequence": 1, "leaf": "00" * 32}] if outcome in ("recorded", "duplicate") else [],
            "problems": [problem] if outcome == "refused" else [],
            "key": f"{service}-1",
        }
        signature = self.keys[service].sign(canonical(content))
        return {**content, "signature": base64.b64encode(signature).decode()}

    def _serve(self, handler: BaseHTTPRequestHandler, answer: Callable[[], Reply]) -> None:
        try:
            if handler.headers["Authorization"] != f"Bearer {self.token}":
                handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
                reply = Reply(401, {"code": "unauthorized", "title": "The token is not known."})
            else:
                reply = answer()
            if reply.hang:
                threading.Event().wait(reply.hang)
            body = orjson.dumps(reply.content)
            handler.send_response(reply.status)
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body[: len(body) // 2] if reply.cut else body)
            if reply.cut:
                handler.close_connection = True
        except OSError:
            handler.close_connection = True
        except Exception as problem:
            self.trouble.append(problem)
            raise

    def _post(self, handler: BaseHTTPRequestHandler) -> Reply:
        assert handler.path == "/v1/events"
        assert handler.headers["Content-Type"] == "application/cloudevents-batch+json"
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        if handler.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        events = json.loads(body)
        asked = Asked(events, [canonical(event) for event in events], dict(handler.headers))
        # The events stand in the batch as the spool holds them: what was sent twice is the same bytes.
        assert body == b"[" + b",".join(asked.bodies) + b"]"
        self.asked.append(asked)
        if self.post is None:
            return Reply(200, {"receipts": [self.settle(event) for event in events]})
        return self.post(asked, [])

    def _get(self, handler: BaseHTTPRequestHandler) -> Reply:
        asked = parse_qs(urlsplit(handler.path).query)
        after = asked.get("after", ["0"])[0]
        limit = int(asked["limit"][0])
        self.polls.append(after)
        page = self.receipts[int(after) : int(after) + limit]
        return Reply(200, {"receipts": page, "next": str(int(after) + len(page))})


@pytest.fixture
def new_door() -> Iterator[Callable[..., Door]]:
    """`new_door(post=...)`: a door that answers until the test's end."""
    running: list[Door] = []

    def make(keys: dict[str, Ed25519PrivateKey], **options: Any) -> Door:
        running.append(Door(keys, **options).start())
        return running[-1]

    yield make
    for door in running:
        door.stop()
        assert not door.trouble


@pytest.fixture
def door(new_door: Callable[..., Door], keys: Any) -> Door:
    """A door whose keys are in the folder of keys."""
    for service, key in keys.receipts.items():
        raw = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).decode().rstrip("=")
        jwk = {"kty": "OKP", "crv": "Ed25519", "kid": f"{service}-1", "x": raw}
        (keys.folder / f"{service}.receipt.pub.json").write_text(json.dumps(jwk))
    return new_door(keys.receipts)


@pytest.fixture
def over_http(door: Door, keys: Any, tmp_path: Path) -> Iterator[Callable[..., Emitter]]:
    """`over_http(timeout=1)`: an emitter that knows the door alone, no broker."""
    opened: list[Emitter] = []

    def make(name: str = "anderlecht", **settings: Any) -> Emitter:
        given = {"http_url": door.url, "http_token": TOKEN, "longest_pause": 0.5, **settings}
        opened.append(Emitter(Settings(name, "cpas", "", keys.folder, tmp_path / f"{name}.spool", **given)))
        return opened[-1]

    yield make
    for emitter in opened:
        emitter.close()
