"""A private PostgreSQL server: one data folder, one port of 127.0.0.1, durable, sized for a small machine."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from miriam_local.databases import DatabaseAccess, PostgresAdmin
from miriam_local.errors import MissingPrerequisite, ServerFailed
from miriam_local.processes import ProcessMark, end, free_ports, mark_of, spawn, wait_until
from miriam_local.urls import postgres_url

SYSTEM_USER = "postgres"

# Pages are logged whole after each checkpoint; wal_compression stays off: in a large event store nearly every event
# meets such a page, for ids are random, and compressing it would cost more processor than recording the event.
_SETTINGS = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
shared_buffers = {shared_buffers}
work_mem = 16MB
maintenance_work_mem = 128MB
effective_io_concurrency = 32
random_page_cost = 1.1
max_wal_size = 1GB
checkpoint_completion_target = 0.9
fsync = {durable}
full_page_writes = {durable}
synchronous_commit = {durable}
jit = off
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
logging_collector = off
log_line_prefix = '%m [%p] %d '
log_min_duration_statement = -1
log_parameter_max_length_on_error = 0
"""


def postgres_programs() -> Path:
    """The folder of the newest installed PostgreSQL's programs (`initdb`, `postgres`).

    Debian and Ubuntu keep them off the PATH, a folder a version.

    Raises:
        MissingPrerequisite: no PostgreSQL 13 or later is installed.
    """
    found = []
    for path in Path("/usr/lib/postgresql").glob("*/bin/initdb"):
        version = path.parent.parent.name
        if re.fullmatch(r"\d+", version) and int(version) >= 13 and (path.parent / "postgres").exists():
            found.append((int(version), path.parent))
    if found:
        return max(found)[1]
    on_path = shutil.which("initdb")
    if on_path and (Path(on_path).resolve().parent / "postgres").exists():
        return Path(on_path).resolve().parent
    raise MissingPrerequisite("PostgreSQL's server programs are not installed", "run `make setup`")


def unprivileged_user() -> str | None:
    """The system user to run PostgreSQL as: it refuses root. None when we are not root ourselves.

    Raises:
        MissingPrerequisite: we are root and there is no user `postgres`.
    """
    if os.geteuid() != 0:
        return None
    probe = subprocess.run(["id", SYSTEM_USER], capture_output=True, check=False)
    if probe.returncode != 0:
        raise MissingPrerequisite(f"there is no system user {SYSTEM_USER}", "run `make setup`, or do not run as root")
    return SYSTEM_USER


@dataclass
class PrivatePostgres:
    """One PostgreSQL server in `folder`, which its system user must be able to enter (see `places.postgres_folder`).

    `durable=False` (no fsync) is for throw-away servers of tests only.
    """

    folder: Path
    port: int
    password: str
    durable: bool = True
    shared_buffers: str = "256MB"

    _process: subprocess.Popen[bytes] | None = None

    @classmethod
    def throw_away(cls, folder: Path) -> PrivatePostgres:
        """A server for one test run, on a free port: quick, not durable against a crash of the machine."""
        return cls(folder, free_ports(1)[0], secrets.token_hex(16), durable=False, shared_buffers="64MB")

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """Where `start` sends the server's output."""
        return self.folder / "postgres.log"

    @property
    def url(self) -> str:
        """The address for the server's superuser."""
        return postgres_url("postgres", self.password, "127.0.0.1", self.port, "postgres")

    @property
    def admin(self) -> PostgresAdmin:
        """Makes roles and databases on this server."""
        return PostgresAdmin(self.url)

    def prepare(self) -> None:
        """Make the data folder where there is none, and write the settings anew. Run it before every start.

        Raises:
            MissingPrerequisite: PostgreSQL, or its system user, is missing.
            ServerFailed: `initdb` failed; the message holds what it said.
        """
        user = unprivileged_user()
        if not (self.data / "PG_VERSION").exists():
            self._initialise(user)
        settings = self.data / "conf.d-miriam.conf"
        settings.write_text(
            _SETTINGS.format(
                port=self.port, shared_buffers=self.shared_buffers, durable="on" if self.durable else "off"
            ),
            encoding="ascii",
        )
        self._give_to(user, settings)
        main = self.data / "postgresql.conf"
        include = f"include '{settings.name}'\n"
        if include not in main.read_text(encoding="utf-8"):
            with main.open("a", encoding="utf-8") as handle:
                handle.write(include)
        self._forget_dead_postmaster()

    def command(self) -> list[str]:
        """What runs the server in the foreground, as the system user. SIGINT stops it fast and cleanly."""
        return [str(postgres_programs() / "postgres"), "-D", str(self.data)]

    def start(self, timeout: float = 30.0, *, tied_to_parent: bool = False) -> None:
        """Start the server as a child of this process and wait until it answers.

        Raises:
            ServerFailed: it did not answer within `timeout` seconds; the message ends with its last words.
        """
        self.prepare()
        with self.log.open("ab") as log:
            self._process = spawn(
                self.command(),
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
                output=log,
                user=unprivileged_user(),
                parent_death=signal.SIGINT if tied_to_parent else None,
            )
        self.wait_ready(timeout)

    @contextmanager
    def running(self) -> Iterator[PrivatePostgres]:
        """The server, started; stopped on leaving, and by the kernel if this process is killed."""
        try:
            self.start(tied_to_parent=True)
            yield self
        finally:
            self.stop()

    def wait_ready(self, timeout: float = 30.0) -> None:
        """Wait until the server answers a query.

        Raises:
            ServerFailed: it did not within `timeout` seconds, or ended meanwhile.
        """

        def settled() -> bool:
            return self.answers() or (self._process is not None and self._process.poll() is not None)

        if not wait_until(settled, timeout) or not self.answers():
            last = self.log.read_text(encoding="utf-8", errors="replace")[-2000:] if self.log.exists() else ""
            raise ServerFailed(f"PostgreSQL on port {self.port} does not answer\n{last}".rstrip(), "read its log")

    def answers(self) -> bool:
        """True when the server answers a query now."""
        try:
            connection = psycopg2.connect(self.url, connect_timeout=2)
        except psycopg2.OperationalError:
            return False
        connection.close()
        return True

    def stop(self) -> None:
        """Stop the server that `start` began: no new connections, open transactions rolled back, all data written."""
        if self._process is None:
            return
        running = mark_of(self._process.pid)
        if running:
            end(running, signal.SIGINT)
        self._process.wait(timeout=10)
        self._process = None

    def postmaster(self) -> ProcessMark | None:
        """The server's first process, by its pid file, if it runs and is this folder's."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="ascii").split("\n")[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return mark_of(pid) if str(self.data).encode() in command else None

    def new_database(self, name: str) -> DatabaseAccess:
        """Make database `name` with roles `<name>_owner` and `<name>_app`, each with a fresh password."""
        return self.admin.ensure_database(name, secrets.token_hex(16), secrets.token_hex(16))

    def _initialise(self, user: str | None) -> None:
        programs = postgres_programs()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._give_to(user, self.folder)
        word = self.folder / "first-password"
        word.touch(mode=0o600)
        word.write_text(self.password + "\n", encoding="ascii")
        self._give_to(user, word)
        # A folder that an earlier, interrupted initdb left behind holds no PG_VERSION, hence no data.
        shutil.rmtree(self.data, ignore_errors=True)
        argv = [str(programs / "initdb"), "-D", str(self.data), "-U", "postgres", f"--pwfile={word}"]
        argv += ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"]
        if not self.durable:
            argv.append("--no-sync")
        try:
            made = subprocess.run(
                argv,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                user=user,
                group=user,
                extra_groups=[] if user else None,
            )
        finally:
            word.unlink()
        if made.returncode != 0:
            raise ServerFailed(f"initdb failed:\n{made.stderr[-2000:]}", f"see that {self.folder} can be written")

    def _forget_dead_postmaster(self) -> None:
        """Remove a pid file whose process lives but is no server of this folder, as after a reboot it may be.

        PostgreSQL would take it for one and refuse to start. A file whose process is dead is left to PostgreSQL: by it,
        it sees whether workers of a killed server still hold the shared memory.
        """
        stale = self.data / "postmaster.pid"
        try:
            pid = int(stale.read_text(encoding="ascii").split("\n")[0])
        except (OSError, ValueError):
            return
        if mark_of(pid) is not None and self.postmaster() is None:
            stale.unlink()

    @staticmethod
    def _give_to(user: str | None, path: Path) -> None:
        if user:
            shutil.chown(path, user, user)
