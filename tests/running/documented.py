"""Whether an answer over HTTP is one that the generated OpenAPI document of its door describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from miriam_contracts.documents.openapi import door, reporting, service

DOOR = door.document()
SERVICE = service.document()
REPORTING = reporting.document()


def check(
    document: Mapping[str, Any], method: str, path: str, status: int, headers: Mapping[str, str], body: Any
) -> None:
    """Assert that the document knows this answer: its status, its type, its headers, and every member of its body.

    `path` is the document's own, `/v1/receipts/{id}`.
    """
    responses = document["paths"][path][method.lower()]["responses"]
    assert str(status) in responses, f"{method} {path} answers {status}, which is not documented"
    response = responses[str(status)]
    given = {name.lower(): value for name, value in headers.items()}
    for name in response.get("headers", {}):
        assert name.lower() in given, f"{method} {path}, {status}: no header {name}"
    kind = given["content-type"].partition(";")[0]
    assert kind in response["content"], f"{method} {path}, {status}: {kind} is not documented"
    schema = {**response["content"][kind]["schema"], "components": document["components"]}
    errors = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(body)]
    assert not errors, f"{method} {path}, {status}: {errors}"
