"""A test CPAS is wiped: all that it sent goes, all that others sent stays, and the service says what it emptied."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_platform import taking_back, wiping
from miriam_platform.ledger_client import HeldEvent
from miriam_platform.wiping import NoTest, NotPublished, Wiped

from .conftest import Service

NUMBER = "85073003328"
TEST, REAL = "test-acme", "anderlecht"
_ALL = "select sequence, id::text, stream, version, body, leaf, fingerprint from event_store.event order by sequence"


def wipe(service: Service, emitter: str = TEST) -> Wiped:
    return wiping.wipe(service.database, service.definition, emitter, "the maker begins anew")


def published(service: Service) -> None:
    """As if the relay had brought everything to the broker."""
    service.ask("update relay.checkpoint set sequence = (select last_sequence from event_store.counter)")


def enrol(intake: Service, emitter: str, number: int = 1, niss: str = NUMBER) -> dict[str, Any]:
    return intake.recorded(
        intake.delivery(
            "participation.enrolled",
            source=f"/cpas/{emitter}",
            participation=f"{emitter}:p-{number}",
            case_manager=f"{emitter}:cm-1",
            personal={"niss": niss},
        )
    )


def held(service: Service) -> dict[str, list[str]]:
    """What names somebody, by table."""
    found = {
        "key": "select participation from sealed.key order by 1",
        "block": "select participation from sealed.block order by 1",
    }
    if service.definition.name == "intake":
        found["named"] = "select participation from person.named order by 1"
    return {name: [p for (p,) in service.ask(query)] for name, query in found.items()}


def statements(service: Service) -> list[dict[str, Any]]:
    bodies = service.ask("select body from event_store.event where type = 'miriam.door.wiped.v1' order by sequence")
    return [json.loads(body)["data"] for (body,) in bodies]


def test_all_that_a_test_cpas_sent_is_emptied_and_nothing_else(intake: Service) -> None:
    enrol(intake, TEST)
    enrol(intake, REAL)
    enrol(intake, TEST, 2)
    enrol(intake, "test-beta")
    before = intake.ask(_ALL)
    published(intake)
    done = wipe(intake)
    assert (done.events, done.blocks, len(done.statements)) == (2, 2, 1)
    after = intake.ask(_ALL)
    for old, new in zip(before, after, strict=False):
        if old[2].startswith("participation/test-acme:"):
            leaf = hashlib.sha256(b"\0" + old[4].encode()).digest()
            assert (new[:4], new[4], bytes(new[5]), bytes(new[6])) == (old[:4], None, leaf, b"")
        else:
            assert new == old
    (said,) = statements(intake)
    assert (said["emitter"], said["events"]) == (TEST, 2)
    assert said["numbers"] == [{"first": 1, "last": 1}, {"first": 3, "last": 3}]
    assert EVENT_TYPES["miriam.door.wiped.v1"].load_recorded(said) == []
    others = ["anderlecht:p-1", "test-beta:p-1"]
    assert held(intake) == {"key": others, "block": others, "named": others}
    assert intake.ask("select count(*) from person.mapping") == [(2,)]


@pytest.mark.parametrize("emitter", [REAL, "testelt", "unknown"])
def test_nobody_but_a_test_cpas_can_be_wiped(intake: Service, emitter: str) -> None:
    enrol(intake, REAL)
    published(intake)
    with pytest.raises(NoTest):
        wipe(intake, emitter)
    assert intake.ask("select count(*) from event_store.event where body is null") == [(0,)]


def test_nothing_is_emptied_before_it_was_published(intake: Service) -> None:
    enrol(intake, TEST)
    with pytest.raises(NotPublished):
        wipe(intake)
    assert statements(intake) == []
    assert held(intake)["block"] == ["test-acme:p-1"]


def test_a_wiped_test_cpas_goes_on_and_can_be_wiped_again(intake: Service) -> None:
    first = intake.delivery(
        "participation.enrolled", source="/cpas/test-acme", participation="test-acme:p-1",
        case_manager="test-acme:cm-1", personal={"niss": NUMBER},
    )  # fmt: skip
    (known,) = intake.record(first)
    published(intake)
    wipe(intake)
    # The same id is used up: its number stands.
    (again,) = intake.record(first)
    assert (again.outcome, again.events) == ("duplicate", known.events)
    # In a fresh id the same woman may be enrolled again, by the very recorder that knew her stream.
    enrol(intake, TEST)
    assert held(intake)["block"] == ["test-acme:p-1"]
    published(intake)
    assert wipe(intake).events == 1
    assert wipe(intake).events == 0, "there is nothing left, and nothing is said"
    assert len(statements(intake)) == 2
    assert held(intake) == {"key": [], "block": [], "named": []}


def test_a_correction_of_what_was_wiped_is_refused_by_a_recorder_that_knew_it(sessions: Service) -> None:
    held_session = sessions.recorded(
        sessions.delivery(
            "session.held", source="/cpas/test-acme", participation="test-acme:p-1", session="test-acme:s-1",
            case_manager="test-acme:cm-1",
        )
    )  # fmt: skip
    published(sessions)
    wipe(sessions)
    reference = {
        "corrects": held_session["id"], "supersedes": held_session["id"], "replacement": held_session["data"],
    }  # fmt: skip
    assert sessions.refused(sessions.delivery("session.corrected", "held", source="/cpas/test-acme", **reference)) == (
        "fact_not_found",
    )


def test_the_door_forgets_it_and_goes_on_counting_others(sessions: Service) -> None:
    for emitter in (TEST, REAL):
        late = sessions.delivery(
            "goal.reached", source=f"/cpas/{emitter}", participation=f"{emitter}:p-1", goal=f"{emitter}:g-1"
        )
        assert sessions.refused(late) == ("goal_not_set",)
    assert wipe(sessions).at_the_door == 1
    assert sessions.ask("select emitter from door.refusal") == [(REAL,)]
    # They were counted before they went, so the next tally follows without a hole.
    told = sessions.ask("select body::jsonb -> 'data' from event_store.event where type = 'miriam.door.tallied.v1'")
    assert [(t["first"], t["last"]) for (t,) in told] == [(1, 2)]


def test_a_restored_backup_is_wiped_again_and_keeps_what_came_since(new_service: Callable[[str], Service]) -> None:
    intake = new_service("intake")
    enrol(intake, TEST)
    enrol(intake, REAL)
    published(intake)
    ((key,),) = intake.ask("select wrapped from sealed.key where participation = 'test-acme:p-1'")
    ((event_id, block),) = intake.ask(
        "select event_id::text, ciphertext from sealed.block where participation = 'test-acme:p-1'"
    )
    wipe(intake)
    # As a backup brings it back: the key and the block that had been destroyed, beside one that came later.
    intake.ask("insert into sealed.key (participation, wrapped) values ('test-acme:p-1', %s)", bytes(key))
    intake.ask("insert into sealed.block values (%s, 'test-acme:p-1', %s)", event_id, bytes(block))
    enrol(intake, TEST, 2)
    with intake.database.transaction() as connection:
        wiping.wipe_again(connection, intake.definition)
    assert held(intake)["block"] == held(intake)["key"] == ["anderlecht:p-1", "test-acme:p-2"]


def test_a_retirement_leaves_what_a_test_cpas_said_of_its_projects(sessions: Service) -> None:
    """Else the store would have emptied what the ledger keeps: there no fact of a test is of any edition."""
    said = sessions.delivery(
        "session.held", source="/cpas/test-acme", participation="test-acme:p-1", project="spp-is:prj-old",
        session="test-acme:s-1", case_manager="test-acme:cm-1",
    )  # fmt: skip
    sessions.recorded(said)
    assert sessions.ask("select * from event_store.facts_of_projects(array['spp-is:prj-old'])") == []


FORGED = "select event_store.wipe(%s)"
NOTED = "2f82569a-cd8e-5570-9fd0-bf91106bab82"
EMPTYING = (
    "update event_store.event set fingerprint = '', body = null, leaf = sha256('\\x00' || convert_to(body, 'UTF8'))"
)


def test_a_statement_that_names_others_empties_nothing(intake: Service) -> None:
    real, test = enrol(intake, REAL), enrol(intake, TEST)
    published(intake)
    for emitter, numbers in ((TEST, (1, 2)), (REAL, (1, 1))):
        forged = own_statement(intake, emitter, *numbers)
        with pytest.raises(psycopg2.errors.RestrictViolation):
            intake.ask(FORGED, forged)
    for event_id in (real["id"], test["id"]):
        with pytest.raises(psycopg2.errors.RestrictViolation):
            intake.ask(FORGED, event_id)
    assert intake.ask("select count(*) from event_store.event where body is null") == [(0,)]


def own_statement(intake: Service, emitter: str, first: int, last: int) -> str:
    """A `door.wiped` as the application itself could append it, with what it likes in it."""
    event_id = "2f82569a-cd8e-5570-9fd0-bf911067%04x" % (first * 256 + last)
    data = {"emitter": emitter, "numbers": [{"first": first, "last": last}]}
    head = f'{{"data":{json.dumps(data)},"id":"{event_id}","sequence":'
    intake.ask(
        "select event_store.append(array[%s]::uuid[], array['wiped/forged' || %s], array[1],"
        " array['miriam.door.wiped.v1'], array['/services/intake'], array['w'], array[0]::smallint[],"
        " array[1]::smallint[], array['']::bytea[], array[%s], array['}'], now())",
        event_id, event_id, head,
    )  # fmt: skip
    return event_id


@pytest.mark.parametrize(
    "change",
    [
        EMPTYING,
        "update event_store.event set body = null, leaf = sha256('x'), fingerprint = ''",
        f"set local event_store.wiping = '{NOTED}'; {EMPTYING}",
        "delete from event_store.event",
    ],
)
def test_not_even_the_owner_empties_the_event_of_another(intake: Service, change: str) -> None:
    """Although a wipe of a test CPAS is noted, that names the number of a real event."""
    enrol(intake, REAL)
    intake.ask("insert into event_store.wiped values (%s, '/cpas/test-acme', '{[1,1]}')", NOTED)
    with pytest.raises(psycopg2.errors.RestrictViolation):
        intake.ask(change)
    with pytest.raises(psycopg2.errors.CheckViolation):
        intake.ask("insert into event_store.wiped values (gen_random_uuid(), '/cpas/anderlecht', '{[1,1]}')")


@pytest.mark.parametrize(
    "change",
    [
        "update event_store.event set body = null",
        "insert into event_store.wiped values (gen_random_uuid(), '/cpas/test-acme', '{[1,1]}')",
        "delete from event_store.wiped",
        "delete from sealed.key",
    ],
)
def test_the_application_itself_can_empty_nothing(intake: Service, change: str) -> None:
    enrol(intake, TEST)
    with (
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
        intake.database.transaction() as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_sealed_rows_of_others_are_out_of_its_reach(intake: Service) -> None:
    event = enrol(intake, REAL)
    with pytest.raises(psycopg2.errors.RestrictViolation):
        intake.ask("select sealed.wipe('anderlecht', array[%s]::uuid[])", event["id"])
    with pytest.raises(psycopg2.errors.RestrictViolation):
        intake.ask("select door.wipe('anderlecht', 0)")
    assert intake.ask("select sealed.wipe('test-acme', array[%s]::uuid[])", event["id"]) == [(0,)]
    assert held(intake)["block"] == ["anderlecht:p-1"]


def test_numbers_taken_back_from_the_ledger_bring_nothing_back(new_service: Callable[[str], Service]) -> None:
    """Of a service that lost all: whether the ledger has emptied its leaves by then, or has yet to."""
    lost = new_service("intake")
    enrol(lost, TEST)
    enrol(lost, REAL)
    published(lost)
    rows = (
        "select sequence, id::text, type, event_store.leaf_of(sequence), body from event_store.event order by sequence"
    )
    before = lost.ask(rows)
    wipe(lost)
    after = lost.ask(rows)
    for held_by_ledger in (after, [*before, *after[len(before) :]]):
        restored = new_service("intake")
        events = [HeldEvent(n, i, t, bytes(leaf), body) for n, i, t, leaf, body in held_by_ledger]
        with restored.database.transaction() as connection:
            taking_back.take_back(connection, "intake", events)
        with restored.database.transaction() as connection:
            wiping.wipe_again(connection, restored.definition)
        assert [(n, i, bytes(leaf), body) for n, i, _, leaf, body in restored.ask(rows)] == [
            (n, i, bytes(leaf), body) for n, i, _, leaf, body in after
        ]
        # The statement is in a stream of its own: the next tally follows the last one, and it can be wiped once more.
        for _ in range(10):
            next(restored.numbers)  # ids that the lost service has seen
        enrol(restored, TEST, 3)
        published(restored)
        assert wipe(restored).events == 1


def test_a_refusal_that_is_still_to_be_counted_keeps_its_number_and_no_hash_over_what_was_sent(intake: Service) -> None:
    later = intake.delivery("participation.ended", source=f"/cpas/{TEST}", participation=f"{TEST}:p-9")
    assert intake.refused(later)
    before = intake.ask("select number, fingerprint from door.refusal")
    assert len(before) == 1
    intake.ask("select door.wipe(%s, 0)", TEST)
    after = intake.ask("select number, fingerprint from door.refusal")
    assert [number for number, _ in after] == [number for number, _ in before]
    assert after[0][1] != before[0][1]
