"""An edit that lets a reader or an emitter down is refused by name; an optional field may be added."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, validates_schema
from marshmallow import fields as ma

from miriam_contracts import codes, ids
from miriam_contracts.catalogue import EVENT_TYPES, EventType
from miriam_contracts.compatibility import Break, breaks, describe, kept, upcaster_breaks
from miriam_contracts.compatibility.comparison import WHY
from miriam_contracts.families.assessment import Answer
from miriam_contracts.families.common import note
from miriam_contracts.families.participation import EnrolledRecorded
from miriam_contracts.fields import Code, Day, Duration, Int, Many, OtherId, OwnId, Part, Pattern, Payload, Text
from miriam_contracts.problems import Problem

HELD, NEWER = "miriam.session.held.v1", "miriam.session.held.v2"
ENROLLED = "miriam.participation.enrolled.v1"
GONE = None


def edited(name: str, fact: str = "", /, **fields: ma.Field[Any] | None) -> dict[str, EventType]:
    """The catalogue as somebody might edit it: fields of a payload added, changed or (`GONE`) taken out."""
    each = EVENT_TYPES[name]
    return {**EVENT_TYPES, name: replace(each, payloads={**each.payloads, fact: schema(each.payloads[fact], fields)()})}


def schema(before: Schema, fields: Mapping[str, ma.Field[Any] | None], **more: Any) -> type[Payload]:
    kept_fields = {key: value for key, value in type(before)._declared_fields.items() if key not in fields}
    checks = {name: getattr(type(before), name) for name, *_ in before._hooks.get("validates_schema", ())}
    given = {key: value for key, value in fields.items() if value is not None}
    return type("Edited", (Payload,), {**kept_fields, **checks, **given, **more})


def broken(types: Mapping[str, EventType]) -> list[Break]:
    return breaks(kept(), describe(types.values()))


def test_what_was_published_is_kept_by_the_contracts_of_today() -> None:
    assert list(map(str, broken(EVENT_TYPES))) == []
    assert list(map(str, upcaster_breaks(EVENT_TYPES.values()))) == []


def test_everything_in_use_is_kept_as_published() -> None:
    assert kept() == describe(EVENT_TYPES.values()), "run: python -m miriam_contracts.compatibility --keep"


@pytest.mark.parametrize(
    ("what", "field", "edit"),
    [
        ("field_removed", "place", {"place": GONE}),
        ("required_field_added", "mood", {"mood": Code("how it was", choices=("good", "bad"))}),
        ("field_made_optional", "theme", {"theme": Code("theme", choices=codes.LIFE_DOMAINS, optional=True)}),
        ("bound_narrowed", "duration_minutes", {"duration_minutes": Int("minutes", lowest=5, highest=720)}),
        ("bound_narrowed", "duration_minutes", {"duration_minutes": Int("minutes", lowest=1, highest=480)}),
        ("bound_widened", "duration_minutes", {"duration_minutes": Int("minutes", lowest=0, highest=720)}),
        ("bound_widened", "duration_minutes", {"duration_minutes": Int("minutes", lowest=1, highest=1440)}),
        ("code_removed", "place", {"place": Code("where", choices=codes.PLACES[:-1])}),
        ("code_added", "place", {"place": Code("where", choices=(*codes.PLACES, "embassy"))}),
        ("kind_changed", "duration_minutes", {"duration_minutes": Text("how long", longest=720)}),
        ("kind_changed", "session", {"session": OtherId("the session")}),
        ("kind_changed", "occurred_on", {"occurred_on": Pattern("the day", pattern=ids.LOCAL_PATTERN)}),
    ],
)
def test_a_breaking_edit_of_a_field_is_refused_by_name(what: str, field: str, edit: dict[str, Any]) -> None:
    found = broken(edited(HELD, **edit))
    assert [(each.what, each.type, each.field) for each in found] == [(what, HELD, f"data/{field}")]
    assert WHY[what] in str(found[0])


def test_an_optional_field_that_becomes_required_is_refused() -> None:
    found = broken(edited("miriam.group.formed.v1", consortium=OtherId("the consortium")))
    assert [(each.what, each.field) for each in found] == [("field_made_required", "data/consortium")]


def test_a_field_that_is_renamed_is_one_taken_away_and_one_demanded() -> None:
    found = broken(edited(HELD, duration_minutes=GONE, minutes=Int("minutes", lowest=1, highest=720)))
    assert [(each.what, each.field) for each in found] == [
        ("field_removed", "data/duration_minutes"), ("required_field_added", "data/minutes"),
    ]  # fmt: skip


def test_another_pattern_is_refused() -> None:
    other = Pattern("NIS code", pattern=ids.LOCAL_PATTERN)
    found = broken(edited("miriam.cpas.registered.v1", nis=other))
    assert [(each.what, each.field, each.detail) for each in found] == [
        ("form_changed", "data/nis", "pattern: [0-9]{5}, now [A-Za-z0-9._-]{1,64}"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "field", "themes"),
    [
        ("bound_narrowed", "data/themes", {"most": 3}),
        ("bound_widened", "data/themes", {"most": 9}),
        ("bound_widened", "data/themes", {"fewest": 0}),
        ("code_removed", "data/themes/*", {"choices": codes.LIFE_DOMAINS[1:]}),
        ("code_added", "data/themes/*", {"choices": (*codes.LIFE_DOMAINS, "leisure")}),
    ],
)
def test_what_a_list_may_hold_is_kept(what: str, field: str, themes: dict[str, Any]) -> None:
    bounds = {"fewest": 1, "most": 5, "choices": codes.LIFE_DOMAINS, **themes}
    item = Code("a life domain", choices=bounds.pop("choices"))
    found = broken(edited(NEWER, themes=Many(item, "themes", **bounds)))
    assert [(each.what, each.field) for each in found] == [(what, field)]


@pytest.mark.parametrize(("what", "most"), [("bound_narrowed", 600), ("bound_widened", 780)])
def test_the_bounds_of_a_duration_are_kept(what: str, most: int) -> None:
    found = broken(edited(NEWER, duration=Duration("how long", shortest=1, longest=most)))
    assert [(each.what, each.field) for each in found] == [(what, "data/duration")]


def test_what_lies_inside_an_object_is_kept() -> None:
    score = Int("satisfaction", lowest=0, highest=10, optional=True)
    answer = schema(Answer(), {"score": score})
    scores = EVENT_TYPES["miriam.assessment.completed.v1"].payloads[""].fields["scores"]
    assert isinstance(scores, Part)
    narrower = schema(scores.schema, {"housing": Part(answer, "housing")})
    found = broken(edited("miriam.assessment.completed.v1", scores=Part(narrower, "answers")))
    assert [(each.what, each.field) for each in found] == [("bound_narrowed", "data/scores/housing/score")]


def test_what_a_personal_block_may_say_is_kept() -> None:
    shorter = note()
    shorter.schema = schema(shorter.schema(), {"text": Text("a note", longest=100)})
    found = broken(edited(HELD, personal=shorter))
    assert [(each.what, each.field) for each in found] == [("bound_narrowed", "data/personal/text")]


def test_a_correction_keeps_its_replacement() -> None:
    name = "miriam.session.corrected.v1"
    replacement = schema(EVENT_TYPES[HELD].payloads[""], {"place": GONE})
    found = broken(edited(name, "held", replacement=Part(replacement, "the whole payload")))
    assert [(each.what, each.type, each.field) for each in found] == [
        ("field_removed", name, "data/replacement/place"),
    ]  # fmt: skip
    lost = replace(EVENT_TYPES[name], payloads={"held": EVENT_TYPES[name].payloads["held"]})
    assert [(each.what, each.detail) for each in broken({**EVENT_TYPES, name: lost})] == [("payload_removed", "missed")]


def test_what_the_recorder_adds_is_kept() -> None:
    more = schema(EnrolledRecorded(), {"region": Code("where", choices=codes.REGIONS)})
    found = broken({**EVENT_TYPES, ENROLLED: replace(EVENT_TYPES[ENROLLED], added=more)})
    assert [(each.what, each.field) for each in found] == [("required_field_added", "data/region")]
    less = broken({**EVENT_TYPES, ENROLLED: replace(EVENT_TYPES[ENROLLED], added=None)})
    assert {each.what for each in less} == {"field_removed"}


def test_a_check_over_several_fields_is_neither_added_nor_dropped() -> None:
    @validates_schema
    def not_in_august(self: Payload, data: dict[str, Any], **kwargs: object) -> None:
        raise ValidationError([Problem("required")])

    before = EVENT_TYPES[HELD]
    after = schema(before.payloads[""], {}, not_in_august=not_in_august)
    found = broken({**EVENT_TYPES, HELD: replace(before, payloads={"": after()})})
    assert [(each.what, each.detail) for each in found] == [("check_added", "not_in_august")]
    completed = EVENT_TYPES["miriam.assessment.completed.v1"]
    unchecked = type("Edited", (Payload,), dict(type(completed.payloads[""])._declared_fields))
    found = broken({**EVENT_TYPES, completed.type: replace(completed, payloads={"": unchecked()})})
    assert [(each.what, each.detail) for each in found] == [("check_removed", "changes_stand_at_the_end")]


def test_a_type_or_a_version_of_it_is_never_removed() -> None:
    for name in (HELD, NEWER, "miriam.session.corrected.v2", "miriam.goal.set.v1"):
        left = {key: value for key, value in EVENT_TYPES.items() if key != name}
        assert [(each.what, each.type) for each in broken(left)] == [("type_removed", name)]


def test_owner_stream_and_emitters_of_a_type_are_kept() -> None:
    before = EVENT_TYPES[HELD]
    for change, what in (
        ({"owner": "intake"}, "owner_changed"),
        ({"subject_field": "session"}, "owner_changed"),
        ({"emitted_by": frozenset({"dpo"})}, "emitter_removed"),
    ):
        found = broken({**EVENT_TYPES, HELD: replace(before, **change)})
        assert [(each.what, each.type) for each in found] == [(what, HELD)]


def test_an_optional_field_may_be_added_anywhere() -> None:
    remark = Text("a remark", longest=40, optional=True)
    assert broken(edited(HELD, remark=remark)) == []
    inside = schema(EVENT_TYPES[HELD].payloads[""], {"remark": remark})
    assert broken(edited("miriam.session.corrected.v1", "held", replacement=Part(inside, "replacement"))) == []


def test_a_type_a_version_and_an_emitter_may_be_added() -> None:
    before = EVENT_TYPES[HELD]
    third = replace(before, type="miriam.session.held.v3", version=3)
    more = replace(before, emitted_by=before.emitted_by | {"authority"})
    assert broken({**EVENT_TYPES, third.type: third, HELD: more}) == []


def test_a_new_fact_of_a_family_may_be_corrected_and_retracted() -> None:
    retracted = "miriam.session.retracted.v1"
    more = Code("the fact", choices=("held", "missed", "moved"))
    assert broken(edited(retracted, fact=more)) == []
    assert [each.what for each in broken(edited(retracted, fact=Code("the fact", choices=("held",))))] == [
        "code_removed",
    ]  # fmt: skip


def test_a_superseded_version_without_its_upcaster_is_refused() -> None:
    types = {**EVENT_TYPES, HELD: replace(EVENT_TYPES[HELD], upcast=None)}
    assert [(each.what, each.type) for each in upcaster_breaks(types.values())] == [("upcaster_missing", HELD)]


def test_an_upcaster_that_breaks_the_next_contract_is_refused() -> None:
    forgetful = replace(EVENT_TYPES[HELD], upcast=lambda held: {k: v for k, v in held.items() if k != "theme"})
    found = upcaster_breaks({**EVENT_TYPES, HELD: forgetful}.values())
    assert {(each.what, each.type, each.field) for each in found} == {
        ("upcaster_wrong", HELD, "data/themes"), ("upcaster_wrong", HELD, "data/duration"),
    }  # fmt: skip


def test_versions_have_no_hole() -> None:
    later = replace(EVENT_TYPES[NEWER], type="miriam.session.held.v4", version=4)
    found = upcaster_breaks({**EVENT_TYPES, later.type: later}.values())
    assert [(each.what, each.type) for each in found] == [("type_removed", "miriam.session.held.v3")]


def test_a_break_says_where_what_and_why() -> None:
    assert str(Break("code_added", HELD, "data/place", "embassy")) == (
        f"{HELD} data/place: code added (embassy): readers who know the contract as it was would refuse the new events"
    )


def test_the_command_tells_the_same_to_people_and_programs() -> None:
    command = [sys.executable, "-m", "miriam_contracts.compatibility"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout == "nothing that was published is broken\n"
    asked = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(asked.stdout) == {"broken": [], "added": [], "kept": False}


def test_a_bound_of_a_new_kind_of_field_is_seen_without_being_named() -> None:
    class Weight(OwnId):
        def __init__(self, meaning: str, *, heaviest: int) -> None:
            super().__init__(meaning)
            self.heaviest = heaviest

    def of(heaviest: int) -> dict[str, Any]:
        return describe(edited(HELD, weight=Weight("a weight", heaviest=heaviest)).values())

    assert [(each.what, each.detail) for each in breaks(of(3), of(4))] == [("form_changed", "heaviest: 3, now 4")]


def test_better_words_break_nothing() -> None:
    assert broken(edited(HELD, occurred_on=Day("the day on which they met"))) == []
