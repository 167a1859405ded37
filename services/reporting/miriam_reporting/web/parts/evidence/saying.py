"""An event's payload in words: each field under its name, each code by its word, what leads on as a link."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from flask import url_for
from marshmallow import Schema

from miriam_contracts import fields, words
from miriam_contracts.catalogue import EVENT_TYPES, EventType
from miriam_contracts.codes import CORRECTION_REASONS
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.view import Cell, Link

_EVENTS = ("corrects", "retracts", "supersedes", "because_of")
_SEPARATOR = " › "


def title(type_: str, data: Mapping[str, Any], language: str) -> str:
    """What an event is called: `Individual session held`, `Correction › Enrolment`."""
    _, family, fact, *_ = type_.split(".")
    named = words.fact(family, fact, language)
    if fact in ("corrected", "retracted") and isinstance(data.get("fact"), str):
        return f"{named}{_SEPARATOR}{words.fact(family, data['fact'], language)}"
    return named


def said(type_: str, data: Mapping[str, Any], asked: Asked) -> list[Mapping[str, Cell]]:
    """A row for each value of a payload: `field`, `value`, and `name` as the contract has it."""
    known = EVENT_TYPES.get(type_)
    schema = _schema(known, data) if known else None
    return [
        {"field": _SEPARATOR.join(labels), "value": cell, "name": path}
        for labels, path, cell in _rows(schema, data, asked)
    ]


def label(path: str, language: str) -> str:
    """The name of a field by its path: `scores.housing.score` is `Answers › Housing › Score out of ten`."""
    return _SEPARATOR.join(words.field(name, language) for name in path.split("."))


def _schema(known: EventType, data: Mapping[str, Any]) -> Schema | None:
    return known.payloads.get("") or known.payloads.get(str(data.get("fact", "")))


def _rows(
    schema: Schema | None, data: Mapping[str, Any], asked: Asked, path: str = "", labels: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str, Cell]]:
    for name, value in data.items():
        member = schema.fields.get(name) if schema else None
        here, named = f"{path}{name}", (*labels, words.field(name, asked.language))
        if isinstance(value, dict):
            inner = member.schema if isinstance(member, fields.Part) else None
            yield from _rows(inner, value, asked, f"{here}.", named)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            inner = _inner_schema(member)
            for number, each in enumerate(value, start=1):
                yield from _rows(inner, each, asked, f"{here}.{number}.", (*named, str(number)))
        else:
            yield named, here, _cell(name, value, member, asked)


def _inner_schema(member: Any) -> Schema | None:
    inner = member.inner if isinstance(member, fields.Many) else None
    return inner.schema if isinstance(inner, fields.Part) else None


def _cell(name: str, value: Any, member: Any, asked: Asked) -> Cell:
    if isinstance(value, list):
        inner = member.inner if isinstance(member, fields.Many) else None
        return ", ".join(_text(each, inner, asked) for each in value)
    text = _text(value, member, asked)
    if name == "participation":
        return Link(text, url_for("evidence.course", participation=value))
    if name in _EVENTS:
        return Link(text, url_for("evidence.event", event=value))
    return text


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


def reason(code: str, language: str) -> str:
    """Why a fact was corrected or retracted."""
    return words.code(CORRECTION_REASONS, code, language)


def moment(text: str) -> dt.datetime:
    """An envelope's time."""
    return dt.datetime.fromisoformat(text)
