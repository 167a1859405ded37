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


def of_tests(connection: Connection, position: int) -> int:
    """How many of the leaves 1..position test CPAS sent, wiped ones included: they count in no figure."""
    with connection.cursor() as cursor:
        cursor.execute("select ledger.leaves_of_tests(%s)", (position,))
        row = cursor.fetchone()
        assert row is not None
        return int(row[0])
