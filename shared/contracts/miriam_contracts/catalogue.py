"""The catalogue: every event type, who owns it, who may emit it, and what it may say."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from marshmallow import ValidationError

from miriam_contracts.families import (
    assessment,
    consortium,
    cpas,
    door,
    edition,
    goal,
    group,
    groupsession,
    key,
    participation,
    person,
    project,
    referral,
    report,
    session,
)
from miriam_contracts.families.common import Upcaster, Version, corrected, retracted
from miriam_contracts.fields import OwnId, Payload, Personal
from miriam_contracts.problems import Problem

RECORDING_SERVICES = ("intake", "sessions", "groups")
SERVICES = (*RECORDING_SERVICES, "reporting")
EMITTER_KINDS = ("cpas", "authority", "dpo")

AUTHORITY = frozenset({"authority"})
CPAS = frozenset({"cpas"})
DPO = frozenset({"dpo"})
PayloadClass = type[Payload]
NOBODY: frozenset[str] = frozenset()  # services record these themselves


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event.

    `owner` is the service that records it (`each`: whichever it concerns). `emitted_by` are the kinds of emitter that
    may send it; empty for what a service records of itself. `subject_field` is the payload field that the envelope's
    subject repeats (empty: the name of the service). `payloads` holds the contract, by the fact concerned: corrections
    of different facts of a family carry different replacements. `added` is what the recorder adds to the payload.
    `upcast` tells a payload of this version in the next one; None where this is the newest (see `upcasting`).

    A correction has the version of the fact that stands in it: `session.corrected.v2` replaces a `session.held` by one
    of version 2. A retraction holds no fact, and retracts any version.
    """

    type: str
    family: str
    fact: str
    version: int
    owner: str
    emitted_by: frozenset[str]
    subject_field: str
    payloads: Mapping[str, Payload]
    personal: Mapping[str, PayloadClass]
    added: PayloadClass | None = None
    upcast: Upcaster | None = None

    @property
    def routing_key(self) -> str:
        """The part of the AMQP routing key behind the emitter's id: `participation.enrolled`."""
        return f"{self.family}.{self.fact}"

    @property
    def meaning(self) -> str:
        """One sentence of what the fact says."""
        return (next(iter(self.payloads.values())).__doc__ or "").strip()

    def load(self, data: Any) -> list[Problem]:
        """Every problem of an emitted payload; none where it keeps the contract. Fields are paths below `data`."""
        if not isinstance(data, dict):
            return [Problem("wrong_type", "data", "object")]
        payload = self.payloads.get("")
        if payload is None:
            fact = data.get("fact")
            payload = self.payloads.get(fact) if isinstance(fact, str) else None
            if payload is None:
                names = ", ".join(self.payloads)
                return [
                    Problem("required", "data/fact") if fact is None else Problem("unknown_code", "data/fact", names)
                ]
        try:
            payload.load(data)
        except ValidationError as error:
            return _distinct(flatten(error.messages, "data"))
        return []

    def load_recorded(self, data: Any) -> list[Problem]:
        """Every problem of a recorded payload. What this version does not know is no problem: a later one added it."""
        problems = self.load(data)
        if self.added and isinstance(data, dict):
            try:
                self.added().load(data)
            except ValidationError as error:
                problems.extend(flatten(error.messages, "data"))
        return [problem for problem in problems if problem.code != "unknown_field"]

    def load_personal(self, block: Any, fact: str = "") -> list[Problem]:
        """Every problem of the decrypted personal block. `fact` names the fact corrected, for a correction."""
        schema = self.personal.get(fact)
        if schema is None:
            return [Problem("unknown_field", "data/personal")]
        try:
            schema().load(block)
        except ValidationError as error:
            return _distinct(flatten(error.messages, "data/personal"))
        return []


def flatten(messages: Any, path: str) -> Iterator[Problem]:
    """Problems out of marshmallow's nested messages, each with the path of its field."""
    if isinstance(messages, Problem):
        yield messages.under(path) if messages.field else Problem(messages.code, path, messages.allowed)
    elif isinstance(messages, dict):
        for name, inner in messages.items():
            # A name that is not in the contract came from outside: it could itself name a person.
            safe = str(name) if name != "_schema" else ""
            if safe and _only_unknown(inner):
                yield Problem("unknown_field", path)
                continue
            yield from flatten(inner, f"{path}/{safe}" if safe else path)
    else:
        for inner in messages:
            yield from flatten(inner, path)


def _distinct(problems: Iterable[Problem]) -> list[Problem]:
    # Thousands of fields that nobody knows are one problem: a receipt must not outgrow what it answers.
    return list(dict.fromkeys(problems))


def _only_unknown(messages: Any) -> bool:
    return isinstance(messages, list) and all(isinstance(m, Problem) and m.code == "unknown_field" for m in messages)


def _personal_of(schema: type[Payload]) -> type[Payload] | None:
    field = schema._declared_fields.get("personal")
    return field.schema if isinstance(field, Personal) else None  # type: ignore[return-value]


def _plain(
    family: str,
    module: ModuleType,
    owner: str,
    emitted_by: frozenset[str],
    subject: str,
    *,
    only: Mapping[str, frozenset[str]] | None = None,
    subjects: Mapping[str, str] | None = None,
    added: Mapping[str, type[Payload]] | None = None,
    correctable: bool = True,
) -> Iterator[EventType]:
    later: Mapping[str, tuple[Version, ...]] = getattr(module, "LATER", {})
    upcasters = {name: tuple(version.upcast for version in versions) for name, versions in later.items()}
    facts: dict[str, tuple[PayloadClass, ...]] = {
        name: (first, *(version.schema for version in later.get(name, ()))) for name, first in module.FACTS.items()
    }
    for name, versions in facts.items():
        for number, schema in enumerate(versions, start=1):
            block = _personal_of(schema)
            yield EventType(
                type=f"miriam.{family}.{name}.v{number}",
                family=family,
                fact=name,
                version=number,
                owner=owner,
                emitted_by=(only or {}).get(name, emitted_by),
                subject_field=(subjects or {}).get(name, subject),
                payloads={"": schema()},
                personal={"": block} if block else {},
                added=(added or {}).get(name),
                upcast=upcasters[name][number - 1] if number < len(versions) else None,
            )
    if not correctable:
        return
    mendable = {name: versions for name, versions in facts.items() if (family, name) not in IRREVERSIBLE}
    common = {"family": family, "owner": owner, "emitted_by": emitted_by | AUTHORITY, "subject_field": subject}
    for number in range(1, 1 + max(map(len, mendable.values()))):
        told = {name: versions[number - 1] for name, versions in mendable.items() if len(versions) >= number}
        yield EventType(
            type=f"miriam.{family}.corrected.v{number}",
            fact="corrected",
            version=number,
            payloads={name: schema() for name, schema in corrected(family, told, number).items()},
            personal={name: block for name, schema in told.items() if (block := _personal_of(schema))},
            **common,  # type: ignore[arg-type]
        )
    yield EventType(
        type=f"miriam.{family}.retracted.v1",
        fact="retracted",
        version=1,
        payloads={"": retracted(family, mendable)()},
        personal={},
        **common,  # type: ignore[arg-type]
    )


# What was destroyed cannot be corrected back: these facts are final.
IRREVERSIBLE = frozenset({("edition", "retired"), ("person", "erased")})


def _build() -> Iterator[EventType]:
    yield from _plain("edition", edition, "intake", AUTHORITY, "edition", added={"retired": edition.RetiredRecorded})
    yield from _plain("cpas", cpas, "intake", AUTHORITY, "cpas")
    yield from _plain("consortium", consortium, "intake", AUTHORITY, "consortium")
    yield from _plain("project", project, "intake", AUTHORITY, "project")
    yield from _plain(
        "participation",
        participation,
        "intake",
        CPAS,
        "participation",
        added={"enrolled": participation.EnrolledRecorded},
    )
    yield from _plain(
        "person", person, "intake", CPAS | DPO, "participation", only={"erased": DPO}, subjects={"erased": "person"}
    )
    for family, module in (("session", session), ("goal", goal), ("assessment", assessment), ("referral", referral)):
        yield from _plain(family, module, "sessions", CPAS, "participation")
    for family, module in (("group", group), ("groupsession", groupsession)):
        yield from _plain(family, module, "groups", CPAS, "group")
    yield from _plain("door", door, "each", NOBODY, "", correctable=False)
    yield from _plain("key", key, "each", NOBODY, "participation", correctable=False)
    yield from _plain("report", report, "reporting", NOBODY, "report", correctable=False)


EVENT_TYPES: dict[str, EventType] = {event_type.type: event_type for event_type in _build()}


def families_of(service: str) -> tuple[str, ...]:
    """The families that emitters send to a recording service, in the order of the catalogue."""
    return tuple(dict.fromkeys(t.family for t in EVENT_TYPES.values() if t.owner == service and t.emitted_by))


def added_fields(family: str) -> frozenset[str]:
    """The fields that the recorder of a family adds to what was emitted."""
    types = (t for t in EVENT_TYPES.values() if t.family == family and t.added)
    return frozenset(name for t in types if t.added for name in t.added._declared_fields)


def own_ids(payload: Payload) -> tuple[str, ...]:
    """The fields of a payload in which a CPAS may use its own prefix only."""
    return tuple(name for name, field in payload.fields.items() if isinstance(field, OwnId))


__all__ = ["EVENT_TYPES", "EventType", "added_fields", "families_of", "flatten", "own_ids"]
