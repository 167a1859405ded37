"""A real OpenID provider as a process, behind a listener that may alter its answers; a browser that signs in at it."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urljoin

import requests
from front_process import free_port

TOOL = Path(__file__).parents[1] / "tools" / "openid_provider"
CLIENT, OTHER_CLIENT = "miriam", "another-application"
SECRET = "a secret of the tests, which the provider knows"
PAGES = "http://localhost"
BACK = f"{PAGES}/sign-in/back"
_FORM = re.compile(r'<form[^>]* action="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_HOP_BY_HOP = {"transfer-encoding", "connection", "keep-alive", "content-length", "date", "server"}

Altering = Callable[[str, bytes], bytes]


@dataclass
class OpenIdProvider:
    """A provider that runs. `altering` is given path and body of each answer, and gives the body that arrives."""

    issuer: str
    altering: Altering | None = None
    asked: list[str] = field(default_factory=list)

    def signed_in(self, address: str, login: str) -> str:
        """Go to the provider as a browser would, sign in, allow what is asked; where it sends the browser back to."""
        return self.browser().follow(address, login)

    def browser(self) -> Browser:
        """A browser that nobody has used."""
        return Browser(self.issuer)


class Browser:
    """Follows redirections and fills in the forms of the provider."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.http = requests.Session()
        # No proxy of this machine stands between.
        self.http.trust_env = False

    def follow(self, address: str, login: str) -> str:
        """Until the provider leads elsewhere; the address that it leads to."""
        answer = self.http.get(address, allow_redirects=False, timeout=30)
        for _ in range(20):
            if answer.is_redirect:
                address = urljoin(answer.url, answer.headers["Location"])
                if not address.startswith(self.issuer):
                    return address
                answer = self.http.get(address, allow_redirects=False, timeout=30)
                continue
            form = _FORM.search(answer.text)
            assert answer.status_code == 200, f"{answer.status_code}: {answer.text[:2000]}"
            assert form, answer.text[:2000]
            told = {unescape(name): unescape(value) for name, value in _HIDDEN.findall(answer.text)}
            told |= {"login": login, "password": "any", "logout": "yes"}
            answer = self.http.post(
                urljoin(answer.url, unescape(form[1])), data=told, allow_redirects=False, timeout=30
            )
        raise AssertionError("the provider leads in circles")


@contextmanager
def openid_provider(
    folder: Path, accounts: Mapping[str, Mapping[str, object]], *, userinfo: bool = False, clock: int = 0
) -> Iterator[OpenIdProvider]:
    """A provider with these accounts (login: claims). Fails with the next step where Node.js cannot be had."""
    made = subprocess.run([TOOL / "need"], capture_output=True, text=True, check=False)
    assert made.returncode == 0, f"tests/tools/openid_provider/need: {made.stderr}"
    environment = Path(made.stdout.strip())
    port, inner = free_port(26_000), free_port(27_000)
    issuer = f"http://127.0.0.1:{port}"
    clients = [
        {
            "client_id": each,
            "client_secret": SECRET,
            "redirect_uris": [BACK],
            "post_logout_redirect_uris": [f"{PAGES}/"],
        }
        for each in (CLIENT, OTHER_CLIENT)
    ]
    settings = {"port": inner, "issuer": issuer, "clients": clients, "accounts": accounts}
    file = folder / f"openid-{port}.json"
    file.write_text(json.dumps({**settings, "userinfo": userinfo, "clock": clock}), "utf-8")
    process = subprocess.Popen(
        ["node", environment / "provider.mjs", file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    try:
        told = []
        for line in process.stdout:
            told.append(line)
            if line.strip() == "listening":
                break
        else:
            raise AssertionError("the provider did not start:\n" + "".join(told))
        # Nobody reads what it says later, and a full pipe would stop it.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        provider = OpenIdProvider(issuer)
        with _before(provider, port, inner):
            yield provider
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def _before(provider: OpenIdProvider, port: int, inner: int) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on(None)

        def do_POST(self) -> None:
            self._pass_on(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _pass_on(self, body: bytes | None) -> None:
            provider.asked.append(self.path)
            connection = http.client.HTTPConnection("127.0.0.1", inner, timeout=30)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "accept-encoding"}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            if provider.altering:
                content = provider.altering(self.path, content)
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
