"""Random histories: a foundation (edition, CPAS, projects, groups, enrolments), and any facts on top of it.

`histories()` is the hypothesis strategy, `seeded(seed, size)` the plain generator for bigger ones. Both give a list of
leaf bodies in ledger order. A history is a list of operations, so that hypothesis can drop them one by one: what fails
shrinks to the few events that matter.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from history_defaults import EDITIONS, person
from history_ledger import LedgerBuilder
from history_payloads import FIRST_DAY, KINDS, PAYLOADS, Pick, T, World, mostly
from hypothesis import strategies as st
from retelling import retold

from miriam_contracts.catalogue import EVENT_TYPES

ACTIONS = ("record",) * 7 + ("correct",) * 3 + ("retract",)
# Days between what happened and its note, and the hour: late at night it is already tomorrow in Brussels.
DELAYS = (0, 0, 0, 1, 3, 4, 40)
HOURS = ("10:00:00", "21:59:59", "22:00:00", "22:59:59", "23:00:00")


@dataclass(frozen=True)
class Operation:
    """Record a fact of this kind, or correct or retract the `which`-th one that stands (with this payload)."""

    action: str
    kind: str
    payload: dict[str, Any]
    delay: int
    hour: str
    which: int


@dataclass(frozen=True)
class Drawn:
    """Choices that hypothesis makes, and shrinks."""

    draw: Callable[[st.SearchStrategy[Any]], Any]

    def of(self, options: Sequence[T]) -> T:
        """One of the options."""
        chosen: T = self.draw(st.sampled_from(options))
        return chosen


@dataclass(frozen=True)
class Seeded:
    """Choices of a seeded generator."""

    source: random.Random

    def of(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.source.randrange(len(options))]


def operation(pick: Pick, world: World) -> Operation:
    """Any operation."""
    kind = pick.of(KINDS)
    return Operation(
        action=pick.of(ACTIONS),
        kind=kind,
        payload=PAYLOADS[kind](pick, world),
        delay=pick.of(DELAYS),
        hour=pick.of(HOURS),
        which=pick.of(range(4)),
    )


def foundation(pick: Pick, world: World) -> Iterator[Operation]:
    """What most histories stand on; each piece is missing now and then."""
    for kind, payload in _pieces(pick, world):
        if pick.of((True,) * 19 + (False,)):
            yield Operation("record", kind, payload, 0, HOURS[0], 0)


def _pieces(pick: Pick, world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    for edition in EDITIONS:
        yield "edition.opened", {"edition": edition, "occurred_on": "2023-01-01"}
    for cpas, region in world.cpas.items():
        yield "cpas.registered", {"cpas": cpas, "region": region, "occurred_on": "2023-01-01"}
    for consortium, lead in world.consortia.items():
        members = world.members(consortium)
        yield "consortium.formed", {"consortium": consortium, "lead": lead, "members": members}
    for project, (edition, cpas, consortium) in world.projects.items():
        payload = {"project": project, "edition": edition, "cpas": cpas, "occurred_on": "2023-01-01"}
        yield "project.approved", {**payload, "consortium": consortium} if consortium else payload
    for group, project in world.groups.items():
        consortium = world.projects[project][2]
        payload = {"group": group, "project": project}
        yield "group.formed", {**payload, "consortium": consortium} if consortium else payload
    for number, (participation, project) in enumerate(world.homes.items()):
        day = FIRST_DAY[world.edition_of(participation)]
        woman = person(mostly(pick, number % world.persons, (0, 1)))
        yield "participation.enrolled", {
            "participation": participation, "project": project, "occurred_on": day, "person": woman,
        }  # fmt: skip
        for group, met in world.groups.items():
            if met == project:
                yield "group.joined", {
                    "group": group, "project": project, "participation": participation, "occurred_on": day,
                }  # fmt: skip


def build(operations: Iterable[Operation], check: bool = True) -> list[bytes]:
    """The leaves of a history, in the order of its operations."""
    ledger = LedgerBuilder(check=check)
    standing: dict[str, list[str]] = {}
    for item in operations:
        time = _noted(item)
        known = standing.setdefault(item.kind, [])
        correctable = f"miriam.{item.kind.partition('.')[0]}.corrected.v1" in EVENT_TYPES
        if item.action == "record" or not known or not correctable:
            extra = {"service": ("intake", "sessions", "groups")[item.which % 3]} if item.kind == "door.tallied" else {}
            known.append(ledger.record(item.kind, time=time, **extra, **item.payload))
            continue
        first_id = known[item.which % len(known)]
        if item.action == "retract":
            known.remove(first_id)
            ledger.retract(first_id, time=time)
        else:
            ledger.correct(first_id, time=time, **_fitting(item, ledger, first_id))
    return ledger.bodies


def _fitting(item: Operation, ledger: LedgerBuilder, first_id: str) -> dict[str, Any]:
    """The operation's payload as a replacement of that fact: its subject stays, and ids stay the CPAS's own."""
    fact = ledger.facts[first_id]
    field = EVENT_TYPES[f"miriam.{item.kind}.v1"].subject_field
    own = fact.subject.partition(":")[0]
    found = {**item.payload, field: fact.subject}
    for name in ("goal", "referral"):
        if name in found:
            found[name] = f"{own}:{found[name].partition(':')[2]}"
    if found.get("moment") == "start":
        fact.data.pop("changes", None)
    return found


def _noted(item: Operation) -> str:
    day = item.payload.get("occurred_on", "2023-10-02")
    noted = dt.date.fromisoformat(day) + dt.timedelta(days=item.delay)
    return f"{noted.isoformat()}T{item.hour}.000000Z"


def interleave(bodies: Sequence[bytes], source: random.Random) -> list[bytes]:
    """The same leaves in another order between sources; the order within a source stays."""
    queues: dict[str, list[bytes]] = {}
    for body in bodies:
        queues.setdefault(json.loads(body)["source"], []).append(body)
    labels = [name for name, queue in queues.items() for _ in queue]
    source.shuffle(labels)
    readers = {name: iter(queue) for name, queue in queues.items()}
    return [next(readers[label]) for label in labels]


def operations(world: World) -> st.SearchStrategy[Operation]:
    """One operation over that world."""

    @st.composite
    def draw_one(draw: Any) -> Operation:
        return operation(Drawn(draw), world)

    return draw_one()


@st.composite
def histories(draw: Any) -> list[bytes]:
    """A random history of the small world, its sources interleaved; in some, sessions are told in two versions."""
    world = World()
    base = list(foundation(Drawn(draw), world))
    # Hypothesis draws short lists unless told otherwise, and what collides needs company.
    least = draw(st.sampled_from((0, 12, 40)))
    bodies = build([*base, *draw(st.lists(operations(world), min_size=least, max_size=2 * least + 10))])
    seed = draw(st.integers(0, 3))
    told = retold(bodies, random.Random(seed)) if draw(st.booleans()) else bodies
    return interleave(told, random.Random(seed)) if seed else told


def seeded(seed: int, size: int, copies: int = 1, check: bool = True) -> list[bytes]:
    """A history of about `size` events from a seed, over `copies` times the small world."""
    source = random.Random(seed)
    pick, world = Seeded(source), World(copies)
    base = list(foundation(pick, world))
    others = (operation(pick, world) for _ in range(size - len(base)))
    return interleave(build(chain(base, others), check), source)
