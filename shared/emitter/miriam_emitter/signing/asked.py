"""What reporting asks a CPAS to sign, checked here before anything is signed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from miriam_contracts.canonical import NotCanonical, canonical, check
from miriam_emitter.errors import EmitterError
from miriam_emitter.signing.keys import message

SALT_BYTES = 32


class NotWhatItSays(EmitterError):
    """What is to be signed is not of this CPAS, or its digest is not of the figures shown: it must not be signed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The figures of a CPAS in the newest draft of a report, and their digest.

    `key` is the public key that the authority had registered for it at the report's position; None where it had none.
    """

    report: str
    edition: str
    cpas: str
    position: int
    digest: str
    key: str | None
    figures: Sequence[Mapping[str, Any]]

    @property
    def message(self) -> bytes:
        """The bytes to sign."""
        return message(self.edition, self.cpas, self.digest)

    @classmethod
    def read(cls, told: Any, report: str, cpas: str) -> Asked:
        """From reporting's answer. Raises NotWhatItSays where it cannot be read, or the digest is of other figures."""
        try:
            asked = told["asked"]
            salt = base64.b64decode(asked["salt"], validate=True)
            names = ("report", "edition", "cpas", "position", "digest", "key", "figures")
            found = cls(**{name: asked[name] for name in names})
            texts = (found.report, found.edition, found.cpas, found.digest)
            if not all(isinstance(text, str) and text.isascii() and text.isprintable() for text in texts):
                raise ValueError("no plain text")
            check(found.figures)
            digest = hashlib.sha256(salt + canonical(found.figures)).hexdigest()
            shown = [(each["code"], dict(each["by"])) for each in found.figures]
        except (KeyError, ValueError, TypeError, AttributeError, NotCanonical) as problem:
            raise NotWhatItSays("reporting's answer cannot be read", "ask the authority") from problem
        if (found.report, found.cpas) != (report, cpas):
            raise NotWhatItSays("reporting answers of another report or CPAS", "sign nothing; ask the authority")
        if len(salt) != SALT_BYTES or digest != found.digest:
            raise NotWhatItSays("the digest is not of the figures shown", "sign nothing; ask the authority")
        if not shown:
            raise NotWhatItSays("there are no figures", "sign nothing; ask the authority")
        return found
