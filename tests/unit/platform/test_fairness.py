from __future__ import annotations

import pytest

from miriam_contracts.http_problems import HttpProblem
from miriam_platform.fairness import MOST_AT_ONCE, Fairness


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def wait(fairness: Fairness, events: int, holder: str = "a") -> str | None:
    """The Retry-After of a refused charge; None where it was let through."""
    try:
        fairness.charge(holder, events)
    except HttpProblem as problem:
        return problem.headers["Retry-After"] if problem.status == 429 else "another status"
    return None


def test_a_burst_and_then_the_rate() -> None:
    clock = Clock()
    fairness = Fairness(10, clock)
    assert wait(fairness, 100) is None
    assert wait(fairness, 30) == "3"
    clock.now = 3.0
    assert wait(fairness, 30) is None
    assert wait(fairness, 1) == "1"
    clock.now = 1000.0
    assert [wait(fairness, 100), wait(fairness, 1)] == [None, "1"]


def test_a_batch_beyond_the_burst_is_let_through_once_and_is_paid_for() -> None:
    clock = Clock()
    fairness = Fairness(10, clock)
    assert wait(fairness, 1000) is None
    assert wait(fairness, 1) == "91"
    clock.now = 91.0
    assert wait(fairness, 1) is None


def test_one_holders_haste_is_not_anothers() -> None:
    fairness = Fairness(1, Clock())
    assert [wait(fairness, 10), wait(fairness, 1)] == [None, "1"]
    assert wait(fairness, 10, "b") is None


def test_without_a_rate_everything_passes() -> None:
    fairness = Fairness(0, Clock())
    assert [wait(fairness, 1_000_000) for _ in range(3)] == [None] * 3


def test_few_requests_are_under_way_and_each_makes_room_however_it_ends() -> None:
    fairness = Fairness(0)
    for _ in range(3):
        with pytest.raises(KeyError), fairness.request("a"):
            raise KeyError
    opened = [fairness.request("a") for _ in range(MOST_AT_ONCE)]
    for each in opened:
        each.__enter__()
    with pytest.raises(HttpProblem), fairness.request("a"):
        pass
    opened[0].__exit__(None, None, None)
    with fairness.request("a"), fairness.request("b"):
        pass
