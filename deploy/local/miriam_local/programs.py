"""The programs of one deployment: what runs, in which environment, as whom, and how it is asked to stop."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from pathlib import Path

from miriam_contracts.catalogue import RECORDING_SERVICES, SERVICES
from miriam_local.program import Program

# The packages whose change means that a running service runs old code.
_SHARED_PACKAGES = ("miriam_contracts", "miriam_platform", "miriam_transparency")
_PASSED_ON = (
    "MIRIAM_LOG_LEVEL", "MIRIAM_LOG_ORIGIN", "MIRIAM_DOOR_EVENTS_PER_SECOND", "MIRIAM_PAGES_PER_MINUTE",
    "MIRIAM_OIDC_ISSUER", "MIRIAM_OIDC_CLIENT_ID", "MIRIAM_OIDC_CLIENT_SECRET", "MIRIAM_OIDC_ROLE_CLAIM",
    "MIRIAM_OIDC_CPAS_CLAIM", "MIRIAM_OIDC_INSECURE",
)  # fmt: skip


def installed_services() -> list[str]:
    """The services whose package is installed here and can be run, in the order of the catalogue."""
    return [name for name in SERVICES if _runnable(f"miriam_{name}")]


def has_post_scripts(service: str) -> bool:
    """Whether a service's package has migrations that run after the old code is gone."""
    found = importlib.util.find_spec(f"miriam_{service}.migrations")
    folders = found.submodule_search_locations or [] if found else []
    return any(any(Path(folder).glob("*.post.sql")) for folder in folders)


def service_programs(service: str, environment: dict[str, str], port: int) -> list[Program]:
    """The processes of one service: what serves, and what works behind it."""
    helpers = (
        {"relay": "relay"}
        if service in RECORDING_SERVICES
        else {"projector": "project", "checkpoint": "checkpoint", "pages": "pages"}
    )
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    whole = plain_environment() | passed | environment
    code = _code_of(f"miriam_{service}", *_SHARED_PACKAGES)
    module = f"miriam_{service}"
    return [
        Program(service, [sys.executable, "-m", module, "serve"], whole, 30, code=code, ports=[port]),
        *(
            Program(f"{service}-{name}", [sys.executable, "-m", module, command], whole, 40, code=code, ports=ports)
            for name, command in helpers.items()
            for ports in (_ports_of_pages(environment) if command == "pages" else [],)
        ),
    ]


def _ports_of_pages(environment: dict[str, str]) -> list[int]:
    address = environment.get("MIRIAM_PAGES_ADDRESS", "")
    return [int(address.rpartition(":")[2])] if address else []


def front_program(environment: dict[str, str], port: int) -> Program | None:
    """The one address before the recording services; None where its package is not installed."""
    if not _runnable("miriam_front"):
        return None
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # Bodies may name women in the clear: what is too large for its buffers waits in memory, and never on a disk.
    whole = plain_environment() | passed | {"TMPDIR": "/dev/shm"} | environment
    code = _code_of("miriam_front", "miriam_contracts")
    return Program("front", [sys.executable, "-m", "miriam_front", "serve"], whole, 45, code=code, ports=[port])


def witness_program(arguments: list[str]) -> Program:
    """The authority's witness, which checks the ledger from outside: it has no address of a database."""
    argv = [sys.executable, "-m", "miriam_transparency", "witness", *arguments]
    code = _code_of("miriam_transparency", "miriam_cli")
    return Program("authority-witness", argv, plain_environment(), 50, code=code)


def plain_environment() -> dict[str, str]:
    """What every program of ours is told, and no more than that."""
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": os.environ.get("HOME", "/"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONUNBUFFERED": "1",
    }


def _runnable(package: str) -> bool:
    try:
        return importlib.util.find_spec(f"{package}.__main__") is not None
    except ModuleNotFoundError:
        return False


def _code_of(*packages: str) -> str:
    """A hash over name, size and time of every source file of these packages."""
    digest = hashlib.sha256()
    for package in packages:
        found = importlib.util.find_spec(package)
        for folder in sorted(found.submodule_search_locations or []) if found else []:
            for path in sorted(Path(folder).rglob("*")):
                if path.suffix in {".py", ".sql", ".json", ".html", ".css"}:
                    seen = path.stat()
                    digest.update(f"{path} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
