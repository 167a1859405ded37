"""A woman who was erased, and requests of persons, in the pages' database: what a data protection officer looks at."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import canonical
from miriam_contracts.identity import recorded_id
from miriam_reporting.privacy import register
from miriam_reporting.privacy.domain import Step

REFERENCE = "2024-017"
OFFICER = "dpo.tester"
GROUND = "consent_withdrawn"
ERASED_ON = "2024-07-01"
BLOCKS = {"intake": 1, "sessions": 7}


def with_an_erasure(bodies: Sequence[bytes]) -> list[bytes]:
    """These leaves, then the erasure of the first woman enrolled, and what two services state because of it."""
    events = [json.loads(body) for body in bodies]
    enrolled = next(event for event in events if event["type"] == "miriam.participation.enrolled.v1")
    person, participation = enrolled["data"]["person"], enrolled["data"]["participation"]
    erased = {"person": person, "occurred_on": ERASED_ON, "ground": GROUND, "participation": participation}
    added = [_event(events, "intake", "miriam.person.erased.v1", person, "/dpo/spp-is-dpo", erased)]
    for service, blocks in BLOCKS.items():
        data = {"participation": participation, "because_of": added[0]["id"], "ground": "erased", "blocks": blocks,
                "occurred_on": ERASED_ON}  # fmt: skip
        origin = f"/services/{service}"
        added.append(_event([*events, *added], service, "miriam.key.destroyed.v1", participation, origin, data))
    return [*bodies, *(canonical(event) for event in added)]


def enter_requests(app: Connection) -> None:
    """The erased woman's request, not answered yet, and one for access that waits."""
    with app:
        for reference, right in ((REFERENCE, "erasure"), ("2024-018", "access")):
            received = Step("received", dt.date(2024, 6, 17), {"right": right})
            register.add(app, reference, received, OFFICER, dt.date(2024, 7, 1))
        found = Step("identified", dt.date(2024, 6, 18), {"persons": [erased_person(app)]})
        register.add(app, REFERENCE, found, OFFICER, dt.date(2024, 7, 1))


def erased_person(app: Connection) -> str:
    """The pseudonym of her who was erased."""
    return str(_one(app, "select data->'data'->>'person' from ledger.leaf where type = 'miriam.person.erased.v1'"))


def erasure_position(app: Connection) -> int:
    """Where her erasure stands in the ledger."""
    return int(_one(app, "select position from ledger.leaf where type = 'miriam.person.erased.v1'"))


def _one(app: Connection, query: str) -> Any:
    with app.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
        assert row is not None
        return row[0]


def _event(
    events: Sequence[dict[str, Any]], service: str, kind: str, subject: str, origin: str, data: dict[str, Any]
) -> dict[str, Any]:
    source = f"/services/{service}"
    number = 1 + max(event["sequence"] for event in events if event["source"] == source)
    event_id = recorded_id(service, origin, f"e{number:06d}")
    at = f"{ERASED_ON}T10:00:00.000000Z"
    return {
        "correlationid": f"c-{service}-{number}",
        "data": data,
        "datacontenttype": "application/json",
        "id": event_id,
        "origin": origin,
        "originid": f"e{number:06d}",
        "recordedtime": at,
        "salt": uuid.uuid5(uuid.NAMESPACE_OID, event_id).hex,
        "sequence": number,
        "source": source,
        "specversion": "1.0",
        "subject": subject,
        "time": at,
        "type": kind,
    }
