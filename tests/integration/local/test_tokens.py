"""Tokens of the HTTP door: told once, known to every service by their hash, kept while they are good."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from click.testing import CliRunner

from miriam_cli.main import cli
from miriam_contracts.catalogue import RECORDING_SERVICES
from miriam_local.deployment import Choices, Deployment
from miriam_local.emitters import Emitter
from miriam_local.places import Places
from miriam_local.postgres import PrivatePostgres
from miriam_local.provision import admit, refresh
from miriam_local.rabbitmq import PrivateRabbitMQ
from miriam_platform.migrate import migrate

TOKEN = re.compile(r"mrm_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")
CPAS = Emitter("anderlecht")


@pytest.fixture
def deployment(
    tmp_path: Path,
    postgres: PrivatePostgres,
    rabbitmq: PrivateRabbitMQ,
    new_vhost: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Deployment]:
    """A deployment whose services' databases are migrated, on servers that run; CPAS anderlecht is admitted."""
    vhost = new_vhost()
    choices = Choices(47_000, postgres.url, rabbitmq.url(vhost), rabbitmq.api.address, operated=True)
    made = Deployment(Places(tmp_path / "home"), choices)
    monkeypatch.setenv("MIRIAM_HOME", str(made.places.home))
    made.places.make()
    made.remember()
    for service in RECORDING_SERVICES:
        access = made.ensure_database(service)
        migrate(access.owner_url, access.app_role, f"miriam_{service}.migrations")
    made.broker.declare(made.service_passwords())
    admit(made, [CPAS])
    yield made
    for service in RECORDING_SERVICES:
        made.admin.drop_database(made.database(service).name)


def miriam(*arguments: str, code: int = 0) -> Any:
    done = CliRunner().invoke(cli, [*arguments, "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout) if code == 0 else done.output


def ask(deployment: Deployment, service: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(psycopg2.connect(deployment.database(service).owner_url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []


def credentials(deployment: Deployment, emitter: Emitter = CPAS) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((deployment.places.emitters / f"{emitter.id}.json").read_text("utf-8"))
    return found


def test_an_emitter_is_told_the_address_and_a_token_of_its_own(deployment: Deployment) -> None:
    told = credentials(deployment)
    assert told["http_url"] == "http://127.0.0.1:47010"
    match = TOKEN.fullmatch(told["http_token"])
    assert match
    (row,) = {
        row
        for service in RECORDING_SERVICES
        for row in ask(deployment, service, "select id, holder, encode(hash, 'hex'), scopes::text from door.token")
    }
    assert row == (match[1], "anderlecht", hashlib.sha256(match[2].encode()).hexdigest(), "{emit,receipts}")


def test_the_secret_lies_in_the_private_file_alone(deployment: Deployment) -> None:
    text = credentials(deployment)["http_token"]
    secret = text.split("_", 2)[2]
    holding = [
        path for path in deployment.places.home.rglob("*") if path.is_file() and secret in path.read_text("utf-8")
    ]
    assert holding == [deployment.places.emitters / "anderlecht.json"]
    assert holding[0].stat().st_mode & 0o077 == 0
    for service in RECORDING_SERVICES:
        assert secret not in str(ask(deployment, service, "select token::text from door.token"))


def test_a_token_that_is_good_is_kept_however_often_one_adds_or_starts(deployment: Deployment) -> None:
    before = credentials(deployment)
    admit(deployment, [CPAS, Emitter("mechelen")])
    assert refresh(deployment) == []
    assert credentials(deployment) == before
    assert len(miriam("tokens", "list")) == 2


def test_one_that_ends_within_30_days_is_replaced(deployment: Deployment) -> None:
    before = credentials(deployment)["http_token"]
    for service in RECORDING_SERVICES:
        ask(deployment, service, "update door.token set expires_at = now() + interval '31 days'")
    assert refresh(deployment) == []
    for service in RECORDING_SERVICES:
        ask(deployment, service, "update door.token set expires_at = now() + interval '29 days'")
    assert [each.emitter for each in refresh(deployment)] == [CPAS]
    assert credentials(deployment)["http_token"] != before
    # The old one holds until its end, for whoever still has the old file.
    assert [each["revoked_at"] for each in miriam("tokens", "list")] == [None, None]


def test_one_that_was_revoked_comes_back_by_adding_and_not_by_itself(deployment: Deployment) -> None:
    before = credentials(deployment)["http_token"]
    assert miriam("tokens", "revoke", before)["revoked"] == [*RECORDING_SERVICES]
    assert miriam("tokens", "revoke", TOKEN.fullmatch(before)[1])["revoked"] == []  # type: ignore[index]
    assert refresh(deployment) == []
    admit(deployment, [CPAS])
    assert credentials(deployment)["http_token"] != before


def test_a_service_that_was_restored_learns_what_it_forgot(deployment: Deployment) -> None:
    old = credentials(deployment)["http_token"]
    miriam("tokens", "revoke", old)
    new = miriam("tokens", "add", "anderlecht")
    # A backup of before: the one token stands again, the other is unknown.
    ask(deployment, "groups", "update door.token set revoked_at = null")
    ask(deployment, "groups", "delete from door.token where id = %s", new["id"])
    told = {each["id"]: each["services"] for each in miriam("tokens", "list")}
    assert told[new["id"]] == ["intake", "sessions"]
    assert miriam("tokens", "repair") == {"tokens": 2, "made_known": [new["id"]]}
    rows = ask(deployment, "groups", "select id from door.token where revoked_at is null")
    assert rows == [(new["id"],)]
    assert {tuple(each["services"]) for each in miriam("tokens", "list")} == {RECORDING_SERVICES}


def test_starting_tells_a_restored_service_too(deployment: Deployment) -> None:
    token = credentials(deployment)["http_token"]
    miriam("tokens", "revoke", token)
    ask(deployment, "groups", "update door.token set revoked_at = null")
    refresh(deployment)
    assert ask(deployment, "groups", "select id from door.token where revoked_at is null") == []


def test_what_an_emitter_chose_stays_in_its_file(deployment: Deployment) -> None:
    path = deployment.places.emitters / "anderlecht.json"
    path.write_text(json.dumps({**credentials(deployment), "over": "http", "http_url": "http://127.0.0.1:1"}), "utf-8")
    assert [each.emitter for each in refresh(deployment)] == [CPAS]
    told = credentials(deployment)
    assert (told["over"], told["http_url"]) == ("http", "http://127.0.0.1:47010")


def test_a_token_is_printed_once_with_its_scopes_and_its_end(deployment: Deployment) -> None:
    told = miriam("tokens", "add", "court-of-audit", "--scope", "events", "--days", "7")
    assert (told["holder"], told["scopes"], told["services"]) == ("court-of-audit", ["events"], [*RECORDING_SERVICES])
    assert TOKEN.fullmatch(told["token"])
    (listed,) = [each for each in miriam("tokens", "list") if each["id"] == told["id"]]
    assert listed == {name: value for name, value in told.items() if name != "token"}
    seven = "select round(extract(epoch from expires_at - now()) / 86400) from door.token where id = %s"
    assert [int(row[0]) for row in ask(deployment, "sessions", seven, told["id"])] == [7]
    shown = CliRunner().invoke(cli, ["tokens", "list"]).stdout
    assert told["id"] in shown
    assert told["token"].split("_", 2)[2] not in shown


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["add", "nobody-here"], 1, "miriam cpas add nobody-here"),
        (["add", "anderlecht", "--scope", "events", "--scope", "emit"], 1, "stands alone"),
        (["add", "Her Name"], 2, "a-z"),
        (["add", "anderlecht", "--scope", "everything"], 2, "receipts"),
        (["add", "anderlecht", "--days", "0"], 2, "3650"),
        (["revoke", "abcdefghijkl"], 1, "miriam tokens list"),
        (["revoke", "no-token"], 1, "12 letters and digits"),
    ],
)
def test_what_is_wrong_is_said_with_the_next_step(
    deployment: Deployment, arguments: list[str], code: int, said: str
) -> None:
    assert said in miriam("tokens", *arguments, code=code)
    assert len(miriam("tokens", "list")) == 1


def test_where_a_database_is_away_a_token_is_made_nowhere_and_revoked_wherever_it_can_be(
    deployment: Deployment,
) -> None:
    name = deployment.database("groups").name
    with closing(psycopg2.connect(deployment.admin.url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"alter database {name} allow_connections false")
            try:
                assert "groups" in miriam("tokens", "add", "anderlecht", code=4)
                said = miriam("tokens", "revoke", credentials(deployment)["http_token"], code=4)
            finally:
                cursor.execute(f"alter database {name} allow_connections true")
    assert "groups could not be told" in said
    count = "select count(*), count(revoked_at) from door.token"
    assert {service: ask(deployment, service, count) for service in RECORDING_SERVICES} == {
        "intake": [(1, 1)],
        "sessions": [(1, 1)],
        "groups": [(1, 0)],
    }
