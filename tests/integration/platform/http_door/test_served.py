"""The door of a process, over sockets, beside its inbox: what the functions promise holds at the edge too."""

from __future__ import annotations

import http.client
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import orjson
import pytest
from http_client import BATCH, ONE
from inbox_process import Served, World, eventually, outcomes

Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    return serve(MIRIAM_DOOR_EVENTS_PER_SECOND="0")


@pytest.fixture
def token(served: Served, add_token: Callable[..., str]) -> str:
    return add_token()


def ask(
    served: Served, method: str, path: str, body: Any = None, content_type: str = BATCH, **headers: str
) -> tuple[int, dict[str, str], Any]:
    with closing(http.client.HTTPConnection(served.address, timeout=60)) as connection:
        given = {"Content-Type": content_type, **{k.replace("_", "-"): v for k, v in headers.items()}}
        connection.request(method, path, body, given, encode_chunked=not isinstance(body, bytes | None))
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status, found, orjson.loads(answer.read())


def post(served: Served, token: str, *deliveries: Any, **headers: str) -> tuple[int, dict[str, str], Any]:
    body = b"[" + b",".join(delivery.body for delivery in deliveries) + b"]"
    return ask(served, "POST", "/v1/events", body, Authorization=f"Bearer {token}", **headers)


def test_events_are_posted_over_a_socket_also_in_chunks(served: Served, token: str, sender: Any, rows: Rows) -> None:
    status, headers, body = post(served, token, sender.goal_set("p-1"), sender.goal_reached("p-2"))
    assert (status, headers["content-type"]) == (200, "application/json")
    assert [r["receipt"] for r in body["receipts"]] == ["recorded", "refused"]
    text = sender.goal_set("p-3").body

    def parts() -> Iterator[bytes]:
        yield text[:100]
        yield text[100:]

    bearer = f"Bearer {token}"
    status, _, body = ask(served, "POST", "/v1/events", parts(), ONE, Authorization=bearer, Transfer_Encoding="chunked")
    assert (status, body["receipts"][0]["receipt"]) == (200, "recorded")
    assert rows("select count(*) from event_store.event") == [(2,)]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/v1/events", 405, "method_not_allowed"),
        ("POST", "/v1/events", 401, "unauthorized"),
    ],
)
def test_whatever_is_not_done_is_a_problem(served: Served, method: str, path: str, status: int, code: str) -> None:
    answered, headers, body = ask(served, method, path, Accept_Language="nl")
    assert (answered, headers["content-type"], body["code"]) == (status, "application/problem+json", code)
    assert (body["type"], headers["content-language"]) == (f"urn:miriam:http:{code}", "nl")
    if status == 405:
        assert {"GET", "POST"} <= set(headers["allow"].split(", "))


def test_what_is_announced_as_too_large_is_refused_before_it_is_sent_and_not_read_to_its_end(
    served: Served, token: str
) -> None:
    host, port = served.address.split(":")
    with closing(socket.create_connection((host, int(port)), timeout=10)) as client:
        client.sendall(
            f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: {BATCH}\r\n"
            f"Content-Length: {10**12}\r\n\r\n".encode()
        )
        assert client.recv(65536).startswith(b"HTTP/1.1 413")
        with pytest.raises(OSError, match=r"[Bb]roken pipe|[Rr]eset"):
            client.sendall(b" " * (64 * 1024 * 1024))


def test_receipts_and_recorded_events_are_asked_over_a_socket(
    served: Served, token: str, sender: Any, add_token: Callable[..., str], service_token: str
) -> None:
    post(served, token, sender.goal_set("p-1", id="a.b-c_d"), sender.goal_reached("p-2"))
    bearer = {"Authorization": f"Bearer {token}"}
    status, _, page = ask(served, "GET", "/v1/receipts?limit=1", **bearer)
    assert (status, [r["receipt"] for r in page["receipts"]]) == (200, ["recorded"])
    status, _, rest = ask(served, "GET", f"/v1/receipts?after={page['next']}", **bearer)
    assert [r["receipt"] for r in rest["receipts"]] == ["refused"]
    status, _, one = ask(served, "GET", "/v1/receipts/a%2Eb-c_d", **bearer)
    assert (status, one) == (200, page["receipts"][0])
    assert ask(served, "GET", "/v1/receipts/nothing", **bearer)[0] == 404
    assert ask(served, "GET", "/v1/events", **bearer)[0] == 403
    for allowed in (add_token("auditor", "events"), service_token):
        status, _, events = ask(served, "GET", "/v1/events?after=0", Authorization=f"Bearer {allowed}")
        assert (status, [event["originid"] for event in events]) == (200, ["a.b-c_d"])
    for closed in ("/v1/events/differing", "/v1/erasures?because_of=x"):
        status, headers, body = ask(served, "GET", closed, **bearer)
        assert (status, body["code"], headers["www-authenticate"]) == (401, "unauthorized", "Bearer")


def test_killed_between_commit_and_answer_the_batch_sent_again_takes_effect_once(
    serve: Callable[..., Served], served: Served, token: str, sender: Any, rows: Rows
) -> None:
    events = [sender.goal_set(f"p-{n}") for n in range(1000)]
    answers: list[Any] = []

    def first_try() -> None:
        try:
            answers.append(post(served, token, *events))
        except OSError as error:
            answers.append(error)

    client = threading.Thread(target=first_try)
    client.start()
    assert eventually(lambda: rows("select count(*) > 0 from event_store.event") == [(True,)])
    served.end(signal.SIGKILL)
    client.join(30)
    assert isinstance(answers[0], OSError)
    [(before,)] = rows("select count(*) from event_store.event")
    assert 0 < before < 1000
    status, _, body = post(serve(MIRIAM_DOOR_EVENTS_PER_SECOND="0"), token, *events)
    assert status == 200
    assert outcomes(body["receipts"]) == {"duplicate": before, "recorded": 1000 - before}
    assert rows("select count(*), max(sequence) from event_store.event") == [(1000, 1000)]


def test_who_goes_away_before_the_answer_is_recorded_all_the_same(
    served: Served, token: str, sender: Any, rows: Rows
) -> None:
    host, port = served.address.split(":")
    event = sender.goal_set()
    with closing(socket.create_connection((host, int(port)), timeout=10)) as client:
        client.sendall(
            f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: {ONE}\r\n"
            f"Content-Length: {len(event.body)}\r\n\r\n".encode()
            + event.body
        )
    assert eventually(lambda: rows("select count(*) from event_store.event") == [(1,)])
    _, _, body = post(served, token, event)
    assert outcomes(body["receipts"]) == {"duplicate": 1}


def test_the_same_events_by_queue_and_by_post_at_once_take_effect_once(
    served: Served, token: str, world: World, sender: Any, rows: Rows
) -> None:
    events = [sender.goal_set(f"p-{n}") for n in range(400)]
    queue = threading.Thread(target=lambda: world.send(*events))
    queue.start()
    status, _, body = post(served, token, *events)
    queue.join(30)
    assert status == 200
    by_queue = world.await_receipts("anderlecht", 400)
    assert outcomes(body["receipts"]) + outcomes(by_queue) == {"recorded": 400, "duplicate": 400}
    assert rows("select count(*), max(sequence) from event_store.event") == [(400, 400)]


def test_a_flood_over_http_delays_nobody_elses_queue(
    served: Served,
    token: str,
    world: World,
    sender: Any,
    new_sender: Callable[[str], Any],
    add_token: Callable[..., str],
) -> None:
    """Four requests of a thousand at a time, and more clients than there are workers, whose body never comes."""
    other = new_sender("schaerbeek")
    world.send(other.goal_set("p-0"))
    world.await_receipts("schaerbeek", 1)
    batches = [[sender.goal_set(f"p-{n}-{k}") for n in range(1000)] for k in range(8)]
    until = time.monotonic() + 12
    statuses: list[int] = []

    def flood(batch: list[Any]) -> None:
        while time.monotonic() < until:
            statuses.append(post(served, token, *batch)[0])

    host, port = served.address.split(":")
    silent = [socket.create_connection((host, int(port))) for _ in range(40)]
    head = f"Authorization: Bearer {add_token('schaerbeek')}\r\nContent-Type: {ONE}\r\nContent-Length: 100"
    for client in silent:
        client.sendall(f"POST /v1/events HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())
    threads = [threading.Thread(target=flood, args=(batch,)) for batch in batches[:4]]
    for thread in threads:
        thread.start()
    waited = []
    try:
        for n in range(2, 8):
            began = time.monotonic()
            world.send(other.goal_set(f"p-{n}"))
            world.await_receipts("schaerbeek", n)
            waited.append(time.monotonic() - began)
    finally:
        until = 0.0
        for thread in threads:
            thread.join(60)
        for client in silent:
            client.close()
    print("seconds from sending to receipt:", [round(each, 3) for each in waited], "requests:", len(statuses))
    assert len(statuses) >= 2
    assert set(statuses) <= {200, 429}
    assert sorted(waited)[len(waited) // 2] < 1.0, waited
