"""What the doors over HTTP share: problems (RFC 9457) and how they are answered, tokens, headers."""

from typing import Any

from miriam_contracts import http_problems
from miriam_contracts.documents.json_schema import JsonSchema
from miriam_contracts.http_problems import CONTENT_TYPE, HttpProblem

VERSION = "1"
OPENAPI = "3.1.0"
JSON = "application/json"
LICENSE = {"name": "Open to every maker of software for a CPAS"}
_RETRY_AFTER = {
    "description": "Seconds to wait before the request is sent again.",
    "required": True,
    "schema": {"type": "integer", "minimum": 0},
}
_CHALLENGE = {"description": "How to show a token (RFC 6750).", "required": True, "schema": {"type": "string"}}
_HEADERS = {
    401: {"WWW-Authenticate": _CHALLENGE},
    429: {"Retry-After": _RETRY_AFTER},
    503: {"Retry-After": _RETRY_AFTER},
}

Responses = dict[str, Any]


def problem_schema() -> JsonSchema:
    """A problem as every door answers it."""
    return {
        "type": "object",
        "description": "Why a request was not carried out (RFC 9457). What a reader does not know here, it ignores.",
        "properties": {
            "type": {"type": "string", "pattern": "^urn:miriam:http:[a-z_]+$", "description": "The code, as a URN."},
            "title": {"type": "string", "description": "What the code means, in the language of Accept-Language."},
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The status of the answer."},
            "code": {"type": "string", "pattern": "^[a-z_]+$", "description": "For programs: what went wrong."},
            "detail": {"type": "string", "description": "More about this request; never a value that came with it."},
            "field": {"type": "string", "description": "The argument or header concerned."},
            "allowed": {"type": "string", "description": "What would have been allowed."},
            "receipts": {
                "type": "array",
                "description": "The receipts of those events of the batch that were settled all the same. Send the"
                " others again, the same bytes.",
                "items": {"$ref": "#/components/schemas/Receipt"},
            },
        },
        "required": ["type", "title", "status", "code", "detail"],
    }


def problems(found: list[tuple[HttpProblem, str]]) -> Responses:
    """The responses for these problems, by status; the text says when each comes."""
    by_status: dict[int, list[tuple[HttpProblem, str]]] = {}
    for each, when in found:
        by_status.setdefault(each.status, []).append((each, when))
    return {str(status): _response(status, several) for status, several in sorted(by_status.items())}


def _response(status: int, several: list[tuple[HttpProblem, str]]) -> dict[str, Any]:
    bodies = [each.body("en") for each, _ in several]
    codes = [body["code"] for body in bodies]
    fixed = {
        "properties": {
            "status": {"const": status},
            "code": {"enum": codes},
            "type": {"enum": [body["type"] for body in bodies]},
        }
    }
    described: dict[str, Any] = {
        "description": " ".join(f"`{body['code']}`: {when}" for body, (_, when) in zip(bodies, several, strict=True)),
        "content": {
            CONTENT_TYPE: {
                "schema": {"allOf": [{"$ref": "#/components/schemas/Problem"}, fixed]},
                "examples": {body["code"]: {"value": body} for body in bodies},
            }
        },
    }
    if status in _HEADERS:
        described["headers"] = _HEADERS[status]
    return described


def accept_language() -> dict[str, Any]:
    """The header by which a reader chooses the language of problems."""
    return {
        "name": "Accept-Language",
        "in": "header",
        "required": False,
        "description": "The language of a problem's title: fr, nl, de or en (the default).",
        "schema": {"type": "string"},
        "example": "fr",
    }


def limit(default: int, most: int) -> dict[str, Any]:
    """How many at most are answered at once."""
    return {
        "name": "limit",
        "in": "query",
        "required": False,
        "description": "How many at most are answered.",
        "schema": {"type": "integer", "minimum": 1, "maximum": most, "default": default},
    }


def sequence_after() -> dict[str, Any]:
    """After which number to go on."""
    return {
        "name": "after",
        "in": "query",
        "required": False,
        "description": "The number after which to go on: 0, the default, begins with the first.",
        "schema": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1, "default": 0},
    }


def answer(description: str, schema: JsonSchema, **examples: Any) -> dict[str, Any]:
    """A response of JSON, with examples by name."""
    shown = {"examples": {name: {"value": value} for name, value in examples.items()}} if examples else {}
    return {"description": description, "content": {JSON: {"schema": schema, **shown}}}


def health_away(description: str) -> dict[str, Any]:
    """The 503 of a question about health: the state, or a problem where so many requests are under way."""
    found: dict[str, Any] = _response(503, [(http_problems.unavailable(2, "too many requests are under way"), "")])
    content = {JSON: {"schema": {"$ref": "#/components/schemas/Health"}}, **found["content"]}
    return {"description": description, "content": content}


def without_dialect(schema: JsonSchema) -> JsonSchema:
    """A schema to stand inside another document, which says the dialect once and has its own examples."""
    return {name: value for name, value in schema.items() if name not in ("$schema", "$id", "examples")}
