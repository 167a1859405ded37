"""JSON Schema of whole events: as an emitter sends them, and as a service records them."""

from typing import Any

from miriam_contracts import ids
from miriam_contracts.catalogue import RECORDING_SERVICES, SERVICES, EventType
from miriam_contracts.documents import json_schema
from miriam_contracts.documents.json_schema import DIALECT, INSTANT, JsonSchema, anchored
from miriam_contracts.envelope import OPTIONAL, REQUIRED
from miriam_contracts.examples import Example, examples

UUID = anchored(ids.UUID_PATTERN)
_UTC = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$"
HEX_256 = "^[0-9a-f]{64}$"
_LOCAL = anchored(ids.LOCAL_PATTERN)


def emitted(event_type: EventType) -> JsonSchema:
    """The schema of an emission of this type, envelope and payload, closed as the door is."""
    attributes = {
        "specversion": {"const": "1.0", "description": "Version of CloudEvents."},
        "id": _text(
            _LOCAL,
            "Your id of this event. It is never used for another event, and tells nothing of a person: it travels in"
            " the open. The same id with the same content is answered as a duplicate.",
        ),
        "source": _text(
            f"^/({'|'.join(sorted(event_type.emitted_by))})/{ids.EMITTER}$",
            "Who sends it: the kind of emitter and the emitter id, as the broker or the token vouches for them.",
        ),
        "type": {"const": event_type.type, "description": "The type of event, with its version."},
        "subject": {**_subject(event_type), "description": subject_meaning(event_type)},
        "time": _time("When it was noted in your system (RFC 3339, with its offset). It stays the same when resent."),
        "datacontenttype": {"const": "application/json", "description": "May be left out."},
        "correlationid": _text(_LOCAL, "Yours, to find in the platform's logs what belongs together. Holds no name."),
        "causationid": _text(_LOCAL, "Yours: what caused this event. Holds no name."),
        "traceparent": _text(anchored(ids.TRACEPARENT_PATTERN), "W3C Trace Context, where your system traces."),
        "data": _data(event_type, closed=True),
    }
    return {
        "$schema": DIALECT,
        "$id": f"urn:miriam:schema:emitted:{event_type.type}",
        "title": event_type.type,
        "description": f"{meaning(event_type)} As an emitter sends it.",
        "type": "object",
        "properties": {name: attributes[name] for name in (*REQUIRED, *OPTIONAL)},
        "required": list(REQUIRED),
        "additionalProperties": False,
        "examples": [example.event for example in examples_of(event_type, "emitted")],
    }


def recorded(event_type: EventType) -> JsonSchema:
    """The schema of a recorded event of this type, open as a reader is."""
    services = SERVICES if event_type.owner == "each" else (event_type.owner,)
    origin = f"^/({'|'.join(sorted(event_type.emitted_by))})/{ids.EMITTER}$" if event_type.emitted_by else _services()
    attributes = {
        "specversion": {"const": "1.0", "description": "Version of CloudEvents."},
        "id": _text(UUID, "The recorded id: UUIDv5 over service, origin, originid and number."),
        "source": _text(f"^/services/({'|'.join(services)})$", "The service that recorded it."),
        "type": {"const": event_type.type, "description": "The type of event, with its version."},
        "subject": _text(anchored(ids.SUBJECT_PATTERN), subject_meaning(event_type)),
        "time": {**_time("When it was noted by its emitter, in UTC."), "pattern": _UTC},
        "datacontenttype": {"const": "application/json", "description": "What `data` is."},
        "data": _data(event_type, closed=False),
        "recordedtime": {**_time("When it was recorded, in UTC."), "pattern": _UTC},
        "sequence": {
            "type": "integer",
            "minimum": 1,
            "maximum": 2**53 - 1,
            "description": "Its number in the service: 1, 2, 3 ... without a gap.",
        },
        "origin": _text(origin, "The `source` of the emission."),
        "originid": _text(_LOCAL, "The `id` of the emission."),
        "salt": _text("^[0-9a-f]{32}$", "128 random bits, so that the hash of the event tells nothing of it."),
        "correlationid": _text(_LOCAL, "As given; where none was, the recorded id."),
        "causationid": _text(_LOCAL, "As given."),
        "traceparent": _text(anchored(ids.TRACEPARENT_PATTERN), "As given."),
        "personaldigest": _text(HEX_256, "Where a personal block came with it: SHA-256 over a secret salt and it."),
    }
    optional = ("causationid", "traceparent", "personaldigest")
    return {
        "$schema": DIALECT,
        "$id": f"urn:miriam:schema:recorded:{event_type.type}",
        "title": f"{event_type.type}, recorded",
        "description": (
            f"{meaning(event_type)} As it is recorded. What a reader does not know here, it ignores: a later version"
            " may have added it."
        ),
        "type": "object",
        "properties": attributes,
        "required": [name for name in attributes if name not in optional],
        "examples": [example.event for example in examples_of(event_type, "recorded")],
    }


def meaning(event_type: EventType) -> str:
    """What the fact says. A correction's payloads each name their own fact; together they say it of the family."""
    if event_type.fact == "corrected":
        return f"A fact of the family {event_type.family} was wrong: the full replacement, and why."
    if event_type.fact == "retracted":
        return f"A fact of the family {event_type.family} should never have been sent. This is final."
    return " ".join(event_type.meaning.split())


def examples_of(event_type: EventType, stage: str) -> list[Example]:
    """The golden examples of a type."""
    kind = event_type.type.removeprefix("miriam.")
    return [example for example in examples(stage) if example.kind == kind]


def subject_meaning(event_type: EventType) -> str:
    """What the envelope's subject repeats."""
    if not event_type.subject_field:
        return f"The name of the service ({', '.join(RECORDING_SERVICES)})."
    if event_type.fact == "retracted":
        return f"What it is about: the {event_type.subject_field} of the fact retracted."
    place = "data.replacement" if event_type.fact == "corrected" else "data"
    return f"What it is about: the same as {place}.{event_type.subject_field}."


def variants(event_type: EventType, *, closed: bool) -> list[tuple[str, JsonSchema]]:
    """The payloads of a type by the fact that they concern; one, under an empty name, but for corrections."""
    found = []
    for fact, schema in event_type.payloads.items():
        made = json_schema.payload(schema, closed=closed)
        if event_type.added and not closed:
            added = json_schema.payload(event_type.added(), closed=False)
            made["properties"] |= added["properties"]
            made["required"] += added["required"]
        found.append((fact, {"title": f"{event_type.family}.{fact}, corrected", **made} if fact else made))
    return found


def _data(event_type: EventType, *, closed: bool) -> JsonSchema:
    found = [schema for _, schema in variants(event_type, closed=closed)]
    if len(found) == 1:
        return {**found[0], "description": f"The fact. {found[0]['description']}"}
    return {"description": "The fact; one of these forms, told apart by `fact`.", "oneOf": found}


def _subject(event_type: EventType) -> JsonSchema:
    """The subject repeats a field of the payload, so its form is that field's."""
    for schema in event_type.payloads.values():
        stated = schema.fields["replacement"].schema if "replacement" in schema.fields else schema  # type: ignore[attr-defined]
        if event_type.subject_field in stated.fields:
            made: JsonSchema = json_schema.field(stated.fields[event_type.subject_field], closed=True)
            return made
    return {"type": "string", "pattern": anchored(ids.SUBJECT_PATTERN)}


def _services() -> str:
    return f"^/services/({'|'.join(SERVICES)})$"


def _text(pattern: str, description: str) -> JsonSchema:
    return {"type": "string", "pattern": pattern, "description": description}


def _time(description: str) -> dict[str, Any]:
    return {"type": "string", "format": "date-time", "pattern": INSTANT, "description": description}
