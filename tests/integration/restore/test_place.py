"""A database sees that it is elsewhere: after a promotion, in a copy, in a restored table; and nowhere else."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import psycopg2

from miriam_local.postgres import PrivatePostgres, unprivileged_user
from miriam_local.processes import wait_until
from miriam_platform.migrate import migrate

_HERE = "select event_store.here()"


def here(url: str) -> str:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(_HERE)
        row = cursor.fetchone()
        assert row is not None
        return str(row[0])


def test_a_place_outlives_restarts_and_migrations_and_changes_with_a_promotion_and_in_a_copy(
    server_folder: Path,
) -> None:
    server = PrivatePostgres.throw_away(server_folder / "promoted")
    with server.running():
        access = server.new_database("miriam_groups_promoted")
        migrate(access.owner_url, access.app_role, None)
        first = here(access.app_url)
        migrate(access.owner_url, access.app_role, None)
        server.stop()
        server.start()
        assert here(access.app_url) == first

        with closing(psycopg2.connect(server.url)) as admin:
            admin.autocommit = True
            with admin.cursor() as cursor:
                cursor.execute(f'create database copied template "{access.name}"')
        copied = server.url.rpartition("/")[0] + "/copied"
        assert here(copied) != first

        # As a replica that takes over, or a recovery to a point in time: the server's history forks.
        server.stop()
        signal = server.data / "standby.signal"
        signal.touch()
        user = unprivileged_user()
        if user is not None:
            shutil.chown(signal, user)
        server.start()
        with closing(psycopg2.connect(server.url)) as admin, admin.cursor() as cursor:
            cursor.execute("select pg_promote(true, 30)")
        assert wait_until(lambda: here(access.app_url) != first, 10)
    shutil.rmtree(server.folder, ignore_errors=True)
