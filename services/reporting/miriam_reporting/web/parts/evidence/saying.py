"""An event's payload in words: each field under its name, each code by its word, what leads on as a link."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from miriam_contracts import fields, words
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.codes import CORRECTION_REASONS
from miriam_reporting.reports.words import word
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.view import Cell, Link

Fields = Mapping[str, Any]
_EVENTS = ("corrects", "retracts", "supersedes", "because_of")
_SEPARATOR = " › "


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole payload inside another: what a correction puts in the place of the first, as it is recorded."""

    fields: Fields


def title(type_: str, data: Mapping[str, Any], language: str) -> str:
    """What an event is called: `Individual session held`, `Correction › Enrolment`."""
    _, family, fact, *_ = type_.split(".")
    named = words.fact(family, fact, language)
    if fact in ("corrected", "retracted") and isinstance(data.get("fact"), str):
        return f"{named}{_SEPARATOR}{words.fact(family, data['fact'], language)}"
    return named


def said(type_: str, data: Mapping[str, Any], asked: Asked) -> list[Mapping[str, Cell]]:
    """A row for each value of a payload: `field`, `value`, and `name` as the contract has it."""
    return [
        {"field": _SEPARATOR.join(labels), "value": cell, "name": path}
        for labels, path, cell in _rows(_fields(type_, data), data, asked, type_.split(".")[1])
    ]


def changes(type_: str, data: Mapping[str, Any], changed: Sequence[tuple[str, Any, Any]], asked: Asked) -> str:
    """What a correction changed: each field with its value before and after, `Place: at home → by phone`."""
    members = _fields(type_, {"fact": data.get("fact", "")})
    inside = _members(members.get("replacement"))
    told = []
    for path, before, after in changed:
        names = path.split(".")
        member = _member(inside, names)
        named = _SEPARATOR.join(words.field(name, asked.language) for name in names)
        told.append(f"{named}: {_value(before, member, asked)} → {_value(after, member, asked)}")
    return " · ".join(told)


def _fields(type_: str, data: Mapping[str, Any]) -> Fields:
    """The fields of a payload, with those that the recorder adds; none of a type that is not known."""
    known = EVENT_TYPES.get(type_)
    if known is None:
        return {}
    schema = known.payloads.get("") or known.payloads.get(str(data.get("fact", "")))
    own: dict[str, Any] = dict(schema.fields) if schema else {}
    if "replacement" in own:
        own["replacement"] = Whole({**_members(own["replacement"]), **_added(known.family, str(data.get("fact")))})
    return {**own, **_added(known.family, known.fact)}


def _added(family: str, fact: str) -> Fields:
    of_fact = next((each for each in EVENT_TYPES.values() if (each.family, each.fact) == (family, fact)), None)
    return dict(of_fact.added().fields) if of_fact and of_fact.added else {}


def _members(member: Any) -> Fields:
    """The fields of an object, or of the objects of a list; none of anything else."""
    if isinstance(member, Whole):
        return member.fields
    inner = member.inner if isinstance(member, fields.Many) else member
    return dict(inner.schema.fields) if isinstance(inner, fields.Part) else {}


def _member(within: Fields, names: Sequence[str]) -> Any:
    member = within.get(names[0])
    return member if len(names) == 1 else _member(_members(member), names[1:])


def _rows(
    members: Fields,
    data: Mapping[str, Any],
    asked: Asked,
    family: str,
    path: str = "",
    labels: tuple[str, ...] = (),
) -> Iterator[tuple[tuple[str, ...], str, Cell]]:
    for name, value in data.items():
        member = members.get(name)
        here, named = f"{path}{name}", (*labels, words.field(name, asked.language))
        if isinstance(value, dict):
            yield from _rows(_members(member), value, asked, family, f"{here}.", named)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, each in enumerate(value, start=1):
                yield from _rows(_members(member), each, asked, family, f"{here}.{number}.", (*named, str(number)))
        else:
            told = words.fact(family, value, asked.language) if name == "fact" and isinstance(value, str) else value
            yield named, here, _cell(name, told, member, asked)


def _cell(name: str, value: Any, member: Any, asked: Asked) -> Cell:
    text = _value(value, member, asked)
    if name == "participation":
        return Link(text, url_for("evidence.course", participation=value))
    if name in _EVENTS:
        return Link(text, url_for("evidence.event", event=value))
    return text


def _value(value: Any, member: Any, asked: Asked) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        inner = member.inner if isinstance(member, fields.Many) else None
        return ", ".join(_text(each, inner, asked) for each in value)
    return _text(value, member, asked)


def _text(value: Any, member: Any, asked: Asked) -> str:
    if isinstance(value, bool):
        return asked._("yes") if value else asked._("no")
    if isinstance(member, fields.Code):
        return words.code(member.choices, str(value), asked.language)
    if isinstance(member, fields.Day):
        return asked.format.date(value)
    if isinstance(value, int):
        return asked.format.number(value)
    return str(value)


def counts_as(counted: str, reason: str | None, language: str) -> dict[str, Cell]:
    """As what a row counts, and why it is left out where it is; at which end, of what counts from start to end."""
    told = word(language, "counted", counted)
    if reason is None:
        return {"counted": told, "reason": None}
    named = word(language, "reason", reason)
    return {"counted": told, "reason": named} if counted == "excluded" else {"counted": f"{told} ({named})"}


def reason(code: str, language: str) -> str:
    """Why a fact was corrected or retracted."""
    return words.code(CORRECTION_REASONS, code, language)


def moment(text: str) -> dt.datetime:
    """An envelope's time."""
    return dt.datetime.fromisoformat(text)
