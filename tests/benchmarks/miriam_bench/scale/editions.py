"""A ledger of any size, made up: editions of about a million events each, one after the other, or of the real size.

They are the simulator's 2023-24 edition, as it is or at thirteen times its size, each with a seed, projects, groups and
women of its own; the CPAS are the same in all of them, and are registered once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from miriam_bench.workload import EDITION
from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_simulator.recorded import leaves
from miriam_simulator.scenarios import Scenario, scenario

SCALE = 13.0
# Events of an edition of the programme's own size.
REAL = 77_000
# The edition that is measured lies amid the others, as do its leaves.
MEASURED_AT = 5
# Each edition's women have numbers of their own, of which there are some 255,000.
_WOMEN, _EDITIONS = 20_000, 13
_MORE, _MORE_WOMEN, _AMID = 99, 240_000, 20_000
_REGISTERED = b'"type":"miriam.cpas.registered.v1"}'
_NUMBER = b'"sequence":'


def name_of(number: int, measured_at: int) -> str:
    """The name of the edition that comes as the `number`th."""
    return EDITION if number == measured_at else f"{EDITION}-{number}"


def events(count: int, *, real: bool = False) -> Iterator[bytes]:
    """The first `count` leaf bodies of the ledger of that size, the same each time, numbered by service.

    Up to a million they are of the measured edition alone; above, it is the fifth (or the last, if there are fewer).
    `real`: of editions of the programme's own size, of which the fifth is measured.
    """
    editions = max(1, round(count / (REAL if real else 1_000_000)))
    measured_at = min(MEASURED_AT, editions)
    scale = SCALE if count >= 1_000_000 else SCALE * count / 950_000
    if real:
        scale = 1.0
    numbers = dict.fromkeys((f"/services/{name}".encode() for name in RECORDING_SERVICES), 0)
    made = 0
    for place in range(1, editions + 1):
        last = place == editions
        # The last edition may be larger than needed, so that the count is reached; what is over is not taken.
        for body in _edition(place, name_of(place, measured_at), scale * 1.2 if last else scale):
            if place > 1 and body.endswith(_REGISTERED):
                continue
            yield _numbered(body, numbers)
            made += 1
            if made == count:
                return


def more(last: dict[str, int]) -> Iterator[bytes]:
    """What comes after a ledger whose sources' last numbers are `last`: events from amid one more edition."""
    numbers = {f"/services/{name}".encode(): last.get(name, 0) for name in RECORDING_SERVICES}
    bodies = _edition(_MORE, f"{EDITION}-more", 1.0, _MORE_WOMEN)
    for body in islice(bodies, _AMID, None):
        if not body.endswith(_REGISTERED):
            yield _numbered(body, numbers)


def _edition(place: int, name: str, scale: float, women: int | None = None) -> Iterator[bytes]:
    played = scenario(EDITION, seed=place)
    edition = played.edition
    offset = place % _EDITIONS * _WOMEN if women is None else women
    facts = {**edition.facts, "edition": name, "person_offset": offset}
    mine = replace(edition, id=name, short=f"{edition.short}x{place}", year=f"{edition.year}x{place}", facts=facts)
    return leaves(Scenario(mine, place, scale))


def _numbered(body: bytes, numbers: dict[bytes, int]) -> bytes:
    # Keys are sorted: the number is followed by the source, and neither can stand in what comes after.
    head, mark, tail = body.rpartition(_NUMBER)
    _, _, rest = tail.partition(b",")
    source = rest.split(b'"', 4)[3]
    numbers[source] += 1
    return b"".join((head, mark, str(numbers[source]).encode(), b",", rest))
