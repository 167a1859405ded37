"""A small recording service on the real contracts of sessions, which fails by our own fault for one goal.

Served as a process of its own by the tests of the inbox, so it can be imported by its bare name.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from miriam_contracts.catalogue import families_of
from miriam_contracts.history import INITIAL, Fact, History, decider, evolve
from miriam_contracts.problems import Problem
from miriam_platform.definition import Domain, ServiceDefinition


def reached_after_set(fact: Fact, state: History) -> Iterator[Problem]:
    """A goal cannot be reached before it is set."""
    if not any(goal.data["goal"] == fact.data["goal"] for goal in state.standing("goal", "set")):
        yield Problem("fact_not_found", "data/goal")


def fragile(fact: Fact, _: History) -> Iterator[Problem]:
    """Fails for the goal `g-poison`, until somebody mends it by making the file that the environment names."""
    mended = Path(os.environ.get("MIRIAM_TEST_MENDED", "/nowhere"))
    if fact.data["goal"].endswith(":g-poison") and not mended.exists():
        raise KeyError("our own fault, with a value in its message: MARKER")
    return iter(())


DEFINITION = ServiceDefinition(
    "sessions",
    families_of("sessions"),
    Domain(decider({"goal.reached": reached_after_set, "goal.set": fragile}), evolve, INITIAL),
)
