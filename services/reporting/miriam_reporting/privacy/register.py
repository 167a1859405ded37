"""The register of requests in the database: read whole, or by reference; steps are judged, then added."""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection

from miriam_contracts import ids
from miriam_platform.times import BRUSSELS, now
from miriam_reporting.privacy.domain import NOTHING_KNOWN, Known, Problem, Request, Step, decide, request_after
from miriam_reporting.privacy.erasures import erasures_of
from miriam_reporting.privacy.women import known_persons

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
ACTOR = re.compile(r"dpo\.[A-Za-z0-9._@-]{1,64}")
_MOST_NAMED = 50
_STEPS = 'select reference, number, step, "on", data, actor, at from privacy.step'
_HELD = "select event_id::text from ledger.leaf where event_id = any (%s::uuid[])"


class StepRefused(Exception):
    """The step cannot be taken; `problems` say why, each with what would be allowed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{each.field}: {each.rule}" for each in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Taken:
    """A step as it stands in the register: which it is of its request, who took it, and when that was noted."""

    number: int
    step: Step
    actor: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A request under the reference of the officer's own file, with all its steps."""

    reference: str
    request: Request
    steps: Sequence[Taken]


def today() -> dt.date:
    """The day in Brussels."""
    return now().astimezone(BRUSSELS).date()


def requests(connection: Connection) -> list[Kept]:
    """Every request: those that are not closed first, by their deadlines; then the others, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_STEPS} order by reference, number")
        found = list(_kept(cursor.fetchall()))
    waiting = sorted((each for each in found if not each.request.closed_on), key=lambda each: each.request.deadline)
    closed = [each for each in found if each.request.closed_on]
    return [*waiting, *sorted(closed, key=lambda each: (each.request.received_on, each.reference), reverse=True)]


def request_of(connection: Connection, reference: str) -> Kept | None:
    """One request; None where there is none of that reference."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_STEPS} where reference = %s order by number", (reference,))
        return next(_kept(cursor.fetchall()), None)


def requests_about(connection: Connection, person: str) -> list[str]:
    """The references of requests in which that person was identified."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct reference from privacy.step where step = 'identified' and data->'persons' ? %s order by 1",
            (person,),
        )
        return [str(reference) for (reference,) in cursor.fetchall()]


def add(connection: Connection, reference: str, step: Step, actor: str, on_day: dt.date | None = None) -> Kept:
    """Take a step of a request, by an officer (`dpo.spp-is`), as of `on_day` (default: today in Brussels).

    What an erasure destroyed is taken from the ledger: `events` of the step are then the recorded ids of the erasures.
    Not committed: that is the caller's. Raises StepRefused.
    """
    problems = list(_forms(reference, step, actor))
    if problems:
        raise StepRefused(problems)
    kept = request_of(connection, reference)
    state = kept.request if kept else None
    known, step = _known(connection, state, step)
    problems = list(decide(state, step, on_day or today(), known))
    if problems:
        raise StepRefused(problems)
    number = len(kept.steps) + 1 if kept else 1
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select privacy.add_step(%s, %s, %s, %s, %s::jsonb, %s)",
                (reference, number, step.name, step.on, json.dumps(dict(step.data)), actor),
            )
    except psycopg2.errors.UniqueViolation:
        raise StepRefused([Problem("step", "moved_meanwhile")]) from None
    added = request_of(connection, reference)
    assert added is not None
    return added


def _kept(rows: Iterable[tuple[Any, ...]]) -> Iterator[Kept]:
    for reference, group in groupby(rows, key=lambda row: str(row[0])):
        steps = [Taken(number, Step(name, on, data), actor, at) for _, number, name, on, data, actor, at in group]
        request = request_after(taken.step for taken in steps)
        assert request is not None
        yield Kept(reference, request, steps)


def _forms(reference: str, step: Step, actor: str) -> Iterator[Problem]:
    """What is wrong before anything is looked up."""
    if not REFERENCE.fullmatch(reference):
        yield Problem("reference", "bad_reference")
    elif ids.holds_national_number(reference):
        yield Problem("reference", "national_number")
    if not ACTOR.fullmatch(actor):
        yield Problem("actor", "not_an_officer", "dpo.*")
    for name, pattern in (("persons", ids.PERSON_PATTERN), ("events", ids.UUID_PATTERN)):
        given = step.data.get(name, ())
        if len(given) > _MOST_NAMED:
            yield Problem(name, "too_many", f"≤ {_MOST_NAMED}")
        if not all(pattern.fullmatch(each) for each in given):
            yield Problem(name, "bad_id")


def _known(connection: Connection, state: Request | None, step: Step) -> tuple[Known, Step]:
    """What the ledger holds of what the step names; and the step, with the erasures that it rests on."""
    if step.name == "identified":
        return Known(persons=known_persons(connection, step.data.get("persons", ()))), step
    if state is None or step.name != "done":
        return NOTHING_KNOWN, step
    data: Mapping[str, Any] = step.data
    erasures = erasures_of(connection, state.persons) if state.right == "erasure" else []
    if erasures:
        data = {**data, "events": [each.event_id for each in erasures]}
    with connection.cursor() as cursor:
        cursor.execute(_HELD, (list(data.get("events", ())),))
        held = frozenset(str(event) for (event,) in cursor.fetchall())
    return Known(events=held, erasures={each.person: each.ground for each in erasures}), Step(step.name, step.on, data)
