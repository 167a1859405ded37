"""Ways to spoil an event, all drawn from one seed: a failure can be had again."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import orjson

Path = tuple[Any, ...]
EXTREMES: tuple[Any, ...] = (
    0, -1, 1, 2**31, -(2**31) - 1, 2**53 - 1, 2**53, -(2**63), 2**63, 2**64 - 1, 10**12, 0.5, 1e308, -0.0,
    "", " ", "x" * 65, "x" * 5_000, "\u0000", "\u001f", "\u202e", "\U0001f525", "é", "\\u0000",
    "'; drop table event;--",
    "{0.__class__}", "%s%n", "../../etc/passwd", "null", "NaN",
    "1900-01-01", "2199-12-31", "9999-12-31", "0001-01-01", "2024-02-30", "2024-W01-1", "20240101",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-23:59", "2024-01-01T24:00:00Z",
    "miriam.session.held.v1", "miriam.door.tallied.v1", "/authority/spp-is", "schaerbeek:p-1", "00000000097",
    None, True, False, [], {}, [[]], {"": ""},
)  # fmt: skip
MORE = ("extra", "personal", "replacement", "fact", "sequence", "salt", "__proto__")


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in a value but the whole of it."""
    if path:
        yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in steps:
        yield from places(item, (*path, step))


def holder(value: Any, path: Path) -> Any:
    """The object or list in which a place lies."""
    for step in path[:-1]:
        value = value[step]
    return value


def outermost(chance: random.Random) -> Any:
    """One of EXTREMES. A copy: what is put into it by a later mutation must not come back with the next."""
    return copy.deepcopy(chance.choice(EXTREMES))


def junk(chance: random.Random, depth: int = 0) -> Any:
    """Something nested that no contract foresees."""
    if depth > 4 or chance.random() < 0.3:
        return outermost(chance)
    if chance.random() < 0.5:
        return [junk(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice("abcdefgh"): junk(chance, depth + 1) for _ in range(chance.randrange(4))}


def drop(event: Any, at: Path, chance: random.Random) -> None:
    """Leave something out."""
    del holder(event, at)[at[-1]]


def extreme(event: Any, at: Path, chance: random.Random) -> None:
    """A value at or beyond a bound."""
    holder(event, at)[at[-1]] = outermost(chance)


def retype(event: Any, at: Path, chance: random.Random) -> None:
    """The same value, as another type."""
    found = holder(event, at)[at[-1]]
    other = [str(found), [found], {"value": found}, not found, len(str(found))]
    holder(event, at)[at[-1]] = chance.choice(other)


def nest(event: Any, at: Path, chance: random.Random) -> None:
    """Junk in its place."""
    holder(event, at)[at[-1]] = junk(chance)


def add(event: Any, at: Path, chance: random.Random) -> None:
    """Something more beside it."""
    inside = holder(event, at)
    if isinstance(inside, dict):
        inside[chance.choice(MORE)] = junk(chance)
    else:
        inside.insert(at[-1], outermost(chance))


def swap(event: Any, at: Path, chance: random.Random) -> None:
    """Exchange it with another field."""
    other = chance.choice([place for place in places(event) if place[: len(at)] != at and at[: len(place)] != place])
    one, two = holder(event, at), holder(event, other)
    one[at[-1]], two[other[-1]] = two[other[-1]], one[at[-1]]


def truncate(body: bytes, chance: random.Random) -> bytes:
    """Cut off the end."""
    return body[: chance.randrange(len(body))]


def flip(body: bytes, chance: random.Random) -> bytes:
    """Change a few bytes."""
    spoilt = bytearray(body)
    for _ in range(chance.randint(1, 8)):
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


def repeat(body: bytes, chance: random.Random) -> bytes:
    """Give a key twice."""
    return b'{"id":"another",' + body[1:]


def wrap(body: bytes, chance: random.Random) -> bytes:
    """Put it into something else."""
    return chance.choice(
        (b"[" + body + b"]", body + body, b"\xef\xbb\xbf" + body, b" \n" + body + b"\t", body.hex().encode())
    )


def intact(body: bytes, chance: random.Random) -> bytes:
    """Leave it as it is."""
    return body


OF_VALUES: tuple[Callable[[Any, Path, random.Random], None], ...] = (drop, extreme, extreme, retype, nest, add, swap)
OF_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (truncate, flip, repeat, wrap)


def mutated(event: dict[str, Any], chance: random.Random) -> bytes:
    """The event with one to three things wrong with it; one in ten is left as it is."""
    kind = chance.random()
    if kind < 0.1:
        return orjson.dumps(event)
    if kind < 0.35:
        return chance.choice(OF_BYTES)(orjson.dumps(event), chance)
    spoilt = copy.deepcopy(event)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        # Now and then the whole payload, mostly something inside: else all would fail at the envelope.
        found = list(places(spoilt))
        inside = [place for place in found if place[0] == "data" and len(place) > 1]
        at = chance.choice(inside if inside and chance.random() < 0.7 else found)
        chance.choice(OF_VALUES)(spoilt, at, chance)
    try:
        return orjson.dumps(spoilt)
    except TypeError:  # an integer beyond 64 bits
        return str(spoilt).encode()
