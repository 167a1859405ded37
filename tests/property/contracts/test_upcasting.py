"""Any payload that keeps the contract of an older version keeps, upcast, the newer one, and tells the same."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import fields as ma

from miriam_contracts import fields
from miriam_contracts.catalogue import EVENT_TYPES, EventType
from miriam_contracts.fields import minutes
from miriam_contracts.upcasting import newest, version_of

_FIRST, _LAST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
SUPERSEDED = [each for each in EVENT_TYPES.values() if each.upcast]


def values(field: ma.Field[Any]) -> st.SearchStrategy[Any]:
    """Values that a field allows, its bounds among them."""
    match field:
        case fields.Int():
            return st.integers(field.lowest, field.highest) | st.sampled_from((field.lowest, field.highest))
        case fields.Code():
            return st.sampled_from(field.choices)
        case fields.Day():
            return st.dates(min_value=_FIRST, max_value=_LAST).map(lambda day: day.isoformat())
        case fields.Pattern():
            return st.from_regex(field.pattern, fullmatch=True)
        case fields.Personal():
            return st.just("a.b.c.d.e")
    raise NotImplementedError(f"say here what a {type(field).__name__} may hold")


def payloads(each: EventType) -> st.SearchStrategy[dict[str, Any]]:
    contract = each.payloads[""].fields
    return st.fixed_dictionaries(
        {name: values(field) for name, field in contract.items() if field.required},
        optional={name: values(field) for name, field in contract.items() if not field.required},
    ).filter(lambda payload: each.load(payload) == [])


@pytest.mark.parametrize("each", SUPERSEDED, ids=lambda each: each.type)
@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_any_payload_of_a_superseded_version_keeps_the_newer_contract(each: EventType, data: st.DataObject) -> None:
    assert each.upcast is not None
    payload = data.draw(payloads(each))
    before = dict(payload)
    later = EVENT_TYPES[f"miriam.{each.family}.{each.fact}.v{each.version + 1}"]
    assert later.load(each.upcast(payload)) == []
    assert payload == before, "an upcaster leaves what it reads as it is"
    # A reader meets what a later edit of the version added, and hands it on.
    assert each.upcast({**payload, "added_later": 1})["added_later"] == 1


@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_a_session_of_version_1_tells_the_same_in_version_2(data: st.DataObject) -> None:
    told = data.draw(payloads(EVENT_TYPES["miriam.session.held.v1"]))
    read = newest("session", "held", 1, told)
    assert minutes(read["duration"]) == told["duration_minutes"]
    assert read["themes"] == [told["theme"]]
    changed = {"duration", "duration_minutes", "theme", "themes"}
    assert {k: v for k, v in read.items() if k not in changed} == {k: v for k, v in told.items() if k not in changed}


@given(st.integers(1, 99 * 60 + 59))
def test_a_duration_has_one_text(length: int) -> None:
    text = fields.duration(length)
    assert minutes(text) == length
    assert fields.Duration("how long", shortest=length, longest=length).deserialize(text) == text


def test_the_newest_version_is_read_as_it_stands() -> None:
    for each in EVENT_TYPES.values():
        assert version_of(each.type) == each.version
        if each.upcast is None:
            told = {"any": "payload"}
            assert newest(each.family, each.fact, each.version, told) is told
