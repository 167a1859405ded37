"""Report: the life of an edition's report, recorded by reporting for the actor named."""

import re
from typing import Any

from miriam_contracts.families.common import edition, occurred_on
from miriam_contracts.fields import CpasId, Int, Many, Part, Pattern, Payload, Text, refuse

MOST_CPAS = 2000

_REPORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ACTOR = re.compile(r"[a-z]+\.[a-z][a-z0-9-]{1,39}")
_ROOT = re.compile(r"[A-Za-z0-9+/]{43}=")
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{86}")
_CODE = re.compile(r"[ID][0-9]{2}")


class Hash(Pattern):
    """A digest, a key or a signature. Its digits are nobody's number: of some thousands, one holds one by chance."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise refuse("wrong_type", "text")
        if not self.pattern.fullmatch(value):
            raise refuse("wrong_form", self.pattern.pattern)
        return value


def _report() -> Pattern:
    return Pattern("the report; the subject of the event", pattern=_REPORT)


def _actor(kind: str) -> Pattern:
    return Pattern(f"who did it: kind and id, as `{kind}`", pattern=_ACTOR)


def _position() -> Int:
    return Int("ledger position up to which facts are taken", lowest=0, highest=2**53 - 1)


def _root() -> Hash:
    return Hash("root of the ledger's tree at that position, base64", pattern=_ROOT)


def _figures_digest() -> Hash:
    return Hash("salted SHA-256 of all figures at every level", pattern=_SHA256)


def _reason(meaning: str, *, optional: bool = False) -> Text:
    return Text(meaning, longest=2000, optional=optional)


class Signer(Payload):
    """A CPAS that carries a project of the edition at the position, and what it is to sign."""

    cpas = CpasId("the CPAS")
    digest = Hash("salted SHA-256 of its own figures", pattern=_SHA256)
    key = Hash(
        "public half of its Ed25519 key as registered at the position; missing where none was, base64url",
        pattern=_KEY,
        optional=True,
    )


class Definition(Payload):
    """By what an indicator's figures were computed."""

    code = Pattern("the indicator", pattern=_CODE)
    version = Int("its version", lowest=1, highest=10**6)
    digest = Hash("SHA-256 of its definition: of the list of all texts that it was computed by", pattern=_SHA256)


class Drafted(Payload):
    """The authority drafts a report at a position of the ledger."""

    report = _report()
    edition = edition()
    occurred_on = occurred_on()
    actor = _actor("authority.spp-is")
    position = _position()
    root = _root()
    definitions = Hash("SHA-256 of the list of the indicators' definitions", pattern=_SHA256)
    digest = _figures_digest()
    signers = Many(Part(Signer, "a CPAS"), "each CPAS that is to sign, by id", most=MOST_CPAS)


class Signed(Payload):
    """A CPAS signs the digest of its own figures, with its own key."""

    report = _report()
    edition = edition()
    occurred_on = occurred_on()
    actor = _actor("cpas.anderlecht")
    cpas = CpasId("the CPAS that signs")
    position = _position()
    digest = Hash("salted SHA-256 of its own figures", pattern=_SHA256)
    key = Hash("public half of the Ed25519 key that signed, base64url without padding", pattern=_KEY)
    signature = Hash("Ed25519 over edition, CPAS and digest, base64url without padding", pattern=_SIGNATURE)


class _Publication(Payload):
    report = _report()
    edition = edition()
    occurred_on = occurred_on()
    actor = _actor("authority.spp-is")
    position = _position()
    root = _root()
    checkpoint = Text("signed note over that position or a later one, cosigned by the authority", longest=65536)
    definitions = Many(
        Part(Definition, "an indicator"), "by what each indicator was computed, by code", fewest=1, most=100
    )
    digest = _figures_digest()
    unsigned = Many(CpasId("a CPAS"), "each CPAS whose signature is missing, by id", most=MOST_CPAS)
    unsigned_reason = _reason("why it is published although a signature is missing", optional=True)


class Published(_Publication):
    """The authority publishes the draft; what arrives later never changes it."""


class Reopened(Payload):
    """The authority reopens a published report."""

    report = _report()
    edition = edition()
    occurred_on = occurred_on()
    actor = _actor("authority.spp-is")
    reason = _reason("why")


class Restated(_Publication):
    """The authority publishes other figures in place of the first, and says why."""

    reason = _reason("why")


FACTS: dict[str, type[Payload]] = {
    "drafted": Drafted,
    "signed": Signed,
    "published": Published,
    "reopened": Reopened,
    "restated": Restated,
}
