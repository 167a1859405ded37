"""The envelope of an emitted event: CloudEvents 1.0, JSON, structured mode; and the checks that need no state.

`parse` answers for form, contract and authority: what it lets through is a Fact that a decider can judge.
"""

from dataclasses import dataclass
from typing import Any

import orjson
from marshmallow import ValidationError

from miriam_contracts import ids
from miriam_contracts.canonical import NotCanonical, check, repeats_a_key
from miriam_contracts.catalogue import EVENT_TYPES, EventType, own_ids
from miriam_contracts.fields import Instant
from miriam_contracts.problems import ContractError, Problem

CONTENT_TYPE = "application/cloudevents+json"
MAX_BYTES = 256 * 1024
REQUIRED = ("specversion", "id", "source", "type", "subject", "time", "data")
OPTIONAL = ("datacontenttype", "correlationid", "causationid", "traceparent")
# What carries an emission rather than states a fact: left out where two emissions are compared.
TRACE_ATTRIBUTES = ("correlationid", "causationid", "traceparent")

_KNOWN = frozenset(REQUIRED + OPTIONAL)
_FORMS = {"subject": ids.SUBJECT_PATTERN, "traceparent": ids.TRACEPARENT_PATTERN}
_TIME = Instant("when it was noted there")


@dataclass(frozen=True, slots=True)
class Emitted:
    """An emission whose envelope and payload keep the contract. `data` is the payload as emitted."""

    event_type: EventType
    attributes: dict[str, Any]

    @property
    def id(self) -> str:
        """The emitter's id of the event, unique per source."""
        return str(self.attributes["id"])

    @property
    def source(self) -> str:
        """Who sent it: `/cpas/anderlecht`."""
        return str(self.attributes["source"])

    @property
    def subject(self) -> str:
        """What it is about: a participation, a group, a project ..."""
        return str(self.attributes["subject"])

    @property
    def time(self) -> str:
        """When it was noted there (RFC 3339)."""
        return str(self.attributes["time"])

    @property
    def data(self) -> dict[str, Any]:
        """The payload as emitted, its personal block included."""
        data: dict[str, Any] = self.attributes["data"]
        return data


def decode(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`. Raises ContractError: too large, no JSON object, a key twice, no canonical form."""
    if len(body) > MAX_BYTES:
        raise ContractError([Problem("too_large", allowed=f"..{MAX_BYTES}")])
    try:
        value = orjson.loads(body)
    except (orjson.JSONDecodeError, RecursionError):
        raise ContractError([Problem("not_json")]) from None
    if not isinstance(value, dict):
        raise ContractError([Problem("wrong_type", allowed="object")])
    try:
        check(value)
    except NotCanonical:
        raise ContractError([Problem("not_canonical")]) from None
    if repeats_a_key(body, value):
        raise ContractError([Problem("repeated_key")])
    return value


def parse(body: bytes | dict[str, Any]) -> Emitted:
    """The emission in `body`. Raises ContractError with every problem that can be named at once."""
    attributes = decode(body) if isinstance(body, bytes) else body
    problems = list(_envelope_problems(attributes))
    name = attributes.get("type")
    event_type = EVENT_TYPES.get(name) if isinstance(name, str) else None
    if event_type is None or not event_type.emitted_by:
        if isinstance(name, str):
            problems.append(Problem("unknown_type", "type"))
        raise ContractError(problems)
    if not problems:
        problems.extend(event_type.load(attributes["data"]))
    if not problems:
        problems.extend(_subject_problems(event_type, attributes))
    if problems:
        raise ContractError(problems)
    return Emitted(event_type, attributes)


def authority_problems(emitted: Emitted, kind: str, emitter: str) -> list[Problem]:
    """Why the emitter `kind`/`emitter`, as the transport vouches for it, may not send this."""
    if emitted.source != f"/{kind}/{emitter}":
        return [Problem("source_not_sender", "source", f"/{kind}/{emitter}")]
    if kind not in emitted.event_type.emitted_by:
        return [Problem("type_not_allowed", "type", ", ".join(sorted(emitted.event_type.emitted_by)))]
    if kind != "cpas":
        return []
    problems = []
    if ids.prefix(emitted.subject) != emitter:
        problems.append(Problem("not_own_id", "subject", f"{emitter}:..."))
    for path, payload, schema in _payloads(emitted):
        for field in own_ids(schema):
            if field in payload and ids.prefix(payload[field]) != emitter:
                problems.append(Problem("not_own_id", f"{path}/{field}", f"{emitter}:..."))
    return problems


def personal_of(data: dict[str, Any]) -> Any:
    """The personal block of a payload, in the fact or in a correction's replacement; None without."""
    replacement = data.get("replacement")
    return replacement.get("personal") if isinstance(replacement, dict) else data.get("personal")


def without_personal(data: dict[str, Any]) -> dict[str, Any]:
    """The payload without its personal block: what may be recorded."""
    stripped = {name: value for name, value in data.items() if name != "personal"}
    replacement = stripped.get("replacement")
    if isinstance(replacement, dict):
        stripped["replacement"] = {name: value for name, value in replacement.items() if name != "personal"}
    return stripped


def _payloads(emitted: Emitted) -> list[tuple[str, dict[str, Any], Any]]:
    data = emitted.data
    fact = data.get("fact", "") if "" not in emitted.event_type.payloads else ""
    schema = emitted.event_type.payloads[fact]
    found = [("data", data, schema)]
    if "replacement" in data:
        found.append(("data/replacement", data["replacement"], schema.fields["replacement"].schema))  # type: ignore[attr-defined]
    return found


def _envelope_problems(attributes: dict[str, Any]) -> list[Problem]:
    problems = [Problem("required", name) for name in REQUIRED if name not in attributes]
    if any(name not in _KNOWN for name in attributes):
        problems.append(Problem("unknown_attribute", "", ", ".join(REQUIRED + OPTIONAL)))
    for name in (*REQUIRED, *OPTIONAL):
        if name != "data" and name in attributes and not isinstance(attributes[name], str):
            problems.append(Problem("wrong_type", name, "text"))
    if problems:
        return problems
    if attributes["specversion"] != "1.0":
        problems.append(Problem("wrong_form", "specversion", "1.0"))
    if attributes.get("datacontenttype", "application/json") != "application/json":
        problems.append(Problem("wrong_form", "datacontenttype", "application/json"))
    if not ids.SOURCE_PATTERN.fullmatch(attributes["source"]):
        problems.append(Problem("wrong_form", "source", ids.SOURCE_PATTERN.pattern))
    for name in ("id", "subject", "correlationid", "causationid", "traceparent"):
        value = attributes.get(name)
        if value is None:
            continue
        form = _FORMS.get(name, ids.LOCAL_PATTERN)
        if not form.fullmatch(value):
            problems.append(Problem("wrong_form", name, form.pattern))
        elif name != "traceparent" and ids.holds_national_number(value):
            problems.append(Problem("national_number_in_id", name))
    try:
        _TIME.deserialize(attributes["time"])
    except ValidationError:
        problems.append(Problem("not_an_instant", "time", "YYYY-MM-DDThh:mm:ssZ"))
    return problems


def _subject_problems(event_type: EventType, attributes: dict[str, Any]) -> list[Problem]:
    data = attributes["data"]
    field = event_type.subject_field
    stated = data.get("replacement", data)
    if field in stated and stated[field] != attributes["subject"]:
        return [Problem("subject_differs", "subject", f"data/{field}")]
    return []
