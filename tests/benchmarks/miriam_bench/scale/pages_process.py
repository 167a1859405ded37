"""Reporting's pages as a process on a copy of a kept ledger, with a published report; a reader who times her pages."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import psycopg2
from psycopg2 import sql

from miriam_bench.scale.bench import REAL
from miriam_bench.scale.kept import Kept, ask
from miriam_bench.workload import EDITION
from miriam_local.databases import DatabaseAccess
from miriam_local.processes import free_ports, wait_until
from miriam_platform import database
from miriam_reporting.ledger import checkpoints
from miriam_reporting.ledger.tree import root_at
from miriam_reporting.reports.as_of import AsOf
from miriam_reporting.reports.life import steps
from miriam_reporting.reports.life.trust import Trust
from miriam_transparency import notes
from miriam_transparency.keys import SigningKey

REPORT = f"{EDITION}-r1"
# Waitress hangs up on who says nothing for two minutes.
_IDLE_SECONDS = 60
_ACTOR = "authority.bench"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Reader:
    """Somebody of a role with a connection that is kept open, as a browser's is."""

    connection: http.client.HTTPConnection
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    _used: float = 0.0

    def get(self, address: str) -> tuple[int, float]:
        """The status of a page, and the milliseconds until its first byte."""
        if time.perf_counter() - self._used > _IDLE_SECONDS:
            self.connection.close()
            self.connection.connect()
        began = time.perf_counter()
        self.connection.request("GET", address, headers={"Cookie": self._cookies(), "Accept-Language": "en"})
        answer = self.connection.getresponse()
        self._used = time.perf_counter()
        spent = (self._used - began) * 1000
        self._take(answer)
        return answer.status, spent

    def post(self, address: str, **form: str) -> int:
        """Send a form with the token of the page before it; the status."""
        body = urlencode({"csrf_token": self.token, **form})
        headers = {"Cookie": self._cookies(), "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST", address, body, headers)
        answer = self.connection.getresponse()
        self._take(answer)
        return answer.status

    def _cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _take(self, answer: http.client.HTTPResponse) -> None:
        if found := _TOKEN.search(answer.read().decode("utf-8", "replace")):
            self.token = found[1]
        for header in answer.headers.get_all("Set-Cookie", []):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value


@dataclass(frozen=True)
class Served:
    """The pages of one ledger."""

    access: DatabaseAccess
    port: int

    def reader(self, role: str, cpas: str) -> Reader:
        """Signed in by a one-time link, with a purpose told where the role may look at single women."""
        made = Reader(http.client.HTTPConnection("127.0.0.1", self.port, timeout=300))
        if role == "public":
            return made
        link = secrets.token_urlsafe(24)
        with closing(psycopg2.connect(self.access.owner_url)) as owner, owner, owner.cursor() as cursor:
            cursor.execute(
                "insert into pages.link (hash, role, name, cpas, expires_at)"
                " values (%s, %s, 'bench', %s, clock_timestamp() + interval '1 hour')",
                (hashlib.sha256(link.encode()).digest(), role, cpas if role == "cpas" else None),
            )
        made.get(f"/sign-in/{link}")
        assert made.post(f"/sign-in/{link}") == 303
        if role in ("cpas", "auditor", "dpo"):
            made.get("/purpose?next=/")
            assert made.post("/purpose", purpose="a measurement", next="/") == 303
        return made


@contextmanager
def copied(kept: Kept, access: DatabaseAccess) -> Iterator[DatabaseAccess]:
    """A copy of a ledger's database, in which a report may be published; dropped at the end."""
    name = f"{access.name}_pages"
    there, here = sql.Identifier(name), sql.Identifier(access.name)
    with closing(psycopg2.connect(kept.postgres.url)) as superuser:
        superuser.autocommit = True
        with superuser.cursor() as cursor:
            cursor.execute(sql.SQL("drop database if exists {} with (force)").format(there))
            owner = sql.Identifier(access.owner_role)
            cursor.execute(sql.SQL("create database {} template {} owner {}").format(there, here, owner))
            yield replace(
                access,
                name=name,
                owner_url=f"{access.owner_url.rpartition('/')[0]}/{name}",
                app_url=f"{access.app_url.rpartition('/')[0]}/{name}",
            )
            cursor.execute(sql.SQL("drop database {} with (force)").format(there))


@contextmanager
def served(access: DatabaseAccess) -> Iterator[Served]:
    """The pages' own process, on a free port, once it answers."""
    [port] = free_ports(1)
    with TemporaryDirectory(prefix="miriam-bench-pages-") as folder:
        _publish(access, Path(folder))
        told = {
            "MIRIAM_DATABASE_URL": access.app_url,
            "MIRIAM_KEYS_DIR": folder,
            "MIRIAM_PAGES_ADDRESS": f"127.0.0.1:{port}",
            "MIRIAM_PAGES_SECRET": secrets.token_hex(32),
            "MIRIAM_PAGES_PER_MINUTE": "0",
        }
        command = [sys.executable, "-m", "miriam_reporting", "pages"]
        process = subprocess.Popen(command, env=os.environ | told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            found = Served(access, port)
            assert wait_until(lambda: _answers(port), 60), "the pages do not answer"
            yield found
        finally:
            process.terminate()
            process.wait(30)


def span(access: DatabaseAccess) -> tuple[int, int]:
    """The position at which the measured edition was opened, and the one at which it has the programme's own size."""
    opened = ask(access.owner_url, f"select min(from_position) from facts.edition where edition = '{EDITION}'")
    return opened, min(ask(access.owner_url, "select position from ledger.head"), opened + REAL - 2000)


def _answers(port: int) -> bool:
    try:
        return Reader(http.client.HTTPConnection("127.0.0.1", port, timeout=10)).get("/healthz")[0] == 200
    except OSError:
        return False


def _publish(access: DatabaseAccess, keys: Path) -> None:
    """Sign the head, and publish the edition's report as it was at the programme's own size: no edition is larger."""
    _, last = span(access)
    log = SigningKey.make("bench.example/ledger", notes.LOG)
    witness = SigningKey.make("bench.example/witness", notes.COSIGNATURE)
    (keys / "log.vkeys").write_text(f"{log.verifier.text()}\n", "utf-8")
    (keys / "witnesses.vkeys").write_text(f"{witness.verifier.text()}\n", "utf-8")
    with closing(database.connect(access.app_url, "bench")) as app:
        size = ask(access.owner_url, "select position from ledger.head")
        steps.draft(app, EDITION, _ACTOR, AsOf(last, last), REPORT)
        with closing(database.connect(access.owner_url, "bench")) as owner, owner:
            root = root_at(owner, size)
            text = notes.Checkpoint(log.verifier.name, size, root).text()
            checkpoints.add(owner, size, root, str(notes.Note(text, (notes.sign(text, log),))))
            checkpoints.add_cosignature(owner, size, notes.cosign(text, witness, int(time.time())))
        steps.publish(app, REPORT, _ACTOR, Trust([log.verifier], witness.verifier), "Nobody signs a measurement.", None)
