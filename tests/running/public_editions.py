"""Editions of the simulator, published and restated in a database, and what is true of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "published"))

from differencing import Map
from invent import Office

from miriam_local.databases import DatabaseAccess
from miriam_platform import database
from miriam_reporting.reports.compute import compute
from miriam_reporting.reports.life import steps
from miriam_reporting.reports.model import LEVELS
from miriam_simulator import leaves, scenario

EDITION = "2023-2024"
REPORT = f"{EDITION}-r1"
Figures = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Edition:
    """An edition of which so many leaves are told first, and the rest later."""

    bodies: Sequence[bytes]
    first: int
    map: Map

    @classmethod
    def simulated(cls, seed: int, scale: float, late: float) -> Edition:
        """The edition made up from a seed; `late` is the share of its leaves that comes after the first publication."""
        bodies = list(leaves(scenario(EDITION, seed=seed, scale=scale)))
        return cls(bodies, int(len(bodies) * (1 - late)), _map(bodies))


def _map(bodies: Sequence[bytes]) -> Map:
    regions: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    projects: dict[str, tuple[str, str | None]] = {}
    for body in bodies:
        event = json.loads(body)
        kind, data = event["type"].removeprefix("miriam.").rpartition(".")[0], event["data"]
        if kind == "cpas.registered":
            regions[data["cpas"]] = data["region"]
        elif kind == "consortium.formed":
            members[data["consortium"]] = [data["lead"], *data["members"]]
        elif kind == "project.approved" and data["edition"] == EDITION:
            projects[data["project"]] = data["cpas"], data.get("consortium")
    carriers = {
        project: list(dict.fromkeys([cpas, *members.get(consortium or "", [])]))
        for project, (cpas, consortium) in projects.items()
    }
    carrying = {cpas for each in carriers.values() for cpas in each}
    return Map({cpas: region for cpas, region in regions.items() if cpas in carrying}, carriers)


@contextmanager
def office(access: DatabaseAccess) -> Iterator[Office]:
    """The authority, over a database."""
    found = Office(database.connect(access.owner_url, "hostile-owner"), database.connect(access.app_url, "hostile"))
    try:
        yield found
    finally:
        found.owner.close()
        found.app.close()


def publish(found: Office, because: str | None = None) -> str:
    """Draft the report at the head and publish it, or restate it after it was reopened; the publication's event."""
    if because is not None:
        steps.reopen(found.app, REPORT, "authority.spp", because)
    return found.publish(because, EDITION, REPORT)


def true_figures(found: Office) -> Figures:
    """Every figure as it is at the head."""
    return [figure.as_json() for figure in compute(found.app, EDITION, None, LEVELS).figures]
