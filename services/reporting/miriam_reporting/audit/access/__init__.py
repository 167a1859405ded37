"""The access log: every look at person-level data, with its reason, noted before it is answered."""

from miriam_reporting.audit.access.chain import Broken, Verified, verify
from miriam_reporting.audit.access.noting import KINDS, NOT_STATED, LookRefused, Shown, look, note
from miriam_reporting.audit.access.reading import Asked, Look, looks, newest

__all__ = [
    "KINDS",
    "NOT_STATED",
    "Asked",
    "Broken",
    "Look",
    "LookRefused",
    "Shown",
    "Verified",
    "look",
    "looks",
    "newest",
    "note",
    "verify",
]
