"""What the front answers is what the OpenAPI document of the public door says."""

from __future__ import annotations

import json
from typing import Any

import documented
import pytest
from front_process import BATCH, ONE, FrontProcess, Service
from werkzeug.wrappers import Request, Response

from miriam_contracts.documents import vectors


def kept(status: int = 200, **problem: Any) -> Any:
    """A service that answers with published receipts and keys, or with a problem."""

    def answer(request: Request) -> Response:
        told: Any
        if status != 200:
            return Response(json.dumps(problem), status, content_type="application/problem+json")
        if request.path == "/v1/events":
            sent = request.get_json(force=True)
            told = {"receipts": vectors.receipts()[:1] * (len(sent) if isinstance(sent, list) else 1)}
        elif request.path == "/v1/receipts":
            told = {"receipts": [], "next": "0.0.0"}
        elif request.path.startswith("/v1/receipts/"):
            told = vectors.receipts()[0]
        elif request.path.startswith("/v1/refusals/"):
            return Response(b'{"id": "e-1"}', content_type=ONE)
        else:
            told = vectors.keys()
        return Response(json.dumps(told), content_type="application/json")

    return answer


ASKED: list[tuple[str, str, bytes | None, dict[str, str], int]] = [
    ("/v1/events", "/v1/events", b"[{}, {}]", {"Content-Type": BATCH}, 200),
    ("/v1/events", "/v1/events", b"{}", {"Content-Type": ONE}, 200),
    ("/v1/events", "/v1/events", b"{", {"Content-Type": BATCH}, 400),
    ("/v1/events", "/v1/events", b"[]", {"Content-Type": BATCH}, 400),
    ("/v1/events", "/v1/events", b"[{}]", {"Content-Type": BATCH, "Authorization": ""}, 401),
    ("/v1/events", "/v1/events", b"[" + b"{}," * 1000 + b"{}]", {"Content-Type": BATCH}, 413),
    ("/v1/events", "/v1/events", b"[{}]", {"Content-Type": "text/plain"}, 415),
    ("/v1/receipts", "/v1/receipts", None, {}, 200),
    ("/v1/receipts", "/v1/receipts?limit=0", None, {}, 400),
    ("/v1/receipts", "/v1/receipts?after=behind", None, {}, 400),
    ("/v1/receipts/{id}", "/v1/receipts/e-1", None, {}, 200),
    ("/v1/refusals/{id}", "/v1/refusals/e-1", None, {}, 200),
    ("/v1/keys", "/v1/keys", None, {}, 200),
    ("/healthz", "/healthz", None, {}, 200),
]


@pytest.mark.parametrize(("place", "path", "body", "headers", "status"), ASKED)
def test_an_answer_keeps_the_document(
    door: FrontProcess,
    services: dict[str, Service],
    place: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
    status: int,
) -> None:
    for service in services.values():
        service.answer = kept()
    answer = door.ask(path, body, headers)
    assert answer.status == status
    assert answer.headers["Cache-Control"] == "no-store"  # a refused event, shown again, may name somebody
    method = "GET" if body is None else "POST"
    documented.check(documented.DOOR, method, place, status, dict(answer.headers), answer.json)


@pytest.mark.parametrize(("place", "path"), [("/v1/events", "/v1/events"), ("/v1/receipts", "/v1/receipts"), *(
    (path, path) for path in ("/v1/keys", "/healthz"))])  # fmt: skip
def test_an_answer_keeps_the_document_also_while_services_are_away(
    door: FrontProcess, services: dict[str, Service], place: str, path: str
) -> None:
    for service in services.values():
        service.answer = kept(500)
    body = b"[{}]" if path == "/v1/events" else None
    answer = door.ask(path, body, {"Content-Type": BATCH})
    assert answer.status == 503
    method = "GET" if body is None else "POST"
    documented.check(documented.DOOR, method, place, 503, dict(answer.headers), answer.json)
