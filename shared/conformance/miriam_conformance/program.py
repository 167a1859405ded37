"""The maker's program: called with a file of events, watched until it ends, or killed in the middle.

It is called as `COMMAND EVENTS.jsonl`, with MIRIAM_CREDENTIALS (the credentials), MIRIAM_OVER (amqp or http) and
MIRIAM_STATE (a folder of its own, kept between calls) in its environment. It sends each line, waits for all receipts,
prints each receipt as a line of JSON, and ends with 0 whether events were refused or not.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from miriam_conformance.maker import Event


@dataclass(frozen=True)
class Done:
    """How a call ended. `code` is None where it took too long; `said` are its last words on standard error."""

    code: int | None
    receipts: list[dict[str, Any]]
    said: str
    was_killed: bool = False


@dataclass
class Program:
    """A maker's program. `seconds` is how long one call may take."""

    command: Sequence[str]
    credentials: Path
    over: str
    folder: Path
    seconds: float = 120.0
    _calls: int = field(default=0, init=False)
    _state: int = field(default=0, init=False)

    def call(self, events: list[Event], *, fresh: bool = False) -> Done:
        """Call it with these events, and wait for its end."""
        return self._finish(self._start(events, fresh))

    def call_and_kill(self, events: list[Event], far_enough: Callable[[], bool]) -> Done:
        """Call it, kill it as soon as `far_enough` says so; `was_killed` is false where it ended before."""
        process, out = self._start(events, fresh=False)
        end = time.monotonic() + self.seconds
        while process.poll() is None and time.monotonic() < end and not far_enough():
            time.sleep(0.02)
        killed = process.poll() is None
        process.kill()
        done = self._finish((process, out))
        return Done(done.code, done.receipts, done.said, was_killed=killed)

    def _start(self, events: list[Event], fresh: bool) -> tuple[subprocess.Popen[bytes], Path]:
        self._calls += 1
        if fresh:
            # A new folder rather than an emptied one: what the program left behind can be looked at.
            self._state = self._calls
        state = self.folder / f"state-{self._state}"
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self.folder / f"events-{self._calls}.jsonl"
        file.write_text("".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events), encoding="utf-8")
        out = self.folder / f"output-{self._calls}"
        told = {"MIRIAM_CREDENTIALS": str(self.credentials), "MIRIAM_OVER": self.over, "MIRIAM_STATE": str(state)}
        with out.open("wb") as stdout, out.with_suffix(".err").open("wb") as stderr:
            process = subprocess.Popen(
                [*self.command, str(file)],
                env=os.environ | told,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            )
        return process, out

    def _finish(self, started: tuple[subprocess.Popen[bytes], Path]) -> Done:
        process, out = started
        code: int | None
        try:
            code = process.wait(self.seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = None
        said = out.with_suffix(".err").read_text("utf-8", errors="replace")[-500:]
        return Done(code, _receipts(out), said)


def _receipts(out: Path) -> list[dict[str, Any]]:
    """The JSON objects among the lines that it printed; what else it prints is its own affair."""
    found = []
    for line in out.read_bytes().splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and "receipt" in value:
            found.append(value)
    return found
