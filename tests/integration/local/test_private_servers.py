"""The private servers do what the rest of the tests stand on."""

from __future__ import annotations

from collections.abc import Callable

import pika
import psycopg2
import psycopg2.errors
import pytest

from miriam_local.databases import DatabaseAccess
from miriam_local.postgres import PrivatePostgres
from miriam_local.rabbitmq import PrivateRabbitMQ


def test_the_owner_may_create_tables_and_the_app_role_may_not(new_database: Callable[..., DatabaseAccess]) -> None:
    access = new_database("intake")
    with psycopg2.connect(access.owner_url) as owner, owner.cursor() as run:
        run.execute("create schema private create table fact (n int)")
    with (
        psycopg2.connect(access.app_url) as app,
        app.cursor() as run,
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
    ):
        run.execute("select * from private.fact")


def test_a_database_is_closed_to_the_roles_of_another(new_database: Callable[..., DatabaseAccess]) -> None:
    intake, groups = new_database("intake"), new_database("groups")
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        psycopg2.connect(intake.app_url.removesuffix(intake.name) + groups.name)


def test_making_a_database_twice_keeps_what_is_in_it(postgres: PrivatePostgres) -> None:
    first = postgres.admin.ensure_database("miriam_twice", "a", "b")
    with psycopg2.connect(first.owner_url) as owner, owner.cursor() as run:
        run.execute("create table public.kept as select 7 as n")
    second = postgres.admin.ensure_database("miriam_twice", "c", "d")
    with psycopg2.connect(second.owner_url) as owner, owner.cursor() as run:
        run.execute("select n from public.kept")
        assert run.fetchone() == (7,)
    postgres.admin.drop_database("miriam_twice")


def test_postgres_starts_over_a_pid_file_that_names_another_process(
    postgres: PrivatePostgres,
) -> None:
    other = PrivatePostgres.throw_away(postgres.folder.parent / "second")
    other.start(tied_to_parent=True)
    other.stop()
    alive = postgres.postmaster()
    assert alive is not None
    # As after a reboot: the id in the file now belongs to another process of the same system user.
    (other.data / "postmaster.pid").write_text(f"{alive.pid}\n{other.data}\n", encoding="ascii")
    with other.running():
        assert other.answers()
    assert alive.alive()


def test_a_quorum_queue_hands_back_what_was_confirmed(rabbitmq: PrivateRabbitMQ, new_vhost: Callable[[], str]) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(rabbitmq.url(new_vhost())))
    channel = connection.channel()
    channel.queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})
    channel.confirm_delivery()
    channel.basic_publish("", "kept", b"fact", pika.BasicProperties(delivery_mode=2))
    _, _, body = channel.basic_get("kept", auto_ack=True)
    connection.close()
    assert body == b"fact"
