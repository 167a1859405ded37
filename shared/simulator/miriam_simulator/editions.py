"""What is known of each edition that can be played: its dates, money, holidays and who carries it. Data, not code."""

import datetime as dt
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

AUTHORITY = "spp-is"
DPO = "dpo-spp-is"


def day(text: str) -> int:
    """The ordinal of a day written `YYYY-MM-DD`."""
    return dt.date.fromisoformat(text).toordinal()


@cache
def iso(ordinal: int) -> str:
    """A day as text; cached, because a few hundred days are written tens of thousands of times."""
    return dt.date.fromordinal(ordinal).isoformat()


def load(name: str) -> Any:
    """A data file of this package, parsed."""
    return json.loads(resources.files("miriam_simulator").joinpath("data", f"{name}.json").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Cpas:
    """A CPAS as the authority registers it. `home` names the real one, which copies at a larger scale share."""

    id: str
    home: str
    nis: str
    region: str
    language: str
    names: dict[str, str]


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition; days are ordinals, `facts` holds the rest as in data/editions.json (money in euro cents)."""

    id: str
    short: str
    year: str
    starts_on: int
    ends_on: int
    closed_on: int
    first_meetings: tuple[int, int]
    last_meetings: tuple[int, int]
    facts: dict[str, Any]


def names() -> tuple[str, ...]:
    """The editions that can be played."""
    return tuple(load("editions"))


def edition(name: str) -> Edition:
    """The edition of that name. Raises KeyError for one that cannot be played."""
    facts = load("editions")[name]
    first, last = facts["first_meetings"], facts["last_meetings"]
    return Edition(
        id=facts["edition"],
        short=facts["short"],
        year=facts["year"],
        starts_on=day(facts["starts_on"]),
        ends_on=day(facts["ends_on"]),
        closed_on=day(facts["closed_on"]),
        first_meetings=(day(first[0]), day(first[1])),
        last_meetings=(day(last[0]), day(last[1])),
        facts=facts,
    )


def cpas(facts: dict[str, Any], copy: int = 0) -> list[Cpas]:
    """The CPAS of an edition; `copy` > 0 gives made-up namesakes, for benches larger than the programme."""
    wanted = facts["cpas"]
    rows = [row for row in load("cpas") if wanted is None or row["id"] in wanted]
    return [_cpas(row, copy) for row in rows]


def _cpas(row: dict[str, Any], copy: int) -> Cpas:
    suffix, title = (f"-{copy + 1}", f" ({copy + 1})") if copy else ("", "")
    return Cpas(
        id=row["id"] + suffix,
        home=row["id"],
        nis=row["nis"],
        region=row["region"],
        language=row["language"],
        names={language: name + title for language, name in row["names"].items()},
    )
