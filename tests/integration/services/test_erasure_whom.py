"""Whom `miriam erase` means: the records that turned out to be one woman, by the last word on each pair."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from miriam_local.erasure.women import person_of, women_behind

from .conftest import Service


@pytest.fixture
def persons(intake: Service) -> dict[str, str]:
    """Four participations of four persons without number: a, b, c, d."""
    found = {}
    for name in "abcd":
        event = intake.recorded(intake.delivery("participation.enrolled", participation=f"anderlecht:{name}"))
        found[name] = event["data"]["person"]
    return found


def say(intake: Service, fact: str, one: str, other: str, day: str, **changes: Any) -> dict[str, Any]:
    return intake.recorded(
        intake.delivery(
            f"person.{fact}",
            participation=f"anderlecht:{one}",
            other=f"anderlecht:{other}",
            occurred_on=day,
            **changes,
        )
    )


def behind(intake: Service, persons: dict[str, str], name: str) -> str:
    """The names of the records behind one, that one first."""
    names = {person: each for each, person in persons.items()}
    with intake.database.transaction() as connection:
        assert person_of(connection, f"anderlecht:{name}") == persons[name]
        found = women_behind(connection, persons[name])
    assert [woman.participations for woman in found] == [(f"anderlecht:{names[w.person]}",) for w in found]
    first, *others = (names[woman.person] for woman in found)
    return first + "".join(sorted(others))


def test_links_lead_on_whichever_of_the_two_said_so(intake: Service, persons: dict[str, str]) -> None:
    say(intake, "linked", "a", "b", "2023-05-01")
    say(intake, "linked", "c", "b", "2023-05-02")
    assert [behind(intake, persons, name) for name in "abcd"] == ["abc", "bac", "cab", "d"]


def test_what_was_unlinked_or_retracted_leads_nowhere(intake: Service, persons: dict[str, str]) -> None:
    say(intake, "linked", "a", "b", "2023-05-01")
    say(intake, "unlinked", "a", "b", "2023-06-01")
    link = say(intake, "linked", "c", "d", "2023-05-01")
    made = intake.delivery("person.retracted", retracts=link["id"], supersedes=link["id"], fact="linked")
    event = {**orjson.loads(made.body), "subject": "anderlecht:c"}
    intake.recorded(replace(made, body=orjson.dumps(event)))
    assert [behind(intake, persons, name) for name in "abcd"] == ["a", "b", "c", "d"]


def test_the_last_word_counts_by_the_day_it_was_found_out(intake: Service, persons: dict[str, str]) -> None:
    say(intake, "linked", "a", "b", "2023-05-01")
    say(intake, "unlinked", "a", "b", "2023-06-01")
    say(intake, "linked", "b", "a", "2023-07-01")
    assert behind(intake, persons, "a") == "ab"


def test_who_was_erased_is_known_as_such(intake: Service, persons: dict[str, str]) -> None:
    erasure = intake.recorded(intake.delivery("person.erased", person=persons["a"], participation="anderlecht:a"))
    with intake.database.transaction() as connection:
        (woman,) = women_behind(connection, persons["a"])
        assert (woman.erased, woman.participations) == (erasure["id"], ())
        assert person_of(connection, "anderlecht:a") is None
