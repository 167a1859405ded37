"""The decisions of one batch: each fact judged on the state that the facts before it in the batch leave behind."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import orjson
from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import leaf_hash
from miriam_contracts.identity import recorded_id
from miriam_contracts.problems import Problem, Refusal
from miriam_platform import bodies, own, rules, sealing, store
from miriam_platform.admission import Admitted
from miriam_platform.definition import Enrichment, ServiceDefinition
from miriam_platform.deliveries import OutcomeName, Result
from miriam_platform.keys import Keys
from miriam_platform.own import OwnFact
from miriam_platform.repeated import repeats
from miriam_platform.sealing import Block
from miriam_platform.states import States, StreamState
from miriam_platform.store import KnownEvent, KnownFact, NewEvent
from miriam_platform.times import timestamp


class EmptyDecision(Exception):
    """A domain neither refused a fact nor made an event of it: then nothing could ever prove that it was received."""


@dataclass(slots=True)
class Plan:
    """A fact to be recorded: payloads and ids of its events, version of the first; at the end, what was recorded."""

    admitted: Admitted
    payloads: Sequence[Mapping[str, Any]]
    ids: Sequence[str]
    first_version: int
    recorded: tuple[KnownEvent, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Twin:
    """The same fact, again in one batch."""

    admitted: Admitted
    plan: Plan


Verdict = Result | Plan | Twin


class Batch:
    """Decides the facts of a batch inside one transaction, in order. Before `compose`, only hooks write."""

    def __init__(self, connection: Connection, definition: ServiceDefinition, keys: Keys, states: States) -> None:
        self._connection = connection
        self._definition = definition
        self._keys = keys
        self._kept = states
        self._known: dict[str, KnownFact] = {}
        self._plans: dict[str, Plan] = {}
        self._guessed: dict[str, int] = {}
        self._refused: set[str] = set()
        self._retired: set[tuple[str, str]] = set()
        self._entailed: list[OwnFact] = []
        self.states: dict[str, StreamState] = {}

    def look_up(self, admitted: Sequence[Admitted]) -> None:
        """Read what the decisions need: facts recorded before, and states that are not kept. One query each."""
        if not admitted:
            return
        self._known = store.find_facts(self._connection, [a.fact.event_id for a in admitted])
        self._retired = store.retired_among(self._connection, chain.from_iterable(map(_names, admitted)))
        missing: dict[str, StreamState] = {}
        for one in admitted:
            if one.stream in self.states or one.fact.event_id in self._known:
                continue
            kept = self._kept.get(one.stream)
            if kept is None:
                missing[one.stream] = StreamState(0, self._definition.domain.initial)
            else:
                self.states[one.stream] = kept
                self._guessed[one.stream] = kept.version
        if missing:
            for stream, version, body in store.read_streams(self._connection, missing):
                state = missing[stream].state
                # Empty: retired. Its number in the stream counts, and nothing rests on it.
                if body:
                    state = self._definition.domain.evolve(state, orjson.loads(body))
                missing[stream] = StreamState(version, state)
            self.states.update(missing)

    def decide(self, one: Admitted) -> Verdict:
        """What is to become of a fact. Raises what the domain or the service's hook raises."""
        first_id = one.fact.event_id
        known = self._known.get(first_id)
        if known is not None:
            return self._again(one, known.fingerprint, known.events)
        planned = self._plans.get(first_id)
        if planned is not None:
            same = self._again(one, planned.admitted.fingerprint, ())
            return same if same.problems else Twin(one, planned)
        if self._retired and any(name in self._retired for name in _names(one)):
            return result_of(one, "refused", problems=(Problem(rules.EDITION_RETIRED, "subject"),))
        version, state = self.states[one.stream]
        decision = self._definition.domain.decide(state, one.fact)
        if isinstance(decision, Refusal):
            self._refused.add(one.stream)
            return result_of(one, "refused", problems=decision.problems)
        if not decision:
            raise EmptyDecision(one.emitted.event_type.type)
        plan = Plan(one, [], [], version + 1)
        payloads, ids = [], []
        for number, decided in enumerate(decision):
            event_id = first_id if number == 0 else self._id(one, number)
            data = self._enriched(one, decided.data, state)
            event = {"type": one.emitted.event_type.type, "id": event_id, "origin": one.emitted.source, "data": data}
            state = self._definition.domain.evolve(state, event)
            payloads.append(data)
            ids.append(event_id)
        plan.payloads, plan.ids = payloads, ids
        self._plans[first_id] = plan
        self.states[one.stream] = StreamState(version + len(payloads), state)
        return plan

    def moved(self) -> set[str]:
        """The streams where something was refused on a kept state that is outdated by now.

        The append checks the versions of what is recorded; of what is refused, nobody else does.
        """
        doubtful = self._refused & self._guessed.keys()
        if not doubtful:
            return set()
        versions = store.stream_versions(self._connection, doubtful)
        return {stream for stream in doubtful if versions[stream] != self._guessed[stream]}

    def compose(self, moment: dt.datetime) -> list[NewEvent]:
        """Seal the personal blocks into their table, and answer the events to append, in order: what the service
        states itself (`Enrichment.entailed`) behind the rest.
        """
        recorded_time = timestamp(moment)
        with_block = [p.admitted for p in self._plans.values() if p.admitted.personal is not None]
        keys: dict[str, bytes] = {}
        if with_block:
            subjects = [a.emitted.subject for a in with_block]
            keys = sealing.participation_keys(self._connection, self._keys.master, subjects)
        events: list[NewEvent] = []
        blocks: list[Block] = []
        for plan in self._plans.values():
            block = None
            if plan.admitted.personal is not None and plan.admitted.emitted.subject in keys:
                block = sealing.block(plan.ids[0], plan.admitted.emitted.subject, plan.admitted.personal)
                blocks.append(block)
            events.extend(self._events(plan, block, recorded_time))
        sealing.keep(self._connection, keys, blocks)
        return events + own.compose(self._connection, self._definition.name, self._entailed, moment)

    def number(self, events: Sequence[NewEvent], sequences: Sequence[int]) -> None:
        """Tell the plans under which numbers their events were recorded; those behind them are the service's own."""
        hashed = (
            KnownEvent(event.id, sequence, leaf_hash(f"{event.head}{sequence}{event.tail}".encode()))
            for event, sequence in zip(events, sequences, strict=True)
        )
        for plan in self._plans.values():
            plan.recorded = tuple(next(hashed) for _ in plan.ids)

    def _again(self, one: Admitted, first: bytes, events: tuple[KnownEvent, ...]) -> Result:
        # Empty: the event came back from the ledger after a loss, which does not know what was emitted; or her data
        # were destroyed.
        same = first == one.fingerprint if first else repeats(store.body_of(self._connection, one.fact.event_id), one)
        if same:
            return result_of(one, "duplicate", events=events)
        return result_of(one, "refused", problems=(Problem(rules.ID_REUSED, "id", "an id that was not used before"),))

    def _id(self, one: Admitted, number: int) -> str:
        return recorded_id(self._definition.name, one.emitted.source, one.emitted.id, number)

    def _enriched(self, one: Admitted, data: Mapping[str, Any], state: Any) -> Mapping[str, Any]:
        hook = self._definition.enrich.get(one.emitted.event_type.routing_key)
        if hook is None:
            return data
        asked = Enrichment(self._connection, self._keys, one.fact, data, one.personal, state)
        payload = hook(asked)
        correlation = one.emitted.attributes.get("correlationid", one.fact.event_id)
        self._entailed += [replace(fact, correlation=correlation) for fact in asked.entailed]
        return payload

    def _events(self, plan: Plan, block: Block | None, recorded_time: str) -> list[NewEvent]:
        emission = plan.admitted.emitted.attributes
        # A block that is not kept leaves no keyed hash of it either: its few values could be tried by who has the key.
        mark = b"" if plan.admitted.personal is not None and block is None else plan.admitted.fingerprint
        made = []
        for number, (event_id, data) in enumerate(zip(plan.ids, plan.payloads, strict=True)):
            body = bodies.recorded(
                emission,
                service=self._definition.name,
                event_id=event_id,
                correlation=emission.get("correlationid", plan.ids[0]),
                data=data,
                time=plan.admitted.time,
                personal_digest=block.digest if block is not None and number == 0 else None,
                recorded_time=recorded_time,
            )
            head, tail = bodies.halves(body)
            made.append(
                NewEvent(
                    event_id, plan.admitted.stream, plan.first_version + number, emission["type"], emission["source"],
                    emission["id"], number, len(plan.ids), mark, head, tail,
                )
            )  # fmt: skip
        return made


def _names(one: Admitted) -> Iterator[tuple[str, str]]:
    """What the retirement of would stop this fact. The books of a retired edition stay open: they name nobody."""
    yield "stream", one.stream
    family, data = one.fact.family, one.fact.data.get("replacement", one.fact.data)
    if "project" in data and family != "project":
        yield "project", data["project"]
    if "edition" in data and family != "edition":
        yield "edition", data["edition"]


def result_of(
    one: Admitted,
    outcome: OutcomeName,
    *,
    events: tuple[KnownEvent, ...] = (),
    problems: tuple[Problem, ...] = (),
) -> Result:
    """The outcome of an emission that passed the door."""
    names = ("id", "type", "subject", "correlationid")
    given = one.emitted.attributes
    attributes = {name: given[name] for name in names if name in given}
    return Result(outcome, one.delivery, one.delivery.emitter, one.emitted.source, attributes, events, problems)
