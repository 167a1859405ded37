from __future__ import annotations

import gzip
import json
import time
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from miriam_contracts.batches import MOST_BYTES, TooMany, inflate, split
from miriam_contracts.problems import ContractError

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
blanks = st.text(" \t\r\n", max_size=3)


@given(st.lists(json_values, max_size=6), st.booleans(), st.data())
def test_the_elements_come_back_to_the_byte(values: list[object], ascii_: bool, data: st.DataObject) -> None:
    parts = [json.dumps(value, ensure_ascii=ascii_).encode() for value in values]
    spaced = [data.draw(blanks).encode() + part + data.draw(blanks).encode() for part in parts]
    body = data.draw(blanks).encode() + b"[" + b",".join(spaced) + b"]" + data.draw(blanks).encode()
    assert split(body) == parts


@given(st.text(alphabet='[]{},:"\\ 1atrue\n', max_size=24).map(str.encode))
@example(b'[{"a":1]}')
@example(b'["\\"]')
@example(b'["\\\\"]')
@example(b'["\\\\\\"", "]"]')
@example(b"[1,]")
@example(b"[,1]")
@example(b"[1 2]")
@example(b"[1]]")
@example(b"[1}")
@example(b"[NaN]")
def test_it_takes_what_is_a_json_array_and_nothing_else(body: bytes) -> None:
    try:
        value = json.loads(body, parse_constant=_refuse)
        expected = len(value) if isinstance(value, list) else None
    except ValueError:
        expected = None
    try:
        found: int | None = len(split(body))
        codes: list[str] = []
    except ContractError as error:
        found, codes = None, [problem.code for problem in error.problems]
    assert (found, codes) == (expected, ["not_json"] if expected is None else [])


@pytest.mark.parametrize(
    "body", [b"", b"  ", b"{}", b"null", b'"[]"', b"\xef\xbb\xbf[]", b"[\xff]", b'["\xe9"]', b"[1]\x00"]
)
def test_what_is_no_array_is_no_batch(body: bytes) -> None:
    with pytest.raises(ContractError, match="not_json"):
        split(body)


def test_the_broken_element_is_named() -> None:
    with pytest.raises(ContractError) as caught:
        split(b'[{"a":1},{"b" 2}]')
    assert caught.value.problems[0].field == "1"


def test_an_element_that_no_event_may_be_is_left_to_its_own_refusal() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    huge = b'{"a":"' + b"x" * 300_000 + b'"}'
    half = b'"\\ud800"'
    assert split(b"[" + b",".join([deep, huge, half]) + b"]") == [deep, huge, half]


def test_more_than_the_bound_is_refused_without_being_cut() -> None:
    assert len(split(b"[" + b",".join([b"1"] * 1000) + b"]")) == 1000
    with pytest.raises(TooMany) as caught:
        split(b"[" + b"1," * 4_000_000 + b"1]")
    assert caught.value.problems[0].allowed == "1..1000"


@pytest.mark.parametrize(
    "pattern", [b"[", b"[],", b'"",', b'\\"', b"\\\\", b'"\\', b"{", b'"', b",", b"[{", b'["\\"",'], ids=repr
)
def test_no_text_costs_more_than_its_length_is_worth(pattern: bytes) -> None:
    def seconds(size: int) -> float:
        body = b"[[" + pattern * (size // len(pattern))
        began = time.process_time()
        with pytest.raises(ContractError):
            split(body)
        return time.process_time() - began

    assert seconds(MOST_BYTES // 8) < 2
    tracemalloc.start()
    seconds(MOST_BYTES // 8)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * MOST_BYTES


def test_what_was_compressed_comes_out_again() -> None:
    assert inflate(gzip.compress(b"[1,2]")) == b"[1,2]"


def test_a_bomb_is_never_inflated() -> None:
    bomb = gzip.compress(b" " * (100 * MOST_BYTES))
    tracemalloc.start()
    with pytest.raises(TooMany):
        inflate(bomb)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * MOST_BYTES
    assert len(inflate(gzip.compress(b" " * MOST_BYTES))) == MOST_BYTES


WHOLE = gzip.compress(b"[1]", mtime=0)


@pytest.mark.parametrize("body", [b"", b"no gzip", WHOLE * 2, WHOLE[:-3], WHOLE + b"rest"])
def test_what_is_no_whole_gzip_is_refused(body: bytes) -> None:
    with pytest.raises(ContractError, match="not_json"):
        inflate(body)


def _refuse(name: str) -> None:
    raise ValueError(name)
