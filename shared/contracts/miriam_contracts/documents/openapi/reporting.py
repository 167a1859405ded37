"""What reporting answers over HTTP: figures, reports and their signatures, the ledger and its proofs."""

from typing import Any

from miriam_contracts.catalogue import EMITTER_KINDS, SERVICES
from miriam_contracts.documents.json_schema import DIALECT, JsonSchema
from miriam_contracts.documents.openapi import common
from miriam_contracts.documents.openapi.common import JSON
from miriam_contracts.documents.openapi.reporting_schemas import ref, schemas
from miriam_contracts.http_problems import CONTENT_TYPE

_NOTE = "text/plain"
_SERVICE: list[dict[str, list[str]]] = [{"service": []}]
_OWN: list[dict[str, list[str]]] = [{"service": []}, {"reading": []}]
_ANYBODY: list[dict[str, list[str]]] = []

_TEXT: JsonSchema = {"type": "string"}
_NUMBER: JsonSchema = {"type": "integer", "minimum": 0}
_WHEN = {
    400: "An argument is not valid.",
    401: "No token, or none that holds.",
    403: "Nobody who is known here signed this.",
    404: "There is no such thing.",
    409: "Somebody else took a step meanwhile.",
    410: "The edition is retired: its events are destroyed.",
    413: "The body is too long.",
    422: "It is refused: what was signed is not true.",
    500: "What is kept is not what was recorded: it was tampered with.",
    503: "Our own trouble, for a while.",
}


def document() -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": common.OPENAPI,
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": "Miriam: reporting",
            "version": common.VERSION,
            "summary": "Figures, reports and their signatures, the ledger and its proofs.",
            "description": "Hashes, heads and proofs are for everybody. An emitter reads what stands under its own name"
            " with its reading token (`reading_token` of its credentials). All else is for those who hold the token of"
            " the services. A look at single women is logged, with actor and purpose, before it is answered.",
        },
        "servers": [
            {
                "url": "{address}",
                "variables": {
                    "address": {
                        "default": "https://reporting.miriam.example",
                        "description": "`reporting_url` of the credentials.",
                    }
                },
            }
        ],
        "security": _SERVICE,
        "tags": [
            {"name": "figures", "description": "What is counted."},
            {"name": "reports", "description": "What is signed and published."},
            {"name": "ledger", "description": "What proves it."},
        ],
        "paths": {path: _path(path, operations) for path, operations in _operations().items()},
        "components": {
            "securitySchemes": {
                "service": {"type": "http", "scheme": "bearer", "description": "The token that the services share."},
                "reading": {"type": "http", "scheme": "bearer", "description": "An emitter's own reading token."},
            },
            "schemas": schemas(),
        },
    }


def _operations() -> dict[str, dict[str, Any]]:
    """Path -> method -> operation."""
    looks = [_query("actor", _TEXT), _query("purpose", _TEXT)]
    as_of = [
        _query("as_of", _TEXT, "A position, or a day: YYYY-MM-DD."),
        _query("definitions", {"enum": ["current", "published"]}),
        _query("report", _TEXT, "With definitions=published: of which report."),
    ]
    places = [_query(name, _TEXT) for name in ("region", "cpas", "project")]
    by = _query("by", {"enum": ["region", "cpas", "project"]})
    size = _query("size", _NUMBER, "Of which head; without it, the newest signed.")
    page = [common.sequence_after(), common.limit(1000, 1000)]
    return {
        "/v1/editions/{edition}/report": {
            "get": _ask(
                "figures", "getFigures", "The figures of an edition", "Report", [400, 401, 404, 410, 500, 503],
                [by, _many("only"), *as_of],
            )
        },
        "/v1/editions/{edition}/explain/{code}": {
            "get": _ask(
                "figures", "explainFigure", "A figure and every row that it was computed from", "Explanation",
                [400, 401, 404, 410, 500, 503], [_query("part", _TEXT), *places, *as_of, *looks],
            )
        },
        "/v1/editions/{edition}/diff": {
            "get": _ask(
                "figures", "diffFigures", "What changed between two positions", "Diff", [400, 401, 404, 503],
                [
                    _query("from", _TEXT, needed=True), _query("to", _TEXT, needed=True),
                    by, _many("only"), _query("most", _NUMBER), *looks,
                ],
            )
        },
        "/v1/events/{event_id}": {
            "get": _ask(
                "figures", "getEvent", "An event with its proof and the chain of its fact", "Story",
                [400, 401, 404, 500, 503],
                [_query("actor", _TEXT, needed=True), _query("purpose", _TEXT, needed=True), as_of[0]],
            )
        },
        "/v1/reports": {
            "get": _ask(
                "reports", "listReports", "The life of each report", "Lives", [401, 500, 503],
                [_query("edition", _TEXT), _query("cpas", _TEXT)], _OWN,
            )
        },
        "/v1/reports/{report}": {
            "get": _ask(
                "reports", "getReport", "The life of a report; with `cpas` what that CPAS is asked to sign", "Life",
                [400, 401, 404, 500, 503], [_query("cpas", _TEXT), _query("figures", {"const": "published"})], _OWN,
            )
        },
        "/v1/reports/{report}/signatures": {
            "post": {
                **_ask(
                    "reports", "signReport", "Take a CPAS's signature: it is its own proof", "Signed",
                    [400, 404, 409, 413, 422, 503], [], _ANYBODY, created="Recorded; 200 where it stands already.",
                ),
                "requestBody": _body("Signature"),
            }
        },
        "/v1/published": {
            "get": _ask(
                "reports", "listPublished", "Every publication, for anybody", "Publications", [400, 500, 503], [],
                _ANYBODY,
            )
        },
        "/v1/published/{report}": {
            "get": _ask(
                "reports", "getPublished", "A publication, small cells withheld, for anybody", "PublicReport",
                [400, 404, 500, 503],
                [_query("publication", _TEXT, "The event of an earlier one; without it, the newest.")], _ANYBODY,
            )
        },
        "/v1/ledger/head": {"get": _away(_ask("ledger", "getHead", "What the ledger holds", "Head", [], [], _ANYBODY))},
        "/v1/ledger/events": {
            "get": _ask(
                "ledger", "listHeld", "What the ledger holds of a service, for that service", "Held", [400, 401, 503],
                [_query("source", {"enum": list(SERVICES)}, needed=True), _query("type", _TEXT), *page],
            )
        },
        "/v1/ledger/origins/{kind}/{emitter}": {
            "get": _ask(
                "ledger", "listOrigin", "What stands under an emitter's name, for that emitter", "Origin",
                [400, 401, 404, 503], page, _OWN,
            )
        },
        "/v1/ledger/cosigned": {
            "get": _ask(
                "ledger", "getCosigned", "The newest head that a witness cosigned", "", [400, 404, 503],
                [_query("by", _TEXT, "The name of the witness.", needed=True)], _ANYBODY,
            )
        },
        "/v1/ledger/checkpoint": {
            "get": _ask("ledger", "getCheckpoint", "The newest signed head, a note", "", [404, 503], [], _ANYBODY)
        },
        "/v1/ledger/checkpoint/{size}": {
            "get": _ask("ledger", "getCheckpointAt", "The head of a size", "", [400, 404, 503], [], _ANYBODY)
        },
        "/v1/ledger/keys": {
            "get": _ask("ledger", "getLogKeys", "The log's public keys, newest first", "", [404, 503], [], _ANYBODY)
        },
        "/v1/ledger/consistency": {
            "get": _ask(
                "ledger", "getConsistency", "A proof that one size continues another", "Consistency",
                [400, 404, 500, 503],
                [_query("old", _NUMBER, needed=True), _query("new", _NUMBER, needed=True)], _ANYBODY,
            )
        },
        "/v1/ledger/inclusion": {
            "get": _ask(
                "ledger", "getInclusion", "A leaf, by `position`, or by `source` and `sequence`; and its proof",
                "Inclusion", [400, 404, 500, 503],
                [
                    _query("position", _NUMBER), _query("source", {"enum": list(SERVICES)}),
                    _query("sequence", _NUMBER), size,
                ],
                _ANYBODY,
            )
        },
        "/v1/ledger/inclusions": {
            "post": {
                **_ask(
                    "ledger", "getInclusions", "The same of up to 1,000 leaves; what is not there is left out",
                    "Inclusions", [400, 404, 413, 500, 503], [], _ANYBODY,
                ),
                "requestBody": _body("Leaves"),
            }
        },
        "/v1/ledger/cosignatures": {
            "post": {
                **_ask(
                    "ledger", "addCosignatures", "Take a witness's lines upon a head", "Cosigned",
                    [400, 403, 404, 413, 422, 503], [], _ANYBODY,
                ),
                "requestBody": {"required": True, "content": {_NOTE: {"schema": _TEXT}}},
            }
        },
        "/healthz": {"get": _health()},
    }  # fmt: skip


def _ask(
    tag: str,
    name: str,
    summary: str,
    answer: str,
    problems: list[int],
    arguments: list[dict[str, Any]],
    security: list[dict[str, list[str]]] | None = None,
    *,
    created: str = "",
) -> dict[str, Any]:
    content = {JSON: {"schema": ref(answer)}} if answer else {_NOTE: {"schema": _TEXT}}
    responses: dict[str, Any] = {"200": {"description": f"{summary}.", "content": content}}
    if created:
        responses["201"] = {"description": created, "content": content}
    if answer in ("Report", "Explanation", "Diff"):
        responses["304"] = {"description": "You have it already (ETag, If-None-Match)."}
    problem = {CONTENT_TYPE: {"schema": ref("Problem")}}
    # Every argument is a text, and not every text can be one.
    wrong = {*problems, 400} if arguments else set(problems)
    responses |= {str(status): {"description": _WHEN[status], "content": problem} for status in sorted(wrong)}
    found = {"operationId": name, "tags": [tag], "summary": summary, "parameters": arguments, "responses": responses}
    return found if security is None else {**found, "security": security}


def _path(path: str, operations: dict[str, Any]) -> dict[str, Any]:
    forms: dict[str, JsonSchema] = {"kind": {"enum": list(EMITTER_KINDS)}, "size": _NUMBER}
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters = [{"name": n, "in": "path", "required": True, "schema": forms.get(n, _TEXT)} for n in names]
    return {**({"parameters": parameters} if parameters else {}), **operations}


def _query(name: str, schema: JsonSchema, description: str = "", *, needed: bool = False) -> dict[str, Any]:
    told = {"description": description} if description else {}
    return {"name": name, "in": "query", "required": needed, **told, "schema": schema}


def _many(name: str) -> dict[str, Any]:
    found = _query(name, {"type": "array", "items": _TEXT}, "Of these indicators alone; may be repeated.")
    return {**found, "style": "form", "explode": True}


def _body(name: str) -> dict[str, Any]:
    return {"required": True, "content": {JSON: {"schema": ref(name)}}}


def _health() -> dict[str, Any]:
    return _away(_ask("ledger", "getHealth", "Whether the database answers", "Health", [], [], _ANYBODY))


def _away(operation: dict[str, Any]) -> dict[str, Any]:
    """The operation, answered with a state where the database is away."""
    away = {"description": "The database does not answer.", "content": {JSON: {"schema": ref("Health")}}}
    return {**operation, "responses": {**operation["responses"], "503": away}}
