"""Brings a service's database to the form that this version of the code needs.

First the platform's own SQL (idempotent: `create if not exists`, `create or replace`), then the service's numbered
scripts `NNNN_name.pre.sql` and `NNNN_name.post.sql`. `pre` runs before the new code is started and must leave the old
code working; `post` runs after the old code is gone. Each script is applied once, in its own transaction, and its
hash is kept: a script that was edited after it was applied is an error, because two databases would then differ under
one name.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Literal

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import make_dsn, parse_dsn, quote_ident

Phase = Literal["pre", "post"]
PLATFORM_FOLDERS = ("migration", "event_store", "relay", "sealed", "door")
# Any number would do: it is the same for all who migrate, and nobody else uses it.
_LOCK = 0x4D6967726174
_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.(pre|post)\.sql")


class MigrationError(Exception):
    """The scripts and the database do not fit together. The message names the script."""


@dataclass(frozen=True, slots=True)
class Script:
    """A numbered script of a service: applied once, in the order of its name."""

    name: str
    phase: Phase
    text: str

    @property
    def sha256(self) -> str:
        """Hash of the script's text, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrate(
    owner_url: str, app_role: str, migrations: str | None, phases: tuple[Phase, ...] = ("pre", "post")
) -> list[str]:
    """Apply what is missing, as the owner; answer the names of the scripts that were applied now.

    `migrations` is the package that holds the service's scripts; `app_role` gets the place of `{app}` in every script.
    One at a time: a second caller waits for the first. Raises MigrationError.
    """
    scripts = [] if migrations is None else read_scripts(migrations)
    connection = psycopg2.connect(make_dsn(owner_url, application_name="miriam-migrate"))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", (_LOCK,))
        app = quote_ident(app_role, connection)
        if "pre" in phases:
            apply_platform(connection, app)
        return [script.name for script in _missing(connection, scripts) if _apply(connection, app, script, phases)]
    finally:
        connection.close()


def app_role_of(database_url: str) -> str:
    """The role in a database URL. Raises MigrationError where it names none."""
    role = parse_dsn(database_url).get("user")
    if not role:
        raise MigrationError("MIRIAM_DATABASE_URL names no user: the application's role is unknown")
    return str(role)


def apply_platform(connection: Connection, app: str) -> None:
    """Apply the platform's SQL in one transaction, as far as it is not there. `app` is a quoted role."""
    root = resources.files("miriam_platform").joinpath("sql")
    text = "\n".join(file.read_text("utf-8") for folder in PLATFORM_FOLDERS for file in _files(root.joinpath(folder)))
    with connection.cursor() as cursor:
        cursor.execute("set client_min_messages = warning")
        cursor.execute("begin;" + text.replace("{app}", app) + ";commit")


def read_scripts(package: str) -> list[Script]:
    """The numbered scripts of a package, in order. Raises MigrationError for a misnamed one or a number used twice."""
    found: dict[tuple[str, str], Script] = {}
    for file in _files(resources.files(package)):
        match = _NAME.fullmatch(file.name)
        if match is None:
            raise MigrationError(f"{file.name}: a script is named NNNN_name.pre.sql or NNNN_name.post.sql")
        number, phase = match.groups()
        script = Script(file.name, "pre" if phase == "pre" else "post", file.read_text("utf-8"))
        other = found.setdefault((number, phase), script)
        if other is not script:
            raise MigrationError(f"{file.name}: its number is that of {other.name}")
    return [found[key] for key in sorted(found)]


def _files(folder: Traversable) -> Iterator[Any]:
    yield from sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)


def _missing(connection: Connection, scripts: list[Script]) -> Iterator[Script]:
    with connection.cursor() as cursor:
        cursor.execute("select name, sha256 from migration.applied")
        applied = dict(cursor.fetchall())
    for script in scripts:
        if script.name not in applied:
            yield script
        elif applied[script.name] != script.sha256:
            raise MigrationError(f"{script.name}: was changed after it was applied; write a new script instead")


def _apply(connection: Connection, app: str, script: Script, phases: tuple[Phase, ...]) -> bool:
    if script.phase not in phases:
        return False
    with connection.cursor() as cursor:
        cursor.execute("begin")
        try:
            cursor.execute(script.text.replace("{app}", app))
            cursor.execute("insert into migration.applied (name, sha256) values (%s, %s)", (script.name, script.sha256))
            cursor.execute("commit")
        except psycopg2.Error as error:
            cursor.execute("rollback")
            raise MigrationError(f"{script.name}: {error}") from error
    return True
