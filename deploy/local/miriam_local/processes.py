"""Starting, recognising and ending processes by what they are, never by name alone.

A process id is re-used after a reboot or a long run, so a process is told by its id *and* its start time.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class ProcessMark:
    """A process that can be told from a later one with the same id. `started` is in clock ticks since boot."""

    pid: int
    started: int

    def alive(self) -> bool:
        """True while this very process runs (a zombie does not)."""
        return mark_of(self.pid) == self


def mark_of(pid: int) -> ProcessMark | None:
    """The mark of a running process; None when there is none, or it is a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The command's name may hold spaces and brackets; the fields that follow it are counted from its last bracket.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else ProcessMark(pid, int(fields[19]))


def read_mark(path: Path) -> ProcessMark | None:
    """The mark kept in a file by `write_mark`, whether or not it still runs; None when there is no readable one."""
    try:
        pid, started = path.read_text(encoding="ascii").split()
        return ProcessMark(int(pid), int(started))
    except (OSError, ValueError):
        return None


def write_mark(path: Path, mark: ProcessMark) -> None:
    """Keep a mark, so that a process whose supervisor died can be found again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{mark.pid} {mark.started}\n", encoding="ascii")


def end(mark: ProcessMark, first: signal.Signals = signal.SIGTERM, patience: float = 20.0) -> None:
    """End a process: ask with `first`, and after `patience` seconds insist with SIGKILL; one that is gone is fine."""
    _send(mark, first)
    if not wait_until(lambda: not mark.alive(), patience):
        _send(mark, signal.SIGKILL)
        wait_until(lambda: not mark.alive(), 5.0)


def _send(mark: ProcessMark, number: signal.Signals) -> None:
    if mark.alive():
        try:
            os.kill(mark.pid, number)
        except ProcessLookupError:
            return


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """True as soon as the condition holds; False when it did not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    output: IO[bytes] | int,
    user: str | None = None,
    parent_death: signal.Signals | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process of its own session, as `user` where given.

    With `parent_death` the kernel sends it that signal when the starting thread ends, so that a killed test run leaves
    no server behind.
    """

    def follow_parent() -> None:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, parent_death)

    return subprocess.Popen(
        list(argv),
        env=dict(env),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=user,
        group=user,
        extra_groups=[] if user else None,
        preexec_fn=follow_parent if parent_death else None,
    )


def free_ports(count: int) -> list[int]:
    """That many distinct ports of 127.0.0.1 which nobody listens on at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def port_is_free(port: int) -> bool:
    """True when a server could listen on the port of 127.0.0.1 now."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            if problem.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
        return True
