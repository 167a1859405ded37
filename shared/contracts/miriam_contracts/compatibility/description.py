"""The contracts as data: every version of every type, with what its fields allow; and as they were published.

`golden/contracts.json` holds what was published. Like golden examples it is only added to.
"""

import json
import re
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from marshmallow import Schema
from marshmallow import fields as ma

from miriam_contracts.catalogue import EventType
from miriam_contracts.fields import Many, Part, Personal

Description = dict[str, Any]

_OF_ANY_FIELD = frozenset(vars(ma.Field()))
FILE = "contracts.json"


def kept() -> dict[str, Description]:
    """The published contracts, by type."""
    found: dict[str, Description] = json.loads(_file().read_text("utf-8"))
    return found


def describe(types: Iterable[EventType]) -> dict[str, Description]:
    """What each type of event may say, by the type's name. Meanings are left out: better words break nothing."""
    return {each.type: _type(each) for each in types}


def written(contracts: Mapping[str, Description]) -> str:
    """The text of the kept file."""
    return json.dumps(contracts, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _type(each: EventType) -> Description:
    payloads = {fact: _object(schema) for fact, schema in each.payloads.items()}
    found: Description = {
        "owner": each.owner,
        "emitted_by": sorted(each.emitted_by),
        "subject_field": each.subject_field,
        "payloads": payloads,
    }
    if each.added:
        found["added"] = _object(each.added())
    return found


def _object(schema: Schema) -> Description:
    # The checks over several fields have no form that could be compared; their names at least are.
    checks = sorted(name for name, *_ in schema._hooks.get("validates_schema", ()))
    return {"fields": {name: _field(each) for name, each in schema.fields.items()}, "checks": checks}


def _field(each: ma.Field[Any]) -> Description:
    found: Description = {"is": type(each).__name__, "required": each.required}
    if isinstance(each, Part):
        return {**found, "object": _object(each.schema)}
    if isinstance(each, Personal):
        return {**found, "object": _object(each.schema())}
    if isinstance(each, Many):
        return {**found, "fewest": each.fewest, "most": each.most, "item": _field(each.inner)}
    # What a kind of field adds of its own are its bounds: a new kind needs no line here.
    own = {name: value for name, value in vars(each).items() if name not in _OF_ANY_FIELD and name[0] != "_"}
    return {**found, **{name: _plain(value) for name, value in own.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, re.Pattern):
        return value.pattern
    if isinstance(value, list | tuple | set | frozenset):
        return sorted(value)
    if isinstance(value, str | int):
        return value
    raise TypeError(f"a bound of a field is a number, a text, a pattern or a list of codes, not {type(value).__name__}")


def _file() -> Any:
    return resources.files("miriam_contracts").joinpath("golden", FILE)
