"""A batch of deliveries becomes recorded events, duplicates and refusals: each on its own, all in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import rfc8785
from psycopg2.extensions import connection as Connection

from miriam_contracts.identity import recorded_id
from miriam_platform import sealing, store
from miriam_platform.database import LOST
from miriam_platform.deliveries import Result
from miriam_platform.keys import Keys
from miriam_platform.recorder import Recorder

# Of the form of W3C Trace Context.
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
Rows = Callable[..., list[tuple[Any, ...]]]


def told(results: list[Result]) -> list[str]:
    return [":".join((r.outcome, *(p.code for p in r.problems))) for r in results]


def test_a_fact_is_recorded_as_the_contract_of_recorded_events_says(
    recorder: Recorder, sender: Any, connection: Connection
) -> None:
    delivery = sender.goal_set(id="e-7", correlationid="visit-3", traceparent=TRACE)
    [result] = recorder.record([delivery])
    assert result.outcome == "recorded"
    with connection:
        [stored] = store.read_after(connection, 0, 10)
    event = orjson.loads(stored.body)
    assert stored.body.encode() == rfc8785.dumps(event), "the stored bytes are canonical JSON"
    assert event["id"] == recorded_id("sessions", "/cpas/anderlecht", "e-7") == result.events[0].id
    assert event["sequence"] == result.events[0].sequence == 1
    assert result.events[0].leaf == hashlib.sha256(b"\x00" + stored.body.encode()).digest()
    assert event["time"] == "2023-10-02T12:30:00.000000Z"
    assert (event["origin"], event["originid"], event["source"]) == ("/cpas/anderlecht", "e-7", "/services/sessions")
    assert (event["correlationid"], event["traceparent"]) == ("visit-3", TRACE)
    assert len(event["salt"]) == 32
    assert event["data"]["domain"] == "housing"


def test_the_same_emission_again_is_a_duplicate_with_its_first_number_and_leaf(
    recorder: Recorder, sender: Any, connection: Connection
) -> None:
    emission = sender.emission("goal.set")
    [first] = recorder.record([sender.deliver(emission)])
    retraced = {**emission, "correlationid": "second-try", "traceparent": TRACE.replace("4", "5")}
    [second] = recorder.record([sender.deliver(retraced)])
    assert second.outcome == "duplicate"
    assert second.events == first.events
    with connection:
        assert store.last_sequence(connection) == 1


def test_the_same_emission_twice_in_one_batch_is_recorded_once(recorder: Recorder, sender: Any) -> None:
    emission = sender.emission("goal.set")
    first, second = recorder.record([sender.deliver(emission), sender.deliver(emission)])
    assert (first.outcome, second.outcome) == ("recorded", "duplicate")
    assert first.events == second.events != ()


@pytest.mark.parametrize("together", [True, False])
def test_an_id_used_for_another_content_is_refused(recorder: Recorder, sender: Any, together: bool) -> None:
    first, other = sender.goal_set(id="e-1"), sender.goal_set(id="e-1", goal="g-2")
    results = recorder.record([first, other]) if together else recorder.record([first]) + recorder.record([other])
    assert told(results) == ["recorded", "refused:id_reused"]


def test_a_refused_id_is_not_consumed(recorder: Recorder, sender: Any) -> None:
    early = sender.goal_reached(id="e-1")
    right = sender.goal_set(id="e-1")
    assert told(recorder.record([early, right])) == ["refused:fact_not_found", "recorded"]


def test_facts_of_one_stream_see_each_other_in_order_within_a_batch(recorder: Recorder, sender: Any) -> None:
    results = recorder.record([sender.goal_reached(), sender.goal_set(), sender.goal_reached()])
    assert told(results) == ["refused:fact_not_found", "recorded", "recorded"]


def test_a_batch_judges_by_what_earlier_batches_recorded(new_recorder: Callable[[], Recorder], sender: Any) -> None:
    recorder, restarted = new_recorder(), new_recorder()
    assert told(recorder.record([sender.goal_set()])) == ["recorded"]
    assert told(restarted.record([sender.goal_reached()])) == ["recorded"]


def test_a_stale_state_costs_a_second_try_and_never_a_wrong_record(
    new_recorder: Callable[[], Recorder], sender: Any, connection: Connection
) -> None:
    mine, theirs = new_recorder(), new_recorder()
    mine.record([sender.goal_set(goal="g-1")])
    theirs.record([sender.goal_set(goal="g-2")])
    results = mine.record([sender.goal_reached(goal="g-2"), sender.goal_set(participation="p-2")])
    assert told(results) == ["recorded", "recorded"], "neither a conflict nor a refusal rests on an outdated state"
    with connection:
        stream = store.read_streams(connection, ["participation/anderlecht:p-1"])
    assert [e.version for e in stream] == [1, 2, 3]


def test_a_correction_by_the_version_seen_is_recorded_and_a_stale_one_refused(recorder: Recorder, sender: Any) -> None:
    first = sender.emission("goal.set")
    first_id = recorded_id("sessions", first["source"], first["id"])
    recorder.record([sender.deliver(first)])

    def correction(seen: str) -> Any:
        changed = sender.emission("goal.corrected")
        changed["data"] = {
            "occurred_on": "2023-10-03", "corrects": first_id, "supersedes": seen, "fact": "goal.set",
            "reason": "typing_error", "replacement": {**first["data"], "domain": "health"},
        }  # fmt: skip
        changed["data"]["fact"] = "set"
        return sender.deliver(changed)

    right = correction(first_id)
    stale = correction(first_id)
    assert told(recorder.record([right, stale])) == ["recorded", "refused:stale_version"]


def test_a_personal_block_is_sealed_beside_the_event_and_named_by_its_digest(
    recorder: Recorder, sender: Any, connection: Connection, keys: Keys, rows: Rows
) -> None:
    note = {"text": "MARKER: her mother, Jeanne, will help"}
    delivery = sender.goal_set(data={"personal": sender.jwe(note)})
    [result] = recorder.record([delivery])
    with connection:
        event = orjson.loads(store.read_after(connection, 0, 1)[0].body)
        digest, content = sealing.read(connection, keys.master, result.events[0].id) or ("", {})
    assert content == note
    assert event["personaldigest"] == digest
    assert "personal" not in event["data"]
    assert b"MARKER" not in bytes(rows("select ciphertext from sealed.block")[0][0])


def test_a_block_sealed_anew_is_still_the_same_emission(recorder: Recorder, sender: Any) -> None:
    emission = sender.emission("goal.set")

    def sealed(text: str) -> Any:
        return sender.deliver({**emission, "data": {**emission["data"], "personal": sender.jwe({"text": text})}})

    results = [recorder.record([sealed(text)])[0] for text in ("one", "one", "two")]
    assert told(results) == ["recorded", "duplicate", "refused:id_reused"]


def test_after_an_erasure_later_blocks_of_hers_are_not_kept(
    recorder: Recorder, sender: Any, connection: Connection, keys: Keys, rows: Rows
) -> None:
    [result] = recorder.record([sender.goal_set(data={"personal": sender.jwe({"text": "one"})})])
    with connection:
        assert sealing.destroy(connection, "anderlecht:p-1") == 1
        assert sealing.read(connection, keys.master, result.events[0].id) is None
    [late] = recorder.record([sender.goal_set(goal="g-2", data={"personal": sender.jwe({"text": "two"})})])
    assert late.outcome == "recorded"
    assert rows("select count(*) from sealed.block") == [(0,)]
    assert rows("select wrapped is null from sealed.key") == [(True,)]


def refusal_cases(sender: Any) -> dict[str, Any]:
    good = sender.emission("goal.set")
    return {
        "sender_unknown": sender.deliver(good, user_id=None),
        "sender_differs": sender.deliver(good, user_id="cpas.schaerbeek"),
        "source_not_sender": sender.deliver({**good, "source": "/cpas/schaerbeek"}),
        "routing_key_differs": sender.deliver(good, routing_key="anderlecht.session.held"),
        "emitter_unknown": sender.deliver(good, user_id="cpas.nobody", routing_key="nobody.goal.set"),
        "not_json": sender.deliver(b"{broken"),
        "wrong_type": sender.deliver(b'["MARKER"]'),
        "too_large": sender.deliver(b'{"a":"' + b"x" * 300_000 + b'"}'),
        "not_canonical": sender.deliver(b'{"a":1.5}'),
        "unknown_type": sender.deliver({**good, "type": "miriam.goal.dreamt.v1"}),
        "unknown_code": sender.deliver({**good, "data": {**good["data"], "domain": "MARKER"}}),
        "not_own_id": sender.deliver({**good, "subject": "schaerbeek:p-1", "data": {
            **good["data"], "participation": "schaerbeek:p-1"}}),
        "personal_unreadable": sender.deliver({**good, "data": {**good["data"], "personal": "a.b.c.d.e"}}),
        "personal_in_clear": sender.deliver({**good, "data": {**good["data"], "personal": {"text": "MARKER"}}}),
        "not_an_instant": sender.deliver({**good, "time": "9999-12-31T23:59:59-14:00"}),
    }  # fmt: skip


def test_each_breach_is_refused_by_its_rule_and_stops_nothing_else(recorder: Recorder, sender: Any, rows: Rows) -> None:
    cases = refusal_cases(sender)
    results = recorder.record([*cases.values(), sender.goal_set()])
    assert [r.outcome for r in results] == ["refused"] * len(cases) + ["recorded"]
    assert [r.problems[0].code for r in results[:-1]] == list(cases)
    assert rows("select count(*), min(number), max(number) from door.refusal") == [(len(cases), 1, len(cases))]


def test_a_refusal_names_the_id_of_an_object_that_could_not_be_taken(recorder: Recorder, sender: Any) -> None:
    """Without its id, the emitter could not know which event was refused, and would send it for ever."""
    fraction = sender.emission("goal.set", id="e-fraction", data={"share": 60.5})
    large = sender.emission("goal.set", id="e-large", data={"share": "x" * 300_000})
    results = recorder.record([sender.deliver(fraction), sender.deliver(large)])
    assert told(results) == ["refused:not_canonical", "refused:too_large"]
    assert [r.attributes["id"] for r in results] == ["e-fraction", "e-large"]


def test_a_message_for_another_service_is_refused(recorder: Recorder, sender: Any) -> None:
    data = {"project": "spp:a-1", "participation": "anderlecht:p-1", "occurred_on": "2023-10-02", "referrer": "partner"}
    emission = {**sender.emission("participation.referred"), "data": data}
    assert told(recorder.record([sender.deliver(emission)])) == ["refused:wrong_service"]


def test_no_value_of_a_refused_payload_can_be_read_from_the_tables(recorder: Recorder, sender: Any, rows: Rows) -> None:
    niss = "85073003328"
    deliveries = [
        *refusal_cases(sender).values(),
        sender.goal_set(subject=f"anderlecht:p-{niss}", participation=f"p-{niss}"),
        sender.goal_set(id=f"e-{niss}", correlationid=niss),
        sender.deliver({**sender.emission("goal.set"), "data": {"MARKER-name": "x"}, "MARKER": 1}),
    ]
    assert {r.outcome for r in recorder.record(deliveries)} == {"refused"}
    for table in ("door.refusal", "door.parked", "door.attempt", "event_store.event"):
        text = str(rows(f"select row_to_json(t)::text from {table} as t"))
        assert "MARKER" not in text
        assert niss not in text


def test_the_same_refused_message_is_kept_once_and_counted(recorder: Recorder, sender: Any, rows: Rows) -> None:
    wrong = sender.goal_set(data={"domain": "nowhere"})
    recorder.record([wrong, wrong])
    recorder.record([wrong])
    assert rows("select number, times, status from door.refusal") == [(1, 3, "kept")]
    assert rows("select last_number from door.refusal_counter") == [(1,)]


def test_a_kept_refusal_expires_after_ninety_days(recorder: Recorder, sender: Any, rows: Rows) -> None:
    recorder.record([sender.goal_set(data={"domain": "nowhere"})])
    assert rows("select expires_at - last_refused_at = interval '90 days' from door.refusal") == [(True,)]
    assert rows("select door.expire_refusals()") == [(0,)]
    rows("update door.refusal set expires_at = now() - interval '1 second'")
    assert rows("select door.expire_refusals()") == [(1,)]


def test_a_fault_of_ours_records_nothing_of_the_batch(recorder: Recorder, sender: Any, connection: Connection) -> None:
    with pytest.raises(KeyError):
        recorder.record([sender.goal_set(participation="p-2"), sender.goal_set(goal="g-poison")])
    with connection:
        assert store.last_sequence(connection) == 0
    assert told(recorder.record([sender.goal_set(participation="p-2")])) == ["recorded"]


def test_what_follows_a_parked_event_of_its_subject_is_parked_behind_it(
    recorder: Recorder, sender: Any, rows: Rows
) -> None:
    rows("select door.park('anderlecht', 'anderlecht:p-1', 'f', null, null, null, 'anderlecht.goal.set', '', 5, 'x')")
    follower = sender.goal_set()
    results = recorder.record([follower, sender.goal_set(participation="p-2"), follower])
    assert told(results) == ["parked", "recorded", "parked"]
    assert rows("select position, attempts from door.parked order by 1") == [(1, 5), (2, 0)]


def test_a_lost_connection_leaves_no_half_and_the_same_batch_may_come_again(
    recorder: Recorder, sender: Any, admin: Connection
) -> None:
    deliveries = [sender.goal_set(), sender.goal_set(participation="p-2")]
    recorder.record(deliveries[:1])
    with admin.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test-recorder'"
        )
    with pytest.raises(LOST):
        recorder.record(deliveries)
    assert told(recorder.record(deliveries)) == ["duplicate", "recorded"]


def test_a_hook_adds_to_the_event_and_writes_in_the_same_transaction(
    recorder: Recorder, sender: Any, definition: Any, rows: Rows, access: Any
) -> None:
    rows(f"create table public.minted (subject text primary key); grant all on public.minted to {access.app_role}")

    def mint(asked: Any) -> dict[str, Any]:
        with asked.connection.cursor() as cursor:
            cursor.execute("insert into public.minted values (%s)", (asked.fact.subject,))
        return {**asked.data, "added": (asked.personal or {}).get("text", "nothing").upper()}

    definition.enrich["goal.set"] = mint
    [result] = recorder.record([sender.goal_set(data={"personal": sender.jwe({"text": "note"})})])
    assert result.outcome == "recorded"
    assert rows("select body::jsonb #>> '{data,added}' from event_store.event") == [("NOTE",)]
    with pytest.raises(KeyError):
        recorder.record([sender.goal_set(participation="p-2"), sender.goal_set(participation="p-3", goal="g-poison")])
    assert rows("select subject from public.minted") == [("anderlecht:p-1",)]
