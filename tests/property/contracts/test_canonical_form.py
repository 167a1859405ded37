"""Canonical JSON: under the contracts' bounds orjson writes the same bytes as the rfc8785 package."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from miriam_contracts.canonical import MAX_INTEGER, NotCanonical, canonical, check

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
KEYS = st.text(st.characters(max_codepoint=127), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=40
)


@given(VALUES)
def test_orjson_and_rfc8785_write_the_same_bytes_within_the_bounds(value: Any) -> None:
    check(value)
    assert canonical(value) == rfc8785.dumps(value)


@given(VALUES)
def test_canonical_bytes_read_back_as_the_same_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value


@pytest.mark.parametrize(
    "value",
    [1.5, 1.0, MAX_INTEGER + 1, -MAX_INTEGER - 1, {"é": 1}, {"a": [{"b": 0.1}]}, {1: "x"}, b"bytes"],
    ids=repr,
)
def test_what_breaks_the_bounds_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(NotCanonical):
        check({"data": value})


def test_nesting_is_bounded() -> None:
    value: object = 1
    for _ in range(40):
        value = [value]
    with pytest.raises(NotCanonical):
        check(value)
