"""From a figure to its rows, to each event, to a proof that stands without this database; and to its corrections."""

from __future__ import annotations

import base64
import json
from collections import Counter
from typing import Any

import pytest
from click.testing import CliRunner
from histories import seeded
from indicator_history import History
from reporting_database import ReportingDatabase

from miriam_cli.exits import Exit
from miriam_reporting.audit.event import NotProved, UnknownEvent, tell
from miriam_reporting.commands.audit_event import audit_event
from miriam_reporting.commands.explain import explain
from miriam_reporting.reports import compute
from miriam_reporting.reports import explain as explanation
from miriam_transparency import merkle


@pytest.fixture
def known(history: History, monkeypatch: pytest.MonkeyPatch) -> History:
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", history.app_url)
    history.enrol("alpha:w1", "alpha:w2")
    first = history.fact("session.held", participation="alpha:w1", duration_minutes=60)
    history.fact("session.held", participation="alpha:w1", occurred_on="2022-01-01")
    history.fact("session.held", participation="alpha:w9")
    history.correct(first, duration_minutes=45, theme="health")
    history.correct(first, duration_minutes=50, theme="health")
    history.report()
    return history


def run(command: Any, *arguments: str) -> Any:
    result = CliRunner().invoke(command, [*arguments, "--json"])
    assert result.exit_code == Exit.OK, result.output
    return json.loads(result.stdout)


def proved(body: bytes, index: int, path: list[str], head: dict[str, Any]) -> None:
    """With the hash of the body as it was recorded, and RFC 6962 alone."""
    root = base64.b64decode(head["root"])
    leaf = merkle.leaf_hash(body)
    merkle.verify_inclusion(leaf, index, head["size"], [base64.b64decode(each) for each in path], root)


def test_every_row_behind_a_figure_leads_to_an_event_and_a_proof(known: History) -> None:
    told = run(explain, "2023", "I08", "--proofs")
    assert Counter(row["counted"] for row in told["evidence"]) == {"numerator": 1, "excluded": 2}
    assert {each["reason"]: each["count"] for each in told["figures"][0]["excluded"]} == {
        "not_enrolled": 1, "outside_edition": 1,
    }  # fmt: skip
    assert told["head"]["root"] == base64.b64encode(merkle.root(map(merkle.leaf_hash, known.ledger.bodies))).decode()
    said = CliRunner().invoke(explain, ["2023", "I08", "--proofs", "--lang", "en"]).output
    assert f"3 leaves proved to be in the ledger's tree of {known.head}" in said
    for row in told["evidence"]:
        body = known.ledger.bodies[row["position"] - 1]
        event = json.loads(body)
        assert (row["event_id"], f"/services/{row['source']}", row["sequence"]) == (
            event["id"], event["source"], event["sequence"],
        )  # fmt: skip
        assert row["leaf"] == merkle.leaf_hash(body).hex()
        proved(body, row["index"], row["proof"], told["head"])
        one = run(audit_event, row["event_id"], "--purpose", "a test")
        assert one["body"].encode() == body
        proved(
            one["body"].encode(), one["inclusion"]["index"], one["inclusion"]["proof"], one["inclusion"]["checkpoint"]
        )


def test_a_chain_tells_each_correction_with_what_it_changed(known: History) -> None:
    row = next(row for row in run(explain, "2023", "I08")["evidence"] if row["counted"] == "numerator")
    told = run(audit_event, row["event_id"], "--purpose", "a test")
    assert [(turn["step"], turn["reason"], turn["origin"]) for turn in told["chain"]] == [
        ("stated", None, "/cpas/alpha"),
        ("corrected", "typing_error", "/cpas/alpha"),
        ("corrected", "typing_error", "/cpas/alpha"),
    ]
    assert told["chain"][1]["changes"] == [
        {"field": "duration_minutes", "before": 60, "after": 45},
        {"field": "theme", "before": "housing", "after": "health"},
    ]
    assert told["chain"][2]["changes"] == [{"field": "duration_minutes", "before": 45, "after": 50}]
    assert (told["standing"], told["stands"]["duration_minutes"]) == (told["event_id"], 50)

    between = str(told["chain"][1]["position"])
    earlier = run(audit_event, told["chain"][0]["event_id"], "--as-of", between, "--purpose", "a test")
    assert [turn["step"] for turn in earlier["chain"]] == ["stated", "corrected"]
    assert (earlier["standing"], earlier["stands"]["duration_minutes"]) == (told["chain"][1]["event_id"], 45)


def test_nothing_stands_after_a_retraction_nor_before_the_fact(history: History) -> None:
    history.enrol("alpha:w1")
    first = history.fact("session.held", participation="alpha:w1")
    retraction = history.retract(first)
    history.report()
    found = tell(history.database.app, retraction)
    assert [turn.step for turn in found.chain] == ["stated", "retracted"]
    assert (found.standing, found.as_json()["stands"], found.chain[1].reason) == (None, None, "duplicate")
    assert tell(history.database.app, retraction, history.head - 1).as_json()["standing"] == first
    assert tell(history.database.app, retraction, history.head - 2).chain == []


def test_an_unknown_event_is_an_error_and_every_look_is_logged(known: History) -> None:
    with pytest.raises(UnknownEvent):
        tell(known.database.app, "00000000-0000-4000-8000-000000000000")
    event = next(iter(known.ledger.facts))
    run(audit_event, event, "--purpose", "complaint 12", "--actor", "auditor.jan")
    with known.database.app, known.database.app.cursor() as cursor:
        cursor.execute("select actor, purpose, what->>'event_id' from access.look order by id desc limit 1")
        assert cursor.fetchone() == ("auditor.jan", "complaint 12", event)
    assert CliRunner().invoke(audit_event, [event]).exit_code == Exit.USAGE
    table = CliRunner().invoke(audit_event, [event, "--purpose", "a test", "--lang", "fr"]).output
    assert "vérifiée" in table
    assert f"Ce qui tient a été dit par {event}" in table.replace("\n", " ")


@pytest.mark.parametrize("change", ["body = replace(body, 'housing', 'health')", "hash = sha256('other')"])
def test_an_event_that_was_tampered_with_is_not_shown_as_proved(known: History, change: str) -> None:
    first = next(f.first_id for f in known.ledger.facts.values() if f.kind == "session.held")
    with known.database.owner, known.database.owner.cursor() as cursor:
        cursor.execute(f"update ledger.leaf set {change} where event_id = %s", (first,))
    with pytest.raises(NotProved):
        tell(known.database.app, first)


@pytest.mark.parametrize("seed", [5, 4])
def test_excluded_rows_carry_reasons_that_add_up(indicator_database: ReportingDatabase, seed: int) -> None:
    indicator_database.load(seeded(seed, 400))
    counted = 0
    for figure in compute(indicator_database.app, "2023").figures:
        if not figure.excluded:
            continue
        rows = explanation(indicator_database.app, "2023", figure.code, figure.part).evidence
        units = {row.unit for row in rows if row.counted != "excluded"}
        left_out = {(row.reason, row.unit) for row in rows if row.counted == "excluded" and row.unit not in units}
        assert all(reason for reason, _ in left_out)
        assert Counter(reason for reason, _ in left_out) == dict(figure.excluded)
        counted += 1
    assert counted > 10


def test_an_emptied_leaf_is_proved_and_tells_nothing_more(known: History) -> None:
    """As it is left when its edition is retired: the hash stays, body and data are gone."""
    first = next(f.first_id for f in known.ledger.facts.values() if f.kind == "session.held")
    with known.database.owner, known.database.owner.cursor() as cursor:
        cursor.execute("update ledger.leaf set body = null, data = null where type like 'miriam.session.%'")
    told = run(audit_event, first, "--purpose", "a test")
    assert (told["body"], told["time"], told["stands"]) == (None, None, None)
    head = told["inclusion"]["checkpoint"]
    path = [base64.b64decode(each) for each in told["inclusion"]["proof"]]
    leaf = bytes.fromhex(told["leaf"])
    assert leaf == merkle.leaf_hash(known.ledger.bodies[told["position"] - 1])
    merkle.verify_inclusion(leaf, told["inclusion"]["index"], head["size"], path, base64.b64decode(head["root"]))
    assert "retired" in CliRunner().invoke(audit_event, [first, "--purpose", "a test", "--lang", "en"]).output
