from __future__ import annotations

import secrets
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from miriam_contracts.examples import emitted
from miriam_platform import door
from miriam_platform.deliveries import Delivery, posted, routing_key_of


def test_what_is_posted_has_the_routing_key_of_its_type_and_the_sender_of_its_token() -> None:
    body = orjson.dumps(emitted("session.held"))
    delivery = posted(body, "anderlecht", "cpas", in_clear=True)
    assert (delivery.user_id, delivery.routing_key, delivery.in_clear) == (
        "cpas.anderlecht",
        "anderlecht.session.held",
        True,
    )
    assert delivery.body is body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'"miriam.session.held.v1"',
        b'{"type": 1}',
        b'{"type": ["miriam.session.held.v1"]}',
        b'{"type": "miriam.peeters.jan.v1"}',
        b"[" * 3000 + b"]" * 3000,
        b'{"type": "miriam.session.held.v1", "x": "' + b"x" * 300_000 + b'"}',
    ],
)
def test_of_what_has_no_type_of_ours_nothing_stands_in_the_routing_key(body: bytes) -> None:
    assert routing_key_of(body, "anderlecht") == "anderlecht.unknown"


def test_a_type_that_came_too_early_has_its_key_when_it_is_tried_again() -> None:
    keys: Any = SimpleNamespace(door=secrets.token_bytes(32))
    body = orjson.dumps(emitted("session.held"))
    early = Delivery(body, "cpas.anderlecht", "anderlecht.unknown", in_clear=True)
    again = door.unseal_delivery(door.seal_delivery(early, keys, door.REFUSAL_BINDING), keys, door.REFUSAL_BINDING)
    assert (again.routing_key, again.user_id, again.in_clear) == ("anderlecht.session.held", "cpas.anderlecht", True)
