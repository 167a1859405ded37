"""What other services and auditors ask of one recording service over HTTP: its recorded events, by number."""

from typing import Any

from miriam_contracts import http_problems, ids
from miriam_contracts.catalogue import EVENT_TYPES, RECORDING_SERVICES
from miriam_contracts.documents import answers, events, vectors
from miriam_contracts.documents.json_schema import DIALECT, JsonSchema, anchored
from miriam_contracts.documents.openapi import common
from miriam_contracts.documents.openapi.common import answer, without_dialect
from miriam_contracts.examples import examples

_UUID = anchored(ids.UUID_PATTERN)
_UNAUTHORIZED = (
    http_problems.unauthorized("a bearer token of the services is needed"),
    "no token, or none that holds.",
)
_UNAVAILABLE = (http_problems.unavailable(2, "the database is away; try again"), "our own trouble, for a while.")
_AFTER = (http_problems.bad_argument("after", "0 or more"), "`after` is not valid.")


def document() -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": common.OPENAPI,
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": "Miriam: a recording service",
            "version": common.VERSION,
            "summary": "Recorded events by number, for services and auditors.",
            "description": "Each recording service (intake, sessions, groups) numbers what it records 1, 2, 3 ..."
            " without a gap. Whoever reads from number to number misses nothing. What CPAS systems ask stands in"
            " `door.json`.",
        },
        "servers": [
            {
                "url": "{address}",
                "description": "One recording service, inside the platform.",
                "variables": {"address": {"default": "https://sessions.miriam.example"}},
            }
        ],
        "security": [{"service": []}],
        "tags": [
            {"name": "events", "description": "What is recorded."},
            {"name": "about", "description": "The service."},
        ],
        "paths": {
            "/v1/events": {"get": _events()},
            "/v1/events/differing": {"get": _differing()},
            "/v1/erasures": {"get": _erasures()},
            "/v1/refusals": {"get": _refusals()},
            "/v1/keys": {"get": _keys()},
            "/healthz": {"get": _health()},
        },
        "components": {
            "securitySchemes": {
                "service": {"type": "http", "scheme": "bearer", "description": "The token that the services share."},
                "auditor": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "mrm_<id>_<secret>",
                    "description": "A token of the scope `events`.",
                },
            },
            "schemas": _schemas(),
        },
    }


def _schemas() -> dict[str, JsonSchema]:
    places = {name: f"#/components/schemas/{name}" for name in EVENT_TYPES}
    return {
        "Recorded": {
            "description": "A recorded event: exactly the bytes whose hash is its leaf.",
            "type": "object",
            "discriminator": {"propertyName": "type", "mapping": places},
            "oneOf": [{"$ref": place} for place in places.values()],
        },
        "Retired": {
            "description": "In the place of an event whose body was destroyed at the end of its retention.",
            "type": "object",
            "properties": {
                "sequence": {"type": "integer", "minimum": 1, "description": "Its number."},
                "id": {"type": "string", "pattern": _UUID, "description": "Its recorded id."},
                "retired": {"const": True},
                "leaf": {"type": "string", "pattern": events.HEX_256, "description": "The hash of its leaf."},
            },
            "required": ["sequence", "id", "retired", "leaf"],
        },
        "Differing": {
            "type": "object",
            "properties": {
                "last": {
                    "type": ["integer", "null"],
                    "description": "The number to go on after; null behind the last event.",
                },
                "events": {"type": "integer", "minimum": 0, "description": "How many were looked at."},
                "differing": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "sequence": {"type": "integer", "minimum": 1},
                            "id": {"type": "string", "pattern": _UUID},
                            "columns": {"type": "array", "items": {"type": "string"}},
                        },
                        "required": ["sequence", "id", "columns"],
                    },
                },
                "guards": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "What should refuse change in the store, and is not there.",
                },
            },
            "required": ["last", "events", "differing", "guards"],
        },
        "Erasure": {
            "type": "object",
            "properties": {
                "service": {"enum": list(RECORDING_SERVICES)},
                "followed": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Intake's number up to which everything has been carried out here.",
                },
                "destroyed": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "participation": {"type": "string"},
                            "blocks": {"type": "integer", "minimum": 0, "description": "Sealed rows destroyed."},
                            "id": {"type": "string", "pattern": _UUID},
                            "sequence": {"type": "integer", "minimum": 1},
                            "leaf": {"type": "string", "pattern": events.HEX_256},
                        },
                        "required": ["participation", "blocks", "id", "sequence", "leaf"],
                    },
                },
            },
            "required": ["service", "followed", "destroyed"],
        },
        "Refusals": {
            "type": "object",
            "properties": {
                "service": {"enum": list(RECORDING_SERVICES)},
                "refusals": {"type": "array", "items": _refusal(), "maxItems": 200},
            },
            "required": ["service", "refusals"],
        },
        "Problem": common.problem_schema(),
        "Receipt": without_dialect(answers.receipt()),
        "Keys": answers.service_keys(),
        "Health": {
            "type": "object",
            "properties": {
                "service": {"enum": list(RECORDING_SERVICES)},
                "status": {"type": "string", "description": "`ok`, or what is away."},
                "sequence": {"type": "integer", "minimum": 0, "description": "The newest number, where it is known."},
            },
            "required": ["service", "status"],
        },
        **{name: without_dialect(events.recorded(each)) for name, each in EVENT_TYPES.items()},
    }


def _refusal() -> JsonSchema:
    reason = {
        "code": {"type": "string", "description": "The rule that it broke."},
        "field": {"type": "string", "description": "The field concerned; empty where it is the whole event."},
        "allowed": {"type": "string", "description": "What would have been allowed."},
    }
    return {
        "type": "object",
        "properties": {
            "number": {"type": "integer", "minimum": 1, "description": "The service's number of the refusal."},
            "id": {"type": ["string", "null"], "description": "The emitter's id; null where it could not be read."},
            "type": {"type": ["string", "null"], "description": "The event's type; null where it could not be read."},
            "problems": {
                "type": "array",
                "items": {"type": "object", "properties": reason, "required": list(reason)},
                "minItems": 1,
            },
            "times": {"type": "integer", "minimum": 1, "description": "How often it was sent."},
            "status": {"enum": ["kept", "asked", "retried", "discarded"], "description": "What was decided about it."},
            "last_refused_at": {"type": "string", "format": "date-time"},
        },
        "required": ["number", "id", "type", "problems", "times", "status", "last_refused_at"],
    }


def _events() -> dict[str, Any]:
    page = {"anyOf": [{"$ref": "#/components/schemas/Recorded"}, {"$ref": "#/components/schemas/Retired"}]}
    shown = next(each.event for each in examples("recorded") if each.kind == "session.held.v1")
    return {
        "operationId": "listEvents",
        "tags": ["events"],
        "summary": "Recorded events behind a number",
        "security": [{"service": []}, {"auditor": ["events"]}],
        "parameters": [common.sequence_after(), common.limit(500, 1000)],
        "responses": {
            "200": answer(
                "The events behind it, in the order of their numbers; none where it is the last.",
                {"type": "array", "items": page, "maxItems": 1000},
                some=[shown],
            ),
            **common.problems([
                (http_problems.bad_argument("limit", "1..1000"), "`after` or `limit` is not valid."),
                _UNAUTHORIZED,
                (http_problems.scope_missing("events"), "the token is not for reading events."),
                _UNAVAILABLE,
            ]),
        },
    }  # fmt: skip


def _differing() -> dict[str, Any]:
    return {
        "operationId": "listDiffering",
        "tags": ["events"],
        "summary": "Of the 5,000 events behind a number, those whose columns differ from their body",
        "parameters": [common.sequence_after()],
        "responses": {
            "200": answer(
                "What differs: nothing, where nobody has tampered with the store.",
                {"$ref": "#/components/schemas/Differing"},
                sound={"last": 5000, "events": 5000, "differing": [], "guards": []},
            ),
            **common.problems([_AFTER, _UNAUTHORIZED, _UNAVAILABLE]),
        },
    }


def _erasures() -> dict[str, Any]:
    event_id = "8c05ac29-4dd7-5245-a209-24ad0329adc3"
    return {
        "operationId": "listErasures",
        "tags": ["events"],
        "summary": "What was destroyed here because of an erasure or a retirement",
        "parameters": [
            {
                "name": "because_of",
                "in": "query",
                "required": True,
                "description": "The recorded id of the erasure or the retirement.",
                "schema": {"type": "string", "pattern": _UUID},
                "example": event_id,
            }
        ],
        "responses": {
            "200": answer(
                "How far the service followed, and what it destroyed.",
                {"$ref": "#/components/schemas/Erasure"},
                nothing={"service": "sessions", "followed": 12, "destroyed": []},
            ),
            **common.problems([
                (http_problems.bad_argument("because_of", "a recorded id"), "`because_of` is no recorded id."),
                _UNAUTHORIZED,
                _UNAVAILABLE,
            ]),
        },
    }  # fmt: skip


def _refusals() -> dict[str, Any]:
    shown = {
        "number": 7,
        "id": "e-9",
        "type": "miriam.goal.set.v1",
        "problems": [{"code": "unknown_code", "field": "data/domain", "allowed": "finances, housing"}],
        "times": 1,
        "status": "kept",
        "last_refused_at": "2024-02-01T09:00:00.000000Z",
    }
    return {
        "operationId": "listRefusals",
        "tags": ["events"],
        "summary": "The newest refusals of an emitter: which of its events, when, and why; never what was sent",
        "parameters": [
            {
                "name": "emitter",
                "in": "query",
                "required": True,
                "description": "The id of the emitter.",
                "schema": {"type": "string", "pattern": anchored(ids.EMITTER_PATTERN)},
                "example": "anderlecht",
            },
            common.limit(50, 200),
        ],
        "responses": {
            "200": answer(
                "The newest first; what is older than 90 days is not kept.",
                {"$ref": "#/components/schemas/Refusals"},
                one={"service": "sessions", "refusals": [shown]},
            ),
            **common.problems([
                (http_problems.bad_argument("emitter", "the id of an emitter"), "`emitter` or `limit` is not valid."),
                _UNAUTHORIZED,
                _UNAVAILABLE,
            ]),
        },
    }  # fmt: skip


def _keys() -> dict[str, Any]:
    return {
        "operationId": "getKeys",
        "tags": ["about"],
        "summary": "The public keys of this service",
        "security": [],
        "responses": {
            "200": answer("The keys (JWK).", {"$ref": "#/components/schemas/Keys"}, own=vectors.keys()),
            **common.problems([_UNAVAILABLE]),
        },
    }


def _health() -> dict[str, Any]:
    return {
        "operationId": "getHealth",
        "tags": ["about"],
        "summary": "Whether this process can record",
        "security": [],
        "responses": {
            "200": answer(
                "It can.",
                {"$ref": "#/components/schemas/Health"},
                ok={"service": "sessions", "status": "ok", "sequence": 127},
            ),
            "503": common.health_away("It cannot, for now."),
        },
    }
