"""A whole platform of a test's own: `miriam up` in a folder and on ports of its own, taken down whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pika
import psycopg2
from pika.adapters.blocking_connection import BlockingChannel

from miriam_contracts.catalogue import RECORDING_SERVICES, SERVICES
from miriam_local.deployment import Deployment
from miriam_local.places import Places
from miriam_local.processes import mark_of, port_is_free, read_mark, wait_until
from miriam_local.supervision import Supervisor

_MIRIAM = "from miriam_cli.main import main; main()"
# Ends the platform when its standard input ends: so also when the test run is killed, which runs no clean-up.
_GUARD = f"""
import subprocess, sys
sys.stdin.read()
sys.exit(subprocess.run([sys.executable, "-c", {_MIRIAM!r}, "down", "--destroy", "--yes", "--json"]).returncode)
"""
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Leaf:
    """A leaf of the ledger, with the bytes that were hashed; none where its edition was retired."""

    position: int
    source: str
    sequence: int
    hash: str
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The recorded event."""
        event: dict[str, Any] = json.loads(self.body)
        return event


@dataclass(frozen=True)
class LedgerQueue:
    """A queue of the broker, read and emptied behind the services' backs."""

    channel: BlockingChannel
    name: str

    def __len__(self) -> int:
        found = self.channel.queue_declare(self.name, passive=True)
        return int(found.method.message_count)

    def lose(self, number: int) -> None:
        """Throw the first messages away."""
        # A queue with a single active consumer gives nothing to who merely asks.
        self.channel.basic_qos(prefetch_count=number)
        taken = self.channel.consume(self.name, inactivity_timeout=10)
        for _ in range(number):
            method, _, _ = next(taken)
            assert method is not None, "there are not so many"
            self.channel.basic_ack(method.delivery_tag)
        self.channel.cancel()

    def lose_all(self) -> None:
        """Throw every message away."""
        self.channel.queue_purge(self.name)


@dataclass(frozen=True)
class RunningPlatform:
    """What a test asks of a platform, and does to it."""

    home: Path
    base: int
    more: Mapping[str, str] = field(default_factory=dict)

    def miriam(self, *arguments: str, codes: Sequence[int] = (0,)) -> Any:
        """What `miriam ARGUMENTS --json` answers, which must end with one of these exit codes."""
        done = subprocess.run(
            [sys.executable, "-c", _MIRIAM, *arguments, "--json"],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode in codes, f"miriam {' '.join(arguments)}: {done.returncode}\n{done.stderr[-2000:]}"
        return json.loads(done.stdout)

    def environment(self) -> dict[str, str]:
        """The environment in which `miriam` means this platform."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("MIRIAM_")}
        return plain | {"MIRIAM_HOME": str(self.home), "MIRIAM_PORT_BASE": str(self.base), **self.more}

    @property
    def places(self) -> Places:
        """Where its state lies."""
        return Places(self.home)

    @property
    def supervisor(self) -> Supervisor:
        """What keeps its programs running."""
        return Supervisor(self.places)

    @property
    def deployment(self) -> Deployment:
        """Its servers and secrets."""
        return Deployment.remembered(self.places)

    def programs(self) -> list[str]:
        """The programs that are ours or our servers': all but the port mapper of Erlang."""
        return sorted(set(self.supervisor.states()) - {"epmd"})

    def kill(self, program: str) -> None:
        """`kill -9` of the process that the program is by now, not of one that is still to become it."""
        assert wait_until(lambda: self._runs(program), 60), f"{program} does not come back: {self.told(program)}"
        mark = read_mark(self.places.mark_of(program))
        assert mark is not None
        os.kill(mark.pid, signal.SIGKILL)
        assert wait_until(lambda: not mark.alive(), 10)

    def _runs(self, program: str) -> bool:
        mark = read_mark(self.places.mark_of(program))
        if mark is None or mark_of(mark.pid) != mark:
            return False
        command = Path(f"/proc/{mark.pid}/cmdline").read_bytes()
        return b"miriam_local.launch" not in command

    def told(self, program: str) -> str:
        """The last words of a program."""
        return self.places.log_of(program).read_text("utf-8", errors="replace")[-1500:]

    def ask(self, service: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows out of a service's database, asked as its owner."""
        with closing(psycopg2.connect(self.deployment.database(service).owner_url)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(query, values or None)
                return cursor.fetchall()

    @contextmanager
    def locked(self, service: str, table: str) -> Iterator[Callable[[], int]]:
        """Hold the rows of a table of a service, so that it stops where it wants them; gives how many wait there."""
        name = self.deployment.database(service).name
        with closing(psycopg2.connect(self.deployment.admin.url, dbname=name)) as connection:
            with connection.cursor() as cursor:
                cursor.execute(f"select from {table} for update")

            def waiting() -> int:
                query = "select count(*) from pg_stat_activity where datname = %s and wait_event_type = 'Lock'"
                with closing(psycopg2.connect(self.deployment.admin.url)) as other, other.cursor() as cursor:
                    cursor.execute(query, (name,))
                    (number,) = cursor.fetchone() or (0,)
                    return int(number)

            yield waiting
            connection.rollback()

    def get(self, service: str, path: str) -> Any:
        """What a service answers over HTTP to another service; None where it does not."""
        address = f"http://127.0.0.1:{self.deployment.ports.http(service)}{path}"
        token = self.deployment.passwords.of("service token")
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
        try:
            with _DIRECT.open(request, timeout=10) as answer:
                return json.load(answer)
        except (OSError, ValueError):
            return None

    def run_only(self, *services: str) -> None:
        """Stop the programs of all other services, start those of these, and wait until these answer."""
        wanted = {name for name in self.service_programs() if name.partition("-")[0] in services}
        self.supervisor.stop(set(self.service_programs()) - wanted)
        self.supervisor.begin(sorted(wanted))
        for service in services:
            assert wait_until(partial(self.get, service, "/healthz"), 60, 0.1), self.told(service)

    def run_all(self) -> None:
        """Start every program that does not run, and wait until the services answer."""
        self.supervisor.begin(self.programs())
        for service in SERVICES:
            assert wait_until(partial(self.get, service, "/healthz"), 60, 0.1), self.told(service)

    def service_programs(self) -> list[str]:
        """The programs of the services, without the servers."""
        return [name for name in self.programs() if name not in ("postgres", "rabbitmq")]

    @contextmanager
    def ledger_queue(self, source: str) -> Iterator[LedgerQueue]:
        """The queue between a service and the ledger, in an administrator's hands."""
        broker = self.deployment.private_rabbitmq
        assert broker is not None
        with closing(pika.BlockingConnection(pika.URLParameters(broker.url("miriam")))) as connection:
            yield LedgerQueue(connection.channel(), f"reporting.ledger.{source}")

    def leaves(self) -> list[Leaf]:
        """The whole ledger, in its order."""
        query = "select position, source, sequence, hash, coalesce(body, '') from ledger.leaf order by position"
        rows = self.ask("reporting", query)
        return [Leaf(p, source, sequence, bytes(h).hex(), body.encode()) for p, source, sequence, h, body in rows]

    def recorded(self) -> dict[str, int]:
        """How many events each recording service holds, by its own account."""
        return {
            service: self.ask(service, "select coalesce(max(sequence), 0) from event_store.event")[0][0]
            for service in RECORDING_SERVICES
        }

    def settle(self, seconds: float = 60) -> dict[str, Any]:
        """Wait until the ledger holds all that was recorded and the facts are at its head; the head."""
        head: dict[str, Any] = {}

        def settled() -> bool:
            nonlocal head
            head = self.get("reporting", "/v1/ledger/head") or {}
            if not head or head["projected"] != head["position"]:
                return False
            held = {name: source["sequence"] for name, source in head["sources"].items()}
            return all(held.get(name, 0) == last for name, last in self.recorded().items())

        assert wait_until(settled, seconds, 0.2), f"recorded {self.recorded()}, got {head}: {self.told('reporting')}"
        return head

    def figures(self, edition: str, level: str = "total") -> list[dict[str, Any]]:
        """The figures that `miriam report` prints, of the total or of the total and one level below."""
        by = () if level == "total" else ("--by", level)
        found: list[dict[str, Any]] = self.miriam("report", edition, *by)["figures"]
        return found


@contextmanager
def running_platform(folder: Path, **more: str) -> Iterator[RunningPlatform]:
    """A platform that runs in `folder`, and is gone at the end. A test run that is killed leaves none behind either.

    `more` is told to it by its environment.
    """
    platform = RunningPlatform(folder / "home", _free_base(), more)
    guard = subprocess.Popen(
        [sys.executable, "-c", _GUARD],
        env=platform.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        platform.miriam("up")
        yield platform
    finally:
        # Without its home nobody could find its programs any more.
        was_there = platform.home.exists()
        assert guard.stdin is not None
        guard.stdin.close()
        code = guard.wait(timeout=180)
    assert was_there
    assert code == 0
    assert not platform.home.exists()


def _free_base() -> int:
    # Below the range that the system gives to outgoing connections, far from `make demo`, and from another run's.
    for base in range(21_000 + os.getpid() % 400 * 20, 32_000, 20):
        if all(port_is_free(base + offset) for offset in range(20)):
            return base
    raise AssertionError("no 20 free ports in a row")
