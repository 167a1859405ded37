"""Each event goes to the one service that records it, its bytes as they came, and the receipts come back in order."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from miriam_contracts.batches import split
from miriam_contracts.catalogue import EVENT_TYPES, RECORDING_SERVICES
from miriam_front.splitting import batch, by_owner, in_order, owner_of

EVENTS = {"intake": "miriam.participation.enrolled.v1", "sessions": "miriam.session.held.v1"} | {
    "groups": "miriam.groupsession.held.v1"
}
UNREADABLE = [b"{", b"[]", b"null", b'"miriam.session.held.v1"', b"[" * 2000 + b"]" * 2000, b'{"type": 7}']


@pytest.mark.parametrize("name", sorted(EVENT_TYPES))
def test_every_type_that_is_emitted_goes_to_its_owner(name: str) -> None:
    event_type = EVENT_TYPES[name]
    expected = event_type.owner if event_type.owner in RECORDING_SERVICES else "intake"
    assert owner_of(b'{"data": {"type": "miriam.group.formed.v1"}, "type": "%s"}' % name.encode()) == expected
    assert not event_type.emitted_by or expected == event_type.owner


@pytest.mark.parametrize("event", [*UNREADABLE, b'{"type": "session.held.v1"}', b'{"type": "miriam.weather.seen.v1"}'])
def test_what_nobody_owns_goes_to_intake_which_says_so(event: bytes) -> None:
    assert owner_of(event) == "intake"


@pytest.mark.parametrize("name", ["miriam.session.held.v99", "miriam.session.forgotten.v1", "miriam.session"])
def test_a_version_or_fact_that_nobody_knows_goes_to_the_owner_of_its_family(name: str) -> None:
    assert owner_of(b'{"type": "%s"}' % name.encode()) == "sessions"


def test_the_bytes_of_an_event_pass_unchanged() -> None:
    odd = b'{ "type":"miriam.session.held.v1",\n\t"data": {"a": 1.0e2, "\\u0061": "\\/ ,]"} }'
    mixed = b" [" + odd + b" ,{}, " + odd + b"]\n"
    places = by_owner(split(mixed))
    assert places == {"sessions": [0, 2], "intake": [1]}
    assert batch(split(mixed)[place] for place in places["sessions"]) == b"[" + odd + b"," + odd + b"]"


@pytest.mark.parametrize("owners", list(itertools.product(EVENTS, repeat=4)), ids="-".join)
def test_receipts_come_back_in_the_order_of_the_events(owners: tuple[str, ...]) -> None:
    events = [b'{"id": "%d", "type": "%s"}' % (n, EVENTS[owner].encode()) for n, owner in enumerate(owners)]
    places = by_owner(events)
    receipts = {owner: [{"id": str(place)} for place in own] for owner, own in places.items()}
    assert [each["id"] for each in in_order(places, receipts)] == ["0", "1", "2", "3"]


def test_receipts_of_a_batch_that_was_half_settled_are_all_there() -> None:
    places = {"intake": [0, 2], "sessions": [1, 3]}
    half: dict[str, list[dict[str, Any]]] = {"intake": [{"id": "a"}, {"id": "c"}], "sessions": [{"id": "d"}]}
    assert [each["id"] for each in in_order(places, half)] == ["a", "c", "d"]
