"""The commands themselves, against a platform that runs: they agree with it, and name what a superuser changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from attacker import renamed
from emission import emit
from running_platform import RunningPlatform

from miriam_contracts.examples import emitted
from miriam_local.processes import wait_until

EMITTER = "etterbeek"


@pytest.fixture(scope="session")
def spool(platform: RunningPlatform, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The spool of a CPAS whose password nobody else has used."""
    platform.miriam("cpas", "add", EMITTER)
    path = tmp_path_factory.mktemp("tampering") / "etterbeek.spool"
    facts = [emitted(kind) for kind in ("session.held", "participation.referred", "group.formed")]
    for fact in facts:
        fact["data"].pop("personal", None)
    events = [renamed(fact, EMITTER, number=number) for number in range(1, 9) for fact in facts]
    assert {receipt.outcome for receipt in emit(platform.home, EMITTER, events, path)} == {"recorded"}
    platform.settle()
    return path


def reconciled(platform: RunningPlatform, spool: Path, code: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = platform.miriam(
        "emit", "--as", EMITTER, "--spool", str(spool), "--reconcile", "--wait", "20", codes=(code,)
    )
    return found


@contextmanager
def tampered(platform: RunningPlatform, service: str, change: str, undo: str) -> Iterator[None]:
    """Rows changed by a superuser, and changed back: other tests stand on this platform too."""
    name = platform.deployment.database(service).name
    with closing(psycopg2.connect(platform.deployment.admin.url, dbname=name)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("set session_replication_role = replica")
            cursor.execute(change)
            assert cursor.rowcount == 1
            try:
                yield
            finally:
                cursor.execute(undo)


def test_all_three_agree_with_an_honest_platform(platform: RunningPlatform, spool: Path) -> None:
    found = reconciled(platform, spool)
    assert (found["events"], found["proved"], found["listed"], found["total"]) == (24, 24, 24, 0)
    assert found["cosigned_by"]
    verified = platform.miriam("audit", "verify", codes=(0, 1))
    assert verified["differences"] == []
    assert verified["position"] >= 24
    assert verified["checkpoints"]["cosigned"] > 0
    assert verified["checkpoints"]["by_unknown_witnesses"] == 0
    stores = platform.miriam("audit", "reconcile")
    assert (stores["total"], stores["silent"]) == (0, [])
    assert sum(each["same"] for each in stores["services"]) >= 24


def test_a_leaf_that_was_changed_is_named(platform: RunningPlatform, spool: Path) -> None:
    where = f"where position = (select max(position) from ledger.leaf where data->>'origin' = '/cpas/{EMITTER}')"
    column = "body = replace(body, '\"data\":', '\"data\" :')"
    with tampered(
        platform, "reporting", f"update ledger.leaf set {column} {where}",
        f"update ledger.leaf set body = replace(body, '\"data\" :', '\"data\":') {where}",
    ):  # fmt: skip
        found = platform.miriam("audit", "verify", codes=(1,))
    assert [each["check"] for each in found["differences"]] == ["leaf"]


def test_a_leaf_under_our_name_is_named_to_us(platform: RunningPlatform, spool: Path) -> None:
    where = "where position = (select max(position) from ledger.leaf where origin)"
    ours, theirs = f"data->>'origin' = '/cpas/{EMITTER}'", "data->>'origin' = '/services/mine'"
    change = "update ledger.leaf set data = jsonb_set(data, '{origin}', '\"%s\"') "
    with tampered(
        platform, "reporting", change % "/services/mine" + where.replace("origin)", ours + ")"),
        change % f"/cpas/{EMITTER}" + where.replace("origin)", theirs + ")"),
    ):  # fmt: skip
        # Proved by its number still, and hidden from the list of what is ours.
        assert reconciled(platform, spool)["unlisted"] == 1
    rename = "update ledger.leaf set data = jsonb_set(data, '{originid}', to_jsonb(%s)) where " + ours
    one = " and sequence = (select min(sequence) from ledger.leaf where source = 'groups' and " + ours + ")"
    one += " and source = 'groups'"
    with tampered(
        platform, "reporting", rename % "data->>'originid' || '-x'" + one,
        rename % "replace(data->>'originid', '-x', '')" + one,
    ):  # fmt: skip
        found = reconciled(platform, spool, code=1)
    assert found["counts"] == {"invented": 1}
    assert reconciled(platform, spool)["total"] == 0


def test_an_event_changed_in_its_store_is_named(platform: RunningPlatform, spool: Path) -> None:
    where = "where sequence = 1"
    with tampered(
        platform, "groups", f"update event_store.event set body = replace(body, '\"data\":', '\"data\" :') {where}",
        f"update event_store.event set body = replace(body, '\"data\" :', '\"data\":') {where}",
    ):  # fmt: skip
        found = platform.miriam("audit", "reconcile", codes=(1,))
    (groups,) = (each for each in found["services"] if each["source"] == "groups")
    assert [(each["check"], each["sequence"]) for each in groups["differences"]] == [("differs", 1)]


def test_a_service_that_is_down_is_said_to_be_silent(platform: RunningPlatform, spool: Path) -> None:
    platform.supervisor.stop({"groups"})
    try:
        found = platform.miriam("audit", "reconcile", codes=(4,))
        assert [each["source"] for each in found["services"]] == ["intake", "sessions", "reporting"]
        assert len(found["silent"]) == 1
    finally:
        platform.supervisor.begin(["groups"])
        assert wait_until(lambda: bool(platform.get("groups", "/healthz")), 60, 0.1)
