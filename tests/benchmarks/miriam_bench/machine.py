"""Where it was measured: without it a number says nothing."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

from miriam_local.postgres import PrivatePostgres
from miriam_local.rabbitmq import PrivateRabbitMQ


def describe(postgres: PrivatePostgres, rabbitmq: PrivateRabbitMQ | None = None) -> dict[str, Any]:
    """Cores, memory, load and versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "load": [round(each, 1) for each in os.getloadavg()],
        "python": platform.python_version(),
        "postgresql": postgres.admin.version(),
        "rabbitmq": ".".join(map(str, rabbitmq.api.version())) if rabbitmq else "not used",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
