"""Brings reporting's database to the form that this code needs: the ledger is migrated, the facts are filled anew."""

from psycopg2.extensions import connection as Connection

from miriam_platform import database, logging
from miriam_platform.migrate import Phase, migrate
from miriam_reporting.facts import schema
from miriam_reporting.facts.definitions import definition
from miriam_reporting.facts.rebuild import Told, rebuild

MIGRATIONS = "miriam_reporting.migrations"
# The same for all who make the facts' schema; two at once would both find it missing.
_LOCK = 0x4D69466D

log = logging.get(__name__)


def migrate_reporting(
    owner_url: str, app_role: str, phases: tuple[Phase, ...] = ("pre", "post"), tell: Told | None = None
) -> list[str]:
    """Apply what is missing, as the owner; answer the names of what was applied.

    The fact tables are made where there are none. Where they were made from other files than this code's, they are
    filled anew beside the old ones and swapped in. Raises MigrationError.
    """
    applied = migrate(owner_url, app_role, MIGRATIONS, phases)
    connection = database.connect(owner_url, "miriam-migrate-facts")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", (_LOCK,))
        with connection.cursor() as cursor:
            # What a killed rebuild left; the projector does the same all the time.
            cursor.execute("select projections.clear_leftovers()")
        if _create(connection, app_role):
            applied.append("facts")
        elif schema.made_from(connection, schema.LIVE) != definition().digest:
            rebuild(owner_url, app_role, tell=tell)
            applied.append("facts (rebuilt)")
    finally:
        connection.close()
    return applied


def _create(connection: Connection, app_role: str) -> bool:
    if schema.exists(connection, schema.LIVE):
        return False
    connection.autocommit = False
    with connection:
        schema.create_tables(connection, schema.LIVE, definition(), app_role)
        schema.create_indexes(connection, schema.LIVE, definition())
    connection.autocommit = True
    return True
