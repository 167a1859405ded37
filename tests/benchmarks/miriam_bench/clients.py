"""Several clients at once, each a process: one Python process says little about a database."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

COUNT = 4


def rate(module: str, url: str, mode: str, operations: int, events_each: int, clients: int = COUNT) -> float:
    """Events a second of `clients` processes of `module`, each doing `operations`.

    Each process gets ready and says so; all begin at one word; the clock runs from that word to the last one's end.
    Raises RuntimeError where one of them fails.
    """
    command = [sys.executable, "-W", "ignore", "-m", module, url, mode, str(operations)]
    folder = Path(__file__).parents[1]
    children = [
        subprocess.Popen([*command, str(n)], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for n in range(clients)
    ]
    try:
        for child in children:
            if child.stdout is None or child.stdout.readline() != "ready\n":
                raise RuntimeError(f"{module} {mode} did not get ready")
        for child in children:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        spans: list[tuple[float, float]] = []
        for child in children:
            out, _ = child.communicate(timeout=300)
            if child.returncode != 0:
                raise RuntimeError(f"{module} {mode} failed")
            spans.append(json.loads(out))
    finally:
        for child in children:
            if child.poll() is None:
                child.kill()
            child.wait()
    seconds = max(end for _, end in spans) - min(start for start, _ in spans)
    return clients * operations * events_each / seconds


def create(module: str, url: str) -> None:
    """Have `module` make its tables, in a process of its own: some peers change the logging of whoever imports them."""
    command = [sys.executable, "-W", "ignore", "-m", module, url, "create"]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{module} cannot make its tables: {done.stderr[-500:]}")


def client(prepare: Callable[[str, str, int], Callable[[int], None]], tables: Callable[[str], None]) -> None:
    """The other side: `prepare(url, mode, number)` answers what does operation 0, 1, 2 ...; `tables(url)` creates."""
    if sys.argv[2] == "create":
        tables(sys.argv[1])
        return
    url, mode, operations, number = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    do = prepare(url, mode, number)
    # The first ones pay for connections, caches and plans.
    for each in range(3):
        do(-1 - each)
    print("ready", flush=True)
    sys.stdin.readline()
    start = time.time()
    for each in range(operations):
        do(each)
    print(json.dumps([start, time.time()]), flush=True)
