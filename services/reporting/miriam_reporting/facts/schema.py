"""Making and naming the schemas that hold fact tables."""

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from miriam_reporting.facts.definitions import Definition

LIVE = "facts"
NEXT = "facts_next"


def use(connection: Connection, schema: str) -> None:
    """Let unqualified names mean `schema`, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("set local search_path to {}").format(sql.Identifier(schema)))


def create_tables(connection: Connection, schema: str, made_from: Definition, app_role: str) -> None:
    """Make the schema, its empty tables without indexes, and its checkpoint at 0. The app role may read and project."""
    name, app = sql.Identifier(schema), sql.Identifier(app_role)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("create schema {}").format(name))
        use(connection, schema)
        cursor.execute(made_from.common)
        for table in made_from.tables:
            cursor.execute(table.table)
        cursor.execute("insert into checkpoint (position, definition) values (0, %s)", (made_from.digest,))
        cursor.execute(sql.SQL("grant usage on schema {} to {}").format(name, app))
        rights = sql.SQL("grant select, insert, update, delete on all tables in schema {} to {}")
        cursor.execute(rights.format(name, app))


def create_indexes(connection: Connection, schema: str, made_from: Definition) -> None:
    """Make the indexes of all tables."""
    use(connection, schema)
    with connection.cursor() as cursor:
        for table in made_from.tables:
            for statement in table.indexes:
                cursor.execute(statement)


def exists(connection: Connection, schema: str) -> bool:
    """Whether there is such a schema."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regnamespace(%s) is not null", (schema,))
        row = cursor.fetchone()
        return bool(row and row[0])


def made_from(connection: Connection, schema: str) -> str:
    """Digest of the definition that a schema's tables were made from."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("select definition from {}.checkpoint").format(sql.Identifier(schema)))
        row = cursor.fetchone()
        assert row is not None
        return str(row[0])
