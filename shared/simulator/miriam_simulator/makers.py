"""Makers of CPAS systems: some tell sessions in the newer version of the contract, some since an update, most not yet.

Everything is planned, mistaken and mended in version 1. What software of the newer version sent is told again in it, so
that the form alone differs, and no figure.
"""

from typing import Any

from miriam_contracts import codes
from miriam_contracts.upcasting import newest
from miriam_simulator.chance import Weighted, stream
from miriam_simulator.desk import Desk
from miriam_simulator.diary import Event, Item, at
from miriam_simulator.editions import Edition

_HELD = "session.held"
# Of ten CPAS: how many had the newer software from the beginning, how many got it on the way, how many have it not.
_SOFTWARE = Weighted({"new": 2.0, "updated": 2.0, "old": 6.0})
_UPDATED_AFTER = 220  # days from the edition's start
_FURTHER_THEMES = Weighted({0: 52.0, 1: 31.0, 2: 13.0, 3: 4.0})


def retell(desk: Desk) -> None:
    """Tell in version 2 what the software of this CPAS sent in it: sessions held, and corrections of them."""
    since = _since(desk.cpas, desk.edition)
    if since is None:
        return
    for item in desk.diary.items:
        if item.noted >= since:
            _retell(desk, item)


def _since(cpas: str, edition: Edition) -> int | None:
    """The moment from which a CPAS tells version 2. Not by the seed: a CPAS has the same software in every play."""
    software = _SOFTWARE(stream(0, "software", cpas))
    return {"new": 0, "updated": at(edition.starts_on + _UPDATED_AFTER, 0), "old": None}[software]


def _retell(desk: Desk, item: Item) -> None:
    data = item.event["data"]
    if item.type == _HELD:
        item.event.update(type="miriam.session.held.v2", data=_told(desk, data))
    elif item.type == "session.corrected" and data["fact"] == "held":
        data = {**data, "replacement": _told(desk, data["replacement"])}
        item.event.update(type="miriam.session.corrected.v2", data=data)


def _told(desk: Desk, held: Event) -> Event:
    told: dict[str, Any] = dict(newest("session", "held", 1, held))
    # By the session alone, so that a correction tells the same further themes as what it corrects.
    rng = stream(desk.seed, desk.edition.id, "themes", held["session"])
    further = rng.sample(codes.LIFE_DOMAINS, _FURTHER_THEMES(rng))
    told["themes"] += [theme for theme in further if theme not in told["themes"]]
    return told
