"""From what a CPAS system hands over to what lies in the spool: completed, sealed, addressed.

Only what could not travel is rejected here: what the platform can refuse, it refuses, keeps and explains. `problems`
tells beforehand what it would say of form and contract.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from miriam_contracts import ids
from miriam_contracts.canonical import NotCanonical, canonical, check
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.envelope import MAX_BYTES, TRACE_ATTRIBUTES, authority_problems, parse, personal_of
from miriam_contracts.problems import ContractError, Problem
from miriam_emitter.errors import EventRejected
from miriam_emitter.keys import PublicKeys
from miriam_emitter.sealing import sealed
from miriam_emitter.settings import Settings

_TYPE = re.compile(r"miriam\.([a-z_]+)\.([a-z_]+)\.v[1-9][0-9]*")
_OWNERS = {event_type.family: event_type.owner for event_type in EVENT_TYPES.values() if event_type.emitted_by}
_FORMS = {"id": ids.LOCAL_PATTERN, "subject": ids.SUBJECT_PATTERN, "type": _TYPE}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as the spool holds it.

    `service` will record it (empty: no service owns its family, and intake will say so). `body` is what is sent, byte
    for byte, however often. `fingerprint` tells whether an id is used again for another content: sealing the same
    block twice gives different bytes, so it is taken before.
    """

    id: str
    subject: str
    service: str
    routing_key: str
    body: bytes
    fingerprint: bytes


def complete(event: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """The whole CloudEvent of a short form (`type`, `subject`, `data`, `id`, `time`)."""
    return {
        "specversion": "1.0",
        "source": settings.source,
        "datacontenttype": "application/json",
        **event,
    }


def prepare(event: Mapping[str, Any], settings: Settings, keys: PublicKeys, secret: bytes) -> Entry:
    """The spool's entry for an event. `secret` keys the fingerprint: unkeyed, it would betray a short block.

    Raises:
        EventRejected: it cannot be sent; the message names the attribute, never its value.
        NotConfigured: the public key that seals its block is missing.
    """
    whole = complete(event, settings)
    for name, form in _FORMS.items():
        value = whole.get(name)
        if not isinstance(value, str) or not form.fullmatch(value):
            raise EventRejected(f"`{name}` is missing or not of the form {form.pattern}", f"correct `{name}`")
    for name in ("id", "subject"):
        # The id travels in the open, through queues and receipts: here is the last place where it can be stopped.
        if ids.holds_national_number(whole[name]):
            raise EventRejected(f"`{name}` holds a national number", "mint an id that tells nothing of a person")
    if "time" not in whole:
        raise EventRejected("`time` is missing", "say when it was noted in your system; it must not change when resent")
    if whole["source"] != settings.source:
        raise EventRejected(f"`source` is not {settings.source}", "leave `source` out, or emit as its own emitter")
    match = _TYPE.fullmatch(whole["type"])
    assert match is not None
    service = _OWNERS.get(match[1], "")
    try:
        # A service that cannot read an emission cannot name it in a receipt: its sender would wait for ever.
        check(whole)
        stated = canonical({name: value for name, value in whole.items() if name not in TRACE_ATTRIBUTES})
        if isinstance(whole.get("data"), dict):
            whole["data"] = sealed(whole["data"], service, keys)
        body = canonical(whole)
    except (NotCanonical, TypeError) as problem:  # both name a path or a type, never a value
        raise EventRejected(f"it has no canonical form: {problem}", "write fractions as text") from None
    if len(body) > MAX_BYTES:
        raise EventRejected(f"it has {len(body)} bytes; allowed are {MAX_BYTES}", "shorten its texts")
    return Entry(
        id=whole["id"],
        subject=whole["subject"],
        service=service,
        routing_key=f"{settings.id}.{match[1]}.{match[2]}",
        body=body,
        fingerprint=hmac.digest(secret, stated, hashlib.sha256),
    )


def problems(event: Mapping[str, Any], settings: Settings) -> list[Problem]:
    """What the platform would refuse in this event whatever else it knows: its form, its contract, its authority."""
    whole = complete(event, settings)
    try:
        emitted = parse(whole)
    except ContractError as error:
        return list(error.problems)
    found = authority_problems(emitted, settings.kind, settings.id)
    block = personal_of(emitted.data)
    if isinstance(block, dict):
        found += emitted.event_type.load_personal(block, str(emitted.data.get("fact", "")))
    return found
