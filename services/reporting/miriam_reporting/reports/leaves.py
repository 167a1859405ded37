"""Where the evidence of an explanation stands in the ledger: source, number and leaf hash of each event."""

from dataclasses import replace

from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.as_of import looking
from miriam_reporting.reports.model import Explanation, LeafOf


def located(connection: Connection, found: Explanation) -> Explanation:
    """The explanation with the leaf of each of its rows. Needs a connection outside a transaction, and leaves it so."""
    positions = list({row.position for row in found.evidence})
    with looking(connection), connection.cursor() as cursor:
        cursor.execute(
            "select position, source, sequence, hash from ledger.leaf where position = any(%s)", (positions,)
        )
        leaves = {position: LeafOf(source, sequence, bytes(leaf)) for position, source, sequence, leaf in cursor}
    return replace(found, leaves=leaves)
