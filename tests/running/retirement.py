"""Histories with an edition that is retired at their end, and what is left of them then."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

from history_ledger import LedgerBuilder
from reporting_database import ReportingDatabase

from miriam_contracts.canonical import canonical
from miriam_reporting.retiring import retire_step

PROJECTS = {"2023": ["spp:p1", "spp:p2"], "2024": ["spp:p3", "spp:p4"]}


def retired_leaf(bodies: Sequence[bytes], edition: str, projects: Sequence[str] | None = None) -> bytes:
    """The leaf by which intake records the retirement of an edition, behind these."""
    numbers = (told["sequence"] for told in map(json.loads, bodies) if told["source"] == "/services/intake")
    number = max(numbers, default=0) + 1
    event_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"retired {edition} {number}"))
    data: dict[str, Any] = {"edition": edition, "occurred_on": "2031-01-01", "retained_until": "2030-12-31"}
    if projects is not None:
        data["projects"] = list(projects)
    at = "2031-01-01T09:00:00.000000Z"
    return canonical({
        "correlationid": f"retired-{edition}", "data": data, "datacontenttype": "application/json", "id": event_id,
        "origin": "/authority/spp", "originid": f"retired-{edition}", "recordedtime": at,
        "salt": uuid.uuid5(uuid.NAMESPACE_OID, event_id).hex, "sequence": number, "source": "/services/intake",
        "specversion": "1.0", "subject": edition, "time": at, "type": "miriam.edition.retired.v1",
    })  # fmt: skip


def retire(reporting: ReportingDatabase, bodies: Sequence[bytes], *editions: str, maximum: int = 7) -> list[bytes]:
    """Load a history, the retirements of `editions` behind it, and retire them to the end; all its leaves."""
    leaves = list(bodies)
    for edition in editions:
        leaves.append(retired_leaf(leaves, edition, PROJECTS.get(edition)))
    reporting.load(leaves)
    while retire_step(reporting.app, maximum).more:
        pass
    return leaves


def emptied(reporting: ReportingDatabase) -> set[int]:
    """Positions of the leaves that are empty."""
    with reporting.app, reporting.app.cursor() as cursor:
        cursor.execute("select position from ledger.leaf where body is null and data is null")
        found = {int(position) for (position,) in cursor.fetchall()}
        cursor.execute("select count(*) from ledger.leaf where (body is null) <> (data is null)")
        assert cursor.fetchone() == (0,)
    return found


def two_editions() -> LedgerBuilder:
    """Editions 2023 and 2024 with a project of `alpha` each, and nothing else."""
    ledger = LedgerBuilder()
    for edition in ("2023", "2024"):
        ledger.record("edition.opened", edition=edition, occurred_on="2023-01-01")
    ledger.record("cpas.registered", cpas="alpha", region="brussels")
    ledger.record("project.approved", project="spp:p1", cpas="alpha")
    ledger.record("project.approved", project="spp:p3", cpas="alpha", edition="2024")
    return ledger


def small() -> LedgerBuilder:
    """A course in 2023 (leaves 6 to 8) and one in 2024."""
    ledger = two_editions()
    for participation, projekt, on in (("alpha:w1", "spp:p1", "2023-10-02"), ("alpha:w2", "spp:p3", "2024-10-02")):
        named = {"participation": participation, "project": projekt, "occurred_on": on}
        ledger.record("participation.enrolled", **named)
        ledger.correct(ledger.record("session.held", **named), duration_minutes=90)
    return ledger
