"""Whatever comes in, the contracts answer with problems or with an emission: never with another exception."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from miriam_contracts.canonical import canonical
from miriam_contracts.envelope import Emitted, authority_problems, decode, parse
from miriam_contracts.examples import examples
from miriam_contracts.problems import LANGUAGES, ContractError, describe

EVENTS = [example.event for example in examples("emitted")]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
MARK = "85073003328"


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


@st.composite
def broken(draw: st.DrawFn, replacement: st.SearchStrategy[Any] = JSON) -> Any:
    """A good event in which one place holds something else, or is gone."""
    event = copy.deepcopy(draw(st.sampled_from(EVENTS)))
    path = draw(st.sampled_from([p for p in places(event) if p]))
    holder = event
    for step in path[:-1]:
        holder = holder[step]
    if draw(st.booleans()) and isinstance(holder, dict):
        del holder[path[-1]]
    else:
        holder[path[-1]] = draw(replacement)
    return event


def outcome(body: Any) -> Emitted | ContractError:
    try:
        return parse(body)
    except ContractError as error:
        return error


def answered(body: Any) -> Emitted | ContractError:
    found = outcome(body)
    if isinstance(found, ContractError):
        assert found.problems
        assert all(describe(problem, language) for problem in found.problems for language in LANGUAGES)
    return found


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(body: Any) -> None:
    answered(body)


@given(broken())
def test_any_broken_event_is_answered(event: Any) -> None:
    found = answered(event)
    if isinstance(found, Emitted):
        authority_problems(found, "cpas", "anderlecht")


@given(broken(st.sampled_from([MARK, {MARK: 1}, [MARK], {"personal": MARK}])))
def test_no_problem_repeats_what_came(event: Any) -> None:
    found = outcome(event)
    if isinstance(found, ContractError):
        assert MARK not in repr(found.problems)
        assert MARK not in str(found)


@given(st.sampled_from(EVENTS))
def test_a_canonical_emission_is_the_same_emission(event: Any) -> None:
    assert decode(canonical(event)) == event
    assert parse(canonical(event)).attributes == event
