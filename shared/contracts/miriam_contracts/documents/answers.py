"""JSON Schema of what the platform answers: receipts, and its public keys."""

from miriam_contracts import ids
from miriam_contracts.catalogue import EMITTER_KINDS, RECORDING_SERVICES
from miriam_contracts.documents.events import HEX_256, UUID
from miriam_contracts.documents.json_schema import DIALECT, JsonSchema
from miriam_contracts.problems import LANGUAGES

OUTCOMES = {
    "recorded": "The event is recorded; `events` holds its number and the hash of its leaf in the ledger.",
    "duplicate": "It was recorded before, with the same content; `events` is what was recorded the first time.",
    "refused": "It is not recorded; `problems` says why. Correct it, and send it again under the same id.",
    "parked": "The platform had trouble of its own. It keeps the event and answers again later; only wait.",
}
_UTC = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$"
_THUMBPRINT = "^[A-Za-z0-9_-]{43}$"


def problem() -> JsonSchema:
    """One broken rule, inside a receipt."""
    return {
        "type": "object",
        "description": "One broken rule (after RFC 9457). It never repeats the value that came.",
        "properties": {
            "type": {"type": "string", "pattern": "^urn:miriam:rule:[a-z0-9_]+$", "description": "The rule as a URN."},
            "code": {
                "type": "string",
                "pattern": "^[a-z][a-z0-9_]*$",
                "description": "The rule's code. The page lists those of today; later versions may bring others.",
            },
            "field": {
                "type": "string",
                "description": "Path of the field: `type`, `data/occurred_on`, `data/scores/finances/score`; empty for"
                " the whole event.",
            },
            "rule": {"type": "string", "description": "The sentence in English."},
            "allowed": {
                "type": "string",
                "description": "What would have been allowed: `1..720`, `2024-03-01..` (that day or later), a list of"
                " codes, a pattern. Empty where the rule says it all.",
            },
            "title": {
                "type": "object",
                "description": "The sentence, by language: show it to whoever entered the fact.",
                "properties": {language: {"type": "string"} for language in LANGUAGES},
                "required": list(LANGUAGES),
            },
        },
        "required": ["type", "code", "field", "rule", "allowed", "title"],
    }


def receipt() -> JsonSchema:
    """The answer to one event; the same over AMQP and over HTTP."""
    none = {"maxItems": 0}
    some = {"minItems": 1}

    def when(outcomes: list[str], events: JsonSchema, problems: JsonSchema) -> JsonSchema:
        return {
            "if": {"properties": {"receipt": {"enum": outcomes}}},
            "then": {"properties": {"events": events, "problems": problems}},
        }

    return {
        "$schema": DIALECT,
        "$id": "urn:miriam:schema:receipt",
        "title": "receipt",
        "description": "What a service answers to one event, signed by it. Members may be added later; they are signed"
        " too.",
        "type": "object",
        "properties": {
            "receipt": {
                "enum": list(OUTCOMES),
                "description": " ".join(f"`{name}`: {text}" for name, text in OUTCOMES.items()),
            },
            "service": {"enum": list(RECORDING_SERVICES), "description": "The service that answers, and signs."},
            "emitter": {
                "type": "string",
                "pattern": f"^/({'|'.join(EMITTER_KINDS)})/{ids.EMITTER}$",
                "description": "Whom it answers: the `source` of your events. Believe no receipt for another.",
            },
            "id": {
                "type": ["string", "null"],
                "description": "The `id` of your event; null where none could be read, or believed.",
            },
            "subject": {"type": ["string", "null"], "description": "The `subject` of your event; null likewise."},
            "time": {
                "type": "string",
                "format": "date-time",
                "pattern": _UTC,
                "description": "When the service answered, in UTC.",
            },
            "events": {
                "type": "array",
                "description": "What was recorded of it, now or the first time.",
                "items": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string", "pattern": UUID, "description": "The recorded id: name it as"
                               " `corrects`, `retracts` or `supersedes` when you correct or retract."},
                        "sequence": {"type": "integer", "minimum": 1, "description": "Its number in the service."},
                        "leaf": {
                            "type": "string",
                            "pattern": HEX_256,
                            "description": "SHA-256 over a zero byte and the recorded bytes, in hexadecimal: its"
                            " leaf in the ledger.",
                        },
                    },
                    "required": ["id", "sequence", "leaf"],
                },
            },
            "problems": {"type": "array", "description": "Why it was refused.", "items": problem()},
            "key": {
                "type": "string",
                "pattern": _THUMBPRINT,
                "description": "The `kid` of the key that signed (RFC 7638 thumbprint); find it at GET /v1/keys.",
            },
            "signature": {
                "type": "string",
                "pattern": "^[A-Za-z0-9+/]{86}==$",
                "description": "Ed25519 (RFC 8032) over the canonical JSON (RFC 8785, UTF-8) of this object without"
                " `signature`; in base64 with padding (RFC 4648, section 4).",
            },
        },
        "required": [
            "receipt", "service", "emitter", "id", "subject", "time", "events", "problems", "key", "signature",
        ],
        "allOf": [
            when(["recorded", "duplicate"], some, none),
            when(["refused"], none, some),
            when(["parked"], none, none),
        ],
    }  # fmt: skip


def service_keys() -> JsonSchema:
    """The public keys of one service, as JWK."""

    def jwk(use: str, description: str, **members: object) -> JsonSchema:
        fixed = {name: {"const": value} for name, value in members.items()}
        text = {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"}
        more = {"x": text, "y": text} if members["kty"] == "EC" else {"x": text}
        kid = {"type": "string", "pattern": _THUMBPRINT, "description": "RFC 7638 thumbprint of the key."}
        properties = {**fixed, **more, "kid": kid, "use": {"const": use}}
        return {"type": "object", "description": description, "properties": properties, "required": list(properties)}

    return {
        "type": "object",
        "description": "The public keys of one recording service (JWK, RFC 7517).",
        "properties": {
            "personal": jwk(
                "enc",
                "Encrypt personal blocks for this key, and put its `kid` into the header of the JWE.",
                kty="EC",
                crv="P-256",
                alg="ECDH-ES",
            ),
            "receipt": jwk(
                "sig", "Check receipts of this service with this key.", kty="OKP", crv="Ed25519", alg="EdDSA"
            ),
        },
        "required": ["personal", "receipt"],
    }


def keys_by_service() -> JsonSchema:
    """The public keys of all recording services, as the one address answers them."""
    return {
        "type": "object",
        "description": "The public keys, by service.",
        "properties": {service: service_keys() for service in RECORDING_SERVICES},
        "required": list(RECORDING_SERVICES),
    }
