"""What the spool makes of a row: new, known, on its way, refused before, recorded with another content."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from miriam_contracts.envelope import parse
from miriam_contracts.identity import recorded_id
from miriam_emitter import Emitter
from miriam_importer.plan import Plan, Planner, Would
from miriam_importer.rows import Drafts
from miriam_importer.sheets import SHEETS

Cells = Callable[..., dict[str, Any]]
Fill = Callable[..., Path]
Import = Callable[..., Drafts]
Answer = Callable[..., None]
Plans = Callable[..., Plan]
REASON = {"correction": "Tikfout"}


@pytest.fixture
def plan(emitter: Emitter, fill: Fill, session: Cells, interpret: Import) -> Plans:
    """`plan(place="Online")`: the plan of one session of that content, on some later day."""
    days = iter(range(1, 29))

    def make(**changes: Any) -> Plan:
        drafts = interpret(fill("sessions", {2: session(**changes)}))
        assert drafts.troubles == []
        today = f"2024-06-{next(days):02}"
        return Planner(emitter, SHEETS["sessions"], "nl", f"{today}T08:00:00Z", today).plan(drafts.found)

    return make


@pytest.fixture
def done(emitter: Emitter, answer: Answer) -> Callable[..., str]:
    """`done(plan, "recorded")`: the plan is sent and answered; the id of its one event."""

    def make(plan: Plan, outcome: str = "recorded") -> str:
        emitter.spool.put(plan.entries)
        (step,) = plan.steps
        if outcome:
            answer(step.id, outcome)
        return step.id

    return make


Done = Callable[..., str]


def would(plan: Plan) -> Would:
    (step,) = plan.steps
    assert plan.troubles == []
    return step.would


def trouble(plan: Plan) -> str:
    (found,) = plan.troubles
    assert plan.steps == []
    return found.code


def event(plan: Plan) -> dict[str, Any]:
    (entry,) = plan.entries
    found: dict[str, Any] = json.loads(entry.body)
    return found


def test_a_row_is_new_then_on_its_way_then_known(plan: Plans, done: Done, answer: Answer) -> None:
    first = plan()
    assert would(first) is Would.NEW
    id_ = done(first, "")
    assert would(plan()) is Would.WAIT
    assert plan().entries == []
    answer(id_, "recorded")
    assert would(plan()) is Would.KNOWN
    assert plan().entries == []


def test_what_was_a_duplicate_is_known(plan: Plans, done: Done) -> None:
    done(plan(), "duplicate")
    assert would(plan()) is Would.KNOWN


def test_a_refused_row_goes_again_under_its_id_mended_or_not(plan: Plans, done: Done) -> None:
    id_ = done(plan(), "refused")
    again = plan(place="Online")
    assert would(again) is Would.AGAIN
    assert event(again)["id"] == id_


def test_a_note_that_changed_is_another_content(plan: Plans, done: Done) -> None:
    done(plan(**{"personal/text": "een"}))
    assert would(plan(**{"personal/text": "een"})) is Would.KNOWN
    assert trouble(plan(**{"personal/text": "twee"})) == "row_changed"


def test_a_row_that_changed_while_it_is_on_its_way_waits(plan: Plans, done: Done) -> None:
    done(plan(), "")
    assert trouble(plan(place="Online")) == "row_waiting"
    done(plan(), "parked")
    assert trouble(plan(place="Online")) == "row_waiting"


def test_a_recorded_row_with_another_content_is_told_and_not_sent(plan: Plans, done: Done) -> None:
    done(plan())
    found = plan(place="Online")
    assert trouble(found) == "row_changed"
    assert "Reden van de verbetering" in found.troubles[0].said
    assert "Tikfout" in found.troubles[0].allowed


def test_with_a_reason_it_is_corrected_against_the_version_that_stands(plan: Plans, done: Done) -> None:
    first = done(plan())
    second = plan(place="Online", **REASON)
    assert would(second) is Would.CORRECT
    emitted = parse(event(second))
    assert emitted.data["corrects"] == emitted.data["supersedes"] == recorded_id("sessions", "/cpas/anderlecht", first)
    assert (emitted.data["reason"], emitted.data["replacement"]["place"]) == ("typing_error", "online")
    correction = done(second)
    assert would(plan(place="Online", **REASON)) is Would.KNOWN
    assert would(plan(place="Online")) is Would.KNOWN
    third = plan(place="Telefoon", **REASON)
    assert event(third)["data"]["corrects"] == recorded_id("sessions", "/cpas/anderlecht", first)
    assert event(third)["data"]["supersedes"] == recorded_id("sessions", "/cpas/anderlecht", correction)
    done(third)
    # Back to what it said at first is a change like any other.
    assert trouble(plan()) == "row_changed"
    assert would(plan(**REASON)) is Would.CORRECT


def test_a_correction_on_its_way_is_waited_for(plan: Plans, done: Done) -> None:
    done(plan())
    done(plan(place="Online", **REASON), "")
    assert would(plan(place="Online", **REASON)) is Would.WAIT
    assert trouble(plan(place="Telefoon", **REASON)) == "row_waiting"


def test_a_refused_correction_goes_again_under_its_id(plan: Plans, done: Done) -> None:
    done(plan())
    refused = done(plan(place="Online", **REASON), "refused")
    again = plan(place="Telefoon", **REASON)
    assert would(again) is Would.CORRECT
    assert event(again)["id"] == refused
    # And with the content that stands, nothing is left to be corrected.
    assert would(plan(**REASON)) is Would.KNOWN


def test_a_row_is_withdrawn_with_a_reason_and_for_good(plan: Plans, done: Done) -> None:
    assert trouble(plan(withdraw="Ja", **REASON)) == "nothing_recorded"
    first = done(plan())
    assert trouble(plan(withdraw="Ja")) == "withdraw_why"
    found = plan(withdraw="Ja", **REASON)
    assert would(found) is Would.WITHDRAW
    emitted = parse(event(found))
    assert emitted.data["retracts"] == recorded_id("sessions", "/cpas/anderlecht", first)
    done(found, "")
    assert would(plan(withdraw="Ja", **REASON)) is Would.WAIT
    assert trouble(plan()) == "row_withdrawn"


def test_a_refused_withdrawal_can_be_tried_again(plan: Plans, done: Done) -> None:
    done(plan())
    done(plan(withdraw="Ja", **REASON), "refused")
    assert would(plan()) is Would.KNOWN
    assert would(plan(withdraw="Ja", **REASON)) is Would.WITHDRAW


def test_nothing_personal_lies_in_the_open_in_what_is_sent(plan: Plans, done: Done) -> None:
    first = plan(**{"personal/text": "Zephyrine"})
    assert b"Zephyrine" not in first.entries[0].body
    done(first)
    corrected = plan(**{"personal/text": "Zephyrine B", **REASON})
    assert would(corrected) is Would.CORRECT
    assert b"Zephyrine" not in corrected.entries[0].body
