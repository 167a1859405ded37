"""The checks at the door that need no state: who sends, in which form, under which contract, for which service.

The order matters: nothing of a message is believed before the transport has vouched for its sender.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from miriam_contracts import envelope, ids
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.envelope import Emitted
from miriam_contracts.history import Fact
from miriam_contracts.identity import recorded_id
from miriam_contracts.problems import ContractError, Problem
from miriam_platform import fingerprint, rules, sealing
from miriam_platform.deliveries import Delivery
from miriam_platform.keys import Keys
from miriam_platform.times import timestamp

Emitters = Mapping[str, str]
# Clients that write the character set here mean no other encoding.
PLAIN = ("identity", "utf-8", "utf8")
_JSON = "application/json"
MOST_GLIMPSED = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Admitted:
    """An emission that may be judged by its stream's rules. `personal` is its block, opened."""

    delivery: Delivery
    emitted: Emitted
    fact: Fact
    stream: str
    fingerprint: bytes
    personal: dict[str, Any] | None
    time: str

    def __repr__(self) -> str:
        return f"Admitted({self.emitted.event_type.type})"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message that is refused at the door. `attributes` are those of its envelope that are mere ids."""

    delivery: Delivery
    attributes: dict[str, Any]
    problems: tuple[Problem, ...]


class _Broken(Exception):
    def __init__(self, *problems: Problem) -> None:
        self.problems = problems


def admit(delivery: Delivery, service: str, emitters: Emitters, keys: Keys, today: str) -> Admitted | Rejected:
    """Check a message. `emitters` gives the kind of each known emitter; `today` is the day in Brussels."""
    attributes: dict[str, Any] = {}
    try:
        kind = _vouched_kind(delivery, emitters)
        _see_that_it_can_be_read(delivery)
        attributes = envelope.decode(delivery.body)
        emitted = _emitted(delivery, attributes, kind, service)
        personal = _personal(delivery, emitted, keys)
        time = _time(emitted)
    except _Broken as broken:
        return Rejected(delivery, readable(attributes), broken.problems)
    except ContractError as error:
        return Rejected(delivery, readable(attributes or _glimpse(delivery.body)), error.problems)
    event_type = emitted.event_type
    fact = Fact(
        family=event_type.family,
        name=event_type.fact,
        version=event_type.version,
        source=emitted.source,
        subject=emitted.subject,
        data=envelope.without_personal(emitted.data),
        event_id=recorded_id(service, emitted.source, emitted.id),
        received_on=today,
    )
    mark = fingerprint.of_emission(keys.fingerprint, emitted.attributes, personal)
    return Admitted(delivery, emitted, fact, stream_of(event_type.subject_field, emitted.subject), mark, personal, time)


def stream_of(subject_field: str, subject: str) -> str:
    """The stream of a subject: its kind stands before it, so that an edition and a CPAS of one name are two streams."""
    return f"{subject_field}/{subject}"


def readable(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What an operator may see of a refused envelope: ids, in the form of ids, that hold no national number."""
    found: dict[str, Any] = {}
    for name, form in (
        ("id", ids.LOCAL_PATTERN),
        ("subject", ids.SUBJECT_PATTERN),
        ("correlationid", ids.LOCAL_PATTERN),
    ):
        value = attributes.get(name)
        if isinstance(value, str) and form.fullmatch(value) and not ids.holds_national_number(value):
            found[name] = value
    if isinstance(attributes.get("type"), str) and attributes["type"] in EVENT_TYPES:
        found["type"] = attributes["type"]
    return found


def _glimpse(body: bytes) -> Mapping[str, Any]:
    """The object in a body that may not be taken (a fraction in it, too large), so that its refusal can name its id."""
    if len(body) > MOST_GLIMPSED:
        return {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _vouched_kind(delivery: Delivery, emitters: Emitters) -> str:
    kind = emitters.get(delivery.emitter)
    if kind is None:
        raise _Broken(Problem(rules.EMITTER_UNKNOWN))
    if delivery.user_id is None:
        raise _Broken(Problem(rules.SENDER_UNKNOWN, allowed=f"{kind}.{delivery.emitter}"))
    if delivery.user_id != f"{kind}.{delivery.emitter}":
        raise _Broken(Problem(rules.SENDER_DIFFERS, allowed=f"{kind}.{delivery.emitter}"))
    if delivery.copied:
        raise _Broken(Problem(rules.COPIED_TO_ANOTHER))
    return kind


def _see_that_it_can_be_read(delivery: Delivery) -> None:
    """Refuse what says of itself that it is no plain event. What says nothing is looked at: many clients do not."""
    content_type, encoding = delivery.content
    if encoding and encoding.strip().lower() not in PLAIN:
        raise _Broken(Problem(rules.CONTENT_ENCODING, allowed="identity"))
    if content_type and content_type.partition(";")[0].strip().lower() not in (envelope.CONTENT_TYPE, _JSON):
        raise _Broken(Problem(rules.CONTENT_TYPE, allowed=envelope.CONTENT_TYPE))
    if delivery.expires:
        raise _Broken(Problem(rules.EXPIRATION_SET))


def _emitted(delivery: Delivery, attributes: dict[str, Any], kind: str, service: str) -> Emitted:
    emitted = envelope.parse(attributes)
    _refuse(envelope.authority_problems(emitted, kind, delivery.emitter))
    expected = f"{delivery.emitter}.{emitted.event_type.routing_key}"
    if delivery.routing_key != expected:
        raise _Broken(Problem(rules.ROUTING_KEY_DIFFERS, "type", expected))
    if delivery.unroutable:
        raise _Broken(Problem(rules.UNDELIVERED))
    if emitted.event_type.owner != service:
        raise _Broken(Problem(rules.WRONG_SERVICE, "type", emitted.event_type.owner))
    return emitted


def _personal(delivery: Delivery, emitted: Emitted, keys: Keys) -> dict[str, Any] | None:
    given = envelope.personal_of(emitted.data)
    if given is None:
        return None
    if isinstance(given, str):
        try:
            given = sealing.open_jwe(given, keys.personal)
        except sealing.Unreadable:
            raise _Broken(
                Problem(rules.PERSONAL_UNREADABLE, "data/personal", f"key {keys.personal.thumbprint()}")
            ) from None
    elif not delivery.in_clear:
        raise _Broken(Problem(rules.PERSONAL_IN_CLEAR, "data/personal", "JWE in compact form, ECDH-ES with A256GCM"))
    fact = emitted.data.get("fact", "") if "replacement" in emitted.data else ""
    _refuse(emitted.event_type.load_personal(given, fact))
    block: dict[str, Any] = given
    return block


def _time(emitted: Emitted) -> str:
    """Its time in UTC; one that lies outside the calendar's reach there is refused, for it could not be recorded."""
    try:
        return timestamp(dt.datetime.fromisoformat(emitted.time))
    except (OverflowError, ValueError):
        raise _Broken(Problem("not_an_instant", "time", "YYYY-MM-DDThh:mm:ssZ")) from None


def _refuse(problems: Iterable[Problem]) -> None:
    found = tuple(problems)
    if found:
        raise _Broken(*found)
