"""What fails is told in few events."""

from __future__ import annotations

import json

from histories import seeded
from misreadings import MISREADINGS
from shrinking import smallest
from test_histories_tell_misreadings_apart import figures_of, misread

import miriam_verify


def test_a_wrong_rule_is_shown_by_the_few_events_that_it_concerns() -> None:
    wrong = misread(*MISREADINGS["the end must name the same project"])

    def fails(bodies: list[bytes], as_of: int | None) -> bool:
        return figures_of(wrong, bodies[:as_of]) != figures_of(miriam_verify, bodies[:as_of])

    bodies = next(bodies for bodies in (seeded(seed, 250) for seed in range(100)) if fails(bodies, None))
    leaves, as_of = smallest([*bodies, *seeded(1, 30)], len(bodies), fails)
    told = [json.loads(leaf)["type"] for leaf in leaves]
    assert as_of == len(leaves) <= 8
    assert "miriam.participation.ended.v1" in told
    assert "miriam.participation.enrolled.v1" in told


def test_numbers_of_a_source_close_up_and_corrections_go_with_their_fact() -> None:
    bodies = seeded(3, 200)
    firsts = {json.loads(body)["id"] for body in bodies if b"corrects" not in body and b"retracts" not in body}
    leaves, _ = smallest(bodies, None, lambda some, _: any(b".corrected." in body for body in some))
    events = [json.loads(leaf) for leaf in leaves]
    assert len(events) == 2
    assert events[1]["data"]["corrects"] == events[0]["id"] in firsts
    assert [event["sequence"] for event in events] == [1, 2]
