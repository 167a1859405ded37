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
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import documented
import pytest
from indicator_history import History
from waiting import wait_until

from miriam_contracts.catalogue import SERVICES
from miriam_local.broker import Broker
from miriam_local.processes import free_ports
from miriam_local.rabbitmq import PrivateRabbitMQ

TOKEN = "a-token-of-the-services"
Answer = tuple[int, dict[str, str], bytes]
Asked = Callable[..., Answer]
Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def address() -> str:
    """Where the service answers."""
    return f"127.0.0.1:{free_ports(1)[0]}"


@pytest.fixture
def asked(
    history: History, rabbitmq: PrivateRabbitMQ, new_vhost: Callable[[], str], tmp_path: Path, address: str
) -> Iterator[Asked]:
    """Ask the service, which stands on the history's database: method, path, body, token."""
    broker = Broker(rabbitmq.api, new_vhost())
    broker.declare(dict.fromkeys(SERVICES, "secret"))
    environment = {
        "MIRIAM_DATABASE_URL": history.app_url,
        "MIRIAM_AMQP_URL": rabbitmq.url(broker.vhost, "service.reporting", "secret"),
        "MIRIAM_HTTP_ADDRESS": address,
        "MIRIAM_SERVICE_TOKEN": TOKEN,
        "MIRIAM_KEYS_DIR": str(tmp_path),
    }

    def asked(path: str, token: str = TOKEN, method: str = "GET", body: bytes | None = None) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://{address}{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, dict(refused.headers), refused.read()

    def answers() -> bool:
        try:
            return asked("/healthz")[0] == 200
        except OSError:
            return False

    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-W", "ignore", "-m", "miriam_reporting", "serve"]
        child = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
    try:
        wait_until(lambda: child.poll() is not None or answers(), 60)
        assert child.poll() is None, (tmp_path / "log").read_text()
        yield asked
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@pytest.fixture
def ask(asked: Asked) -> Ask:
    """Ask for JSON."""

    def ask(path: str, token: str = TOKEN) -> tuple[int, Any]:
        status, _, body = asked(path, token)
        return status, json.loads(body)

    return ask


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


# Of each path: what is asked, with which token, and the statuses in which it is answered.
DOCUMENTED = [
    ("/v1/editions/{edition}/report", "/v1/editions/2023/report?by=cpas", TOKEN, 200),
    ("/v1/editions/{edition}/report", "/v1/editions/2023/report", "another", 401),
    ("/v1/editions/{edition}/report", "/v1/editions/2023/report?by=street", TOKEN, 400),
    ("/v1/editions/{edition}/report", "/v1/editions/2031/report", TOKEN, 404),
    ("/v1/editions/{edition}/explain/{code}", "/v1/editions/2023/explain/I08", TOKEN, 200),
    ("/v1/editions/{edition}/diff", "/v1/editions/2023/diff?from=1&to=5", TOKEN, 200),
    ("/v1/editions/{edition}/diff", "/v1/editions/2023/diff?from=1", TOKEN, 400),
    ("/v1/events/{event_id}", "/v1/events/{session}?actor=auditor.jan&purpose=a%20test", TOKEN, 200),
    ("/v1/events/{event_id}", "/v1/events/{session}", TOKEN, 400),
    ("/v1/reports", "/v1/reports", TOKEN, 200),
    ("/v1/reports", "/v1/reports", "another", 401),
    ("/v1/reports/{report}", "/v1/reports/none", TOKEN, 404),
    ("/v1/reports/{report}", "/v1/reports/none?figures=all", TOKEN, 400),
    ("/v1/published", "/v1/published", "", 200),
    ("/v1/published", "/v1/published?edition=2023", "", 400),
    ("/v1/published/{report}", "/v1/published/none", "", 404),
    ("/v1/ledger/head", "/v1/ledger/head", "", 200),
    ("/v1/ledger/events", "/v1/ledger/events?source=sessions", TOKEN, 200),
    ("/v1/ledger/events", "/v1/ledger/events?source=nobody", TOKEN, 400),
    ("/v1/ledger/events", "/v1/ledger/events?source=sessions", "another", 401),
    ("/v1/ledger/origins/{kind}/{emitter}", "/v1/ledger/origins/cpas/alpha", TOKEN, 200),
    ("/v1/ledger/origins/{kind}/{emitter}", "/v1/ledger/origins/cpas/alpha", "another", 401),
    ("/v1/ledger/origins/{kind}/{emitter}", "/v1/ledger/origins/king/alpha", TOKEN, 404),
    ("/v1/ledger/cosigned", "/v1/ledger/cosigned", "", 400),
    ("/v1/ledger/cosigned", "/v1/ledger/cosigned?by=nobody", "", 404),
    ("/v1/ledger/checkpoint", "/v1/ledger/checkpoint", "", 404),
    ("/v1/ledger/checkpoint/{size}", "/v1/ledger/checkpoint/x", "", 400),
    ("/v1/ledger/keys", "/v1/ledger/keys", "", 404),
    ("/v1/ledger/consistency", "/v1/ledger/consistency?old=2&new=5", "", 200),
    ("/v1/ledger/consistency", "/v1/ledger/consistency?old=2", "", 400),
    ("/v1/ledger/inclusion", "/v1/ledger/inclusion?position=2&size=5", "", 200),
    ("/v1/ledger/inclusion", "/v1/ledger/inclusion?position=2&size=1000", "", 404),
    ("/healthz", "/healthz", "", 200),
]
POSTED = [
    ("/v1/ledger/inclusions", b'{"size": 5, "leaves": [{"source": "sessions", "sequence": 1}]}', 200),
    ("/v1/ledger/inclusions", b"{}", 400),
    ("/v1/ledger/inclusions", b'{"size": null, "leaves": [{"source": "sessions", "sequence": 1}]}', 400),
    ("/v1/ledger/inclusions", b'{"leaves": [{"source": "sessions", "sequence": null}]}', 400),
    ("/v1/ledger/inclusions", bytes(300_000), 413),
    ("/v1/ledger/cosignatures", b"no note", 422),
    ("/v1/reports/{report}/signatures", b"{}", 400),
    ("/v1/reports/{report}/signatures", b'{"cpas": "alpha", "key": "k", "signature": "s"}', 404),
]


def test_what_the_service_answers_keeps_its_document(history: History, asked: Asked) -> None:
    history.enrol("alpha:w1")
    session = history.fact("session.held", participation="alpha:w1")
    history.report()
    for place, path, token, expected in DOCUMENTED:
        status, headers, body = asked(path.replace("{session}", session), token)
        assert status == expected, (path, body)
        read = body.decode() if headers["Content-Type"].startswith("text/") else json.loads(body)
        documented.check(documented.REPORTING, "GET", place, status, headers, read)
    for place, sent, expected in POSTED:
        status, headers, body = asked(place.replace("{report}", "none"), "", "POST", sent)
        assert status == expected, (place, body)
        documented.check(documented.REPORTING, "POST", place, status, headers, json.loads(body))


def test_a_path_or_method_that_it_does_not_know_is_answered_with_a_problem(asked: Asked) -> None:
    for method, path, expected in (("GET", "/v1/ledger", 404), ("POST", "/v1/ledger/head", 405)):
        status, headers, body = asked(path, TOKEN, method, b"{}" if method == "POST" else None)
        assert (status, headers["Content-Type"]) == (expected, "application/problem+json")
        told = json.loads(body)
        assert told["status"] == expected
        assert told["code"] in ("not_found", "method_not_allowed")
        assert told["title"]
    assert headers["Allow"] == "GET, HEAD"


def test_a_text_that_no_database_holds_is_no_argument(asked: Asked) -> None:
    look = "actor=auditor.jan&purpose=a%20test"
    for path in (
        "/v1/editions/2023/diff?from=1&to=%00", f"/v1/editions/%00/report?{look}", "/v1/reports?edition=%00",
        f"/v1/editions/2023/explain/I08?{look}&cpas=a%00", "/v1/ledger/origins/cpas/%00",
    ):  # fmt: skip
        status, headers, body = asked(path)
        assert (status, headers["Content-Type"]) == (400, "application/problem+json"), (path, body)


@pytest.mark.parametrize("path", ["/v1/ledger/inclusions", "/v1/ledger/cosignatures", "/v1/reports/none/signatures"])
@pytest.mark.usefixtures("asked")
def test_a_body_that_breaks_off_is_the_senders_fault(address: str, path: str) -> None:
    with closing(HTTPConnection(address)) as connection:
        connection.request("POST", path, b"no chunk\r\n", {"Transfer-Encoding": "chunked"})
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json"), answer.read()


def test_every_path_of_the_service_is_documented() -> None:
    code = "import miriam_reporting.service as s; print(*(r for n in dir(s.ReportingService) for e in getattr("
    code += "getattr(s.ReportingService, n), 'nameko_entrypoints', ()) if (r := getattr(e, 'url', ''))), sep='\\n')"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    paths = {path.replace("<string:", "{").replace(">", "}") for path in done.stdout.split()}
    assert paths == set(documented.REPORTING["paths"])
