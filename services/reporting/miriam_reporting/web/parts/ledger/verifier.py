"""The program with which an auditor checks a bundle at home: its text, and the SHA-256 of it."""

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

NAME = "miriam_verify.py"


@cache
def source() -> bytes:
    """The text of the program as it is installed here. It is read and never run: it trusts nothing of this platform."""
    found = find_spec("miriam_verify")
    if found is None or found.origin is None:
        raise RuntimeError("the package miriam-verify is not installed here: install shared/verifier beside reporting")
    return Path(found.origin).read_bytes()


def digest() -> str:
    """SHA-256 of the text, in hexadecimal."""
    return hashlib.sha256(source()).hexdigest()
