"""A log that was begun before looks had hashes is chained when it is migrated, and nothing else of it changes."""

from __future__ import annotations

from contextlib import closing

import pytest

from miriam_local.postgres import PrivatePostgres
from miriam_platform import database
from miriam_platform import migrate as migrating
from miriam_reporting.audit.access import look, looks, verify
from miriam_reporting.migrating import MIGRATIONS


def test_looks_of_before_keep_what_they_said_and_get_their_hashes(
    postgres: PrivatePostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = migrating.read_scripts(MIGRATIONS)
    access = postgres.new_database("miriam_access_log_before")
    try:
        with monkeypatch.context() as then:
            then.setattr(migrating, "read_scripts", lambda _: [each for each in scripts if each.name < "0050"])
            migrating.migrate(access.owner_url, access.app_role, MIGRATIONS)
        with closing(database.connect(access.app_url, "test")) as app:
            with app, app.cursor() as cursor:
                for actor in ("auditor.one", "auditor.two"):
                    cursor.execute("select access.look(%s, 'an « audit »', '{\"b\": 1, \"a\": [true]}')", (actor,))
                cursor.execute("select id, at, actor, purpose, what, position from access.look order by id")
                before = cursor.fetchall()
            migrating.migrate(access.owner_url, access.app_role, MIGRATIONS)
            with app, app.cursor() as cursor:
                cursor.execute("select access.look('auditor.old-code', 'by three arguments', '{}')")
            after = list(looks(app))
            app.commit()
            assert [(e.id, e.at, e.actor, e.purpose, e.what, e.position) for e in after[:2]] == before
            assert [(each.kind, each.view) for each in after] == [("look", None)] * 3
            assert look(app, "auditor.new-code", "by the new ones", {}) > after[2].id
            assert verify(app).looks == 4
    finally:
        postgres.admin.drop_database(access.name)
