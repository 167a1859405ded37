"""Women who do not exist: invented names that nobody bears, and national numbers whose check digits are right.

A real person could hold one of these numbers by chance: names, numbers and births are drawn apart from each other, and
stand only in personal blocks, as they would in earnest.
"""

import datetime as dt
import random
from dataclasses import dataclass
from functools import cache
from typing import Any

from miriam_simulator.chance import Weighted, stream
from miriam_simulator.editions import iso, load

_FEMALE_SERIALS = 499  # 002, 004 ... 998: women have even serials
_BIRTH_SLOTS = 512  # women of one serial are born on days that differ modulo this, so no two share a number
_STRIDE = 197
MOST_WOMEN = _FEMALE_SERIALS * _BIRTH_SLOTS
_BIS_SEX_KNOWN = 40
_MODULUS = 97
_BEFORE_2000 = 2_000_000_000

NUMBERS = Weighted({"niss": 89.0, "bis": 7.0, "none": 4.0})
# Age at the start, in years: (from, to) with its weight. Mothers of young children, mostly.
_AGES = Weighted(
    [((17, 17), 0.3), ((18, 24), 16.0), ((25, 34), 44.0), ((35, 44), 31.0), ((45, 54), 8.0), ((55, 61), 0.7)]
)
_YEAR = 365


@dataclass(frozen=True, slots=True)
class Woman:
    """Somebody made up. `niss` and `bis` are both valid numbers of hers; which is known is a matter of the place."""

    first_name: str
    last_name: str
    born: int
    niss: str
    bis: str

    def number(self, known: str) -> str | None:
        """Her number where it is known as `niss` or `bis`; None for `none`."""
        return {"niss": self.niss, "bis": self.bis}.get(known)

    def identity(self, known: str) -> dict[str, Any]:
        """The personal block of an enrolment."""
        block = {"first_name": self.first_name, "last_name": self.last_name, "birth_date": iso(self.born)}
        number = self.number(known)
        return block if number is None else {"niss": number, **block}


def woman(seed: int, index: int, language: str, first_day: int) -> Woman:
    """Woman number `index` of an edition that starts on `first_day`. Raises ValueError beyond MOST_WOMEN."""
    if not 0 <= index < MOST_WOMEN:
        raise ValueError(f"women are numbered 0 to {MOST_WOMEN - 1}")
    rng = stream(seed, "woman", index)
    youngest, oldest = _AGES(rng)
    born = first_day - youngest * _YEAR - rng.randrange((oldest - youngest + 1) * _YEAR)
    # Uniqueness by construction: each serial has a start of its own, from which its women take one slot each; the slot
    # moves a birth by some months at most.
    turn, place = divmod(index, _FEMALE_SERIALS)
    born = born - born % _BIRTH_SLOTS + (turn + place * _STRIDE) % _BIRTH_SLOTS
    serial = 2 * place + 2
    names = _names()
    return Woman(
        first_name=rng.choice(names["first"][language]),
        last_name=rng.choice(names["last"][language]),
        born=born,
        niss=national_number(born, serial),
        bis=national_number(born, serial, _BIS_SEX_KNOWN),
    )


def national_number(born: int, serial: int, month_plus: int = 0) -> str:
    """A NISS, or with `month_plus` 20 or 40 a BIS number, with its check digits: 97 - (first nine mod 97).

    For those born from 2000 on a 2 stands before the nine digits. `born` is an ordinal.
    """
    date = dt.date.fromordinal(born)
    nine = f"{date.year % 100:02d}{date.month + month_plus:02d}{date.day:02d}{serial:03d}"
    base = int(nine) + (_BEFORE_2000 if date.year >= 2000 else 0)
    return f"{nine}{_MODULUS - base % _MODULUS:02d}"


def note(rng: random.Random, her: Woman, language: str, kind: str) -> dict[str, str]:
    """A personal block with what the case manager noted; it names her, as notes do."""
    text = rng.choice(_notes()[language][kind])
    return {"text": text.format(first=her.first_name, last=her.last_name)}


@cache
def _names() -> Any:
    return load("names")


@cache
def _notes() -> Any:
    return load("notes")
