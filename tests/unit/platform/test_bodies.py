"""The two halves of a recorded event join to canonical JSON under any number."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from miriam_platform import bodies
from miriam_platform.times import brussels_day, timestamp

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcxyz"), inner, max_size=3),
    max_leaves=8,
)
EMISSION = {
    "id": "e-1", "source": "/cpas/anderlecht", "subject": "anderlecht:p-1", "type": "miriam.goal.set.v1",
}  # fmt: skip


def event(data: object) -> dict[str, Any]:
    return bodies.recorded(
        EMISSION, service="sessions", event_id="i", correlation="c", data={"value": data}, time="t",
        personal_digest="d", recorded_time="r",
    )  # fmt: skip


@given(VALUES, st.integers(1, 2**53 - 1))
def test_head_number_and_tail_are_the_canonical_form(data: object, number: int) -> None:
    head, tail = bodies.halves(made := event(data))
    joined = f"{head}{number}{tail}".encode()
    assert joined == rfc8785.dumps({**made, "sequence": number})


def test_a_payload_that_imitates_the_place_of_the_number_does_not_get_it() -> None:
    cunning = {"sequence": 0, "source": "/services/sessions", "text": '"sequence":0,"source":"/services/sessions"'}
    head, tail = bodies.halves(event(cunning))
    assert orjson.loads(f"{head}7{tail}")["sequence"] == 7
    assert orjson.loads(f"{head}7{tail}")["data"]["value"] == cunning


def test_moments_compare_as_text_also_in_the_first_centuries() -> None:
    early, late = dt.datetime(999, 1, 1, tzinfo=dt.UTC), dt.datetime(2023, 1, 1, tzinfo=dt.UTC)
    assert timestamp(early) == "0999-01-01T00:00:00.000000Z" < timestamp(late)


def test_the_day_is_that_of_brussels() -> None:
    assert brussels_day(dt.datetime(2023, 12, 31, 23, 30, tzinfo=dt.UTC)) == "2024-01-01"
    assert brussels_day(dt.datetime(2023, 6, 30, 22, 30, tzinfo=dt.UTC)) == "2023-07-01"
