"""Event logs as files: OCEL 2.0 in JSON, and a plain CSV of cases; written whole or not at all."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from miriam_contracts.fields import minutes
from miriam_reporting.audit.ocel.happenings import Course, Happening
from miriam_reporting.audit.ocel.objects import Object, Objects

# Objects, told as relations; and what only repeats the event itself.
_NOT_ATTRIBUTES = frozenset(
    (
        *("participation", "other", "project", "group", "case_manager", "cpas", "lead", "edition", "consortium"),
        *("goal", "referral", "person"),
    )
)
_TYPES = {bool: "boolean", int: "integer", str: "string"}
_CASES = (
    "case_id",
    "activity",
    "timestamp",
    "woman",
    "cpas",
    "project",
    "occurred_on",
    "noted_at",
    "event_id",
    "position",
)


@dataclass(frozen=True, slots=True)
class Log:
    """What was written: events, objects, and how many lines of a CSV."""

    position: int
    events: int
    objects: int


def write_ocel(course: Course, file: IO[str]) -> Log:
    """Write a course as OCEL 2.0 JSON (specification section 8), event by event, so that its size is no matter.

    Values stand as strings, as the published schema has them, under the type that their declaration names.
    """
    objects = Objects(course.women)
    event_types: defaultdict[str, dict[str, str]] = defaultdict(dict)
    count = 0
    file.write('{"events":[')
    for happening in course.happenings:
        relations = objects.of(happening)
        values = dict(attributes(happening))
        _declare(event_types[happening.activity], values.items())
        event = {
            "id": happening.id,
            "type": happening.activity,
            "time": happening.at,
            "attributes": [{"name": name, "value": text(value)} for name, value in values.items()],
            "relationships": [{"objectId": identity, "qualifier": role} for identity, role in relations],
        }
        file.write(("," if count else "") + "\n" + _json(event))
        count += 1
    object_types: defaultdict[str, dict[str, str]] = defaultdict(dict)
    file.write('\n],"objects":[')
    for number, (identity, found) in enumerate(sorted(objects.found.items())):
        _declare(object_types[found.kind], ((name, value) for name, value, _ in found.attributes))
        file.write(("," if number else "") + "\n" + _json(_object(identity, found)))
    file.write(f'\n],"eventTypes":{_json(_declared(event_types))},"objectTypes":{_json(_declared(object_types))}}}\n')
    return Log(course.position, count, len(objects.found))


def attributes(happening: Happening) -> Iterator[tuple[str, Any]]:
    """What an event tells besides the objects it is about: its payload, flat, and where it stands in the ledger."""
    for name, value in happening.payload.items():
        if name in _NOT_ATTRIBUTES:
            continue
        if name in ("scores", "changes"):
            for domain, inner in value.items():
                answers = inner.items() if isinstance(inner, Mapping) else [("change", inner)]
                for key, answer in answers:
                    yield f"{domain}_{key}", answer
        elif name == "duration":
            yield "duration_minutes", minutes(value)
        elif name == "themes":
            yield "theme", value[0]
            yield name, " ".join(value)
        elif isinstance(value, str | int):
            yield name, value
    yield "noted_at", happening.noted_at
    yield "origin", happening.origin
    yield "service", happening.service
    yield "ledger_event", happening.event_id
    yield "ledger_position", happening.position
    if happening.changes_a_fact:
        yield "fact", happening.fact
        yield "changed_because", happening.reason or ""


def text(value: Any) -> str:
    """A value as the schema has it: a string."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def write_csv(course: Course, file: IO[str]) -> Log:
    """Write a course as cases: a line for each participation of each event, under XES-like names of columns."""
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_CASES)
    events = 0
    for happening in course.happenings:
        events += 1
        payload = happening.payload
        hers = [payload["participation"]] if "participation" in payload else []
        for presence in ("present", "excused", "absent"):
            hers += payload.get(presence, ())
        for participation in hers:
            told = (payload.get("project"), payload["occurred_on"], happening.noted_at, happening.event_id)
            cpas = participation.partition(":")[0]
            case = (participation, happening.activity, happening.at, course.women.get(participation), cpas)
            writer.writerow((*case, *told, happening.position))
    return Log(course.position, events, 0)


def _object(identity: str, found: Object) -> dict[str, Any]:
    return {
        "id": identity,
        "type": found.kind,
        "attributes": [{"name": name, "time": at, "value": text(value)} for name, value, at in found.attributes],
        "relationships": [{"objectId": other, "qualifier": bond} for other, bond in found.relations],
    }


def _declare(known: dict[str, str], values: Iterable[tuple[str, Any]]) -> None:
    for name, value in values:
        known[name] = "time" if name == "noted_at" else _TYPES[type(value)]


def _declared(types: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    return [
        {"name": kind, "attributes": [{"name": name, "type": of} for name, of in sorted(known.items())]}
        for kind, known in sorted(types.items())
    ]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
