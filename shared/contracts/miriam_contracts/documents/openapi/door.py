"""The public door over HTTP: what a CPAS system asks, at the one address or at a recording service itself."""

from typing import Any

from miriam_contracts import batches, envelope, http_problems, ids
from miriam_contracts.batches import MOST_BYTES, MOST_EVENTS
from miriam_contracts.catalogue import EVENT_TYPES, RECORDING_SERVICES
from miriam_contracts.documents import answers, events, prose, vectors
from miriam_contracts.documents.json_schema import DIALECT, JsonSchema, anchored
from miriam_contracts.documents.openapi import common
from miriam_contracts.documents.openapi.common import answer, without_dialect
from miriam_contracts.envelope import MAX_BYTES
from miriam_contracts.examples import emitted

CURSOR = "^[A-Za-z0-9._~=,-]{1,200}$"
_UNAUTHORIZED = (
    http_problems.unauthorized("the token is unknown, expired or revoked"),
    "no token, or none that holds.",
)
_TOO_MANY = (
    http_problems.too_many(1, "events of this emitter come faster than they are taken"),
    "more than is let through.",
)
_UNAVAILABLE = (http_problems.unavailable(2, "the database is away; try again"), "our own trouble, for a while.")


def document() -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": common.OPENAPI,
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": "Miriam: the door over HTTP",
            "version": common.VERSION,
            "summary": "Where a CPAS system sends what happened, and reads what became of it.",
            "description": prose.markdown(prose.CREDENTIALS, prose.OVER_HTTP, *prose.COMMON),
        },
        "servers": [
            {
                "url": "{address}",
                "description": "The one address, for all types of event.",
                "variables": {
                    "address": {
                        "default": "https://miriam.example",
                        "description": "`http_url` of the credentials file that the authority gives each CPAS.",
                    }
                },
            }
        ],
        "security": [{"token": []}],
        "tags": [
            {"name": "events", "description": "What happened."},
            {"name": "receipts", "description": "What became of it."},
            {"name": "about", "description": "About the platform itself."},
        ],
        "paths": {
            "/v1/events": {"post": _post()},
            "/v1/receipts": {"get": _receipts()},
            "/v1/receipts/{id}": {"get": _receipt()},
            "/v1/refusals/{id}": {"get": _refusal()},
            "/v1/keys": {"get": _keys()},
            "/healthz": {"get": _health()},
        },
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "mrm_<id>_<secret>",
                    "description": "The `http_token` of the credentials file: `mrm_`, 12 of a-z and 0-9, `_`, and 43"
                    " characters of base64url. It has an end and can be revoked. Its scopes say what it is for:"
                    " `emit` to send events, `receipts` to read receipts.",
                }
            },
            "schemas": _schemas(),
        },
    }


def _schemas() -> dict[str, JsonSchema]:
    emittable = {name: each for name, each in EVENT_TYPES.items() if each.emitted_by}
    names = {name: f"#/components/schemas/{name}" for name in emittable}
    return {
        "Event": {
            "description": "An event of any type. One that breaks its schema is answered with a receipt that says why,"
            " not with a problem: the others of its batch are recorded.",
            "type": "object",
            "discriminator": {"propertyName": "type", "mapping": names},
            "oneOf": [{"$ref": place} for place in names.values()],
        },
        "Batch": {
            "description": "Events in the order in which they are to be recorded.",
            "type": "array",
            "items": {"$ref": "#/components/schemas/Event"},
            "minItems": 1,
            "maxItems": MOST_EVENTS,
        },
        "Receipts": {
            "type": "object",
            "properties": {
                "receipts": {
                    "type": "array",
                    "description": "One receipt for each event, in the order of the events.",
                    "items": {"$ref": "#/components/schemas/Receipt"},
                }
            },
            "required": ["receipts"],
        },
        "ReceiptsPage": {
            "type": "object",
            "properties": {
                "receipts": {
                    "type": "array",
                    "description": "Receipts, oldest first.",
                    "items": {"$ref": "#/components/schemas/Receipt"},
                },
                "next": {"type": "string", "pattern": CURSOR, "description": "Give this as `after` the next time."},
            },
            "required": ["receipts", "next"],
        },
        "Receipt": without_dialect(answers.receipt()),
        "Problem": common.problem_schema(),
        "Keys": {
            "description": "At the one address: the keys by service. At a service itself: its own.",
            "oneOf": [answers.keys_by_service(), answers.service_keys()],
        },
        "Health": {
            "type": "object",
            "properties": {
                "service": {"enum": ["front", *RECORDING_SERVICES], "description": "Who answers."},
                "status": {"type": "string", "description": "`ok` where events are taken."},
                "owners": {
                    "type": "object",
                    "description": "At the one address: the state of each recording service.",
                    "additionalProperties": {"enum": ["ok", "away"]},
                },
                "sequence": {"type": "integer", "minimum": 0, "description": "At a service: its newest number."},
            },
            "required": ["service", "status"],
        },
        **{name: without_dialect(events.emitted(each)) for name, each in emittable.items()},
    }


def _post() -> dict[str, Any]:
    one = emitted("session.held.v2")
    two = emitted("goal.set")
    recorded, duplicate, refused, parked, unreadable = vectors.receipts()
    sizes = f"..{MOST_BYTES}"
    return {
        "operationId": "postEvents",
        "tags": ["events"],
        "summary": "Send one event, or a batch of up to 1,000",
        "description": prose.markdown(prose.POSTING),
        "security": [{"token": ["emit"]}],
        "parameters": [common.accept_language()],
        "requestBody": {
            "required": True,
            "description": f"JSON in UTF-8: one event of at most {MAX_BYTES} bytes, or an array of 1 to {MOST_EVENTS}."
            f" The body has at most {MOST_BYTES} bytes, and may come with `Content-Encoding: gzip` (the bound holds for"
            " what it inflates to).",
            "content": {
                envelope.CONTENT_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Event"},
                    "examples": {"session": {"summary": "A session that took place", "value": one}},
                },
                batches.CONTENT_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Batch"},
                    "examples": {"two": {"summary": "A session and a goal", "value": [one, two]}},
                },
            },
        },
        "responses": {
            "200": answer(
                "Each event has its receipt: recorded, duplicate, refused or parked. What is recorded is committed.",
                {"$ref": "#/components/schemas/Receipts"},
                recorded={"receipts": [recorded]},
                duplicate={"receipts": [duplicate]},
                refused={"receipts": [refused]},
                parked={"receipts": [parked]},
                unreadable={"receipts": [unreadable]},
            ),
            **common.problems([
                (http_problems.not_json("the body is not JSON"), "the body is not the JSON that its type says."),
                (http_problems.empty_batch(), "an array without events."),
                (http_problems.bad_argument("request", "HTTP/1.1"), "this is no request of HTTP/1.1."),
                _UNAUTHORIZED,
                (http_problems.scope_missing("emit"), "the token is not for sending events."),
                (http_problems.too_large(sizes), "too many bytes, or too many events; `allowed` says how many."),
                (
                    http_problems.media_type("Content-Type", f"{envelope.CONTENT_TYPE}, {batches.CONTENT_TYPE}"),
                    "the body is of another type, or in another encoding than gzip.",
                ),
                _TOO_MANY,
                (
                    _UNAVAILABLE[0],
                    "our own trouble. `receipts` holds what was settled; send the others again after the seconds of"
                    " Retry-After, the same bytes.",
                ),
            ]),
        },
    }  # fmt: skip


def _receipts() -> dict[str, Any]:
    return {
        "operationId": "listReceipts",
        "tags": ["receipts"],
        "summary": "Read your receipts, oldest first",
        "description": "Only your own: of what was recorded, of what was refused in the last 90 days, and of what was"
        " parked. They are signed anew each time, and `time` is when it was so. Without `after` from the beginning;"
        " `next` is always there, and the same as given where nothing is new.",
        "security": [{"token": ["receipts"]}],
        "parameters": [
            {
                "name": "after",
                "in": "query",
                "required": False,
                "description": "The `next` of an earlier answer: text without a meaning of its own. Empty or left out: "
                "from the beginning.",
                "schema": {"type": "string", "pattern": CURSOR.replace("{1,", "{0,")},
            },
            common.limit(500, 1000),
            common.accept_language(),
        ],
        "responses": {
            "200": answer(
                "Receipts, and where to go on.",
                {"$ref": "#/components/schemas/ReceiptsPage"},
                some={"receipts": vectors.receipts()[:1], "next": "127.0.0"},
            ),
            **common.problems([
                (http_problems.bad_argument("limit", "1..1000"), "`after` or `limit` is not valid."),
                _UNAUTHORIZED,
                (http_problems.scope_missing("receipts"), "the token is not for reading receipts."),
                _TOO_MANY,
                _UNAVAILABLE,
            ]),
        },
    }  # fmt: skip


def _receipt() -> dict[str, Any]:
    return {
        "operationId": "getReceipt",
        "tags": ["receipts"],
        "summary": "Read the latest receipt of one event",
        "security": [{"token": ["receipts"]}],
        "parameters": [_event_id(), common.accept_language()],
        "responses": {
            "200": answer(
                "Its latest receipt.", {"$ref": "#/components/schemas/Receipt"}, recorded=vectors.receipts()[0]
            ),
            **common.problems([
                _UNAUTHORIZED,
                (http_problems.scope_missing("receipts"), "the token is not for reading receipts."),
                (http_problems.not_found("no event of yours with this id was answered"), "no receipt under that id."),
                _TOO_MANY,
                _UNAVAILABLE,
            ]),
        },
    }  # fmt: skip


def _refusal() -> dict[str, Any]:
    return {
        "operationId": "getRefusal",
        "tags": ["receipts"],
        "summary": "Read an event that was refused, as it came",
        "description": "The last that was refused under this id, byte for byte, for 90 days after it was last sent: to"
        " see what your system really said. It is kept sealed, and shown to nobody but you.",
        "security": [{"token": ["receipts"]}],
        "parameters": [_event_id(), common.accept_language()],
        "responses": {
            "200": {
                "description": "What you sent. It was refused, so it may break its schema.",
                "content": {envelope.CONTENT_TYPE: {"schema": {"type": "object"}}},
            },
            **common.problems([
                _UNAUTHORIZED,
                (http_problems.scope_missing("receipts"), "the token is not for reading receipts."),
                (http_problems.not_found("no event of yours with this id is kept as refused"), "none is kept."),
                _TOO_MANY,
                _UNAVAILABLE,
            ]),
        },
    }  # fmt: skip


def _event_id() -> dict[str, Any]:
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "description": "Your own `id` of the event.",
        "schema": {"type": "string", "pattern": anchored(ids.LOCAL_PATTERN)},
        "example": "session-held-typical",
    }


def _keys() -> dict[str, Any]:
    own = vectors.keys()
    return {
        "operationId": "getKeys",
        "tags": ["about"],
        "summary": "The public keys: to encrypt personal blocks, and to check receipts",
        "description": "Keep them, and ask again when a receipt names a `key` that you do not have. (These of the"
        " example belong to the test vectors; no service uses them.)",
        "security": [],
        "parameters": [common.accept_language()],
        "responses": {
            "200": answer(
                "The keys (JWK), by service.",
                {"$ref": "#/components/schemas/Keys"},
                by_service=dict.fromkeys(RECORDING_SERVICES, own),
                of_one_service=own,
            ),
            **common.problems([_UNAVAILABLE]),
        },
    }


def _health() -> dict[str, Any]:
    states = dict.fromkeys(RECORDING_SERVICES, "ok")
    return {
        "operationId": "getHealth",
        "tags": ["about"],
        "summary": "Whether events are taken",
        "security": [],
        "responses": {
            "200": answer(
                "They are; at the one address `degraded` says that some services are away, and events for the others"
                " are still taken.",
                {"$ref": "#/components/schemas/Health"},
                one_address={"service": "front", "status": "ok", "owners": states},
            ),
            "503": common.health_away("They are not, for now."),
        },
    }
