"""The front before services that fail, lie, hang or hang up: each event is answered once, or the client is told to come
again. What it does before the real services is in `tests/end_to_end/test_front.py`.
"""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from front_process import BATCH, ONE, Answered, FrontProcess, Service, recording
from werkzeug.wrappers import Request, Response

from miriam_local.processes import wait_until

INTAKE, SESSIONS, GROUPS = (
    "miriam.participation.enrolled.v1", "miriam.session.held.v1", "miriam.group.formed.v1",
)  # fmt: skip
MEBIBYTE = 1024 * 1024


def event(id_: str, type_: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "type": type_, **more}


MIXED = [event("a", SESSIONS), event("b", INTAKE), event("c", GROUPS), event("d", SESSIONS), event("e", "none")]


def post(door: FrontProcess, events: Any, **headers: str) -> Answered:
    return door.ask("/v1/events", json.dumps(events).encode(), {"Content-Type": BATCH, **headers})


def ids(answer: Answered) -> list[str]:
    return [each["id"] for each in answer.json.get("receipts", [])]


def saying(status: int, body: object, **headers: str) -> Callable[[Request], Response]:
    text = body if isinstance(body, str) else json.dumps(body)
    kind = "application/json" if status == 200 else "application/problem+json"
    return lambda _: Response(
        text, status, {name.replace("_", "-"): v for name, v in headers.items()}, content_type=kind
    )


def hang(_: Request) -> Response:
    time.sleep(4)
    return Response()


def test_a_mixed_batch_is_answered_in_its_order(door: FrontProcess, services: dict[str, Service]) -> None:
    answer = post(door, MIXED, traceparent="00-" + "1" * 32 + "-" + "2" * 16 + "-01", Accept_Language="nl")
    assert (answer.status, ids(answer)) == (200, ["a", "b", "c", "d", "e"])
    assert answer.headers["Content-Type"] == "application/json"
    got = {name: [each["id"] for each in json.loads(service.asked[0][2])] for name, service in services.items()}
    assert got == {"intake": ["b", "e"], "sessions": ["a", "d"], "groups": ["c"]}
    for service in services.values():
        ((_, headers, _),) = service.asked
        assert (headers["Authorization"], headers["Content-Type"]) == ("Bearer any", BATCH)
        assert headers["Traceparent"] == "00-" + "1" * 32 + "-" + "2" * 16 + "-01"


def test_the_bytes_of_each_event_reach_its_service_unchanged(door: FrontProcess, services: dict[str, Service]) -> None:
    odd = f'{{"id": "a",\t"type":"{SESSIONS}", "n": 1.50, "\\u00e9": "\\/"}}'.encode()
    assert door.ask("/v1/events", b"[\n" + odd + b" , " + odd + b"]", {"Content-Type": BATCH}).status == 200
    assert door.ask("/v1/events", odd, {"Content-Type": ONE + "; charset=utf-8"}).status == 200
    batch, one = services["sessions"].asked
    assert batch[2] == b"[" + odd + b"," + odd + b"]"
    assert (one[2], one[1]["Content-Type"]) == (odd, ONE)
    assert not services["intake"].asked


def test_what_is_compressed_is_inflated_within_bounds(door: FrontProcess, services: dict[str, Service]) -> None:
    sent = {"Content-Type": BATCH, "Content-Encoding": "gzip"}
    packed = gzip.compress(json.dumps(MIXED).encode())
    assert ids(door.ask("/v1/events", packed, sent)) == ["a", "b", "c", "d", "e"]
    bomb = gzip.compress(b"[" + b" " * (9 * MEBIBYTE) + b"]")
    assert len(bomb) < MEBIBYTE
    answer = door.ask("/v1/events", bomb, sent)
    assert (answer.status, answer.json["code"]) == (413, "too_large")
    assert door.ask("/v1/events", packed[:-9], sent).status == 400
    assert len([body for _, _, body in services["intake"].asked if body != b"[]"]) == 1


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("packed", [True, False])
def test_a_heavy_body_is_not_looked_into_for_who_has_no_token_that_holds(
    door: FrontProcess, services: dict[str, Service], packed: bool, status: int
) -> None:
    """Ten kilobytes make eight megabytes of brackets, and these two seconds of work: nobody has that for nothing."""
    services["intake"].answer = saying(status, {"code": "no", "status": status}, WWW_Authenticate="Bearer")
    body = b"[" * MEBIBYTE + b"]" * MEBIBYTE
    headers = {"Content-Type": BATCH, **({"Content-Encoding": "gzip"} if packed else {})}
    answer = door.ask("/v1/events", gzip.compress(body) if packed else body, headers)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (status, "Bearer")
    assert [asked[2] for service in services.values() for asked in service.asked] == [b"[]"]


def test_where_it_cannot_be_told_whose_token_it_is_the_body_is_taken(
    door: FrontProcess, services: dict[str, Service]
) -> None:
    services["intake"].answer = saying(503, {"code": "unavailable"})
    body = gzip.compress(json.dumps([event("a", SESSIONS)]).encode())
    assert ids(door.ask("/v1/events", body, {"Content-Type": BATCH, "Content-Encoding": "gzip"})) == ["a"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {"Content-Type": BATCH}, 400, "not_json"),
        (b'{"id": "a"}', {"Content-Type": BATCH}, 400, "not_json"),
        (b"[1,]", {"Content-Type": BATCH}, 400, "not_json"),
        (b"[ ]", {"Content-Type": BATCH}, 400, "empty_batch"),
        (b"[" + b"{}," * 1000 + b"{}]", {"Content-Type": BATCH}, 413, "too_large"),
        (b"[]" + b" " * (8 * MEBIBYTE), {"Content-Type": BATCH}, 413, "too_large"),
        (b"[{}]", {"Content-Type": "application/json"}, 415, "media_type"),
        (b"[{}]", {"Content-Type": BATCH, "Content-Encoding": "br"}, 415, "media_type"),
        (b"[{}]", {"Content-Type": BATCH, "Authorization": ""}, 401, "unauthorized"),
        (b"[{}]", {"Content-Type": BATCH, "Authorization": "Basic YTpi"}, 401, "unauthorized"),
    ],
)
def test_what_is_no_batch_asks_no_service_and_is_told_so(
    door: FrontProcess, services: dict[str, Service], body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = door.ask("/v1/events", body, headers | {"Accept-Language": "fr-BE, en;q=0.5"})
    assert (answer.status, answer.json["status"], answer.json["code"]) == (status, status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["type"] == f"urn:miriam:http:{code}"
    assert any(letter in answer.json["title"] for letter in "éêà'")  # in French
    assert not any(service.asked for service in services.values())


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("/", None, 404), ("/v1/receipts/a/b", None, 404), ("/v1/events", None, 405), ("/healthz", b"{}", 405),
     ("/v1/receipts?limit=0", None, 400), ("/v1/receipts?limit=1001", None, 400), ("/v1/receipts?after=x", None, 400),
     ("/v1/receipts?limit=" + "9" * 5000, None, 400)],
)  # fmt: skip
def test_what_cannot_be_asked_is_a_problem_too(door: FrontProcess, path: str, body: bytes | None, status: int) -> None:
    answer = door.ask(path, body)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert status != 405 or answer.headers["Allow"] in ("GET", "POST")


def test_what_is_no_http_is_a_problem_too(door: FrontProcess) -> None:
    host, port = door.url.removeprefix("http://").split(":")
    for sent in (b"POST /v1/events HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000):
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(sent)
            said = connection.recv(65_536)
        assert said.startswith(b"HTTP/1.1 4") or said.startswith(b"HTTP/1.0 4")
        assert b"application/problem+json" in said


@pytest.mark.parametrize(
    "failing",
    [
        saying(500, "<html>"),
        saying(502, {"code": "bad_gateway"}),
        saying(200, "nonsense"),
        saying(200, {"receipts": [{"id": "a"}]}),
        saying(200, {"receipts": "none"}),
        saying(404, "no such path"),
        hang,
    ],
    ids=["500", "502", "no JSON", "a receipt is missing", "no receipts", "another server", "hangs"],
)
def test_a_service_that_fails_costs_no_other_its_receipts(
    door: FrontProcess, services: dict[str, Service], failing: Callable[[Request], Response]
) -> None:
    services["sessions"].answer = failing
    answer = post(door, MIXED)
    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert "sessions" in answer.json["detail"]
    # What a service with a receipt too few did give is passed on.
    assert ids(answer) in (["b", "c", "e"], ["b", "c", "e", "a"])


def test_what_a_service_refuses_for_now_is_passed_on_with_all_that_was_settled(
    door: FrontProcess, services: dict[str, Service]
) -> None:
    half = {"code": "too_many", "title": "Te veel", "status": 429, "receipts": [{"id": "a"}]}
    services["sessions"].answer = saying(429, half, Retry_After="7")
    answer = post(door, MIXED)
    assert (answer.status, answer.headers["Retry-After"], answer.json["title"]) == (429, "7", "Te veel")
    assert ids(answer) == ["b", "c", "e", "a"]
    # Another that is away weighs more, and the longer of two waits is told.
    services["groups"].answer = saying(500, "")
    answer = post(door, MIXED)
    assert (answer.status, answer.headers["Retry-After"], ids(answer)) == (503, "7", ["b", "e", "a"])


def test_a_token_that_is_refused_is_said_before_anything_that_passes(
    door: FrontProcess, services: dict[str, Service]
) -> None:
    services["sessions"].answer = saying(503, {"code": "unavailable"}, Retry_After="2")
    services["groups"].answer = saying(401, {"code": "unauthorized", "status": 401}, WWW_Authenticate="Bearer")
    answer = post(door, MIXED)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "Retry-After" not in answer.headers
    assert ids(answer) == ["b", "e"]


def test_services_are_asked_at_the_same_time(door: FrontProcess, services: dict[str, Service]) -> None:
    together = threading.Barrier(3, timeout=5)

    def wait(request: Request) -> Response:
        together.wait()
        return recording(request)

    for service in services.values():
        service.answer = wait
    assert post(door, MIXED).status == 200


def test_a_service_that_hangs_up_is_asked_once_more(door: FrontProcess, services: dict[str, Service]) -> None:
    def hang_up_once(request: Request) -> Response:
        if len(services["sessions"].asked) == 1:
            connection: socket.socket = request.environ["werkzeug.socket"]
            connection.shutdown(socket.SHUT_RDWR)
        return recording(request)

    services["sessions"].answer = hang_up_once
    assert post(door, MIXED).status == 200
    assert len(services["sessions"].asked) == 2


def test_a_receipt_is_the_one_that_stands_whoever_gave_it(door: FrontProcess, services: dict[str, Service]) -> None:
    missing = saying(404, {"code": "not_found", "status": 404})
    refused = {"receipt": "refused", "time": "2024-02-01T00:00:00Z"}
    recorded = {"receipt": "recorded", "time": "2024-01-01T00:00:00Z"}
    for service in services.values():
        service.answer = missing
    assert door.ask("/v1/receipts/a%20b").status == 404
    assert (
        services["groups"].asked[0][0] == "/v1/receipts/a%20b" or services["groups"].asked[0][0] == "/v1/receipts/a b"
    )
    services["intake"].answer = saying(200, refused)
    assert door.ask("/v1/receipts/a").json == refused
    services["groups"].answer = saying(500, "")
    # Perhaps groups recorded it.
    assert door.ask("/v1/receipts/a").status == 503
    services["groups"].answer = saying(200, recorded)
    assert door.ask("/v1/receipts/a").json == recorded
    services["sessions"].answer = saying(500, "")
    assert door.ask("/v1/receipts/a").json == recorded


def test_no_page_of_receipts_passes_over_a_service_that_is_away(
    door: FrontProcess, services: dict[str, Service]
) -> None:
    for service in services.values():
        service.answer = saying(200, {"receipts": [], "next": "7"})
    page = door.ask("/v1/receipts?limit=5").json
    assert page["receipts"] == []
    assert {service.asked[0][0] for service in services.values()} == {"/v1/receipts?limit=5"}
    services["groups"].answer = saying(503, {"code": "unavailable", "status": 503}, Retry_After="2")
    answer = door.ask(f"/v1/receipts?after={page['next']}")
    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert services["intake"].asked[-1][0] == "/v1/receipts?after=7&limit=500"


def test_health_tells_each_service_and_is_bad_only_where_none_answers(
    door: FrontProcess, services: dict[str, Service]
) -> None:
    assert door.ask("/healthz").json["status"] == "ok"
    services["sessions"].answer = saying(503, {"status": "database away"})
    answer = door.ask("/healthz")
    assert (answer.status, answer.json["status"]) == (200, "degraded")
    assert answer.json["owners"] == {"intake": "ok", "sessions": "away", "groups": "ok"}
    for service in services.values():
        service.answer = saying(500, "")
    assert door.ask("/healthz").status == 503


def test_the_log_holds_neither_token_nor_payload(door: FrontProcess, services: dict[str, Service]) -> None:
    secret = {"Authorization": "Bearer mrm_0123456789ab_" + "s3cret" * 7 + "x", "Content-Type": BATCH}
    door.ask(
        "/v1/events?token=quite-secret", json.dumps([event("id-of-hers", INTAKE, data="Her Name")]).encode(), secret
    )
    door.ask("/v1/receipts/id-of-hers?x=quite-secret", None, secret)
    door.ask("/quite-secret", None, secret)
    lines = [json.loads(line) for line in door.log.read_text("utf-8").splitlines()]
    assert {"method": "POST", "route": "/v1/events", "status": 200}.items() <= lines[-3].items()
    assert (lines[-2]["route"], lines[-1]["route"]) == ("/v1/receipts/<id>", "other")
    text = door.log.read_text("utf-8")
    assert not any(each in text for each in ("s3cret", "quite-secret", "id-of-hers", "Her Name", "mrm_"))


def test_it_ends_when_it_is_told_to_and_what_is_under_way_is_answered(tmp_path: Any) -> None:
    from front_process import front, services

    with services() as owners:

        def slowly(request: Request) -> Response:
            time.sleep(1)
            return recording(request)

        owners["sessions"].answer = slowly
        with front(tmp_path, {name: service.url for name, service in owners.items()}) as door:
            answers: list[Answered] = []
            thread = threading.Thread(target=lambda: answers.append(post(door, MIXED)))
            thread.start()
            assert wait_until(lambda: bool(owners["sessions"].asked), 10, 0.02)
            os.kill(door.process.pid, signal.SIGTERM)
            thread.join(20)
            assert [answer.status for answer in answers] == [200]
            assert door.process.wait(20) == 0
