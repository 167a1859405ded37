"""Canonical JSON (RFC 8785) and the leaf hash of a recorded event (RFC 6962, section 2.1).

RFC 8785 sorts keys by UTF-16 code units and prints numbers as ECMAScript does. Contracts allow no floats, only integers
within 2^53, and ASCII keys; under those three bounds plain sorted JSON is the same bytes, which orjson writes sixty
times as fast. `check` guards the bounds, and a test holds orjson against the rfc8785 package.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import orjson

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 32
_LEAF_PREFIX = b"\x00"


class NotCanonical(ValueError):
    """A value that has no canonical form under the contracts: a float, a huge integer, a key that is not ASCII."""


def check(value: Any, path: str = "", depth: int = 0) -> None:
    """Raise NotCanonical, naming the path, where a value breaks the bounds that canonical JSON rests on.

    Nesting is bounded too: what no contract foresees must not exhaust the reader's stack.
    """
    if depth > MAX_DEPTH:
        raise NotCanonical(f"nested deeper than {MAX_DEPTH}")
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, int):
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise NotCanonical(f"{path or '/'}: an integer beyond 2^53 - 1")
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise NotCanonical(f"{path or '/'}: a key that is not ASCII text")
            check(item, f"{path}/{key}", depth + 1)
        return
    if isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            check(item, f"{path}/{index}", depth + 1)
        return
    raise NotCanonical(
        f"{path or '/'}: a value of type {type(value).__name__}; allowed: text, integer, true, false, null"
    )


def canonical(value: Any) -> bytes:
    """Canonical JSON bytes of `value`; the caller vouches for the bounds (see `check`)."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def repeats_a_key(body: bytes, value: Any) -> bool:
    """Whether the JSON text `body`, which reads as `value`, names a key twice in one object.

    Readers differ in which of the two they take: what one checked, another would act upon.
    """
    if b"\\" not in body:
        # Nothing is escaped, so text and value have the same quotation marks, unless a key was dropped in reading.
        return body.count(b'"') != canonical(value).count(b'"')
    try:
        json.loads(body, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return True
    return False


def _unique(pairs: Sequence[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key that stands twice")


def leaf_hash(body: bytes) -> bytes:
    """SHA-256 over 0x00 and the exact stored bytes of a recorded event: its leaf in the ledger (32 bytes)."""
    return hashlib.sha256(_LEAF_PREFIX + body).digest()
