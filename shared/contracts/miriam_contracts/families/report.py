"""Report: the life of an edition's report, recorded by reporting for the actor named."""

import re

from miriam_contracts.families.common import edition, occurred_on
from miriam_contracts.fields import CpasId, Int, Pattern, Payload, Text

_REPORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ACTOR = re.compile(r"[a-z]+\.[a-z][a-z0-9-]{1,39}")


def _report() -> Pattern:
    return Pattern("the report; the subject of the event", pattern=_REPORT)


def _actor() -> Pattern:
    return Pattern("who did it: kind and id, as `authority.spp-is`", pattern=_ACTOR)


def _position() -> Int:
    return Int("ledger position up to which facts are taken", lowest=0, highest=2**53 - 1)


class Drafted(Payload):
    """The authority drafts a report at a position of the ledger."""

    report = _report()
    edition = edition()
    occurred_on = occurred_on()
    actor = _actor()
    position = _position()
    digest = Pattern("salted SHA-256 of the full figures", pattern=_SHA256)


class Signed(Payload):
    """A CPAS signs the digest of its own figures."""

    report = _report()
    occurred_on = occurred_on()
    actor = _actor()
    cpas = CpasId("the CPAS that signs")
    position = _position()
    digest = Pattern("SHA-256 of its figures", pattern=_SHA256)
    signature = Pattern("Ed25519 over the digest, base64url without padding", pattern=re.compile(r"[A-Za-z0-9_-]{86}"))


class Published(Payload):
    """The authority publishes the draft; what arrives later never changes it."""

    report = _report()
    occurred_on = occurred_on()
    actor = _actor()
    position = _position()
    digest = Pattern("salted SHA-256 of the full figures", pattern=_SHA256)
    unsigned_reason = Text("why it is published although a signature is missing", longest=2000, optional=True)


class Reopened(Payload):
    """The authority reopens a published report."""

    report = _report()
    occurred_on = occurred_on()
    actor = _actor()
    reason = Text("why", longest=2000)


class Restated(Payload):
    """The authority publishes other figures in place of the first, and says why."""

    report = _report()
    occurred_on = occurred_on()
    actor = _actor()
    position = _position()
    digest = Pattern("salted SHA-256 of the full figures", pattern=_SHA256)
    reason = Text("why", longest=2000)


FACTS: dict[str, type[Payload]] = {
    "drafted": Drafted,
    "signed": Signed,
    "published": Published,
    "reopened": Reopened,
    "restated": Restated,
}
