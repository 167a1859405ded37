"""The life of reports as it is told: where each stands, whose signatures are missing, what was published."""

from collections.abc import Mapping
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.life.domain import Life, life
from miriam_reporting.reports.life.errors import UnknownReport
from miriam_reporting.reports.life.events import Read, read_all

_OF_AN_EVENT = ("occurred_on", "actor", "position", "reason", "unsigned_reason", "cpas")
_OF_A_PUBLICATION = (
    "position", "root", "digest", "occurred_on", "actor", "unsigned", "unsigned_reason", "reason", "checkpoint",
)  # fmt: skip


def lives(connection: Connection, edition: str | None = None) -> list[dict[str, Any]]:
    """Every report (of an edition), in the order in which they were first drafted. Runs in the caller's transaction."""
    found = [(read, life(read.state)) for read in read_all(connection).values()]
    return [told(read, each) for read, each in found if edition in (None, each.edition)]


def one(connection: Connection, report: str) -> dict[str, Any]:
    """One report. Runs in the caller's transaction. Raises UnknownReport."""
    found = read_all(connection)
    if report not in found:
        raise UnknownReport(report, [*found])
    return told(found[report], life(found[report].state))


def told(read: Read, found: Life) -> dict[str, Any]:
    """A report's life. Holds no figure: digests, positions, names, reasons."""
    signed = found.signed
    draft = found.draft
    return {
        "report": found.report,
        "edition": found.edition,
        "status": found.status,
        "position": draft and draft["position"],
        "digest": draft and draft["digest"],
        "signers": [
            {**each, "key": each.get("key"), "signed": each["cpas"] in signed}
            for each in (draft["signers"] if draft else ())
        ],
        "unsigned": found.unsigned,
        "publications": [
            {"event_id": each.first_id, "restated": each.name == "restated", **_some(each.data, _OF_A_PUBLICATION)}
            for each in found.publications
        ],
        "steps": [
            {"step": event["type"].split(".")[2], "event_id": event["id"], "time": event["time"]}
            | _some(event["data"], _OF_AN_EVENT)
            for event in read.events
        ],
    }


def _some(data: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: data[name] for name in names if name in data}
