"""Debian's nginx, started with the configuration that the front prints, in a folder and on a port of its own."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from front_process import Answered, ask, free_port

from miriam_local.certificates import Certificate, CertificateAuthority
from miriam_local.processes import port_is_free, wait_until


@dataclass(frozen=True)
class NginxProcess:
    """An nginx that runs."""

    port: int
    pid: int
    folder: Path
    authority: CertificateAuthority

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it wrote of its answers."""
        return (self.folder / "access.log").read_text("utf-8")

    def trusting(self, client: Certificate | None = None) -> ssl.SSLContext:
        """TLS of a client that believes the authority, and shows a certificate where it has one."""
        context = ssl.create_default_context(cafile=self.authority.file)
        if client:
            context.load_cert_chain(client.certificate, client.key)
        return context

    def ask(
        self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None,
        client: Certificate | None = None,
    ) -> Answered:  # fmt: skip
        """GET, or POST where there is a body; any status is an answer."""
        handlers = urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.trusting(client))
        return ask(self.url + path, body, headers, urllib.request.build_opener(*handlers))


@contextmanager
def nginx(folder: Path, fronts: str, *, clients: bool = False, **settings: str) -> Iterator[NginxProcess]:
    """Nginx before these fronts (host:port,...), ended at the end. `folder` must be open to the user of its workers."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "nginx is not installed: run `make setup`"
    port = free_port(44_000)
    folder.mkdir(mode=0o755)
    authority = CertificateAuthority(folder / "authority")
    server = Certificate(folder / "server.pem", folder / "server.key")
    authority.for_server(server, ["127.0.0.1"])
    told = {
        "PATH": os.environ["PATH"],
        "MIRIAM_NGINX_LISTEN": f"127.0.0.1:{port}",
        "MIRIAM_NGINX_STATE": str(folder),
        "MIRIAM_NGINX_BODIES": f"/dev/shm/miriam-nginx-{port}",
        "MIRIAM_NGINX_FRONTS": fronts,
        "MIRIAM_TLS_CERTIFICATE": str(server.certificate),
        "MIRIAM_TLS_KEY": str(server.key),
        **({"MIRIAM_TLS_CLIENT_CA": str(authority.file)} if clients else {}),
        **settings,
    }
    printed = subprocess.run([sys.executable, "-m", "miriam_front", "nginx"], env=told, capture_output=True, check=True)
    configuration = folder / "nginx.conf"
    configuration.write_bytes(printed.stdout)
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [program, "-p", str(folder), "-c", str(configuration), "-g", "daemon off;"], stderr=said
        )
    try:
        up = wait_until(lambda: process.poll() is not None or not port_is_free(port), 30, 0.1)
        assert up, "nginx does not listen"
        assert process.poll() is None, (folder / "said").read_text("utf-8")
        yield NginxProcess(port, process.pid, folder, authority)
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(told["MIRIAM_NGINX_BODIES"])
