"""Who speaks in a run: a test CPAS, and ids that no run before used."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
NOTED = "2024-09-02T09:00:00Z"


def new_run() -> str:
    """A tag of letters alone: ids of a run must hold no digits that could be a national number."""
    return "".join(secrets.choice(_LETTERS) for _ in range(8))


@dataclass(frozen=True)
class Maker:
    """A test CPAS in one run. Ids stay the platform's after a run, so each run mints its own under its tag."""

    cpas: str
    run: str = field(default_factory=new_run)

    @property
    def source(self) -> str:
        """The `source` of its events."""
        return f"/cpas/{self.cpas}"

    @property
    def project(self) -> str:
        """A project that nobody approved: the door asks nobody for it, and a test CPAS counts nowhere."""
        return f"spp-is:conformance-{self.run}"

    def own(self, name: str) -> str:
        """An id that this CPAS mints: `test-acme:<run>-p-1`."""
        return f"{self.cpas}:{self.run}-{name}"

    def event(self, kind: str, id_: str, subject: str, data: dict[str, Any]) -> Event:
        """A whole CloudEvent. `kind` is its type without `miriam.` (`session.held.v1`); the run completes `id_`."""
        return {
            "specversion": "1.0",
            "id": f"{self.run}-{id_}",
            "source": self.source,
            "type": f"miriam.{kind}",
            "subject": subject,
            "time": NOTED,
            "datacontenttype": "application/json",
            "data": data,
        }

    def of_participation(self, kind: str, id_: str, participation: str, **data: Any) -> Event:
        """An event about a participation; `participation` is its name in this run, as `p-1`."""
        subject = self.own(participation)
        return self.event(kind, id_, subject, {"project": self.project, "participation": subject, **data})

    def of_group(self, kind: str, id_: str, group: str, **data: Any) -> Event:
        """An event about a group; `group` is its name in this run, as `grp-1`."""
        subject = self.own(group)
        return self.event(kind, id_, subject, {"project": self.project, "group": subject, **data})

    def goal(self, kind: str, id_: str, participation: str, goal: str, **data: Any) -> Event:
        """An event about a goal of a participation."""
        return self.of_participation(f"goal.{kind}.v1", id_, participation, goal=self.own(goal), **data)
