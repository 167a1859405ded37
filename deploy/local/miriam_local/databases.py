"""Roles and databases: one database a service, an owner that migrates it and an app role that may not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, cursor

from miriam_local.urls import postgres_url


@dataclass(frozen=True)
class DatabaseAccess:
    """Where a service's database is, and as whom to enter it."""

    name: str
    owner_role: str
    app_role: str
    owner_url: str
    app_url: str


@dataclass(frozen=True)
class PostgresAdmin:
    """Makes roles and databases on the server at `url` (a superuser's, or one that may create both)."""

    url: str

    def ensure_database(self, name: str, owner_password: str, app_password: str) -> DatabaseAccess:
        """Make the database and its two roles where they are missing, and set the passwords. Safe to repeat.

        Only the two roles may connect; the app role gets no right on tables here, that is for the migrations.
        """
        owner, app = f"{name}_owner", f"{name}_app"
        with self._cursor() as run:
            for role, password in ((owner, owner_password), (app, app_password)):
                run.execute("select 1 from pg_roles where rolname = %s", (role,))
                verb = "alter" if run.fetchone() else "create"
                run.execute(
                    sql.SQL("{verb} role {role} login password {password}").format(
                        verb=sql.SQL(verb), role=sql.Identifier(role), password=sql.Literal(password)
                    )
                )
            run.execute("select 1 from pg_database where datname = %s", (name,))
            if not run.fetchone():
                # Only a superuser, or a member of the owner role, may give a database away.
                run.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(owner)))
                run.execute(
                    sql.SQL("create database {} owner {} template template0 encoding 'UTF8'").format(
                        sql.Identifier(name), sql.Identifier(owner)
                    )
                )
            run.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
            run.execute(sql.SQL("grant connect on database {} to {}").format(sql.Identifier(name), sql.Identifier(app)))
        # Before PostgreSQL 15 everybody may create in schema public.
        with self._cursor(name) as run:
            run.execute("revoke create on schema public from public")
        return DatabaseAccess(
            name,
            owner,
            app,
            self._url_for(owner, owner_password, name),
            self._url_for(app, app_password, name),
        )

    def drop_database(self, name: str) -> None:
        """Drop the database, its connections and its roles, if they are there."""
        with self._cursor() as run:
            run.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
            for role in (f"{name}_owner", f"{name}_app"):
                run.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(role)))

    def version(self) -> str:
        """The server's version, as it says it.

        Raises:
            psycopg2.OperationalError: it cannot be reached.
        """
        with self._cursor() as run:
            run.execute("show server_version")
            row = run.fetchone()
            assert row is not None
            return str(row[0])

    def _url_for(self, role: str, password: str, database: str) -> str:
        parts = urlsplit(self.url)
        return postgres_url(role, password, parts.hostname or "127.0.0.1", parts.port or 5432, database)

    @contextmanager
    def _cursor(self, database: str | None = None) -> Iterator[cursor]:
        parts = urlsplit(self.url)
        address = urlunsplit(parts._replace(path=f"/{database}")) if database else self.url
        connection = psycopg2.connect(address, connect_timeout=10)
        try:
            # CREATE DATABASE cannot run inside a transaction.
            connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            with connection.cursor() as run:
                yield run
        finally:
            connection.close()
