"""What makes a service: its name, its families, its pure domain, and what it does beside recording."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_contracts.history import Decided, Fact
from miriam_contracts.problems import Refusal
from miriam_platform.keys import Keys
from miriam_platform.own import OwnFact


@dataclass(frozen=True, slots=True)
class Domain:
    """A decider: pure functions, of facts and state alone.

    decide   what a fact means for its stream: one event or more to record, or a Refusal
    evolve   the state after a recorded event (a mapping with `type`, `id`, `origin`, `data`)
    initial  the state of a stream before its first event; never changed in place
    """

    decide: Callable[[Any, Fact], tuple[Decided, ...] | Refusal]
    evolve: Callable[[Any, Mapping[str, Any]], Any]
    initial: Any


@dataclass(frozen=True, slots=True)
class Enrichment:
    """What a service's hook sees of a fact that was accepted: its payload as decided, and its personal block.

    The hook reads and writes through `connection`, inside the transaction that records the fact: both happen, or
    neither. It may be asked again for the same fact, in a new transaction, when the stream moved on meanwhile. What it
    puts into `entailed` the service states in its own name, behind the events of the batch and in the same transaction.
    """

    connection: Connection
    keys: Keys
    fact: Fact
    data: Mapping[str, Any]
    personal: Mapping[str, Any] | None
    state: Any
    entailed: list[OwnFact] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"Enrichment({self.fact.family}.{self.fact.name})"


# Answers the payload to record: `data`, and what the service adds to it.
Enrich = Callable[[Enrichment], Mapping[str, Any]]
TakenBack = Callable[[Connection, Sequence[Mapping[str, Any]]], None]


@dataclass(frozen=True, slots=True)
class ServiceDefinition:
    """A recording service.

    name        as in its source, `/services/<name>`
    families    the families of events that it owns
    domain      its decider
    migrations  the package with its numbered SQL scripts; None without
    enrich      hooks by `<family>.<fact>`, such as `participation.enrolled`
    extra_keys  names of further 32-byte key files that its hooks use
    taken_back  what it derives from recorded events, noted again from those that came back from the ledger
    retired     destroys what it derived for participations that come to the end of their retention
    wiped       destroys what it derived from these events (recorded ids) of a test CPAS that is wiped
    erase_again carries out once more what the erasures in its store destroyed, of which a backup brought back some
    """

    name: str
    families: tuple[str, ...]
    domain: Domain
    migrations: str | None = None
    enrich: Mapping[str, Enrich] = field(default_factory=dict)
    extra_keys: tuple[str, ...] = ()
    taken_back: TakenBack = lambda connection, events: None
    retired: Callable[[Connection, Sequence[str]], None] = lambda connection, participations: None
    wiped: Callable[[Connection, Sequence[str]], None] = lambda connection, event_ids: None
    erase_again: Callable[[Connection], None] = lambda connection: None
