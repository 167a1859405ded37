"""What intake adds to the retirement of an edition, and what it derived that goes with it.

The bodies, keys and sealed blocks go as in every service, when it follows its own event (`miriam_platform.retiring`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from psycopg2.extensions import connection as Connection

from miriam_platform import store
from miriam_platform.definition import Enrichment

_APPROVALS = ("miriam.project.approved.v1", "miriam.project.corrected.v1")
_PAGE = 1000


def edition_retired(asked: Enrichment) -> Mapping[str, Any]:
    """The payload with `projects`: those whose approval, in its last version, names the edition."""
    return {**asked.data, "projects": projects_of(asked.connection, asked.data["edition"])}


def projects_of(connection: Connection, edition: str) -> list[str]:
    """The projects of an edition, in the order of their ids; a retracted approval counts too: facts may rest on it.

    One that any version of its approval gave to an edition which is not retired is left out: what a retirement
    destroys does not come back, so a doubt is decided for keeping.
    """
    named = _editions(connection)
    others = sorted({each for editions in named.values() for each in editions} - {edition})
    gone = {name for _, name in store.retired_among(connection, [("edition", other) for other in others])}
    return sorted(
        project for project, editions in named.items() if edition in editions and editions <= gone | {edition}
    )


def _editions(connection: Connection) -> dict[str, set[str]]:
    """The editions that each project was approved for, in any version of its approval."""
    named: dict[str, set[str]] = {}
    for type_ in _APPROVALS:
        after = 0
        while page := store.read_type(connection, type_, after, _PAGE):
            for event in page:
                data = orjson.loads(event.body)["data"]
                if data.get("fact", "approved") == "approved":
                    approval = data.get("replacement", data)
                    named.setdefault(approval["project"], set()).add(approval["edition"])
            after = page[-1].sequence
    return named


def retired(connection: Connection, participations: Sequence[str]) -> None:
    """Delete who was named in these participations, and the way from the number of a woman who is known by no other."""
    with connection.cursor() as cursor:
        cursor.execute("select person.retire(%s::text[])", (list(participations),))


def wiped(connection: Connection, event_ids: Sequence[str]) -> None:
    """Delete who was named in these events of a test CPAS, and the way from her number; no real woman is among them."""
    with connection.cursor() as cursor:
        cursor.execute("select person.wipe(%s::uuid[])", (list(event_ids),))
