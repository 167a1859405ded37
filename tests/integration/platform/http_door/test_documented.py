"""What a recording service answers over HTTP is what its OpenAPI documents say, whatever it is asked."""

from __future__ import annotations

import gzip
import http.client
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

import documented
import orjson
import pytest
from http_client import Answered, Client
from inbox_process import Served

from miriam_platform.http_door import HttpDoor


def posted(answer: Answered, status: int, code: str = "") -> None:
    assert answer.status == status
    assert answer.body.get("code", "") == code
    documented.check(documented.DOOR, "POST", "/v1/events", answer.status, answer.headers, answer.body)


def test_every_receipt_keeps_the_document(client: Client, sender: Any) -> None:
    event = sender.goal_set("p-1")
    answer = client.post(event, event, sender.goal_reached("p-2"), b"1", b'{"id": "e-9"}')
    assert answer.outcomes == ["recorded", "duplicate", "refused", "refused", "refused"]
    posted(answer, 200)
    for _ in range(5):
        answer = client.post(sender.goal_set("p-2", "g-poison", id="poison"), sender.goal_set("p-3", id="after"))
        posted(answer, answer.status, "unavailable" if answer.status == 503 else "")
    assert "parked" in answer.outcomes


def test_every_problem_keeps_the_document(client: Client, sender: Any, add_token: Callable[..., str]) -> None:
    posted(client.post_body(b"{"), 400, "not_json")
    posted(client.post_body(b"[]"), 400, "empty_batch")
    posted(Client(client.door, "mrm_none").post(sender.goal_set()), 401, "unauthorized")
    posted(Client(client.door, add_token("anderlecht", "receipts")).post(sender.goal_set()), 403, "scope_missing")
    posted(client.post(*[b"1"] * 1001), 413, "too_large")
    posted(client.post_body(gzip.compress(bytes(9 * 1024 * 1024)), Content_Encoding="gzip"), 413, "too_large")
    posted(client.post_body(b"[1]", "text/plain"), 415, "media_type")
    posted(client.post_body(b"[1]", Content_Encoding="br"), 415, "media_type")


def test_a_request_that_comes_too_soon_keeps_the_document(
    new_door: Callable[..., HttpDoor], add_token: Callable[..., str], sender: Any
) -> None:
    hurried = Client(new_door(MIRIAM_DOOR_EVENTS_PER_SECOND="1"), add_token())
    answers = [hurried.post(*[b"1"] * 10) for _ in range(4)]
    assert {answer.status for answer in answers} == {200, 429}
    for answer in answers:
        posted(answer, answer.status, "too_many" if answer.status == 429 else "")


ASKED = [
    (documented.DOOR, "/v1/keys", "", "", {200}),
    (documented.DOOR, "/healthz", "", "", {200}),
    (documented.DOOR, "/v1/receipts", "", "token", {200}),
    (documented.DOOR, "/v1/receipts", "?after=1.0.0&limit=1", "token", {200}),
    (documented.DOOR, "/v1/receipts", "?after=behind", "token", {400}),
    (documented.DOOR, "/v1/receipts", "?limit=0", "token", {400}),
    (documented.DOOR, "/v1/receipts", "", "", {401}),
    (documented.DOOR, "/v1/receipts", "", "auditor", {403}),
    (documented.DOOR, "/v1/receipts/{id}", "e-1", "token", {200}),
    (documented.DOOR, "/v1/receipts/{id}", "e-9", "token", {404}),
    (documented.DOOR, "/v1/refusals/{id}", "e-9", "token", {404}),
    (documented.DOOR, "/v1/refusals/{id}", "e-1", "", {401}),
    (documented.DOOR, "/v1/refusals/{id}", "e-1", "auditor", {403}),
    (documented.SERVICE, "/v1/events", "", "auditor", {200}),
    (documented.SERVICE, "/v1/events", "", "token", {403}),
    (documented.SERVICE, "/v1/keys", "", "", {200}),
    (documented.SERVICE, "/healthz", "", "", {200}),
    (documented.SERVICE, "/v1/events", "", "", {401}),
    (documented.SERVICE, "/v1/events", "?after=0&limit=10", "service", {200}),
    (documented.SERVICE, "/v1/events", "?limit=1001", "service", {400}),
    (documented.SERVICE, "/v1/events", "?after=-1", "service", {400}),
    (documented.SERVICE, "/v1/events/differing", "", "service", {200}),
    (documented.SERVICE, "/v1/events/differing", "?after=x", "service", {400}),
    (documented.SERVICE, "/v1/events/differing", "", "", {401}),
    (documented.SERVICE, "/v1/erasures", "?because_of=8c05ac29-4dd7-5245-a209-24ad0329adc3", "service", {200}),
    (documented.SERVICE, "/v1/erasures", "", "service", {400}),
    (documented.SERVICE, "/v1/erasures", "", "", {401}),
    (documented.SERVICE, "/v1/refusals", "?emitter=anderlecht&limit=5", "service", {200}),
    (documented.SERVICE, "/v1/refusals", "?emitter=../x", "service", {400}),
    (documented.SERVICE, "/v1/refusals", "?emitter=anderlecht&limit=201", "service", {400}),
    (documented.SERVICE, "/v1/refusals", "?emitter=anderlecht", "token", {401}),
]


def test_what_a_process_answers_keeps_the_documents(
    serve: Callable[..., Served], sender: Any, add_token: Callable[..., str], service_token: str
) -> None:
    served = serve(MIRIAM_DOOR_EVENTS_PER_SECOND="0")
    with closing(http.client.HTTPConnection(served.address, timeout=60)) as connection:
        shown = {"token": add_token(), "auditor": add_token("auditor-jan", "events"), "service": service_token}
        given = {"Authorization": f"Bearer {shown['token']}", "Content-Type": "application/cloudevents+json"}
        connection.request("POST", "/v1/events", sender.goal_set("p-1").body, given)
        assert connection.getresponse().read().startswith(b'{"receipts"')
        for document, path, query, who, statuses in ASKED:
            headers = {"Authorization": f"Bearer {shown[who]}"} if who else {}
            connection.request("GET", path.replace("{id}", "") + query, headers=headers)
            answer = connection.getresponse()
            body = orjson.loads(answer.read())
            assert answer.status in statuses, (path, query, body)
            documented.check(document, "GET", path, answer.status, dict(answer.headers), body)


def test_every_path_of_a_recording_service_is_documented() -> None:
    code = (
        "from miriam_platform.service_class import RecordingService as S; print(*(r for n in dir(S) for e in getattr("
    )
    code += "getattr(S, n), 'nameko_entrypoints', ()) if (r := getattr(e, 'url', ''))), sep='\\n')"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    paths = {re.sub("<[^>]+>", "{id}", path) for path in done.stdout.split()}
    assert paths == {*documented.DOOR["paths"], *documented.SERVICE["paths"]}


def test_an_answer_that_is_not_documented_is_told() -> None:
    with pytest.raises(AssertionError, match="not documented"):
        documented.check(documented.DOOR, "GET", "/v1/keys", 418, {"Content-Type": "application/json"}, {})
    with pytest.raises(AssertionError, match="receipts"):
        documented.check(documented.DOOR, "POST", "/v1/events", 200, {"Content-Type": "application/json"}, {})
