"""The real process of reporting answers with diffs, explanations and events: its routes, its own kind of connection."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from indicator_history import History
from waiting import wait_until

from miriam_contracts.catalogue import SERVICES
from miriam_local.broker import Broker
from miriam_local.processes import free_ports
from miriam_local.rabbitmq import PrivateRabbitMQ

TOKEN = "a-token-of-the-services"
Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask(history: History, rabbitmq: PrivateRabbitMQ, new_vhost: Callable[[], str], tmp_path: Path) -> Iterator[Ask]:
    """Ask the service, which stands on the history's database."""
    broker = Broker(rabbitmq.api, new_vhost())
    broker.declare(dict.fromkeys(SERVICES, "secret"))
    address = f"127.0.0.1:{free_ports(1)[0]}"
    environment = {
        "MIRIAM_DATABASE_URL": history.app_url,
        "MIRIAM_AMQP_URL": rabbitmq.url(broker.vhost, "service.reporting", "secret"),
        "MIRIAM_HTTP_ADDRESS": address,
        "MIRIAM_SERVICE_TOKEN": TOKEN,
        "MIRIAM_KEYS_DIR": str(tmp_path),
    }

    def ask(path: str, token: str = TOKEN) -> tuple[int, Any]:
        request = urllib.request.Request(f"http://{address}{path}", headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)

    def answers() -> bool:
        try:
            return ask("/healthz")[0] == 200
        except OSError:
            return False

    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-W", "ignore", "-m", "miriam_reporting", "serve"]
        child = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: child.poll() is not None or answers(), 60)
        assert child.poll() is None, (tmp_path / "log").read_text()
        yield ask
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def test_the_service_answers_from_a_difference_down_to_an_event(history: History, ask: Ask) -> None:
    history.enrol("alpha:w1")
    before = history.head
    session = history.fact("session.held", participation="alpha:w1")
    history.report()
    path = f"/v1/editions/2023/diff?from={before}&to={history.head}&only=I08"
    status, told = ask(path)
    assert (status, [figure["difference"]["numerator"] for figure in told["figures"]][:2]) == (200, [1, 60])
    (change,) = told["figures"][0]["changes"]
    assert change["events"][0]["event_id"] == session
    status, explained = ask("/v1/editions/2023/explain/I08")
    assert (status, explained["evidence"][0]["source"]) == (200, "sessions")
    status, event = ask(f"/v1/events/{session}?actor=auditor.jan&purpose=a%20test")
    assert (status, event["leaf"]) == (200, explained["evidence"][0]["leaf"])
    assert ask(path, "another")[0] == 401
    assert ask(f"/v1/events/{session}", "another")[0] == 401
    # The same again, on connections that were used before.
    for _ in range(3):
        assert ask(path) == (200, told)
        assert ask(f"/v1/events/{session}?actor=auditor.jan&purpose=again")[1] == event
