"""When there is something to retire: asked by the projector between its batches, answered by one step at a time."""

import time

import psycopg2
from psycopg2.extensions import connection as Connection

from miriam_platform import logging
from miriam_platform.database import LOST
from miriam_reporting.retiring.step import retire_step

# How often it is looked whether something of a retired edition arrived late.
LATE_SECONDS = 60.0
# How long a rebuild that is running is left alone before it is asked for again.
AGAIN_SECONDS = 5.0
_STATE = """
select (select count(*) from facts.edition_end where fact = 'retired'),
       'facts.checkpoint'::regclass::oid, (select position from facts.checkpoint)
"""

log = logging.get(__name__)


class Keeper:
    """Keeps retired editions retired, for the one process that leads."""

    def __init__(self) -> None:
        self._done: tuple[int, int, int] | None = None
        self._looked = -LATE_SECONDS
        self._wait = 0.0

    def step(self, connection: Connection) -> bool:
        """Do one step where one is due; answers whether another is due at once.

        Due are steps when an edition was retired, when a rebuild put new tables in place, and from time to time when
        something arrived since.
        """
        with connection, connection.cursor() as cursor:
            cursor.execute(_STATE)
            retired, facts, position = row = cursor.fetchone() or (0, 0, 0)
        now = time.monotonic()
        if not retired or now < self._wait or row == self._done:
            return False
        if self._done is not None and self._done[:2] == (retired, facts) and now - self._looked < LATE_SECONDS:
            return False
        try:
            taken = retire_step(connection)
        except psycopg2.Error as error:
            if isinstance(error, LOST):
                raise
            # Figures must go on whatever hinders a retirement; a mistake of ours is no reason to stop projecting.
            log.error("not retired", error=logging.told(error), pause=LATE_SECONDS)
            self._wait = now + LATE_SECONDS
            return False
        if taken.facts:
            log.info("retired", count=taken.facts, recorded=taken.leaves, sequence=position)
            return True
        if taken.more:
            self._wait = now + AGAIN_SECONDS
            return False
        self._done, self._looked = (retired, facts, position), now
        return False
