"""Fixtures: a broker as provisioned, and a recording service as a process that serves a database of its own.

A `conftest.py` that imports them has them; they stand on those of `tests/integration/platform/conftest.py`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from inbox_process import Served, World

from miriam_local.broker import Broker
from miriam_local.emitters import Emitter
from miriam_local.processes import free_ports
from miriam_platform.keys import Keys

# Where the service is that some of these tests run.
HERE = Path(__file__).parents[1] / "integration" / "platform"
CPAS = ("anderlecht", "schaerbeek")


@pytest.fixture
def service_token() -> str:
    """What services show each other."""
    return "between-services-0123456789"


@pytest.fixture
def world(rabbitmq: Any, _numbers: Iterator[int]) -> Iterator[World]:
    broker = Broker(rabbitmq.api, f"inbox-{next(_numbers)}")
    broker.declare({"intake": "i", "sessions": "s", "groups": "g", "reporting": "r"})
    broker.admit({Emitter(emitter): emitter for emitter in CPAS})
    made = World(broker, lambda user, word: str(rabbitmq.url(broker.vhost, user, word)))
    yield made
    made.close()
    rabbitmq.api.delete("vhosts", broker.vhost)


@pytest.fixture
def serve(
    world: World,
    access: Any,
    keys: Keys,
    tmp_path: Path,
    register: Callable[[str], None],
    service_token: str,
) -> Iterator[Callable[..., Served]]:
    running: list[Served] = []
    for emitter in CPAS:
        register(emitter)

    def start(definition: str = "fragile_service:DEFINITION", service: str = "sessions", **told: str) -> Served:
        [port] = free_ports(1)
        log = tmp_path / f"serve-{len(running)}.log"
        environment = {
            **os.environ,
            "PYTHONPATH": str(HERE),
            "MIRIAM_DATABASE_URL": access.app_url,
            "MIRIAM_AMQP_URL": world.url(f"service.{service}", service[0]),
            "MIRIAM_HTTP_ADDRESS": f"127.0.0.1:{port}",
            "MIRIAM_KEYS_DIR": str(tmp_path / "keys"),
            "MIRIAM_SERVICE_TOKEN": service_token,
            "MIRIAM_TEST_MENDED": str(tmp_path / "mended"),
            **told,
        }
        code = f"import sys; from miriam_platform.run import main; sys.exit(main({definition!r}, ['serve']))"
        with log.open("wb") as output:
            process = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=output, stderr=output)
        running.append(Served(process, f"127.0.0.1:{port}", log))
        running[-1].wait_until_serving()
        return running[-1]

    yield start
    for served in running:
        if served.process.poll() is None:
            served.end(signal.SIGKILL)
        # Shown by pytest where the test fails.
        print(served.log.read_text()[-4000:])
