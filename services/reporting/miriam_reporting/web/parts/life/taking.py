"""Steps need a connection outside of any transaction, for they begin and end their own."""

from collections.abc import Callable

from psycopg2.extensions import connection as Connection

from miriam_platform.database import LOST
from miriam_reporting.reports.life.events import Step
from miriam_reporting.web.asked import Asked


def take(asked: Asked, step: Callable[[Connection], Step]) -> Step:
    """Take a step; a connection that was lost while it was idle is replaced before. Raises what the step raises."""
    with asked.database.one() as database:
        database.ask(lambda connection: connection.cursor().execute("select 1"))
        try:
            return step(database.connection())
        except LOST:
            database.close()
            raise
