"""The fields of a payload as rows of a table: path, form, whether it must stand there, meaning."""

from collections.abc import Iterator
from typing import Any

from marshmallow import Schema

from miriam_contracts import fields
from miriam_contracts.documents import json_schema
from miriam_contracts.documents.json_schema import capital
from miriam_contracts.documents.page.markup import code, inline

Row = tuple[str, str, str, str]
HEADS = ("Field", "Form", "Needed", "Meaning")


def rows(schema: Schema, path: str = "data", whole: str = "") -> Iterator[Row]:
    """A row for each field, those of objects inside it after it. `whole` says where those stand that may be missing."""
    for name, member in schema.fields.items():
        place = f"{path}.{name}"
        yield _row(place, member, whole)
        yield from _inside(place, member, whole if member.required else " in it")


def _row(place: str, member: Any, whole: str) -> Row:
    needed = f"{'required' if member.required else 'optional'}{whole}"
    return code(place), form(member), needed, inline(f"{capital(member.metadata['meaning'])}.")


def _inside(place: str, member: Any, whole: str) -> Iterator[Row]:
    if isinstance(member, fields.Personal):
        yield from rows(member.schema(), place, whole)
    elif isinstance(member, fields.Part) and not place.endswith(".replacement"):
        yield from rows(member.schema, place, whole)
    elif isinstance(member, fields.Many) and isinstance(member.inner, fields.Part):
        yield from rows(member.inner.schema, f"{place}[]", whole)


def form(member: Any) -> str:
    """What may stand in a field, in words (HTML)."""
    match member:
        case fields.Many():
            return f"list of {member.fewest} to {member.most:,}, each once: {form(member.inner)}"
        case fields.Personal():
            return "object, or its JWE (text)"
        case fields.Part():
            return "object"
        case fields.Code():
            return " | ".join(code(choice) for choice in member.choices)
        case fields.Int():
            return f"integer, {member.lowest:,} to {member.highest:,}"
        case fields.Flag():
            return f"{code('true')} | {code('false')}"
        case fields.Day():
            return f"day, {code('YYYY-MM-DD')}"
        case fields.Duration():
            shortest, longest = fields.duration(member.shortest), fields.duration(member.longest)
            return f"duration, like {code('PT1H30M')}; {code(shortest)} to {code(longest)}"
        case fields.OwnId():
            return f"id of your own, {code('<your id>:<local part>')}"
        case fields.OtherId():
            return f"id, {code('<emitter id>:<local part>')}"
        case fields.CpasId():
            return f"emitter id of a CPAS, {code(member.pattern.pattern)}"
        case fields.EventId():
            return "recorded id: UUID in lower case"
        case fields.Text():
            return f"text, 1 to {member.longest:,} characters"
        case fields.Pattern():
            return f"text, {code(json_schema.anchored(member.pattern))}"
        case _:
            return inline(json_schema.field(member, closed=True).get("type", "text"))
