"""Migrations: each script once, whole or not at all, and never edited behind the database's back."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from miriam_local.databases import DatabaseAccess
from miriam_local.emitters import Emitter
from miriam_local.errors import LocalError
from miriam_platform.database import connect
from miriam_platform.migrate import MigrationError, app_role_of, migrate


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An importable package for scripts."""
    folder = tmp_path / "scripts_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    sys.modules.pop(folder.name, None)


@pytest.fixture
def empty(new_database: Callable[..., DatabaseAccess]) -> DatabaseAccess:
    return new_database("sessions")


def ask(access: DatabaseAccess, query: str) -> list[tuple[Any, ...]]:
    connection = connect(access.owner_url, "test")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()


def test_scripts_are_applied_once_in_order_and_the_platforms_sql_again(empty: DatabaseAccess, package: Path) -> None:
    (package / "0002_second.pre.sql").write_text("insert into public.steps values (2); grant select on steps to {app};")
    (package / "0001_first.pre.sql").write_text("create table public.steps (step int); insert into steps values (1);")
    applied = migrate(empty.owner_url, empty.app_role, package.name)
    assert applied == ["0001_first.pre.sql", "0002_second.pre.sql"]
    assert migrate(empty.owner_url, empty.app_role, package.name) == []
    assert ask(empty, "select step from public.steps") == [(1,), (2,)]
    with connect(empty.app_url, "test") as app, app.cursor() as cursor:
        cursor.execute("select count(*) from public.steps")
        assert cursor.fetchone() == (2,)


def test_before_and_after_are_applied_apart(empty: DatabaseAccess, package: Path) -> None:
    (package / "0001_wider.pre.sql").write_text("create table public.wide (a int, b int)")
    (package / "0001_wider.post.sql").write_text("alter table public.wide drop column a")
    assert migrate(empty.owner_url, empty.app_role, package.name, ("pre",)) == ["0001_wider.pre.sql"]
    assert migrate(empty.owner_url, empty.app_role, package.name, ("post",)) == ["0001_wider.post.sql"]


def test_a_script_that_was_edited_after_it_was_applied_is_an_error(empty: DatabaseAccess, package: Path) -> None:
    script = package / "0001_first.pre.sql"
    script.write_text("create table public.steps (step int)")
    migrate(empty.owner_url, empty.app_role, package.name)
    script.write_text("create table public.steps (step bigint)")
    with pytest.raises(MigrationError, match=r"0001_first\.pre\.sql"):
        migrate(empty.owner_url, empty.app_role, package.name)


def test_a_script_that_fails_leaves_nothing_behind(empty: DatabaseAccess, package: Path) -> None:
    (package / "0001_half.pre.sql").write_text("create table public.half (a int); select 1 / 0;")
    with pytest.raises(MigrationError, match="0001_half"):
        migrate(empty.owner_url, empty.app_role, package.name)
    assert ask(empty, "select to_regclass('public.half')") == [(None,)]
    assert ask(empty, "select count(*) from migration.applied") == [(0,)]


@pytest.mark.parametrize("name", ["first.sql", "0001_first.sql", "1_first.pre.sql"])
def test_a_misnamed_script_is_an_error(empty: DatabaseAccess, package: Path, name: str) -> None:
    (package / name).write_text("select 1")
    with pytest.raises(MigrationError, match="is named NNNN"):
        migrate(empty.owner_url, empty.app_role, package.name)


def test_a_number_used_twice_is_an_error(empty: DatabaseAccess, package: Path) -> None:
    for name in ("0001_one.pre.sql", "0001_other.pre.sql"):
        (package / name).write_text("select 1")
    with pytest.raises(MigrationError, match="number"):
        migrate(empty.owner_url, empty.app_role, package.name)


def test_two_that_migrate_at_once_apply_each_script_once(empty: DatabaseAccess, package: Path) -> None:
    (package / "0001_slow.pre.sql").write_text("create table public.slow (a int); select pg_sleep(0.3);")
    applied: list[str] = []
    trouble: list[BaseException] = []

    def run() -> None:
        try:
            applied.extend(migrate(empty.owner_url, empty.app_role, package.name))
        except BaseException as error:
            trouble.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not trouble
    assert applied == ["0001_slow.pre.sql"]


def test_the_application_may_not_change_what_stands_at_the_door(empty: DatabaseAccess) -> None:
    migrate(empty.owner_url, app_role_of(empty.app_url), None)
    rights = "select has_function_privilege('{}', 'door.register_emitter(text, text, boolean)', 'execute')"
    assert ask(empty, rights.format(empty.app_role)) == [(False,)]
    assert ask(empty, rights.format(empty.owner_role)) == [(True,)]


@pytest.mark.parametrize(
    ("emitter", "kind", "test"),
    [("anderlecht", "cpas", True), ("test-acme", "cpas", False), ("test-acme", "authority", True)],
)
def test_the_door_knows_test_emitters_by_their_ids_alone(
    empty: DatabaseAccess, emitter: str, kind: str, test: bool
) -> None:
    migrate(empty.owner_url, app_role_of(empty.app_url), None)
    for statement in ("select door.register_emitter(%s, %s, %s)", "insert into door.emitter values (%s, %s, %s)"):
        with closing(psycopg2.connect(empty.owner_url)) as connection, connection.cursor() as cursor:
            with pytest.raises(psycopg2.errors.CheckViolation):
                cursor.execute(statement, (emitter, kind, test))
            connection.rollback()
            cursor.execute(statement, ("test-acme", "cpas", True))


def test_nobody_can_take_the_name_of_senders_that_are_not_known(empty: DatabaseAccess) -> None:
    """Their refusals are kept and counted under it: its bearer would be told of them."""
    migrate(empty.owner_url, app_role_of(empty.app_url), None)
    with pytest.raises(psycopg2.errors.CheckViolation):
        ask(empty, "select door.register_emitter('unknown', 'cpas', false)")
    with pytest.raises(LocalError):
        Emitter("unknown")
