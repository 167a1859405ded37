"""The rules of requests of persons: what a step needs, where a request stands, until when it must be answered.

Pure: no clock, no database. What the ledger holds is given by the caller.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from miriam_reporting.privacy.codes import ERASURE_GROUNDS, EXTENSION_REASONS, REFUSAL_GROUNDS, RIGHTS, emitted
from miriam_reporting.privacy.deadlines import MONTHS, MONTHS_EXTENDED, deadline

STEPS = ("received", "identified", "extended", "done", "refused", "withdrawn")
OPEN, EXTENDED = "open", "extended"
CLOSING = ("done", "refused", "withdrawn")
STATES = (OPEN, EXTENDED, *CLOSING)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a request, taken `on` a day (Brussels). What `data` holds hangs on `name`:

    received     right: one of RIGHTS
    identified   persons: the pseudonyms of all records of her; a later step replaces them
    extended     reason: one of EXTENSION_REASONS; `on` is the day on which she was told
    done         ground (of an erasure), events: recorded ids of what was done, nothing_held: no data of hers are held
    refused      ground: one of REFUSAL_GROUNDS of its right; `on` is the day on which she was told
    withdrawn    nothing
    """

    name: str
    on: dt.date
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a step cannot be taken: the field, the rule that it breaks, and what would be allowed."""

    field: str
    rule: str
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger holds of what a step names.

    persons    those pseudonyms that it knows; an erased one too
    events     those recorded ids that it holds
    erasures   of persons who are erased: the grounds that their erasures name
    """

    persons: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    erasures: Mapping[str, str] = field(default_factory=dict)


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Request:
    """Where a request stands after its steps."""

    right: str
    received_on: dt.date
    state: str = OPEN
    persons: tuple[str, ...] = ()
    extended_on: dt.date | None = None
    reason: str = ""
    closed_on: dt.date | None = None
    ground: str = ""
    events: tuple[str, ...] = ()
    nothing_held: bool = False

    @property
    def first_deadline(self) -> dt.date:
        """The last day to answer, or to tell her that it takes longer."""
        return deadline(self.received_on, MONTHS)

    @property
    def deadline(self) -> dt.date:
        """The last day to answer: that of the extension where there is one."""
        return self.first_deadline if self.extended_on is None else deadline(self.received_on, MONTHS_EXTENDED)

    def days_left(self, today: dt.date) -> int | None:
        """Days until the deadline: 0 on its last day, negative after it. None where the request is closed."""
        return None if self.closed_on else (self.deadline - today).days

    @property
    def days_late(self) -> int:
        """Days after the deadline on which it was closed; 0 in time, or while it is not closed."""
        return max((self.closed_on - self.deadline).days, 0) if self.closed_on else 0


def evolve(state: Request | None, step: Step) -> Request:
    """The request after one more step, which `decide` let pass when it was taken."""
    if step.name == "received":
        return Request(step.data["right"], step.on)
    assert state is not None
    if step.name == "identified":
        return replace(state, persons=tuple(step.data["persons"]))
    if step.name == "extended":
        return replace(state, state=EXTENDED, extended_on=step.on, reason=step.data["reason"])
    return replace(
        state,
        state=step.name,
        closed_on=step.on,
        ground=step.data.get("ground", ""),
        events=tuple(step.data.get("events", ())),
        nothing_held=step.data.get("nothing_held", False),
    )


def request_after(steps: Iterable[Step]) -> Request | None:
    """The request that these steps made; None where there are none."""
    state: Request | None = None
    for step in steps:
        state = evolve(state, step)
    return state


def decide(state: Request | None, step: Step, today: dt.date, known: Known = NOTHING_KNOWN) -> Sequence[Problem]:
    """Every reason why the step cannot be taken today; none where it can."""
    if step.name not in STEPS:
        return [Problem("step", "unknown_code", ", ".join(STEPS))]
    if (state is None) != (step.name == "received"):
        return [Problem("reference", "unknown_request" if state is None else "reference_in_use")]
    found = [Problem("on", "day_in_the_future", f"≤ {today}")] if step.on > today else []
    if state is None:
        return [*found, *_code("right", step.data.get("right"), RIGHTS)]
    if state.closed_on:
        return [Problem("step", "request_closed")]
    if step.on < state.received_on:
        found.append(Problem("on", "day_before_receipt", f"≥ {state.received_on}"))
    return [*found, *_RULES[step.name](state, step, known)]


def _identified(_: Request, step: Step, known: Known) -> Iterator[Problem]:
    persons = step.data.get("persons", ())
    if not persons:
        yield Problem("persons", "person_missing")
    if not known.persons.issuperset(persons):
        yield Problem("persons", "unknown_person")


def _extended(state: Request, step: Step, _: Known) -> Iterator[Problem]:
    yield from _code("reason", step.data.get("reason"), EXTENSION_REASONS)
    if state.extended_on:
        yield Problem("step", "extended_before")
    elif step.on > state.first_deadline:
        yield Problem("on", "extended_too_late", f"≤ {state.first_deadline}")


def _done(state: Request, step: Step, known: Known) -> Iterator[Problem]:
    nothing_held = step.data.get("nothing_held", False)
    if nothing_held and state.persons:
        yield Problem("nothing_held", "person_identified")
    elif not nothing_held and not state.persons:
        yield Problem("persons", "not_identified")
    if not known.events.issuperset(step.data.get("events", ())):
        yield Problem("events", "unknown_event")
    if state.right == "erasure":
        yield from _erased(state, step, known)
    elif "ground" in step.data:
        yield Problem("ground", "ground_of_erasure_alone")
    if state.right == "rectification" and state.persons and not step.data.get("events"):
        yield Problem("events", "correction_missing")


def _erased(state: Request, step: Step, known: Known) -> Iterator[Problem]:
    """Done is what the ledger says was destroyed, and on the ground that it names."""
    if not state.persons:
        if "ground" in step.data:
            yield Problem("ground", "nothing_erased")
        return
    wrong = list(_code("ground", step.data.get("ground"), ERASURE_GROUNDS))
    yield from wrong
    left = [person for person in state.persons if person not in known.erasures]
    if left:
        yield Problem("persons", "not_erased", ", ".join(left))
    elif not wrong and emitted(step.data["ground"]) not in (told := set(known.erasures.values())):
        yield Problem("ground", "ground_of_another_erasure", ", ".join(sorted(told)))


def _refused(state: Request, step: Step, _: Known) -> Iterator[Problem]:
    yield from _code("ground", step.data.get("ground"), REFUSAL_GROUNDS[state.right])


def _withdrawn(_: Request, __: Step, ___: Known) -> Iterator[Problem]:
    yield from ()


_RULES = {
    "identified": _identified,
    "extended": _extended,
    "done": _done,
    "refused": _refused,
    "withdrawn": _withdrawn,
}


def _code(name: str, given: Any, allowed: Mapping[str, str]) -> Iterator[Problem]:
    if given not in allowed:
        yield Problem(name, "unknown_code", ", ".join(allowed))
