"""The life of a report, from draft to restatement: every step an event of reporting, and its leaf."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from miriam_contracts.canonical import canonical
from miriam_contracts.catalogue import EVENT_TYPES
from miriam_emitter.signing import keys as signing
from miriam_reporting.reports import compute
from miriam_reporting.reports.life import archive, published, steps
from miriam_reporting.reports.life.domain import life
from miriam_reporting.reports.life.errors import NotCosigned, Refused, UnknownReport, Untrue
from miriam_reporting.reports.life.events import read_report
from miriam_reporting.reports.life.trust import Trust
from miriam_reporting.reports.model import LEVELS
from miriam_transparency.keys import SigningKey
from miriam_transparency.notes import COSIGNATURE, Checkpoint, Note

Programme = Any


def state(programme: Programme, report: str = "2023-r1") -> Any:
    with programme.app:
        return life(read_report(programme.app, report).state)


def codes(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.code for each in caught.value.problems]


def leaves(programme: Programme) -> list[dict[str, Any]]:
    with programme.app, programme.app.cursor() as cursor:
        cursor.execute("select body from ledger.leaf where source = 'reporting' order by position")
        return [orjson.loads(body) for (body,) in cursor.fetchall()]


def test_a_report_is_drafted_signed_published_reopened_restated_and_each_step_is_a_leaf(programme: Programme) -> None:
    draft = programme.draft()
    assert (draft.data["report"], draft.data["position"]) == ("2023-r1", programme.ledger.bodies.__len__())
    assert state(programme).unsigned == ["alpha", "beta"]
    programme.sign("2023-r1", "alpha")
    programme.sign("2023-r1", "beta")
    assert state(programme).unsigned == []
    first = programme.publish()
    assert first.data["unsigned"] == []
    programme.support("beta:w4")
    programme.load()
    steps.reopen(programme.app, "2023-r1", "authority.spp", "Late facts of beta.")
    programme.draft()
    assert state(programme).signed == ["alpha"], "its figures stayed the same"
    programme.sign("2023-r1", "beta")
    second = programme.publish(restated_because="Late facts of beta.")
    found = leaves(programme)
    assert [event["type"].split(".")[2] for event in found] == [
        "drafted", "signed", "signed", "published", "reopened", "drafted", "signed", "restated",
    ]  # fmt: skip
    assert [event["sequence"] for event in found] == list(range(1, 9))
    assert (found[3]["id"], found[7]["id"]) == (first.event_id, second.event_id)
    for event in found:
        assert EVENT_TYPES[event["type"]].load_recorded(event["data"]) == []
        assert event["subject"] == "2023-r1"
    with programme.app, programme.app.cursor() as cursor:
        cursor.execute("select body from event_store.event order by sequence")
        assert [orjson.loads(body) for (body,) in cursor.fetchall()] == found


def test_a_leaf_of_reporting_is_canonical_and_hashed_as_it_stands(programme: Programme) -> None:
    programme.draft()
    with programme.app, programme.app.cursor() as cursor:
        cursor.execute(
            "select body, hash = sha256('\\x00'::bytea || convert_to(body, 'UTF8')) from ledger.leaf"
            " where source = 'reporting'"
        )
        ((body, hashed),) = cursor.fetchall()
    assert canonical(orjson.loads(body)) == body.encode()
    assert hashed


def test_a_new_draft_keeps_the_signatures_whose_figures_are_unchanged(programme: Programme) -> None:
    programme.draft()
    programme.sign("2023-r1", "alpha")
    programme.sign("2023-r1", "beta")
    programme.support("beta:w4")
    programme.load()
    programme.draft()
    assert state(programme).signed == ["alpha"]
    assert state(programme).unsigned == ["beta"]


def test_a_signature_falls_where_the_registered_key_is_another(programme: Programme) -> None:
    registered = next(fact for fact in programme.ledger.facts.values() if fact.data.get("cpas") == "alpha")
    programme.draft()
    programme.sign("2023-r1", "alpha")
    fresh = Ed25519PrivateKey.generate()
    programme.ledger.correct(registered.first_id, signing_key=signing.public_half(fresh))
    programme.load()
    programme.draft()
    assert state(programme).unsigned == ["alpha", "beta"]
    with pytest.raises(Refused) as caught:
        programme.sign("2023-r1", "alpha")
    assert codes(caught) == ["signing_key_differs"]
    programme.sign("2023-r1", "alpha", fresh)
    assert state(programme).signed == ["alpha"]


def test_a_false_signature_is_refused_and_leaves_no_event(programme: Programme) -> None:
    programme.draft()
    asked = state(programme).signer("alpha")
    false = signing.sign(programme.keys["alpha"], "2024", "alpha", asked["digest"])
    with pytest.raises(Refused) as caught:
        steps.sign(programme.app, "2023-r1", "alpha", asked["key"], false)
    assert codes(caught) == ["signature_false"]
    with pytest.raises(Refused) as caught:
        programme.sign("2023-r1", "alpha", programme.keys["beta"])
    assert codes(caught) == ["signing_key_differs"]
    assert len(leaves(programme)) == 1


def test_a_cpas_that_carries_nothing_signs_nothing(programme: Programme) -> None:
    programme.draft()
    key = programme.keys["gamma"]
    signature = signing.sign(key, "2023", "gamma", state(programme).draft["digest"])
    with pytest.raises(Refused) as caught:
        steps.sign(programme.app, "2023-r1", "gamma", signing.public_half(key), signature)
    assert codes(caught) == ["signer_unknown"]


def test_a_missing_signature_needs_a_reason_which_stays_for_ever(programme: Programme) -> None:
    programme.draft()
    programme.sign("2023-r1", "alpha")
    with pytest.raises(Refused) as caught:
        programme.publish()
    assert codes(caught) == ["signatures_missing"]
    done = programme.publish(unsigned_reason="beta no longer answers.")
    assert done.data["unsigned"] == ["beta"]
    assert leaves(programme)[-1]["data"]["unsigned_reason"] == "beta no longer answers."


def test_a_reason_that_is_not_needed_is_not_told(programme: Programme) -> None:
    programme.draft()
    for cpas in ("alpha", "beta"):
        programme.sign("2023-r1", cpas)
    assert "unsigned_reason" not in programme.publish(unsigned_reason="in case").data


def test_publishing_needs_a_head_that_the_authority_cosigned(programme: Programme) -> None:
    programme.draft()
    for cosigned in (None, False):
        if cosigned is False:
            programme.sign_head(cosigned=False)
        with pytest.raises(NotCosigned):
            steps.publish(programme.app, "2023-r1", "authority.spp", programme.trust, "no time")
    done = programme.publish(unsigned_reason="no time")
    note = Note.parse(done.data["checkpoint"])
    assert {each.key for each in note.verified_by([programme.log.verifier, programme.authority.verifier])} == {
        programme.log.verifier, programme.authority.verifier,
    }  # fmt: skip
    assert Checkpoint.parse(note.text).size >= done.data["position"]


def test_a_head_of_another_log_is_no_ground_to_publish(programme: Programme) -> None:
    programme.draft()
    size = programme.sign_head()
    with programme.owner, programme.owner.cursor() as cursor:
        cursor.execute("alter table ledger.checkpoint disable trigger user")
        forged = Note.parse(_note(cursor, size))
        text = Checkpoint(programme.log.verifier.name, size, bytes(32)).text()
        cursor.execute("update ledger.checkpoint set note = %s", (str(Note(text, forged.signatures)),))
        cursor.execute("alter table ledger.checkpoint enable trigger user")
    with pytest.raises(Untrue):
        steps.publish(programme.app, "2023-r1", "authority.spp", programme.trust, "no time")
    assert len(leaves(programme)) == 1


def _note(cursor: Any, size: int) -> str:
    cursor.execute("select note from ledger.checkpoint where size = %s", (size,))
    return str(cursor.fetchall()[0][0])


def test_what_comes_later_never_changes_a_published_report(programme: Programme) -> None:
    done = programme.published()
    before = compute(programme.app, "2023", done.data["position"], LEVELS).as_json()
    kept = archive.published_figures(programme.app, done.event_id, done.data)
    programme.app.rollback()
    session = programme.support("alpha:w7")
    programme.ledger.retract(session)
    first = next(fact for fact in programme.ledger.facts.values() if fact.kind == "session.held")
    programme.ledger.retract(first.first_id)
    programme.fact("person.erased", person=programme.ledger.facts[_enrolment(programme)].data["person"])
    programme.load()
    assert compute(programme.app, "2023", None, LEVELS).as_json()["figures"] != before["figures"]
    assert compute(programme.app, "2023", done.data["position"], LEVELS).as_json() == before
    assert archive.published_figures(programme.app, done.event_id, done.data) == kept == before["figures"]
    programme.app.rollback()
    (replayed,) = published.replay(programme.app)
    assert replayed.differs == ()


def _enrolment(programme: Programme) -> str:
    found: str = next(key for key, fact in programme.ledger.facts.items() if fact.kind == "participation.enrolled")
    return found


def test_a_published_report_is_neither_drafted_nor_signed_nor_published_again(programme: Programme) -> None:
    programme.published()
    attempts = {
        "report_is_published": [
            lambda: programme.draft(report="2023-r1"),
            lambda: programme.publish(),
            lambda: programme.sign("2023-r1", "alpha"),
        ]
    }
    for code, some in attempts.items():
        for attempt in some:
            with pytest.raises(Refused) as caught:
                attempt()
            assert code in codes(caught)
    with pytest.raises(steps.NameTheReport):
        programme.draft()
    assert programme.draft(report="2023-r2").data["report"] == "2023-r2"


def test_a_restatement_needs_a_draft_made_after_the_report_was_reopened(programme: Programme) -> None:
    programme.published()
    steps.reopen(programme.app, "2023-r1", "authority.spp", "To look again.")
    with pytest.raises(Refused) as caught:
        programme.publish(restated_because="To look again.")
    assert codes(caught) == ["report_not_drafted"]
    programme.draft()
    with pytest.raises(Refused) as caught:
        programme.publish()
    assert codes(caught) == ["report_published_before"]
    programme.publish(restated_because="Looked again.")


def test_an_unknown_report_is_told_with_those_that_are(programme: Programme) -> None:
    programme.draft()
    with pytest.raises(UnknownReport) as caught:
        steps.reopen(programme.app, "2029-r1", "authority.spp", "why")
    assert caught.value.allowed == ("2023-r1",)


def test_a_report_that_does_not_come_out_as_drafted_is_not_published(programme: Programme) -> None:
    programme.draft()
    with programme.owner, programme.owner.cursor() as cursor:
        cursor.execute("delete from facts.session where participation = 'alpha:w1'")
    with pytest.raises(Untrue, match="digest"):
        programme.publish(unsigned_reason="no time")
    assert len(leaves(programme)) == 1


def test_neither_texts_nor_salts_nor_figures_can_be_changed(programme: Programme) -> None:
    done = programme.published()
    for connection in (programme.app, programme.owner):
        for table in ("definition", "salt", "publication", "own", "withheld"):
            for change in (f"delete from report.{table}", f"truncate report.{table}"):
                with pytest.raises(Exception, match=r"permission denied|is refused"), connection.cursor() as cursor:
                    cursor.execute(change)
                connection.rollback()
    with pytest.raises(Untrue):
        archive.published_figures(programme.app, done.event_id, {**done.data, "digest": "0" * 64})


def test_a_key_of_the_authority_that_was_replaced_cosigns_no_more(programme: Programme) -> None:
    programme.draft()
    programme.sign_head()
    old = programme.authority
    programme.authority = SigningKey.make(old.verifier.name, COSIGNATURE)
    programme.trust = Trust(programme.trust.log, programme.authority.verifier)
    with pytest.raises(NotCosigned):
        steps.publish(programme.app, "2023-r1", "authority.spp", programme.trust, "no time")
    programme.support("beta:w9")
    programme.load()
    done = programme.publish(unsigned_reason="no time")
    signed = Note.parse(done.data["checkpoint"]).verified_by([old.verifier, programme.authority.verifier])
    assert [each.key for each in signed] == [programme.authority.verifier]


def test_a_step_that_the_ledger_cannot_take_is_not_recorded_at_all(programme: Programme) -> None:
    stranger = {**programme.draft().data, "report": "2023-stranger"}
    with programme.owner, programme.owner.cursor() as cursor:
        # As if reporting's event store had lost its newest event, and the ledger had not.
        cursor.execute("alter table event_store.event disable trigger user")
        cursor.execute("delete from event_store.event")
        cursor.execute("update event_store.counter set last_sequence = 0")
    with pytest.raises(Untrue, match="reconcile"):
        programme.draft(report=stranger["report"])
    with programme.app, programme.app.cursor() as cursor:
        cursor.execute("select count(*) from event_store.event")
        assert cursor.fetchall() == [(0,)]
    assert [event["data"]["report"] for event in leaves(programme)] == ["2023-r1"]
