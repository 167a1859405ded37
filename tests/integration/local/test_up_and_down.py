"""`miriam up` can be repeated, survives kill -9 of its servers, and `miriam down` loses nothing.

Run as a person runs it, through the command line, with a home and ports of its own and the servers alone.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pika
import psycopg2
import pytest

from miriam_local.deployment import Deployment
from miriam_local.places import Places
from miriam_local.ports import Ports
from miriam_local.processes import port_is_free, read_mark, wait_until


@dataclass
class Home:
    """A home, and the `miriam` command in it."""

    path: Path
    base: int

    def run(self, *arguments: str, code: int = 0, more: dict[str, str] | None = None) -> Any:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MIRIAM_")}
        environment |= {"MIRIAM_HOME": str(self.path), "MIRIAM_PORT_BASE": str(self.base), "MIRIAM_SERVICES": "none"}
        done = subprocess.run(
            [sys.executable, "-c", "from miriam_cli.main import main; main()", *arguments, "--json"],
            env=environment | (more or {}),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout) if code in (0, 1) and done.stdout else done.stderr

    @property
    def deployment(self) -> Deployment:
        return Deployment.remembered(Places(self.path))

    def pid(self, program: str) -> int:
        (found,) = [each["pid"] for each in self.run("status")["programs"] if each["name"] == program]
        return int(found)

    def kill(self, program: str) -> int:
        pid = self.pid(program)
        os.kill(pid, signal.SIGKILL)
        return pid

    def came_back(self, program: str, old: int) -> bool:
        mark = read_mark(Places(self.path).mark_of(program))
        return mark is not None and mark.pid != old and mark.alive()

    def connect(self) -> Any:
        return psycopg2.connect(self.deployment.admin.url)

    def channel(self) -> Any:
        private = self.deployment.private_rabbitmq
        assert private is not None
        connection = pika.BlockingConnection(pika.URLParameters(private.url("miriam")))
        channel = connection.channel()
        channel.confirm_delivery()
        return channel


def free_base() -> int:
    for base in range(20_000 + os.getpid() % 5_000, 60_000, 20):
        if all(port_is_free(base + offset) for offset in range(20)):
            return base
    raise AssertionError("no 20 free ports in a row")


@pytest.fixture(scope="module")
def home(server_folder: Path) -> Iterator[Home]:
    made = Home(server_folder / "home", free_base())
    made.run("up")
    yield made
    made.run("down", "--destroy", "--yes")
    assert not made.path.exists()


def fact(channel: Any, queue: str) -> bytes | None:
    _, _, body = channel.basic_get(queue, auto_ack=True)
    return body  # type: ignore[no-any-return]


def test_up_twice_leaves_what_runs_alone(home: Home) -> None:
    before = {each["name"]: each["pid"] for each in home.run("status")["programs"]}
    assert set(before) == {"epmd", "postgres", "rabbitmq"}
    done = home.run("up")
    assert (done["started"], done["restarted"]) == ([], [])
    assert {each["name"]: each["pid"] for each in home.run("status")["programs"]} == before


def test_every_port_is_closed_to_other_machines(home: Home) -> None:
    ports = {f"{port:04X}" for port in Ports(home.base).servers().values()}
    listening = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
            _, local, _, state = line.split()[:4]
            address, _, port = local.partition(":")
            if state == "0A" and port in ports:
                listening.append((address, port))
    assert {port for _, port in listening} == ports
    loopback = {"0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"}
    assert {address for address, _ in listening} <= loopback


def test_files_with_passwords_are_closed_to_others(home: Home) -> None:
    home.run("cpas", "add", "quiet")
    for name in (
        "secrets.json",
        "deployment.json",
        "run/programs.json",
        "emitters/quiet.json",
        "rabbitmq/rabbitmq.conf",
    ):
        assert (home.path / name).stat().st_mode & 0o077 == 0, name


def test_postgres_comes_back_after_kill_9_with_every_commit(home: Home) -> None:
    with home.connect() as connection, connection.cursor() as run:
        run.execute("create table if not exists public.kept as select 1 as n")
    connection.close()
    old = home.kill("postgres")
    server = home.deployment.private_postgres
    assert server is not None
    assert wait_until(lambda: home.came_back("postgres", old) and server.answers(), 30)
    with home.connect() as connection, connection.cursor() as run:
        run.execute("select n from public.kept")
        assert run.fetchone() == (1,)
    connection.close()


def test_rabbitmq_comes_back_after_kill_9_with_every_confirmed_message(home: Home) -> None:
    channel = home.channel()
    channel.basic_publish("", "intake.unroutable", b"kept over kill -9", pika.BasicProperties(delivery_mode=2))
    old = home.kill("rabbitmq")
    server = home.deployment.private_rabbitmq
    assert server is not None
    assert wait_until(lambda: home.came_back("rabbitmq", old) and server.api.answers(), 60)
    assert fact(home.channel(), "intake.unroutable") == b"kept over kill -9"


def test_down_and_up_lose_neither_messages_nor_rows(home: Home) -> None:
    with home.connect() as connection, connection.cursor() as run:
        run.execute("create table public.over_night as select 7 as n")
    connection.close()
    home.channel().basic_publish("", "intake.unroutable", b"over night", pika.BasicProperties(delivery_mode=2))
    assert set(home.run("down")["stopped"]) == {"epmd", "postgres", "rabbitmq"}
    assert all(port_is_free(port) for port in Ports(home.base).servers().values())
    assert home.run("down")["stopped"] == []
    assert all(each["state"] == "stopped" for each in home.run("status", code=1)["programs"])
    home.run("up")
    assert fact(home.channel(), "intake.unroutable") == b"over night"
    with home.connect() as connection, connection.cursor() as run:
        run.execute("select n from public.over_night")
        assert run.fetchone() == (7,)
    connection.close()


def test_up_takes_over_from_a_supervisor_that_was_killed(home: Home) -> None:
    before = {name: home.pid(name) for name in ("postgres", "rabbitmq", "epmd")}
    mark = read_mark(home.path / "run" / "supervisord.pid")
    assert mark is not None
    os.kill(mark.pid, signal.SIGKILL)
    assert wait_until(lambda: not mark.alive(), 5)
    left = home.run("status", code=1)["programs"]
    assert {each["name"]: each["pid"] for each in left} == before
    assert {each["state"] for each in left} == {"left behind"}
    assert set(home.run("up")["started"]) == set(before)
    assert all(home.pid(name) != pid for name, pid in before.items())
    home.channel()


def test_down_ends_what_a_killed_supervisor_left_behind(home: Home) -> None:
    mark = read_mark(home.path / "run" / "supervisord.pid")
    assert mark is not None
    os.kill(mark.pid, signal.SIGKILL)
    assert wait_until(lambda: not mark.alive(), 5)
    assert set(home.run("down")["stopped"]) == {"epmd", "postgres", "rabbitmq"}
    assert all(port_is_free(port) for port in Ports(home.base).servers().values())
    home.run("up")


def test_a_port_that_is_taken_is_named_with_what_to_do(home: Home, server_folder: Path) -> None:
    other = Home(server_folder / "other-home", home.base)
    said = other.run("up", code=3)
    assert str(home.base + 1) in said or str(home.base + 5) in said
    assert "MIRIAM_PORT_BASE" in said
    other.run("down", "--destroy", "--yes")


def test_servers_that_the_environment_names_are_used_and_none_is_started(home: Home, server_folder: Path) -> None:
    own = home.deployment
    assert own.private_rabbitmq is not None
    named = {
        "MIRIAM_POSTGRES_URL": own.admin.url,
        "MIRIAM_AMQP_URL": own.private_rabbitmq.url("elsewhere"),
        "MIRIAM_AMQP_MANAGEMENT_URL": own.private_rabbitmq.api.address,
    }
    other = Home(server_folder / "third-home", free_base())
    assert other.run("up", more=named)["programs"] == []
    assert "elsewhere" in {each["name"] for each in own.private_rabbitmq.api.get("vhosts")}
    other.run("down", "--destroy", "--yes")
    half = {name: value for name, value in named.items() if name != "MIRIAM_AMQP_MANAGEMENT_URL"}
    assert "MIRIAM_AMQP_MANAGEMENT_URL" in other.run("up", code=3, more=half)
    shutil.rmtree(other.path, ignore_errors=True)


def test_provisioning_servers_that_others_run_takes_the_passwords_it_is_given(home: Home, server_folder: Path) -> None:
    own = home.deployment
    assert own.private_rabbitmq is not None
    other = Home(server_folder / "operator-home", free_base())
    assert "MIRIAM_POSTGRES_URL" in other.run("provision", code=3)
    given = {
        "MIRIAM_POSTGRES_URL": own.admin.url,
        "MIRIAM_AMQP_URL": own.private_rabbitmq.url("operated"),
        "MIRIAM_AMQP_MANAGEMENT_URL": own.private_rabbitmq.api.address,
        "MIRIAM_SECRET_MIRIAM_GROUPS_APP": "given-to-groups",
        "MIRIAM_SECRET_SERVICE_GROUPS": "given-to-the-broker",
    }
    for _ in range(2):
        other.run("provision", more=given)
    psycopg2.connect(
        own.admin.url, dbname="miriam_groups", user="miriam_groups_app", password="given-to-groups"
    ).close()
    address = own.private_rabbitmq.url("operated", "service.groups", "given-to-the-broker")
    pika.BlockingConnection(pika.URLParameters(address)).close()
    # Every database is known here, though no service is installed beside it; their own migrations make the doors.
    assert "has no door yet" in other.run("cpas", "add", "anderlecht", code=1, more=given)
    kept = "".join(path.read_text(encoding="utf-8") for path in other.path.rglob("*.json"))
    assert "given-to" not in kept
    shutil.rmtree(other.path)


def test_admitting_twice_keeps_the_credentials_and_an_id_is_one_emitters(home: Home) -> None:
    first = home.run("cpas", "add", "anderlecht", "mechelen")
    assert [each["new"] for each in first] == [True, True]
    kept = Path(first[0]["credentials"]).read_text(encoding="utf-8")
    again = home.run("cpas", "add", "anderlecht")
    assert [each["new"] for each in again] == [False]
    assert Path(again[0]["credentials"]).read_text(encoding="utf-8") == kept
    # Exit code 1: a refusal.
    assert "is a cpas already" in home.run("cpas", "add", "anderlecht", "--kind", "dpo", code=1)
    assert {each["id"] for each in home.run("cpas", "list")} >= {"anderlecht", "mechelen"}
    told = json.loads(kept)
    connection = pika.BlockingConnection(pika.URLParameters(told["amqp_url"]))
    channel = connection.channel()
    channel.confirm_delivery()
    properties = pika.BasicProperties(delivery_mode=2, user_id="cpas.anderlecht")
    channel.basic_publish("cpas.inbox", "anderlecht.session.held", b"{}", properties, mandatory=True)
    connection.close()
    lengths = home.deployment.broker.queue_lengths
    assert wait_until(lambda: lengths().get("sessions.inbox.anderlecht") == 1, 15, 0.5)


def test_up_gives_an_emitter_its_user_back_on_a_broker_that_does_not_know_it(home: Home) -> None:
    (added,) = home.run("cpas", "add", "schaerbeek")
    told = json.loads(Path(added["credentials"]).read_text(encoding="utf-8"))
    home.deployment.broker.api.delete("users", "cpas.schaerbeek")
    home.run("up")
    connection = pika.BlockingConnection(pika.URLParameters(told["amqp_url"]))
    method, _, _ = connection.channel().basic_get("cpas.receipts.schaerbeek")
    connection.close()
    assert method is None


def test_a_bad_id_is_refused_with_the_rule(home: Home) -> None:
    assert "a-z" in home.run("cpas", "add", "Sint Niklaas", code=1)


def test_a_test_cpas_is_told_by_its_id_and_only_by_it(home: Home) -> None:
    (added,) = home.run("cpas", "add", "--test", "test-acme")
    assert json.loads(Path(added["credentials"]).read_text(encoding="utf-8"))["test"] is True
    assert "test-anderlecht" in home.run("cpas", "add", "--test", "anderlecht", code=1)
    assert "--test test-beta" in home.run("cpas", "add", "test-beta", code=1)
    assert "begins otherwise" in home.run("cpas", "add", "test-beta", "--kind", "authority", code=1)
    assert {"test-acme"} == {each["id"] for each in home.run("cpas", "list") if each["id"].startswith("test-")}


def test_logs_show_what_a_server_said(home: Home) -> None:
    lines = home.run("logs", "postgres", "-n", "200")["lines"]
    assert any("ready to accept connections" in line for line in lines)
    assert "rabbitmq" in home.run("logs", "no-such", code=2)
