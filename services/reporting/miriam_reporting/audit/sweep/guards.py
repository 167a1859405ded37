"""What keeps the ledger from being changed: its triggers, its keys, and the rights that the application lacks."""

from collections.abc import Iterator

from psycopg2.extensions import connection as Connection

from miriam_reporting.audit.findings import Finding
from miriam_reporting.audit.sweep.asking import ask


def missing(connection: Connection) -> Iterator[Finding]:
    """Each guard that is not there, or does not act. Whoever takes one away for a while leaves no trace here."""
    for what in ask(connection, "guards"):
        yield Finding("guard", str(what[0]))
