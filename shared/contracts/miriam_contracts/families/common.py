"""Fields that many payloads share, so that they mean the same everywhere."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from miriam_contracts import codes, ids
from miriam_contracts.fields import Code, Day, EventId, OtherId, OwnId, Part, Pattern, Payload, Personal, Text

Upcaster = Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Version:
    """A later version of a fact. `upcast` tells in it what the version before told: pure, and it loses nothing.

    It takes any payload that kept that version's contract, and hands on what it does not know itself (the personal
    block, what the recorder added, what was added later).
    """

    schema: type[Payload]
    upcast: Upcaster


def occurred_on() -> Day:
    """When it happened."""
    return Day("the day, in Europe/Brussels, on which it happened; not in the future")


def edition() -> Pattern:
    """The edition concerned."""
    return Pattern("the edition concerned", pattern=ids.EDITION_PATTERN)


def project() -> OtherId:
    """The project concerned."""
    return OtherId("the project under which it happened, with the id that the authority gave it")


def participation() -> OwnId:
    """The participation concerned."""
    return OwnId("the participation: one woman in one project of one edition")


def case_manager() -> OwnId:
    """The case manager concerned."""
    return OwnId("the case manager's pseudonymous id, minted by the CPAS")


class Note(Payload):
    """Free text about one woman, sealed beside the event."""

    text = Text("what the case manager noted", longest=4000)


def note() -> Personal:
    """A sealed note."""
    return Personal(Note, "a note in free text, which may name somebody")


class FactReference(Payload):
    """What every correction and retraction names."""

    occurred_on = occurred_on()
    supersedes = EventId("the recorded id of the version that the emitter saw last; a stale one is refused")
    reason = Code("why", choices=codes.CORRECTION_REASONS)


def corrected(family: str, facts: Mapping[str, type[Payload]], version: int) -> dict[str, type[Payload]]:
    """Payload of `<family>.corrected` for each fact that has this version: its replacement follows that contract."""
    found: dict[str, type[Payload]] = {}
    for name, schema in facts.items():
        members = {
            "corrects": EventId("the recorded id of the first fact"),
            "fact": Code("the name of the fact that is corrected", choices=(name,)),
            "replacement": Part(schema, "the whole payload as it should have been"),
        }
        suffix = f"V{version}" if version > 1 else ""
        found[name] = type(f"{family.title()}{name.title()}Corrected{suffix}", (FactReference,), members)
        found[name].__doc__ = f"A {family}.{name} was wrong: the full replacement, and why."
    return found


def retracted(family: str, facts: Iterable[str]) -> type[Payload]:
    """Payload of `<family>.retracted`: final, and what rests on the fact is left out of the figures by that name."""
    members = {
        "retracts": EventId("the recorded id of the first fact"),
        "fact": Code("the name of the fact that is retracted", choices=tuple(facts)),
    }
    schema: type[Payload] = type(f"{family.title()}Retracted", (FactReference,), members)
    schema.__doc__ = f"A {family} fact should never have been sent."
    return schema
