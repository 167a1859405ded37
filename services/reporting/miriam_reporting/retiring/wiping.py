"""Wiping test CPAS from the ledger: each `door.wiped` that the facts have reached is carried out, once.

Nothing is projected of a test CPAS, so no fact is deleted, and a rebuild under way does not mind.
"""

import psycopg2
from psycopg2.extensions import connection as Connection

from miriam_platform import logging
from miriam_platform.database import LOST

log = logging.get(__name__)


class Wiper:
    """Carries out what the services say that they wiped, for the one process that leads."""

    def __init__(self) -> None:
        self._refused: set[int] = set()

    def step(self, connection: Connection) -> bool:
        """Carry out the next statement that is due; answers whether there was one."""
        with connection, connection.cursor() as cursor:
            cursor.execute("select ledger.wipes_due((select position from facts.checkpoint))")
            due = [int(position) for (position,) in cursor.fetchall() if position not in self._refused]
        if not due:
            return False
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("select ledger.carry_out_wipe(%s)", (due[0],))
                row = cursor.fetchone()
            log.info("wiped", sequence=due[0], recorded=row and row[0])
        except psycopg2.Error as error:
            if isinstance(error, LOST):
                raise
            # A statement that names what no test CPAS sent: it stands, nothing is emptied, and the sweep tells of both.
            log.error("not wiped", sequence=due[0], error=logging.told(error))
            self._refused.add(due[0])
        return True
