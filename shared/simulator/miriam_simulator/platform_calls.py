"""Asking the running platform: through the `miriam` command and reporting's HTTP door, as anybody would."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from miriam_cli.exits import Exit, Failure

_RUN_MIRIAM = "from miriam_cli.main import main; main()"
_PATIENCE = 90.0  # seconds without any movement
_PAUSE = 0.25


def miriam(*arguments: str) -> Any:
    """What `miriam ARGUMENTS --json` answers. Its failure is ours, with its own words and code."""
    command = [sys.executable, "-c", _RUN_MIRIAM, *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        error = next(
            (line.removeprefix("Error: ") for line in said if line.startswith("Error: ")), f"exit {done.returncode}"
        )
        step = next((line.removeprefix("Next:").strip() for line in said if line.startswith("Next:")), "")
        code = Exit(done.returncode) if done.returncode in set(Exit) else Exit.INTERNAL
        raise Failure(code, f"`miriam {arguments[0]}`: {error}", step)
    return json.loads(done.stdout)


def reporting_address() -> str:
    """Where reporting answers. Raises Failure where it does not run."""
    for program in miriam("status")["programs"]:
        if program["name"] == "reporting" and program["ports"]:
            return f"http://127.0.0.1:{program['ports'][0]}"
    raise Failure(Exit.PREREQUISITE, "reporting does not run", "run `miriam up`")


def wait_until_projected(address: str, sequences: Mapping[str, int]) -> int:
    """Wait until reporting holds those numbers of each service, and its facts are up to date. Its position.

    Raises:
        Failure: nothing moved for 90 seconds.
    """
    moved, before = time.monotonic(), None
    while True:
        head = _get(f"{address}/v1/ledger/head")
        if head is not None and _holds(head, sequences):
            return int(head["position"])
        if head != before:
            moved, before = time.monotonic(), head
        if time.monotonic() - moved > _PATIENCE:
            raise Failure(Exit.UNREACHABLE, "reporting has stopped taking events", "look at `miriam logs reporting`")
        time.sleep(_PAUSE)


def _holds(head: Mapping[str, Any], sequences: Mapping[str, int]) -> bool:
    # Sources are written by name or as the events name them: `/services/intake`.
    held = {name.rpartition("/")[2]: source["sequence"] for name, source in head["sources"].items()}
    taken = all(held.get(service, 0) >= last for service, last in sequences.items())
    return taken and head["projected"] >= head["position"]


def _get(url: str) -> Any:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return None
