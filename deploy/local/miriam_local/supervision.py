"""Keeping the programs running: a supervisord of our own, asked over a socket of our own.

A program that ends is started again at once; one that cannot stay up for three seconds is tried again after 1, 2, 3 ...
seconds, without giving up, since what it misses (a disk, a port, the other server) may come back at any hour.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import resource
import subprocess
import sys
import tempfile
import xmlrpc.client
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from miriam_local.errors import ServerFailed
from miriam_local.places import Places
from miriam_local.processes import ProcessMark, end, mark_of, read_mark, wait_until, write_mark
from miriam_local.program import Program

_ALREADY_STARTED = 60  # supervisor's fault codes
_NOT_RUNNING = 70

_SUPERVISOR = """\
[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisord]
logfile={logs}/supervisord.log
logfile_maxbytes=5MB
logfile_backups=2
pidfile={run}/supervisord.number
childlogdir={logs}
directory=/
user={user}
umask=022
minfds={minfds}
"""

_PROGRAM = """
[program:{name}]
command="{python}" -m miriam_local.launch "{home}" {name}
environment=MIRIAM_PROGRAM_DIGEST="{digest}"
priority={priority}
autostart=false
autorestart=true
startsecs=3
startretries=1000000
stopsignal={stop_signal}
stopwaitsecs={stop_seconds}
killasgroup=true
redirect_stderr=true
stdout_logfile={logs}/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


@dataclass(frozen=True)
class ProgramState:
    """How a program is now. `since` is a UNIX time in seconds; `pid` is 0 when it does not run."""

    name: str
    state: str
    pid: int
    since: int
    description: str

    @property
    def runs(self) -> bool:
        """True when it runs or is being started."""
        return self.state in {"RUNNING", "STARTING"}


@dataclass(frozen=True)
class Supervisor:
    """The supervisord of one home."""

    places: Places

    @property
    def socket(self) -> Path:
        """Its socket; in the temporary folder where the home's path is too long for one (108 bytes in all)."""
        near = self.places.run / "supervisor.sock"
        if len(str(near)) < 90:
            return near
        name = hashlib.sha256(str(self.places.home).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"miriam-{os.getuid()}-{name}.sock"

    def runs(self) -> bool:
        """True when it answers."""
        try:
            self._ask("getState")
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def start(self, programs: list[Program]) -> None:
        """Start supervisord, with no program running yet. Nothing happens where it runs.

        Raises:
            ServerFailed: it did not come up; the message says why.
        """
        if self.runs():
            return
        self._write(programs)
        started = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord", "-c", str(self._configuration)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        if started.returncode != 0 or not wait_until(self.runs, 15):
            raise ServerFailed(
                f"supervisord did not start: {(started.stderr or started.stdout)[-500:]}",
                f"read {self.places.logs}/supervisord.log",
            )
        self._remember()

    def apply(self, programs: list[Program]) -> list[str]:
        """Make the running supervisord know these programs; names of those that it ended since they have changed."""
        self._write(programs)
        added, changed, removed = self._ask("reloadConfig")[0]
        for name in (*changed, *removed):
            self.stop([name])
            self._ask("removeProcessGroup", name)
        for name in (*added, *changed):
            self._ask("addProcessGroup", name)
        return list(changed)

    def begin(self, names: Iterable[str]) -> list[str]:
        """Start those of the programs that do not run; their names. Does not wait until they are ready."""
        begun = []
        states = self.states()
        for name in names:
            if not states[name].runs:
                # One that waits for its next try is in state BACKOFF: it is tried at once.
                self._tolerating(_ALREADY_STARTED, "startProcess", name, False)
                begun.append(name)
        return begun

    def stop(self, names: Iterable[str], patience: float = 90.0, *, at_once: bool = False) -> None:
        """Stop programs, all together, and wait until each has ended.

        `at_once`: whatever they hold is lost. To PostgreSQL and to Erlang alike, SIGQUIT says so.

        Raises:
            ServerFailed: one still runs after `patience` seconds.
        """
        wanted = list(names)
        for name in wanted:
            self._tolerating(_NOT_RUNNING, "stopProcess", name, False)
        for name in wanted if at_once else ():
            self._tolerating(_NOT_RUNNING, "signalProcess", name, "QUIT")

        def ended() -> bool:
            states = self.states()
            return all(states[name].pid == 0 for name in wanted if name in states)

        if not wait_until(ended, patience, 0.1):
            raise ServerFailed(f"of {', '.join(wanted)} one does not stop", f"read {self.places.logs}")

    def shut_down(self) -> None:
        """End supervisord itself, with whatever still runs under it."""
        self._ask("shutdown")
        if not wait_until(lambda: not self.runs(), 90, 0.1):
            raise ServerFailed("supervisord does not stop", f"read {self.places.logs}/supervisord.log")
        mark = read_mark(self._mark)
        if mark:
            wait_until(lambda: not mark.alive(), 10)

    def end_deaf(self) -> None:
        """End a supervisord of this home that runs and no longer answers. Its programs are ended by who starts next."""
        mark: ProcessMark | None = read_mark(self._mark)
        if mark and not self.runs():
            end(mark)

    def states(self) -> dict[str, ProgramState]:
        """Every program that supervisord knows.

        Raises:
            OSError: supervisord does not answer.
        """
        return {
            each["name"]: ProgramState(
                each["name"], each["statename"], each["pid"], each["start"], each["spawnerr"] or each["description"]
            )
            for each in self._ask("getAllProcessInfo")
        }

    @property
    def _configuration(self) -> Path:
        return self.places.run / "supervisord.conf"

    @property
    def _mark(self) -> Path:
        return self.places.run / "supervisord.pid"

    def _write(self, programs: list[Program]) -> None:
        common = {"home": self.places.home, "logs": self.places.logs, "run": self.places.run}
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        text = _SUPERVISOR.format(
            socket=self.socket,
            user=pwd.getpwuid(os.getuid()).pw_name,
            minfds=min(8192, hard) if hard > 0 else 8192,
            **common,
        )
        for each in programs:
            text += _PROGRAM.format(
                name=each.name,
                python=sys.executable,
                digest=each.digest,
                priority=each.priority,
                stop_signal=each.stop_signal,
                stop_seconds=each.stop_seconds,
                **common,
            )
        self._configuration.touch(mode=0o600)
        # supervisord expands % itself.
        self._configuration.write_text(text.replace("%", "%%"), encoding="utf-8")

    def _remember(self) -> None:
        mark = mark_of(int(self._ask("getPID")))
        if mark:
            write_mark(self._mark, mark)

    def _tolerating(self, fault: int, method: str, *arguments: Any) -> None:
        try:
            self._ask(method, *arguments)
        except xmlrpc.client.Fault as problem:
            if problem.faultCode != fault:
                raise

    def _ask(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport(None, None, serverurl=f"unix://{self.socket}")
        server = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
        try:
            return getattr(server.supervisor, method)(*arguments)
        finally:
            transport.close()
