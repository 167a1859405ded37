"""The lists at the end of the page: codes, questionnaires, rules in four languages, what no schema can say."""

import json
import re
from collections.abc import Iterator
from importlib import resources

from marshmallow import Schema

from miriam_contracts import codes, fields
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.documents.beyond import BEYOND_SCHEMA
from miriam_contracts.documents.page.markup import code, escaped, table
from miriam_contracts.instruments import INSTRUMENTS

_DOMAIN = re.compile(rf"(?<=\.)({'|'.join(codes.MEASURED_DOMAINS)})\b")
_LANGUAGES = {"en": "English", "fr": "Français", "nl": "Nederlands", "de": "Deutsch"}
_RULES = {
    "door": "At the door",
    "fields": "Form of a field",
    "history": "Of every fact",
    "intake": "Rules of intake",
    "sessions": "Rules of sessions",
    "groups": "Rules of groups",
    "http": "Answers over HTTP",
    "report": "Life of a report",
}


def code_lists() -> str:
    """Every code list, and the fields that take their value from it."""
    used: dict[tuple[str, ...], list[str]] = {}
    for each in EVENT_TYPES.values():
        for place, choices in _choices(each.payloads.get("")):
            used.setdefault(choices, []).append(f"{each.family}.{each.fact} {_DOMAIN.sub('(each domain)', place)}")
    named = {
        value: name for name, value in reversed(vars(codes).items()) if name.isupper() and isinstance(value, tuple)
    }
    rows = [
        (
            escaped(named.get(choices, places[0].rpartition(".")[2]).lower().replace("_", " ")),
            " ".join(code(choice) for choice in choices),
            escaped(", ".join(dict.fromkeys(places))) if len(set(places)) < 12 else "many fields",
        )
        for choices, places in used.items()
        if len(choices) > 1
    ]
    return table("Code lists", ("List", "Codes", "Used by"), sorted(rows))


def instruments() -> str:
    """The questionnaires."""
    rows = [
        (code(each.id), f"{each.lowest} to {each.highest}", " ".join(code(domain) for domain in each.domains))
        for each in INSTRUMENTS.values()
    ]
    return table("Questionnaires", ("Instrument", "Scale", "Domains"), rows)


def rules() -> Iterator[str]:
    """Every rule with its sentence in each language, by where it is judged."""
    for file in sorted(resources.files("miriam_contracts").joinpath("rules").iterdir(), key=lambda f: f.name):
        name = file.name.removesuffix(".json")
        found: dict[str, dict[str, str]] = json.loads(file.read_text("utf-8"))
        rows = [
            (
                f'<span id="rule-{rule}">{code(rule.removeprefix("http_"))}</span>',
                *(f'<span lang="{language}">{escaped(said[language])}</span>' for language in _LANGUAGES),
            )
            for rule, said in sorted(found.items())
        ]
        yield table(_RULES.get(name, name), ("Code", *_LANGUAGES.values()), rows, "rules")


def beyond_schemas() -> str:
    """What the door refuses and no schema can say."""
    rows = [(code(rule), escaped(why)) for rule, why in BEYOND_SCHEMA.items()]
    return table("Rules that no JSON Schema can say", ("Code", "Why"), rows)


def _choices(schema: Schema | None, path: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, member in schema.fields.items() if schema else ():
        inner = member.inner if isinstance(member, fields.Many) else member
        if isinstance(inner, fields.Code):
            yield f"{path}{name}", inner.choices
        elif isinstance(inner, fields.Part):
            yield from _choices(inner.schema, f"{path}{name}.")
