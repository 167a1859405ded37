"""With a signed head: who signed what an event is proved by, a rewritten leaf found out, and diffs between days."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from indicator_history import History

from miriam_cli.exits import Exit
from miriam_platform.times import brussels_day, now
from miriam_reporting.commands.audit_event import audit_event
from miriam_reporting.commands.diff import diff
from miriam_reporting.commands.explain import explain
from miriam_reporting.ledger import checkpoints
from miriam_reporting.ledger.tree import root_at
from miriam_transparency import notes
from miriam_transparency.keys import SigningKey, write_public

LOG = "miriam.example/ledger"


@pytest.fixture
def log_key() -> SigningKey:
    return SigningKey.make(LOG, notes.LOG)


@pytest.fixture
def witness_key() -> SigningKey:
    return SigningKey.make("authority.example/witness", notes.COSIGNATURE)


@pytest.fixture
def known(history: History, log_key: SigningKey, witness_key: SigningKey, monkeypatch: pytest.MonkeyPatch) -> History:
    """A ledger whose head is signed and cosigned before its last leaf came."""
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", history.app_url)
    history.enrol("alpha:w1")
    history.fact("session.held", participation="alpha:w1")
    signed = history.head
    history.fact("session.held", participation="alpha:w1")
    history.report()
    with history.database.owner:
        root = root_at(history.database.owner, signed)
        text = notes.Checkpoint(LOG, signed, root).text()
        checkpoints.add(history.database.owner, signed, root, str(notes.Note(text, (notes.sign(text, log_key),))))
        checkpoints.add_cosignature(history.database.owner, signed, notes.cosign(text, witness_key, 1_700_000_000))
    return history


@pytest.fixture
def trust(log_key: SigningKey, witness_key: SigningKey, tmp_path: Path) -> str:
    write_public([log_key.verifier, witness_key.verifier], tmp_path / "AUTHORITY.pub")
    return str(tmp_path / "AUTHORITY.pub")


def event(known: History, number: int, *more: str) -> Result:
    sessions = [fact.first_id for fact in known.ledger.facts.values() if fact.kind == "session.held"]
    return CliRunner().invoke(audit_event, [sessions[number], "--purpose", "a test", "--json", *more])


def test_an_event_below_a_signed_head_names_who_signed(known: History, trust: str) -> None:
    told = json.loads(event(known, 0, "--trust", trust).stdout)
    assert told["signed_by"] == [LOG, "authority.example/witness"]
    head = told["inclusion"]["checkpoint"]
    assert (head["size"], head["note"].split("\n")[:2]) == (known.head - 1, [LOG, str(known.head - 1)])


def test_an_event_above_it_is_proved_by_the_trees_own_head_alone(known: History, trust: str) -> None:
    told = json.loads(event(known, 1, "--trust", trust).stdout)
    assert (told["signed_by"], told["inclusion"]["checkpoint"]["note"]) == ([], None)
    assert told["inclusion"]["checkpoint"]["size"] == known.head


def test_a_leaf_rewritten_with_its_hash_is_found_out_by_the_signed_head(known: History) -> None:
    with known.database.owner, known.database.owner.cursor() as cursor:
        cursor.execute(
            "with changed as (select position, replace(body, 'housing', 'health') as body from ledger.leaf)"
            " update ledger.leaf set body = changed.body, data = changed.body::jsonb,"
            " hash = sha256('\\x00'::bytea || convert_to(changed.body, 'UTF8'))"
            " from changed where changed.position = leaf.position and leaf.type = 'miriam.session.held.v1'"
        )
    result = event(known, 0)
    assert (result.exit_code, "is not in the ledger's tree" in result.output) == (Exit.DIFFERENCE, True)
    result = CliRunner().invoke(explain, ["2023", "I08", "--proofs", "--as-of", str(known.head - 1), "--json"])
    assert result.exit_code == Exit.DIFFERENCE


def test_a_diff_takes_days(known: History) -> None:
    today = brussels_day(now())
    told = json.loads(CliRunner().invoke(diff, ["2023", today, str(known.head), "--only", "I08", "--json"]).stdout)
    assert (told["from"]["as_of"], told["from"]["position"]) == (today, known.head - 1)
    assert told["figures"][0]["difference"]["numerator"] == 1
    yesterday = (dt.date.fromisoformat(today) - dt.timedelta(days=1)).isoformat()
    result = CliRunner().invoke(diff, ["2023", yesterday, today])
    assert (result.exit_code, "had been signed" in result.output) == (Exit.USAGE, True)
