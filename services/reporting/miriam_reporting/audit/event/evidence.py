"""The proofs behind an explanation: of each row's leaf, that the ledger holds it."""

from typing import Any

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.event.proving import NotProved, Proven, head_for, prove
from miriam_reporting.reports.as_of import looking
from miriam_reporting.reports.model import Explanation

# Proofs of so many leaves are read together.
_TURN = 1_000


def with_proofs(connection: Connection, found: Explanation) -> dict[str, Any]:
    """The JSON of an explanation that knows its leaves, each row with `index` and `proof`, verified; and their `head`.

    Needs a connection outside a transaction, and leaves it so. Raises NotProved.
    """
    leaves = found.leaves or {}
    positions = sorted({row.position for row in found.evidence})
    if missing := set(positions).difference(leaves):
        raise NotProved(f"the ledger lacks leaf {min(missing)}")
    proven: dict[int, Proven] = {}
    with looking(connection):
        head = head_for(connection, positions[-1] if positions else 0)
        for at in range(0, len(positions), _TURN):
            some = [(position, leaves[position].leaf) for position in positions[at : at + _TURN]]
            proven |= {each.position: each for each in prove(connection, some, head)}
    told = found.as_json()
    for row in told["evidence"]:
        path = proven[row["position"]].as_json()
        row.update(index=path["index"], proof=path["proof"])
    return told | {"head": head.as_json()}
