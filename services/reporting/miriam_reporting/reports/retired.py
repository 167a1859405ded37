"""Editions that were retired: their events are destroyed, so nothing can be computed of them any more."""

from psycopg2.extensions import connection as Connection

from miriam_reporting.reports.errors import RetiredEdition

_PUBLISHED = "select report, position from report.publication where edition = %s order by position, report"


def refuse_retired(connection: Connection, edition: str) -> None:
    """Raise RetiredEdition where the edition is retired, as far as the facts are; whatever position is asked for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select occurred_on from facts.edition_end where fact = 'retired' and edition = %s"
            " order by from_position limit 1",
            (edition,),
        )
        row = cursor.fetchone()
        if row is None:
            return
        cursor.execute(_PUBLISHED, (edition,))
        raise RetiredEdition(edition, row[0].isoformat(), [(str(name), int(at)) for name, at in cursor.fetchall()])
