"""What a maker's program is asked to do: files of events, and what must have become of each event afterwards.

A step is one call of the program. `expected` says for each id the outcome at the door: `recorded`, or `refused:<code>`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from miriam_conformance.course import every_type
from miriam_conformance.maker import Event, Maker


@dataclass(frozen=True)
class Step:
    """One call of the program.

    Attributes:
        events: the lines of the file.
        expected: the outcome of each event, by id.
        fresh: the program's folder of state is emptied before, as if its machine had been lost.
        killed: the program is killed (SIGKILL) in the middle, and called again with the same file and state.
    """

    events: list[Event]
    expected: dict[str, str]
    fresh: bool = False
    killed: bool = False


@dataclass(frozen=True)
class Check:
    """One line of the table: `code` names it for good, `title` says what a program that passes it does."""

    code: str
    title: str
    steps: list[Step]


def checks(maker: Maker) -> list[Check]:
    """Every check of a program, in the order in which they are made."""
    return [Check(each.__name__, _title(each), each(maker)) for each in _CHECKS]


def all_recorded(events: list[Event]) -> dict[str, str]:
    """Each of these is expected to be recorded."""
    return {event["id"]: "recorded" for event in events}


def emits_every_type(maker: Maker) -> list[Step]:
    """Sends every type that a CPAS may emit, each version, personal blocks sealed."""
    events = every_type(maker)
    return [Step(events, all_recorded(events))]


def goes_on_after_a_refusal(maker: Maker) -> list[Step]:
    """Takes a refusal for what it is: no retry, and the events behind it are sent."""
    day = {"occurred_on": "2024-02-01"}

    def goal(fact: str, name: str, **data: object) -> Event:
        return maker.goal(fact, f"bad-{name}", "p-bad", f"g-bad-{name}", **data)

    bad: list[tuple[str, Event]] = [
        ("unknown_code", goal("set", "code", **day, domain="astrology")),
        ("required", goal("set", "required", domain="training")),
        ("unknown_field", goal("set", "field", **day, domain="training", mood=3)),
        ("not_a_date", goal("set", "date", occurred_on="2024-02-30", domain="training")),
        ("in_the_future", goal("set", "future", occurred_on="2199-01-01", domain="training")),
        ("goal_not_set", goal("reached", "order", **day, evidence="document")),
        ("national_number", _with_wrong_number(maker)),
    ]
    events: list[Event] = []
    expected: dict[str, str] = {}
    for number, (code, event) in enumerate(bad):
        good = maker.goal("set", f"good-{number}", "p-bad", f"g-good-{number}", **day, domain="training")
        events += [event, good]
        expected |= {event["id"]: f"refused:{code}", good["id"]: "recorded"}
    return [Step(events, expected)]


def mends_and_sends_again(maker: Maker) -> list[Step]:
    """Sends a refused event again under the same id once it is mended."""
    bad = maker.goal("set", "mend", "p-mend", "g-mend", occurred_on="2024-02-01", domain="astrology")
    good = maker.goal("set", "mend", "p-mend", "g-mend", occurred_on="2024-02-01", domain="training")
    return [Step([bad], {bad["id"]: "refused:unknown_code"}), Step([good], all_recorded([good]))]


def keeps_the_order_of_a_subject(maker: Maker) -> list[Step]:
    """Keeps the order within each subject: what is reached was set before, sixty times over on each of five women."""
    events = _chains(maker, "order", women=5, goals=60)
    return [Step(events, all_recorded(events))]


def sends_a_file_twice_without_harm(maker: Maker) -> list[Step]:
    """Changes nothing when it is given the same file twice."""
    events = _chains(maker, "twice", women=3, goals=5)
    return [Step(events, all_recorded(events)), Step(events, all_recorded(events))]


def sends_again_after_losing_its_state(maker: Maker) -> list[Step]:
    """Takes `duplicate` for an answer: with its state lost, the same file changes nothing either."""
    events = _chains(maker, "lost", women=3, goals=5)
    return [Step(events, all_recorded(events)), Step(events, all_recorded(events), fresh=True)]


def is_told_that_an_id_was_used(maker: Maker) -> list[Step]:
    """Is told when an id was used for another content, and does not take that for a duplicate."""
    first = maker.goal("set", "reused", "p-reused", "g-reused", occurred_on="2024-02-01", domain="training")
    other = maker.goal("set", "reused", "p-reused", "g-reused", occurred_on="2024-02-01", domain="mobility")
    return [Step([first], all_recorded([first])), Step([other], {other["id"]: "refused:id_reused"}, fresh=True)]


def survives_a_kill(maker: Maker) -> list[Step]:
    """Killed in the middle and started again, it loses nothing, doubles nothing and keeps the order."""
    events = _chains(maker, "kill", women=40, goals=20)
    return [Step(events, all_recorded(events), killed=True)]


_CHECKS: tuple[Callable[[Maker], list[Step]], ...] = (
    emits_every_type,
    goes_on_after_a_refusal,
    mends_and_sends_again,
    keeps_the_order_of_a_subject,
    sends_a_file_twice_without_harm,
    sends_again_after_losing_its_state,
    is_told_that_an_id_was_used,
    survives_a_kill,
)
CODES = tuple(each.__name__ for each in _CHECKS)


def _title(check: Callable[[Maker], list[Step]]) -> str:
    return (check.__doc__ or "").strip().rstrip(".")


def _chains(maker: Maker, name: str, women: int, goals: int) -> list[Event]:
    """Goals set and then reached, the women taken in turn; out of order, what is reached first would be refused."""
    return [
        maker.goal(fact, f"{name}-{woman}-{number}-{fact}", f"p-{name}-{woman}", f"g-{name}-{number}", **data)
        for number in range(goals)
        for fact, data in _FACTS
        for woman in range(women)
    ]


_FACTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("set", {"occurred_on": "2024-03-01", "domain": "training"}),
    ("reached", {"occurred_on": "2024-04-01", "evidence": "case_manager"}),
)


def _with_wrong_number(maker: Maker) -> Event:
    return maker.of_participation(
        "participation.enrolled.v1",
        "bad-number",
        "p-bad",
        occurred_on="2024-02-05",
        consented_on="2024-02-01",
        eligibility="single_mother_cpas_service",
        employment="unemployed",
        education="upper_secondary",
        children=2,
        language="fr",
        case_manager=maker.own("cm-1"),
        personal={"niss": "90022300148"},
    )
