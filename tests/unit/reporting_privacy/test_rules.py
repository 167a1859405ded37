"""The rules of a person's request, in three sentences each: given, when, then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from miriam_contracts.codes import ERASURE_GROUNDS as GROUNDS_OF_THE_CONTRACT
from miriam_reporting.privacy.codes import ERASURE_GROUNDS, REFUSAL_GROUNDS, RIGHTS, emitted
from miriam_reporting.privacy.domain import Known, Problem, Request, Step, decide, request_after

ONE, OTHER = "prs-" + "1" * 32, "prs-" + "2" * 32
TODAY = dt.date(2024, 12, 31)
EVENT = "00000000-0000-4000-8000-000000000001"


def step(name: str, on: str = "2024-03-05", **data: Any) -> Step:
    return Step(name, dt.date.fromisoformat(on), data)


def received(right: str = "erasure", on: str = "2024-03-05") -> Step:
    return step("received", on, right=right)


def identified(*persons: str) -> Step:
    return step("identified", "2024-03-06", persons=list(persons))


def given(*steps: Step) -> Request:
    request = request_after(steps)
    assert request is not None
    return request


def broken(problems: Sequence[Problem]) -> list[tuple[str, str]]:
    return [(problem.field, problem.rule) for problem in problems]


def when(state: Request | None, taken: Step, known: Known | None = None) -> list[tuple[str, str]]:
    return broken(decide(state, taken, TODAY, known or Known()))


@pytest.mark.parametrize("right", sorted(RIGHTS))
def test_a_request_that_came_is_open_until_a_month_later(right: str) -> None:
    assert when(None, received(right)) == []
    request = given(received(right))
    assert (request.state, request.deadline) == ("open", dt.date(2024, 4, 5))
    assert [request.days_left(dt.date(2024, 4, day)) for day in (1, 5, 8)] == [4, 0, -3]


def test_a_request_is_received_once_on_a_day_that_came_and_for_a_right_that_there_is() -> None:
    assert when(given(received()), received()) == [("reference", "reference_in_use")]
    assert when(None, received(on="2025-01-01")) == [("on", "day_in_the_future")]
    assert when(None, received("portability")) == [("right", "unknown_code")]
    assert when(None, identified(ONE)) == [("reference", "unknown_request")]
    assert when(None, step("lost")) == [("step", "unknown_code")]


def test_it_is_extended_by_two_months_with_a_reason_told_within_the_first_month() -> None:
    told = step("extended", "2024-04-05", reason="complexity")
    assert when(given(received()), told) == []
    request = given(received(), told)
    assert (request.state, request.first_deadline, request.deadline) == (
        "extended", dt.date(2024, 4, 5), dt.date(2024, 6, 5),
    )  # fmt: skip


def test_it_is_not_extended_later_than_that_nor_twice_nor_without_a_reason() -> None:
    late = step("extended", "2024-04-06", reason="complexity")
    (problem,) = decide(given(received()), late, TODAY)
    assert (problem.field, problem.rule, problem.allowed) == ("on", "extended_too_late", "≤ 2024-04-05")
    once = step("extended", "2024-03-10", reason="complexity")
    assert when(given(received(), once), once) == [("step", "extended_before")]
    assert when(given(received()), step("extended", "2024-03-10", reason="holidays")) == [("reason", "unknown_code")]


def test_who_she_is_must_be_known_to_the_ledger_and_may_be_set_right() -> None:
    assert when(given(received()), identified(ONE, OTHER), Known(frozenset({ONE, OTHER}))) == []
    assert when(given(received()), identified(ONE, OTHER), Known(frozenset({ONE}))) == [("persons", "unknown_person")]
    assert when(given(received()), identified()) == [("persons", "person_missing")]
    assert given(received(), identified(ONE), identified(OTHER)).persons == (OTHER,)


def test_an_erasure_is_done_when_the_ledger_says_of_every_record_of_hers_that_it_is_destroyed() -> None:
    request = given(received(), identified(ONE, OTHER))
    done = step("done", "2024-04-01", ground="consent_withdrawn")
    half = Known(erasures={ONE: "consent_withdrawn"})
    (problem,) = decide(request, done, TODAY, half)
    assert (problem.field, problem.rule, problem.allowed) == ("persons", "not_erased", OTHER)
    assert when(request, done, Known(erasures={ONE: "consent_withdrawn", OTHER: "consent_withdrawn"})) == []


def test_an_erasure_is_done_on_a_ground_that_the_ledger_names() -> None:
    request = given(received(), identified(ONE))
    known = Known(erasures={ONE: "unlawful"})
    for ground, problems in {
        "unlawful": [],
        "legal_obligation": [],
        "objection": [("ground", "ground_of_another_erasure")],
        "because": [("ground", "unknown_code")],
    }.items():
        assert when(request, step("done", "2024-04-01", ground=ground), known) == problems
    assert when(request, step("done", "2024-04-01"), known) == [("ground", "unknown_code")]


def test_every_ground_of_the_regulation_is_told_by_one_that_an_erasure_can_name() -> None:
    assert {emitted(ground) for ground in ERASURE_GROUNDS} == set(GROUNDS_OF_THE_CONTRACT)
    assert all(emitted(ground) == ground for ground in GROUNDS_OF_THE_CONTRACT)


def test_a_request_is_done_for_somebody_or_because_nothing_is_held() -> None:
    assert when(given(received("access")), step("done")) == [("persons", "not_identified")]
    assert when(given(received("access")), step("done", nothing_held=True)) == []
    assert when(given(received()), step("done", nothing_held=True)) == []
    assert when(given(received()), step("done", nothing_held=True, ground="unlawful")) == [("ground", "nothing_erased")]
    request = given(received("access"), identified(ONE))
    assert when(request, step("done", "2024-03-09")) == []
    assert when(request, step("done", nothing_held=True)) == [("nothing_held", "person_identified")]
    assert when(request, step("done", ground="unlawful")) == [("ground", "ground_of_erasure_alone")]


def test_a_rectification_is_done_by_events_that_the_ledger_holds() -> None:
    request = given(received("rectification"), identified(ONE))
    assert when(request, step("done")) == [("events", "correction_missing")]
    assert when(request, step("done", events=[EVENT])) == [("events", "unknown_event")]
    assert when(request, step("done", events=[EVENT]), Known(events=frozenset({EVENT}))) == []


@pytest.mark.parametrize("right", sorted(RIGHTS))
def test_a_refusal_names_a_ground_of_its_own_right(right: str) -> None:
    for other, grounds in REFUSAL_GROUNDS.items():
        for ground in grounds:
            allowed = ground in REFUSAL_GROUNDS[right]
            problems = [] if allowed else [("ground", "unknown_code")]
            assert when(given(received(right)), step("refused", ground=ground)) == problems, (other, ground)


@pytest.mark.parametrize("last", ["done", "refused", "withdrawn"])
def test_nothing_follows_what_closed_a_request(last: str) -> None:
    data: dict[str, dict[str, Any]] = {"done": {"nothing_held": True}, "refused": {"ground": "excessive"}}
    closed = given(received(), step(last, "2024-04-05", **data.get(last, {})))
    assert (closed.state, closed.days_left(TODAY), closed.days_late) == (last, None, 0)
    for name in ("identified", "extended", "done", "refused", "withdrawn"):
        assert when(closed, step(name)) == [("step", "request_closed")]


def test_an_answer_after_the_deadline_is_told_as_late() -> None:
    assert given(received(), step("withdrawn", "2024-04-08")).days_late == 3
    told = step("extended", "2024-03-20", reason="number_of_requests")
    assert given(received(), told, step("refused", "2024-06-05", ground="excessive")).days_late == 0


def test_no_step_is_before_the_request_came() -> None:
    for name in ("identified", "extended", "done", "refused", "withdrawn"):
        assert ("on", "day_before_receipt") in when(given(received()), step(name, "2024-03-04"))
