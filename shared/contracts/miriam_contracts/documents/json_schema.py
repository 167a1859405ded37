"""JSON Schema (2020-12) of a payload, read off its marshmallow schema: fields, bounds, meanings.

`closed` is how the door judges an emission: a field that the contract does not know is refused. Readers of recorded
events are open: a later version may have added something. Patterns are those of ECMA 262, anchored.
"""

import inspect
import re
from collections.abc import Callable
from typing import Any

from marshmallow import Schema
from marshmallow import fields as ma

from miriam_contracts import fields
from miriam_contracts.families.participation import NationalNumber

JsonSchema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_DAY = r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
INSTANT = rf"^[0-9]{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T{_TIME}:[0-5][0-9](\.[0-9]{{1,6}})?(Z|[+-]{_TIME})$"
_NO_CONTROL = r"^[^\u0000-\u0008\u000B-\u001F\u007F]*$"

_OWN_ID = "An id that the emitter mints: its own emitter id, a colon, and a part of its own choice."
_OTHER_ID = "An id as whoever minted it gave it: that emitter's id, a colon, and a part of its choice."
_CPAS_ID = "The emitter id of a CPAS."
_DAY_NOTE = "A day of the calendar, from 1900 to 2199."
_JWE = {
    "type": "string",
    "pattern": f"^{fields.JWE_PATTERN.pattern}$",
    "description": (
        "The block as a JWE in compact form (RFC 7516): ECDH-ES on P-256 with A256GCM, for the public key of the"
        " service that records the event. Always so over AMQP."
    ),
}


def anchored(pattern: re.Pattern[str]) -> str:
    """A pattern that is to match the whole text, as JSON Schema writes it."""
    text = pattern.pattern.replace(r"\d", "[0-9]")
    return f"^(?:{text})$" if "|" in text else f"^{text}$"


def payload(schema: Schema, *, closed: bool) -> JsonSchema:
    """The JSON Schema of a payload, or of an object inside one."""
    members = dict(schema.fields)
    found: JsonSchema = {
        "type": "object",
        "description": sentence(schema),
        "properties": {name: field(member, closed=closed) for name, member in members.items()},
        "required": [name for name, member in members.items() if member.required],
    }
    if closed:
        found["additionalProperties"] = False
    return {**found, **getattr(schema, "between_fields", {})}


def sentence(described: object) -> str:
    """What a class of the contracts says of itself, in one line."""
    return " ".join((inspect.getdoc(described if isinstance(described, type) else type(described)) or "").split())


def field(member: ma.Field[Any], *, closed: bool) -> Any:
    """The JSON Schema of one field, its meaning as description."""
    for kind, make in _MAKERS.items():
        if isinstance(member, kind):
            made = make(member, closed)
            break
    else:
        raise TypeError(f"no JSON Schema for fields of {type(member).__name__}; add one to {__name__}")
    if made is False:
        return False
    meaning = capital(member.metadata["meaning"])
    note = made.pop("description", "")
    return {"description": f"{meaning}. {note}".strip(), **made}


def capital(text: str) -> str:
    """The text with a capital first."""
    return text[:1].upper() + text[1:]


def _part(member: Any, closed: bool) -> JsonSchema:
    return payload(member.schema, closed=closed)


def _many(member: Any, closed: bool) -> JsonSchema:
    return {
        "type": "array",
        "items": field(member.inner, closed=closed),
        "minItems": member.fewest,
        "maxItems": member.most,
        "uniqueItems": True,
    }


def _personal(member: Any, closed: bool) -> Any:
    # A recorded event never holds the block: only its digest stands there.
    return {"oneOf": [payload(member.schema(), closed=True), dict(_JWE)]} if closed else False


def _text(member: Any, _: bool) -> JsonSchema:
    return {"type": "string", "minLength": 1, "maxLength": member.longest, "pattern": _NO_CONTROL}


def _pattern(member: Any, note: str = "") -> JsonSchema:
    return {"type": "string", "pattern": anchored(member.pattern), "description": note}


def _code(member: Any, _: bool) -> JsonSchema:
    return {"const": member.choices[0]} if len(member.choices) == 1 else {"enum": list(member.choices)}


def _int(member: Any, _: bool) -> JsonSchema:
    return {"type": "integer", "minimum": member.lowest, "maximum": member.highest}


def _duration(member: Any, _: bool) -> JsonSchema:
    if member.shortest != 1 or member.longest % 60:
        raise TypeError(
            f"a pattern from 1 minute to whole hours alone; write one for {member.shortest}..{member.longest}"
        )
    most = member.longest // 60
    minutes = "([1-9]|[1-5][0-9])M"
    hours = "|".join(str(hour) for hour in range(1, most))
    note = (
        f"ISO 8601, hours and minutes: PT45M, PT1H30M, PT2H; from {fields.duration(1)} to {fields.duration(most * 60)}."
    )
    pattern = f"^PT(({hours})H({minutes})?|{most}H|{minutes})$"
    return {"type": "string", "format": "duration", "pattern": pattern, "description": note}


# The first that fits is taken: the narrower classes stand before the wider.
_MAKERS: dict[type, Callable[[Any, bool], Any]] = {
    fields.Part: _part,
    fields.Many: _many,
    fields.Personal: _personal,
    NationalNumber: lambda m, c: {**_text(m, c), "description": "11 digits, with or without separators."},
    fields.Text: _text,
    fields.OwnId: lambda m, _: _pattern(m, _OWN_ID),
    fields.OtherId: lambda m, _: _pattern(m, _OTHER_ID),
    fields.CpasId: lambda m, _: _pattern(m, _CPAS_ID),
    fields.Pattern: lambda m, _: _pattern(m),
    fields.Code: _code,
    fields.Int: _int,
    fields.Flag: lambda _, __: {"type": "boolean"},
    fields.Day: lambda _, __: {"type": "string", "format": "date", "pattern": _DAY, "description": _DAY_NOTE},
    fields.Duration: _duration,
    fields.Instant: lambda _, __: {"type": "string", "format": "date-time", "pattern": INSTANT},
}
