"""Who holds the password of a service's application can add facts, and can neither change nor hide one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
from attacker import Attacker
from psycopg2.extensions import cursor as Cursor
from running_platform import RunningPlatform

from miriam_contracts.catalogue import RECORDING_SERVICES, SERVICES

TABLE = {**dict.fromkeys(RECORDING_SERVICES, "event_store.event"), "reporting": "ledger.leaf"}
PRIVILEGE, STATE = "42501", "23001"
FORBIDDEN = (
    "update {table} set body = body",
    "update {table} set sequence = sequence + 1",
    "delete from {table}",
    "truncate {table}",
    "insert into {table} select * from {table} limit 1",
    "alter table {table} disable trigger all",
    "alter table {table} add column more text",
    "drop table {table}",
    "create trigger mine before insert on {table} for each row execute function {schema}.refuse_change()",
    "create rule mine as on insert to {table} do instead nothing",
    "lock table {table} in access exclusive mode",
    "alter table {table} owner to current_user",
    "create index mine on {table} (type)",
    "comment on table {table} is 'mine'",
)
STORE_ONLY = (
    "update event_store.counter set last_sequence = 0",
    "insert into event_store.counter (singleton) values (false)",
    "drop function event_store.refuse_change()",
    "create or replace function event_store.refuse_change() returns trigger language plpgsql as 'begin end'",
    "create table event_store.mine (x int)",
    "create schema mine",
    "create table public.mine (x int)",
    "drop schema event_store cascade",
    "insert into door.emitter (id, kind) values ('mine', 'authority')",
    "update door.emitter set kind = 'authority'",
    "select door.register_emitter('mine', 'authority', false)",
    "insert into door.token select 'mine' || id, holder, hash, scopes, now(), 'infinity' from door.token",
    "update door.token set expires_at = 'infinity', revoked_at = null",
    "delete from door.token",
    "select door.add_token('aaaaaaaaaaaa', 'mine', sha256(''), array['events'], 'infinity')",
    "select door.revoke_token('aaaaaaaaaaaa')",
    "insert into event_store.wiped values (gen_random_uuid(), '/cpas/test-acme', '{[1,1]}')",
    "delete from event_store.wiped",
    "update migration.applied set sha256 = sha256",
    "set session authorization postgres",
    "set role postgres",
    "alter role current_user superuser",
    "set session_replication_role = replica",
    "copy (select 1) to program 'true'",
    "copy event_store.event to '/tmp/miriam-stolen'",
    "select pg_read_file('/etc/passwd')",
    "select lo_import('/etc/passwd')",
    "create extension dblink",
    "create language plpython3u",
)


@contextmanager
def as_application(platform: RunningPlatform, service: str) -> Iterator[Cursor]:
    """A cursor as the service's application."""
    with closing(psycopg2.connect(platform.deployment.database(service).app_url)) as connection:
        with connection.cursor() as cursor:
            yield cursor
        connection.rollback()


def refused(platform: RunningPlatform, service: str, statement: str) -> str | None:
    """The state with which PostgreSQL refuses a statement; None where it is carried out."""
    with as_application(platform, service) as cursor:
        try:
            cursor.execute(statement)
        except psycopg2.Error as error:
            return error.pgcode
    return None


@pytest.mark.parametrize("service", SERVICES)
def test_the_application_changes_no_recorded_event(
    platform: RunningPlatform, anderlecht: Attacker, service: str
) -> None:
    anderlecht.records()
    schema = "ledger" if service == "reporting" else "event_store"
    table = TABLE[service]
    for template in (*FORBIDDEN, "set role {owner}"):
        statement = template.format(table=table, schema=schema, owner=f"miriam_{service}_owner")
        assert refused(platform, service, statement) == PRIVILEGE, statement


@pytest.mark.parametrize("service", RECORDING_SERVICES)
def test_the_application_admits_nobody_and_gains_nothing(platform: RunningPlatform, service: str) -> None:
    carried_out = [one for one in STORE_ONLY if refused(platform, service, one) not in (PRIVILEGE, "0A000", "58P01")]
    assert carried_out == []


@pytest.mark.parametrize("service", SERVICES)
def test_no_application_wipes_what_no_test_cpas_sent(
    platform: RunningPlatform, anderlecht: Attacker, service: str
) -> None:
    anderlecht.records()
    for statement in (
        ["select ledger.carry_out_wipe(1)"]
        if service == "reporting"
        else [
            "select event_store.wipe((select id from event_store.event order by sequence limit 1))",
            "select sealed.wipe('anderlecht', array(select event_id from sealed.block))",
            "select door.wipe('anderlecht', 0)",
        ]
    ):
        assert refused(platform, service, statement) == STATE, statement


@pytest.mark.parametrize("service", SERVICES)
def test_no_application_enters_the_database_of_another(platform: RunningPlatform, service: str) -> None:
    own = platform.deployment.database(service)
    for other in {*SERVICES} - {service}:
        theirs = platform.deployment.database(other)
        with pytest.raises(psycopg2.OperationalError, match="permission denied"):
            psycopg2.connect(f"{own.app_url.rpartition('/')[0]}/{theirs.name}")


@pytest.mark.parametrize("service", SERVICES)
def test_not_even_the_owner_changes_a_recorded_event_by_mistake(
    platform: RunningPlatform, anderlecht: Attacker, service: str
) -> None:
    anderlecht.records()
    table = TABLE[service]
    with closing(psycopg2.connect(platform.deployment.database(service).owner_url)) as connection:
        for statement in (f"truncate {table}", f"update {table} set body = body", f"delete from {table}"):
            with connection.cursor() as cursor:
                cursor.execute(f"select 1 from {table} limit 1")
                assert cursor.fetchone() or service != "sessions"
            connection.rollback()
            if service in ("sessions", "reporting") or statement.startswith("truncate"):
                with pytest.raises(psycopg2.Error) as caught, connection.cursor() as cursor:
                    cursor.execute(statement)
                assert caught.value.pgcode == STATE
            connection.rollback()


@pytest.mark.parametrize("service", RECORDING_SERVICES)
def test_an_append_by_hand_leaves_no_hole_and_overwrites_nothing(platform: RunningPlatform, service: str) -> None:
    """What an application's password is good for at most: further events, which the ledger shows."""
    with as_application(platform, service) as cursor:
        cursor.execute("select coalesce(max(sequence), 0), count(*) from event_store.event")
        before = cursor.fetchone()
        assert before is not None
        assert before[0] == before[1]
        cursor.execute(
            "select outcome, sequence from event_store.append(array[gen_random_uuid()], array['x/y'], array[7],"
            " array['t'], array['o'], array['i'], array[0::smallint], array[1::smallint], array[''::bytea],"
            " array['{'], array['}'], now())"
        )
        assert cursor.fetchone() == ("conflict", None)


def test_key_files_and_credentials_are_closed_to_others(platform: RunningPlatform) -> None:
    places = platform.places
    secret = [places.secrets, places.deployment, *places.service_keys.rglob("*"), *places.emitters.glob("*")]
    secret += [*places.environments.glob("*"), places.run / "programs.json", places.rabbitmq / "rabbitmq.conf"]
    assert len(secret) > 20
    # A spool's lock file is empty but for the lock; `.vkeys` are public halves, which the log publishes.
    told = (".lock", ".vkeys")
    files = [path for path in secret if path.is_file() and ".pub." not in path.name and path.suffix not in told]
    opened = [str(path) for path in files if path.stat().st_mode & 0o077]
    assert opened == []
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in (places.logs, places.service_keys, places.emitters))


def test_no_password_stands_in_a_command_line_or_a_log(platform: RunningPlatform) -> None:
    words = [word for word in json.loads(platform.places.secrets.read_text("utf-8")).values() if isinstance(word, str)]
    assert len(words) > 10
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    logs = [path.read_bytes() for path in platform.places.logs.rglob("*") if path.is_file()]
    told = [word for word in words for text in (*lines, *logs) if word.encode() in text]
    assert told == []
