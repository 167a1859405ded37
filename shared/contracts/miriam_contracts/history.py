"""The decider skeleton that the recording services share: the standing facts of a stream, corrections and retractions.

A stream's state is its standing facts. A new fact is judged by its rule against them; a correction is judged as if the
first fact had never been there and its replacement came now; a retraction always stands, and what rests on the
retracted fact is left out of the figures by that name, later, where it is read (law 5).

Rules judge facts, and see those that stand, in the newest version of their type (`upcasting`); what is recorded is the
payload as it was emitted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from miriam_contracts import ids
from miriam_contracts.problems import Problem, Refusal
from miriam_contracts.upcasting import newest, version_of

# Facts of one stream, retracted ones counted. No woman and no group comes near it; rules look through a stream's facts,
# so a stream without end would slow down every other emitter's.
MOST_FACTS = 5_000


@dataclass(frozen=True, slots=True)
class Fact:
    """An emitted fact that kept its contract.

    `version` is that of its event type. `event_id` is the id under which it will be recorded; `received_on` the day
    (Brussels) on which the door took it. `data` is the payload, as emitted, without its personal block.
    """

    family: str
    name: str
    version: int
    source: str
    subject: str
    data: Mapping[str, Any]
    event_id: str
    received_on: str


@dataclass(frozen=True, slots=True)
class Decided:
    """An event to be recorded: its fact's name and the payload. `type` is that of the emission."""

    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """One fact of a stream as it was last told. `first_id` and `current_id` are recorded ids of its first and last.

    `version` is the version of the type that it was last told in; `data` is the payload in the newest one.
    """

    first_id: str
    current_id: str
    family: str
    name: str
    version: int
    source: str
    data: Mapping[str, Any]
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """The state of a stream: its facts by first id, in the order in which they were first recorded."""

    facts: Mapping[str, Standing] = field(default_factory=dict)

    def standing(self, family: str, *names: str) -> Iterator[Standing]:
        """The facts of a family (and of these names, if any are given) that are not retracted."""
        for fact in self.facts.values():
            if not fact.retracted and fact.family == family and (not names or fact.name in names):
                yield fact

    def without(self, first_id: str) -> "History":
        """The same history as if that fact had never been."""
        return History({key: fact for key, fact in self.facts.items() if key != first_id})


INITIAL = History()
Rule = Callable[[Fact, History], Iterable[Problem]]


def evolve(state: History, event: Mapping[str, Any]) -> History:
    """The state after a recorded event (its envelope with `type`, `id`, `origin`, `data`)."""
    _, family, name, _ = event["type"].split(".")
    version, data = version_of(event["type"]), event["data"]
    if name == "corrected":
        first = state.facts[data["corrects"]]
        told = newest(family, first.name, version, data["replacement"])
        changed = replace(first, current_id=event["id"], version=version, data=told)
    elif name == "retracted":
        first = state.facts[data["retracts"]]
        changed = replace(first, current_id=event["id"], retracted=True)
    else:
        told = newest(family, name, version, data)
        changed = Standing(event["id"], event["id"], family, name, version, event["origin"], told)
    return History({**state.facts, changed.first_id: changed})


def decider(rules: Mapping[str, Rule]) -> Callable[[History, Fact], tuple[Decided, ...] | Refusal]:
    """The `decide` of a service from its rules, named `<family>.<fact>`. A fact without a rule is recorded."""

    def decide(state: History, fact: Fact) -> tuple[Decided, ...] | Refusal:
        problems = list(_judge(state, fact, rules))
        return Refusal(tuple(problems)) if problems else (Decided(fact.data),)

    return decide


def _judge(state: History, fact: Fact, rules: Mapping[str, Rule]) -> Iterator[Problem]:
    yield from _not_in_the_future(fact)
    if fact.name not in ("corrected", "retracted"):
        if len(state.facts) >= MOST_FACTS:
            yield Problem("too_many_facts", "subject", f"..{MOST_FACTS}")
            return
        yield from _apply(rules, fact, state)
        return
    first_id = fact.data["corrects" if fact.name == "corrected" else "retracts"]
    first = state.facts.get(first_id)
    if first is None or first.family != fact.family or first.name != fact.data["fact"]:
        yield Problem("fact_not_found", "data/" + ("corrects" if fact.name == "corrected" else "retracts"))
        return
    if fact.source != first.source and not fact.source.startswith("/authority/"):
        yield Problem("not_first_emitter", "source")
    elif fact.source != first.source and ids.is_test_source(first.source):
        # So that each event about a test fact is told by its own origin, without a look at another.
        yield Problem("test_fact", "source", first.source)
    if first.retracted:
        yield Problem("already_retracted", "data/supersedes")
    elif fact.data["supersedes"] != first.current_id:
        yield Problem("stale_version", "data/supersedes", first.current_id)
    elif fact.name == "corrected" and fact.version < first.version:
        # It replaces the whole fact, and would drop in silence what only the newer version can say. Whether this one
        # happens to say it makes no difference: a maker learns it at the first correction, not at some later one.
        yield Problem("older_version", "type", f"miriam.{fact.family}.corrected.v{first.version}")
    elif fact.name == "corrected":
        candidate = replace(fact, name=first.name, source=first.source, data=fact.data["replacement"])
        for problem in (*_not_in_the_future(candidate), *_apply(rules, candidate, state.without(first_id))):
            yield Problem(problem.code, problem.field.replace("data/", "data/replacement/", 1), problem.allowed)


def _apply(rules: Mapping[str, Rule], fact: Fact, state: History) -> Iterable[Problem]:
    rule = rules.get(f"{fact.family}.{fact.name}")
    if rule is None:
        return ()
    return rule(replace(fact, data=newest(fact.family, fact.name, fact.version, fact.data)), state)


def _not_in_the_future(fact: Fact) -> Iterator[Problem]:
    if fact.data["occurred_on"] > fact.received_on:
        yield Problem("in_the_future", "data/occurred_on", f"..{fact.received_on}")
