"""The generated JSON Schemas and the door judge alike: on every golden example, and on examples made worse.

What a schema refuses the door refuses. What the door refuses the schema refuses too, but for the rules that no schema
can say: each of those is shown to be one.
"""

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from miriam_contracts import ids
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.documents import events
from miriam_contracts.documents.beyond import BEYOND_SCHEMA
from miriam_contracts.envelope import authority_problems, parse, personal_of
from miriam_contracts.examples import Example, emitted, examples
from miriam_contracts.problems import ContractError

EMITTED = list(examples("emitted"))
RECORDED = list(examples("recorded"))


def ecma_pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    """ECMA 262 knows no `$` before a last line feed, as Python does."""
    if isinstance(value, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), value):
        yield ValidationError("pattern")


Validator = extend(Draft202012Validator, {"pattern": ecma_pattern})
AS_EMITTED = {name: Validator(events.emitted(each)) for name, each in EVENT_TYPES.items() if each.emitted_by}
AS_RECORDED = {name: Validator(events.recorded(each)) for name, each in EVENT_TYPES.items()}


def refused_by_the_door(event: Any) -> set[str]:
    """The codes of the rules without state that an emission breaks."""
    try:
        parsed = parse(json.dumps(event).encode())
    except ContractError as error:
        return {problem.code for problem in error.problems}
    source = ids.SOURCE_PATTERN.fullmatch(parsed.source)
    assert source
    problems = authority_problems(parsed, source[1], source[2])
    block = personal_of(parsed.data)
    if isinstance(block, dict):
        problems += parsed.event_type.load_personal(block, parsed.data.get("fact", ""))
    return {problem.code for problem in problems}


def path(example: Example) -> str:
    return example.path


@pytest.mark.parametrize("example", EMITTED, ids=path)
def test_every_emitted_example_is_valid(example: Example) -> None:
    AS_EMITTED[example.event["type"]].validate(example.event)
    assert refused_by_the_door(example.event) == set()


@pytest.mark.parametrize("example", RECORDED, ids=path)
def test_every_recorded_example_is_valid(example: Example) -> None:
    AS_RECORDED[example.event["type"]].validate(example.event)


WORSE = st.one_of(
    st.sampled_from([
        None, True, False, 0, 1, -1, 3, 101, 10**12 + 1, 1.0, 2.5, "", " ", "x", "\n", "a\u0000b", "é", "1.0",
        "anderlecht", "anderlecht:p-014", "anderlecht:p-014\n", "Anderlecht:p", "/cpas/anderlecht", "/dpo/dpo-spp-is",
        "2023-02-30", "2023-13-01", "1899-12-31", "2200-01-01", "2023-04-04", "2023-04-04T10:00:00+01:00",
        "2023-04-04T10:00:00", "2023-02-30T10:00:00Z", "2023-04-04T24:00:00Z", "2023-04-04T10:00:00+05:99", "٢٠٢٣",
        "PT", "PT0M", "PT1M", "PT59M", "PT60M", "PT1H", "PT11H59M", "PT12H", "PT12H1M", "PT13H", "PT1H0M", "P1D",
        "valid", "not_answered", "start", "end", "other", "typing_error", "held", "set", "a.b.c.d.e", "a b.c.d.e.f",
        [], ["x", "x"], {}, {"fr": "x"}, {"status": "valid"}, {"status": "not_answered", "score": 3},
    ]),
    st.text(max_size=8),
    st.integers(),
    st.lists(st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in steps:
        yield from places(item, (*at, step))


def changed(draw: st.DrawFn, event: dict[str, Any], within: str = "") -> dict[str, Any]:
    """The event with one place left out, replaced, repeated, lengthened or added to."""
    event = copy.deepcopy(event)
    place = draw(st.sampled_from([p for p in places(event) if p and (not within or p[0] == within)]))
    holder: Any = event
    for step in place[:-1]:
        holder = holder[step]
    last, found = place[-1], holder[place[-1]]
    ways: list[Callable[[], Any]] = [lambda: holder.__setitem__(last, draw(WORSE)), lambda: holder.pop(last)]
    if isinstance(found, str):
        ways += [lambda: holder.__setitem__(last, found + draw(st.sampled_from(["\n", "x", "-", " ", "y" * 4000])))]
    if isinstance(found, dict):
        ways += [lambda: found.__setitem__(draw(st.sampled_from(["personal", "score", "unknown", "é"])), draw(WORSE))]
    if isinstance(found, list):
        ways += [lambda: found.extend(found), lambda: found.clear()]
    draw(st.sampled_from(ways))()
    return event


@st.composite
def worse_emissions(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    event = draw(st.sampled_from(EMITTED)).event
    return event["type"], changed(draw, event)


@given(worse_emissions())
def test_schema_and_door_agree_on_emissions_made_worse(made: tuple[str, dict[str, Any]]) -> None:
    name, event = made
    refused = refused_by_the_door(event)
    if AS_EMITTED[name].is_valid(event):
        assert refused <= BEYOND_SCHEMA.keys()
    else:
        assert refused


@st.composite
def worse_recordings(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    event = draw(st.sampled_from(RECORDED)).event
    return event["type"], changed(draw, event, within="data")


@given(worse_recordings())
def test_schema_and_reader_agree_on_recorded_payloads_made_worse(made: tuple[str, dict[str, Any]]) -> None:
    name, event = made
    data = event.get("data")
    refused = {problem.code for problem in EVENT_TYPES[name].load_recorded(data)}
    if AS_RECORDED[name].is_valid(event):
        assert refused <= BEYOND_SCHEMA.keys() or holds(event, float)
    elif not (holds_key(data, "personal") or holds_key(data, "unknown") or holds_key(data, "é")):
        assert refused


def holds(value: Any, kind: type) -> bool:
    """Whether the body could not have been recorded: nothing that is recorded holds a fraction."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, kind) or any(holds(item, kind) for item in inner)


def holds_key(value: Any, key: str) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (isinstance(value, dict) and key in value) or any(holds_key(item, key) for item in inner)


@pytest.mark.parametrize("example", RECORDED, ids=path)
def test_a_recorded_event_may_hold_what_a_later_version_added_but_nothing_personal(example: Example) -> None:
    event = example.event
    event_type = EVENT_TYPES[event["type"]]
    event["added"] = 1
    event["data"]["added"] = {"by": "v1.1"}
    AS_RECORDED[event_type.type].validate(event)
    if event_type.personal.get(event["data"]["fact"] if "replacement" in event["data"] else ""):
        event["data"].get("replacement", event["data"])["personal"] = {"text": "somebody"}
        assert not AS_RECORDED[event_type.type].is_valid(event)


def with_data(kind: str, name: str = "typical", **members: Any) -> dict[str, Any]:
    event = emitted(kind, name)
    event["data"] |= members
    return event


SESSION = emitted("session.held")
SHOWN = {
    "not_json": {**SESSION, "id": "\ud800"},
    "not_canonical": with_data("session.held", duration_minutes=50.0),
    "too_large": {**with_data("session.held", personal="a." + "b" * (256 * 1024) + "...")},
    "not_a_date": with_data("session.held", occurred_on="2023-02-30"),
    "not_an_instant": {**SESSION, "time": "2023-02-30T10:00:00Z"},
    "subject_differs": {**SESSION, "subject": "anderlecht:p-999"},
    "not_own_id": {**with_data("session.held", case_manager="ixelles:cm-2")},
    "national_number_in_id": with_data("session.held", session="anderlecht:85073003328"),
    "national_number": with_data("participation.enrolled", personal={"niss": "85073003329"}),
    "enterprise_number": with_data("cpas.registered", enterprise_number="0123456789"),
}  # fmt: skip
# These need a transport, a key or two readers of the same bytes: their own tests show them.
OF_THE_TRANSPORT = {"repeated_key", "source_not_sender", "personal_in_clear", "personal_unreadable"}


@pytest.mark.parametrize("code", sorted(BEYOND_SCHEMA.keys() - OF_THE_TRANSPORT))
def test_a_rule_is_beyond_the_schemas_only_where_a_schema_cannot_say_it(code: str) -> None:
    event = SHOWN[code]
    assert code in refused_by_the_door(event)
    if code != "not_json":
        AS_EMITTED[event["type"]].validate(event)
