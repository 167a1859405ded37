"""What an emitter keeps against the ledger: proved, on its way, lost, or put under its name by somebody else."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from miriam_cli.main import cli
from miriam_contracts.reading import reading_token
from miriam_emitter import NotConfigured
from miriam_emitter.reconcile import Kind, Reconciled, reconcile
from miriam_emitter.reconcile.believing import NotCosigned, trusted
from miriam_transparency.keys import SigningKey
from miriam_transparency.log import LogClient, LogRefused
from miriam_transparency.notes import COSIGNATURE, LOG

pytestmark = pytest.mark.timeout(60)


def check(platform: Any, emitter: str = "anderlecht", **options: Any) -> Reconciled:
    return reconcile(platform.emitters[emitter], trusted(platform.trust), **options)


def kinds(found: Reconciled) -> list[tuple[Kind, str, int]]:
    return sorted((each.kind, each.service, each.sequence) for each in found.differences)


def sign(platform: Any) -> None:
    platform.take()
    platform.sign()
    with platform.witness().holding() as witness:
        witness.round(LogClient(platform.url))


def tamper(platform: Any, statement: str, *values: Any) -> None:
    with platform.superuser("reporting") as connection, connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def test_every_promise_is_proved_and_every_leaf_is_ours(platform: Any) -> None:
    for emitter in platform.emitters:
        found = check(platform, emitter)
        assert (found.receipts, found.events, found.proved, found.listed) == (14, 14, 14, 14)
        assert (found.total, found.on_their_way, found.unlisted) == (0, 0, 0)
        assert (found.size, found.cosigned_by) == (29, ("authority.test",))


def test_what_is_on_its_way_is_no_loss_and_may_be_waited_for(platform: Any) -> None:
    platform.emit("sessions", "anderlecht", 3)
    found = check(platform)
    assert (found.proved, found.on_their_way, found.total) == (14, 3, 0)
    platform.take()  # in the ledger, under no signed head
    assert check(platform).on_their_way == 3
    platform.sign()  # signed, and not cosigned
    found = check(platform)
    assert (found.on_their_way, found.size) == (3, 29)
    late = check(platform, patience=-5)
    assert kinds(late) == [(Kind.LATE, "sessions", number) for number in (17, 18, 19)]
    sign(platform)
    assert check(platform).proved == 17


def test_an_emitter_that_goes_on_meanwhile_is_told_of_no_loss(platform: Any) -> None:
    done = threading.Event()
    trouble: list[Exception] = []

    def go_on() -> None:
        try:
            while not done.is_set():
                platform.emit("sessions", "anderlecht", 3)
                sign(platform)
        except Exception as problem:
            trouble.append(problem)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        found = [check(platform) for _ in range(20)]
    finally:
        done.set()
        thread.join(30)
    assert trouble == []
    assert [each.differences for each in found] == [[]] * 20
    assert found[-1].proved > found[0].proved


def test_waiting_ends_when_all_is_proved(platform: Any) -> None:
    platform.emit("groups", "anderlecht", 1)
    asked: list[int] = []
    began = time.monotonic()

    from miriam_emitter.reconcile.asking import Reporting

    class Growing(Reporting):
        def cosigned(self, witness: str) -> str | None:
            asked.append(1)
            if len(asked) == 3:
                sign(platform)
            return super().cosigned(witness)

    settings = platform.emitters["anderlecht"]
    client = Growing(settings.reporting_url, settings.reading_token)
    found = check(platform, reporting=client, wait=20)
    assert (found.proved, found.on_their_way, found.total) == (15, 0, 0)
    assert time.monotonic() - began < 10


def test_an_event_dropped_after_its_receipt_is_found(platform: Any) -> None:
    tamper(platform, "delete from ledger.leaf where source = 'sessions' and sequence = 3")
    found = check(platform)
    assert [each for each in kinds(found) if each[0] is Kind.LOST] == [(Kind.LOST, "sessions", 3)]
    # Without it the log cannot make the proofs of its neighbours either.
    assert found.counts == {Kind.LOST: 1, Kind.UNPROVED: 13, Kind.LOG: 1}


def test_an_event_changed_after_its_receipt_is_found(platform: Any) -> None:
    tamper(platform, "update ledger.leaf set hash = sha256('x') where source = 'sessions' and sequence = 3")
    found = kinds(check(platform))
    assert {each for each in found if each[0] is not Kind.UNPROVED} == {
        (Kind.DIFFERS, "sessions", 3), (Kind.INVENTED, "sessions", 3)
    }  # fmt: skip


def test_a_leaf_that_nobody_signed_is_unproved(platform: Any) -> None:
    """The event as the receipt says, in a tree that leads to another root than the signed one."""
    tamper(platform, "update ledger.leaf set hash = sha256('x') where source = 'reporting'")
    found = check(platform)
    assert found.counts[Kind.UNPROVED] > 0
    assert set(found.counts) == {Kind.UNPROVED}


@pytest.mark.parametrize("data", ["data", "jsonb_set(data, '{originid}', '\"never-emitted\"')"])
def test_an_event_invented_under_our_name_is_found(platform: Any, data: str) -> None:
    tamper(
        platform,
        "insert into ledger.leaf (position, source, sequence, event_id, type, body, hash, data)"
        f" select 30, source, 17, gen_random_uuid(), type, body, sha256('x'), {data}"
        "   from ledger.leaf where source = 'sessions' and sequence = 1",
    )
    assert kinds(check(platform)) == [(Kind.INVENTED, "sessions", 17)]
    assert check(platform, "schaerbeek").total == 0


def test_an_event_recorded_although_it_was_refused_is_found(platform: Any) -> None:
    with closing(sqlite3.connect(platform.emitters["anderlecht"].spool)) as spool, spool:
        (id_, body) = spool.execute("select id, body from receipt where outcome = 'recorded' limit 1").fetchone()
        spool.execute("update receipt set outcome = 'refused' where id = ?", (id_,))
    found = check(platform)
    assert [(each.kind, each.id) for each in found.differences] == [(Kind.INVENTED, id_)]
    assert json.loads(body)["receipt"] == "recorded"


def test_a_receipt_that_was_changed_is_found(platform: Any) -> None:
    with closing(sqlite3.connect(platform.emitters["anderlecht"].spool)) as spool, spool:
        (id_, body) = spool.execute("select id, body from receipt limit 1").fetchone()
        changed = json.loads(body)
        changed["events"][0]["sequence"] += 1
        spool.execute("update receipt set body = ? where id = ?", (json.dumps(changed).encode(), id_))
    found = check(platform)
    assert (Kind.SIGNATURE, id_) in [(each.kind, each.id) for each in found.differences]


def test_a_spool_of_our_own_that_lost_its_entries_knows_nothing_of_them(platform: Any) -> None:
    with closing(sqlite3.connect(platform.emitters["anderlecht"].spool)) as spool, spool:
        spool.execute("delete from receipt")
        spool.execute("delete from entry where service = 'sessions'")
    found = check(platform)
    assert found.counts == {Kind.INVENTED: 8}
    assert found.unanswered == 6


def test_what_was_retired_is_proved_still(platform: Any) -> None:
    tamper(platform, "update ledger.leaf set body = null, data = null where source = 'sessions'")
    found = check(platform)
    assert (found.proved, found.listed, found.unlisted, found.total) == (14, 6, 8, 0)


def test_what_somebody_with_our_password_sent_is_told_apart(platform: Any) -> None:
    """Its receipt comes to us, who know nothing of it."""
    with closing(sqlite3.connect(platform.emitters["anderlecht"].spool)) as spool, spool:
        (id_,) = spool.execute("select id from receipt where id like 'anderlecht-%' limit 1").fetchone()
        spool.execute(
            "insert into stray_receipt select id, 'sessions', outcome, received_at, body from receipt where id = ?",
            (id_,),
        )
        spool.execute("delete from receipt where id = ?", (id_,))
        spool.execute("delete from entry where id = ?", (id_,))
    found = check(platform)
    assert (found.proved, [each.id for each in found.differences]) == (14, [id_])
    assert "somebody who has our password" in found.differences[0].what


def test_a_type_that_nobody_may_emit_is_invented_all_the_same(platform: Any) -> None:
    tamper(
        platform,
        "insert into ledger.leaf (position, source, sequence, event_id, type, body, hash, data)"
        " select 30, source, 17, gen_random_uuid(), 'miriam.key.destroyed.v1', body, sha256('x'),"
        "        jsonb_set(data, '{originid}', '\"x\"') from ledger.leaf where source = 'sessions' and sequence = 1",
    )
    assert kinds(check(platform)) == [(Kind.INVENTED, "sessions", 17)]


@pytest.mark.parametrize("how", ["shrunken", "rewritten", "forked"])
def test_another_log_than_the_one_seen_is_refused(platform: Any, how: str) -> None:
    assert check(platform).total == 0
    with platform.superuser("reporting") as connection, connection.cursor() as cursor:
        cursor.execute("truncate ledger.checkpoint, ledger.cosignature, ledger.tile")
        if how == "shrunken":
            cursor.execute("delete from ledger.leaf where position > 20")
            cursor.execute("update ledger.head set position = 20")
        else:
            cursor.execute("update ledger.leaf set hash = sha256(hash) where position = 5")
    platform.log_keys.signed.unlink()
    # An operator who has the witness's key too: only what was seen before speaks against him.
    platform.witness_state.unlink()
    from miriam_transparency.witness import begin

    begin(platform.witness_state, "miriam.test/ledger", platform.witness_key, int(time.time()))
    if how == "rewritten":
        platform.emit("groups", "schaerbeek", 1)
        platform.take()
    platform.sign()
    with platform.witness().holding() as witness:
        witness.round(LogClient(platform.url))
    found = check(platform)
    assert [each.kind for each in found.differences] == [Kind.LOG]
    # It is not believed the second time either.
    assert check(platform).counts == {Kind.LOG: 1}


def test_without_a_cosigned_head_nothing_is_proved(platform: Any) -> None:
    log = [key for key in trusted(platform.trust) if key.kind == LOG]
    stranger = SigningKey.make("stranger.test", COSIGNATURE)
    with pytest.raises(NotCosigned):
        reconcile(platform.emitters["anderlecht"], [*log, stranger.verifier])
    forger = SigningKey.make("miriam.test/ledger", LOG)
    witness = [key for key in trusted(platform.trust) if key.kind == COSIGNATURE]
    with pytest.raises(NotCosigned):
        reconcile(platform.emitters["anderlecht"], [forger.verifier, *witness])
    assert reconcile(platform.emitters["anderlecht"], log).proved == 14


def test_nobody_reads_what_stands_under_another_name(platform: Any) -> None:
    settings = platform.emitters["anderlecht"]
    for token in ("", "x", reading_token("services-token-of-this-test", "schaerbeek")):
        with pytest.raises(LogRefused) as refused:
            reconcile(replace(settings, reading_token=token), trusted(platform.trust))
        assert refused.value.status == 401


@pytest.fixture
def home(platform: Any) -> Any:
    """Credentials as provisioning writes them."""
    settings = platform.emitters["anderlecht"]
    folder = platform.folder / "home" / "emitters"
    folder.mkdir(parents=True)
    told = {
        "id": settings.id, "kind": settings.kind, "amqp_url": settings.amqp_url, "keys_dir": str(settings.keys_dir),
        "reporting_url": settings.reporting_url, "reading_token": settings.reading_token,
    }  # fmt: skip
    (folder / "anderlecht.json").write_text(json.dumps(told))
    return platform


@pytest.fixture
def run(home: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("MIRIAM_HOME", str(home.folder / "home"))
    spool = str(home.emitters["anderlecht"].spool)

    def call(*more: str) -> Any:
        return CliRunner().invoke(cli, ["emit", "--as", "anderlecht", "--spool", spool, "--reconcile", *more])

    return call


def test_the_command_says_what_differs_by_its_exit_code(home: Any, run: Callable[..., Any]) -> None:
    done = run("--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["proved"] == 14
    assert "Nothing differs" in run().output
    tamper(home, "update ledger.leaf set hash = sha256('x') where source = 'sessions' and sequence = 3")
    done = run("--wait", "0")
    assert done.exit_code == 1
    assert "differs" in done.output
    assert run("--trust", str(home.folder / "keys" / "intake.receipt.pub.json")).exit_code == 3
    assert run("x.jsonl").exit_code == 2
    assert CliRunner().invoke(cli, ["emit", "--as", "anderlecht"]).exit_code == 2


def test_credentials_without_a_ledger_say_so(home: Any, run: Callable[..., Any]) -> None:
    place = home.folder / "home" / "emitters" / "anderlecht.json"
    told = json.loads(place.read_text())
    place.write_text(json.dumps({**told, "reading_token": ""}))
    done = run()
    assert done.exit_code == 3
    assert "have them made again" in done.output
    place.write_text(json.dumps({**told, "reporting_url": "http://127.0.0.1:1"}))
    assert run("--wait", "0").exit_code == 4


def test_a_trust_file_that_is_none_is_named(platform: Any) -> None:
    with pytest.raises(NotConfigured, match=r"intake\.receipt"):
        trusted(platform.folder / "keys" / "intake.receipt.pub.json")
