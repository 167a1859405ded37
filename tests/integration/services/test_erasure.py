"""A woman's data are erased: what names her is gone in each service, each says so, and nothing recorded changes."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any

import orjson
import pytest

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_local.processes import wait_until
from miriam_platform import door, fingerprint, sealing
from miriam_platform.admission import Admitted
from miriam_platform.batch import result_of
from miriam_platform.consumer import Message
from miriam_platform.database import Database, connect
from miriam_platform.deliveries import Delivery
from miriam_platform.following import Following
from miriam_platform.migrate import migrate
from miriam_platform.recorder import Recorder
from miriam_platform.tally import tally

from .conftest import Service

NUMBER = "85073003328"
OTHER = "85473003317"
_BODIES = "select body from event_store.event order by sequence"


def enrol(intake: Service, participation: str, number: str | None = NUMBER, **changes: Any) -> dict[str, Any]:
    personal = {"niss": number, "first_name": "Exemple"} if number else {"first_name": "Exemple"}
    return intake.recorded(
        intake.delivery("participation.enrolled", participation=participation, personal=personal, **changes)
    )


def correct(intake: Service, of: dict[str, Any], personal: dict[str, Any] | None, **changes: Any) -> dict[str, Any]:
    kept = {key: value for key, value in of["data"].items() if key not in ("person", "person_known_by", "age_band")}
    reference = {"corrects": of["id"], "supersedes": of["id"], "replacement": {**kept, **changes}}
    return intake.recorded(intake.delivery("participation.corrected", "enrolled", personal=personal, **reference))


def erase(intake: Service, person: str, **changes: Any) -> dict[str, Any]:
    given = {"participation": None, **changes}
    delivery = intake.delivery("person.erased", person=person, **{k: v for k, v in given.items() if v is not None})
    if given["participation"] is None:
        event = orjson.loads(delivery.body)
        del event["data"]["participation"]
        delivery = type(delivery)(orjson.dumps(event), delivery.user_id, delivery.routing_key)
    return intake.recorded(delivery)


def destroyed(service: Service) -> list[dict[str, Any]]:
    events = [json.loads(body) for (body,) in service.ask(_BODIES)]
    return [event for event in events if event["type"] == "miriam.key.destroyed.v1"]


def held(service: Service) -> tuple[set[str], set[str]]:
    """Whose keys a service holds, and whose blocks."""
    keys = service.ask("select participation from sealed.key where wrapped is not null")
    return {p for (p,) in keys}, {p for (p,) in service.ask("select participation from sealed.block")}


def follow(service: Service, *events: dict[str, Any], user: str = "service.intake") -> None:
    """Bring recorded events of intake to another service's follower."""
    queue = f"{service.definition.name}.erasures"
    messages = [Message(n, queue, "", user, False, orjson.dumps(event)) for n, event in enumerate(events)]
    Following(service.definition, service.keys, service.database).follow(messages)


def test_mapping_keys_and_blocks_of_all_her_participations_go_and_each_is_told(intake: Service) -> None:
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    enrol(intake, "anderlecht:p-2")
    enrol(intake, "anderlecht:p-3", OTHER)
    before = intake.ask(_BODIES)
    event = erase(intake, person)
    assert held(intake) == ({"anderlecht:p-3"}, {"anderlecht:p-3"})
    assert intake.ask("select count(*) from person.mapping") == [(1,)]
    assert intake.ask("select participation from person.named") == [("anderlecht:p-3",)]
    told = destroyed(intake)
    assert [(t["subject"], t["data"]["blocks"], t["data"]["ground"]) for t in told] == [
        ("anderlecht:p-1", 1, "erased"),
        ("anderlecht:p-2", 1, "erased"),
    ]
    assert {t["data"]["because_of"] for t in told} == {event["id"]}
    assert [t["sequence"] for t in (event, *told)] == [4, 5, 6]
    for each in told:
        assert EVENT_TYPES[each["type"]].load_recorded(each["data"]) == []
    streams = "select stream, version from event_store.event where stream like 'key/%%' order by 1"
    assert intake.ask(streams) == [("key/anderlecht:p-1", 1), ("key/anderlecht:p-2", 1)]
    assert intake.ask(_BODIES)[:3] == before


def test_an_erasure_that_cannot_be_recorded_destroys_nothing(intake: Service) -> None:
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    intake.ask("alter table event_store.event add constraint no_more check (sequence < 3)")
    with pytest.raises(Exception, match="no_more"):
        erase(intake, person)
    assert held(intake) == ({"anderlecht:p-1"}, {"anderlecht:p-1"})
    assert intake.ask("select count(*) from person.mapping") == [(1,)]
    intake.ask("alter table event_store.event drop constraint no_more")
    erase(intake, person)
    assert held(intake) == (set(), set())


def test_the_same_erasure_sent_twice_destroys_and_tells_once(intake: Service) -> None:
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    delivery = intake.delivery("person.erased", person=person, participation="anderlecht:p-1")
    assert [result.outcome for result in intake.record(delivery, delivery)] == ["recorded", "duplicate"]
    assert intake.record(delivery)[0].outcome == "duplicate"
    assert len(destroyed(intake)) == 1


def test_enrolled_and_erased_in_one_batch(intake: Service) -> None:
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    results = intake.record(
        intake.delivery("participation.enrolled", participation="anderlecht:p-2", personal={"niss": NUMBER}),
        intake.delivery("person.erased", person=person, participation="anderlecht:p-1"),
    )
    assert [result.outcome for result in results] == ["recorded"] * 2
    assert [event["subject"] for event in destroyed(intake)] == ["anderlecht:p-1", "anderlecht:p-2"]
    assert held(intake) == (set(), set())


def test_what_comes_later_is_recorded_and_leads_no_more_to_her(intake: Service) -> None:
    first = enrol(intake, "anderlecht:p-1")
    erase(intake, first["data"]["person"])
    later = correct(intake, first, {"niss": NUMBER, "birth_date": "2001-01-01"}, children=5)
    replacement = later["data"]["replacement"]
    assert (replacement["children"], replacement["person"]) == (5, first["data"]["person"])
    assert replacement["age_band"] == first["data"]["age_band"]
    assert "personaldigest" not in later
    assert held(intake) == (set(), set())
    assert intake.ask("select count(*) from person.mapping") == [(0,)]
    again = enrol(intake, "anderlecht:p-9")
    assert again["data"]["person"] != first["data"]["person"]


def test_an_enrolment_that_named_her_by_mistake_loses_that_block_alone(intake: Service) -> None:
    wrong = enrol(intake, "anderlecht:p-1", NUMBER)
    right = correct(intake, wrong, {"niss": OTHER})
    assert right["data"]["replacement"]["person"] != wrong["data"]["person"]
    erase(intake, wrong["data"]["person"])
    assert destroyed(intake) == []
    assert intake.ask("select event_id::text from sealed.block") == [(right["id"],)]
    erase(intake, right["data"]["replacement"]["person"])
    assert [event["subject"] for event in destroyed(intake)] == ["anderlecht:p-1"]


def test_the_participation_through_which_she_asked_counts_where_no_enrolment_says_whose_it_is(intake: Service) -> None:
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    enrol(intake, "anderlecht:p-2", OTHER)
    intake.recorded(intake.delivery("participation.referred", participation="anderlecht:p-3"))
    erase(intake, person, participation="anderlecht:p-3")
    assert [event["subject"] for event in destroyed(intake)] == ["anderlecht:p-1", "anderlecht:p-3"]


def test_another_womans_participation_is_not_destroyed_by_naming_it(intake: Service) -> None:
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    enrol(intake, "anderlecht:p-2", OTHER)
    erase(intake, person, participation="anderlecht:p-2")
    assert [event["subject"] for event in destroyed(intake)] == ["anderlecht:p-1"]
    assert held(intake)[0] == {"anderlecht:p-2"}


def test_what_was_refused_of_her_is_emptied_and_still_counted(intake: Service) -> None:
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    enrol(intake, "anderlecht:p-2", OTHER)
    for participation in ("anderlecht:p-1", "anderlecht:p-2"):
        again = intake.delivery("participation.enrolled", participation=participation, personal={"niss": NUMBER})
        assert intake.refused(again) == ("already_enrolled",)
    erase(intake, person)
    kept = "select subject, payload <> '', status from door.refusal order by number"
    expected = [("anderlecht:p-1", False, "discarded"), ("anderlecht:p-2", True, "kept")]
    assert intake.ask(kept) == expected
    later = intake.delivery("participation.enrolled", participation="anderlecht:p-1", personal={"niss": OTHER})
    assert intake.refused(later) == ("already_enrolled",)
    assert [row[:2] for row in intake.ask(kept)] == [*(row[:2] for row in expected), ("anderlecht:p-1", False)]
    assert tally(intake.database, "intake") == 3


def test_what_is_parked_of_her_is_recorded_later_without_its_block(intake: Service) -> None:
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    delivery = intake.delivery("participation.ended", participation="anderlecht:p-1", personal={"text": "Zq-Marker"})
    with intake.database.transaction() as connection:
        checked = intake.recorder.check(delivery)
        assert isinstance(checked, Admitted)
        door.park(connection, result_of(checked, "parked"), intake.keys, 5, "test")
    erase(intake, person)
    ((payload,),) = intake.ask("select payload from door.parked")
    kept = door.unseal_delivery(bytes(payload), intake.keys, door.PARKED_BINDING)
    assert "personal" not in orjson.loads(kept.body)["data"]
    assert intake.record(kept)[0].outcome == "recorded"


def marked(service: Service) -> list[tuple[str, bool]]:
    """Of which subjects the store holds the keyed hash of what was emitted, personal block and all."""
    rows = service.ask(
        "select body, fingerprint <> '' from event_store.event where origin like '/cpas/%%' order by sequence"
    )
    return [(json.loads(body)["subject"], bool(kept)) for body, kept in rows]


def test_no_hash_by_which_her_number_could_be_tried_is_left(intake: Service, sessions: Service) -> None:
    """36 million numbers, each hashed with the key of the fingerprints: who has it would find hers within a minute."""
    first = intake.delivery("participation.enrolled", participation="anderlecht:p-1", personal={"niss": NUMBER})
    person = intake.recorded(first)["data"]["person"]
    enrol(intake, "anderlecht:p-2", OTHER)
    note = sessions.delivery("session.held", participation="anderlecht:p-1", personal={"text": "Zq-Marker"})
    sessions.recorded(note)
    erase(intake, person)
    follow(sessions, *destroyed(intake))
    assert marked(intake) == [("anderlecht:p-1", False), ("anderlecht:p-2", True)]
    assert marked(sessions) == [("anderlecht:p-1", False)]
    assert [result.outcome for result in intake.record(first)] == ["duplicate"]
    assert [result.outcome for result in sessions.record(note)] == ["duplicate"]
    later = intake.delivery("participation.ended", participation="anderlecht:p-1", personal={"text": "Zq-Marker"})
    assert intake.record(later, later)[0].outcome == "recorded"
    assert marked(intake)[-1] == ("anderlecht:p-1", False)
    assert intake.record(later)[0].outcome == "duplicate"


def posted(service: Service, participation: str, number: str) -> Delivery:
    """An enrolment as it comes over HTTPS: its block stands open, so a hash over the message is one over her number."""
    given = service.delivery("participation.enrolled", participation=participation, personal={"niss": number})
    event = orjson.loads(given.body)
    event["data"]["personal"] = {"niss": number}
    return replace(given, body=orjson.dumps(event), in_clear=True)


def marks(service: Service, delivery: Delivery) -> int:
    """How many rows at the door hold the keyed hash of a message."""
    mark = fingerprint.of_message(service.keys.fingerprint, delivery)
    tables = ("refusal", "parked", "attempt")
    return sum(len(service.ask(f"select 1 from door.{table} where fingerprint = %s", mark)) for table in tables)


def test_nor_is_one_left_of_messages_at_the_door_in_which_it_stood_open(intake: Service) -> None:
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    refused, given_up, parked, failed = (posted(intake, "anderlecht:p-1", NUMBER) for _ in range(4))
    of_another = posted(intake, "anderlecht:p-2", OTHER)
    assert intake.refused(refused) == intake.refused(given_up) == ("already_enrolled",)
    intake.ask("select door.decide_refusal(2, 'discarded')")
    for each in (parked, of_another):
        keep_parked(intake, each)
    with intake.database.transaction() as connection:
        door.count_attempt(connection, failed, intake.keys, "test")
    assert [marks(intake, each) for each in (refused, given_up, parked, failed)] == [1, 1, 1, 1]
    erase(intake, person)
    assert [marks(intake, each) for each in (refused, given_up, parked, failed, of_another)] == [0, 0, 0, 0, 1]
    # Nor of what comes later; that is known again all the same.
    for _ in range(2):
        assert intake.refused(replace(refused, retried=True)) == ("already_enrolled",)
        assert intake.record(parked)[0].outcome == "parked"
    assert [marks(intake, each) for each in (refused, parked)] == [0, 0]
    assert intake.ask("select times from door.refusal order by number") == [(1,), (1,), (2,)]
    assert intake.ask("select count(*) from door.parked") == [(3,)]


def keep_parked(intake: Service, delivery: Delivery) -> None:
    with intake.database.transaction() as connection:
        checked = intake.recorder.check(delivery)
        assert isinstance(checked, Admitted)
        door.park(connection, result_of(checked, "parked"), intake.keys, 5, "test")


@pytest.mark.parametrize("change", ["fingerprint = '\\x00'", "fingerprint = '', type = 'another'", "body = '{}'"])
def test_nothing_else_of_an_event_can_be_changed_that_way(intake: Service, change: str) -> None:
    enrol(intake, "anderlecht:p-1")
    statement = f"begin; set local event_store.forgetting = 'on'; update event_store.event set {change}; commit"
    with pytest.raises(Exception, match="facts are never changed"):
        intake.ask(statement)


def park(intake: Service, participation: str) -> None:
    keep_parked(
        intake,
        intake.delivery("participation.ended", participation=participation, personal={"text": "Zq-Marker"}),
    )


def test_what_is_parked_after_her_erasure_is_parked_without_its_block(intake: Service) -> None:
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    enrol(intake, "anderlecht:p-2", OTHER)
    erase(intake, person)
    park(intake, "anderlecht:p-1")
    park(intake, "anderlecht:p-2")
    blocks = []
    for (payload,) in intake.ask("select payload from door.parked order by position"):
        kept = door.unseal_delivery(bytes(payload), intake.keys, door.PARKED_BINDING)
        blocks.append("personal" in orjson.loads(kept.body)["data"])
    assert blocks == [False, True]


def test_sessions_destroys_what_intake_says_and_answers_once(intake: Service, sessions: Service) -> None:
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    for participation in ("anderlecht:p-1", "anderlecht:p-2"):
        sessions.recorded(
            sessions.delivery("session.held", participation=participation, personal={"text": "Zq-Marker"})
        )
    before = sessions.ask(_BODIES)
    erasure = erase(intake, person)
    (told,) = destroyed(intake)
    follow(sessions, told)
    follow(sessions, told)
    assert held(sessions) == ({"anderlecht:p-2"}, {"anderlecht:p-2"})
    (answer,) = destroyed(sessions)
    assert answer["source"] == "/services/sessions"
    assert answer["data"] | {"occurred_on": ""} == told["data"] | {"occurred_on": "", "blocks": 1}
    assert answer["data"]["because_of"] == erasure["id"]
    assert sessions.ask(_BODIES)[:2] == before
    assert sessions.ask("select sequence from sealed.followed") == [(told["sequence"],)]
    later = sessions.delivery(
        "session.held", participation="anderlecht:p-1", session="anderlecht:s-99", personal={"text": "Zq-Marker"}
    )
    assert "personaldigest" not in sessions.recorded(later)
    assert held(sessions)[1] == {"anderlecht:p-2"}


def test_a_service_that_holds_nothing_of_her_keeps_nothing_and_says_nothing(intake: Service, groups: Service) -> None:
    erase(intake, enrol(intake, "anderlecht:p-1")["data"]["person"])
    (told,) = destroyed(intake)
    follow(groups, told)
    assert destroyed(groups) == []
    assert groups.ask("select wrapped from sealed.key where participation = 'anderlecht:p-1'") == [(None,)]
    assert groups.ask("select sequence from sealed.followed") == [(told["sequence"],)]


def test_only_intake_has_keys_destroyed(intake: Service, sessions: Service) -> None:
    sessions.recorded(sessions.delivery("session.held", participation="anderlecht:p-1", personal={"text": "n"}))
    erase(intake, enrol(intake, "anderlecht:p-1")["data"]["person"])
    follow(sessions, *destroyed(intake), user="service.groups")
    assert held(sessions)[0] == {"anderlecht:p-1"}


def test_a_block_under_way_waits_for_the_erasure_or_the_erasure_for_it(intake: Service) -> None:
    """The block's transaction holds the key: what destroys it comes after, and finds the block."""
    enrol(intake, "anderlecht:p-1")
    writer = connect(intake.access.app_url, "test-writer")
    try:
        keys = sealing.participation_keys(writer, intake.keys.master, ["anderlecht:p-1"])
        sealing.keep(writer, keys, [sealing.block("0" * 8 + "-0000-0000-0000-" + "0" * 12, "anderlecht:p-1", {})])
        other = connect(intake.access.app_url, "test-eraser")
        try:
            with other.cursor() as cursor:
                cursor.execute("set lock_timeout = '200ms'")
                with pytest.raises(Exception, match="lock timeout"):
                    cursor.execute("select * from sealed.destroy_all(array['anderlecht:p-1'])")
            other.rollback()
            writer.commit()
            assert [each.blocks for each in sealing.destroy_all(other, ["anderlecht:p-1"])] == [2]
        finally:
            other.close()
    finally:
        writer.close()


def test_an_enrolment_under_way_by_her_number_is_destroyed_too(intake: Service) -> None:
    """It holds the row of her number until its commit; the erasure waits for it, and finds what it left."""
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    enrolment = intake.delivery("participation.enrolled", participation="anderlecht:p-2", personal={"niss": NUMBER})
    erasure = intake.delivery("person.erased", person=person, participation="anderlecht:p-1")
    databases = [Database(intake.access.app_url, f"test-{n}") for n in range(2)]
    recorders = [Recorder(intake.definition, intake.keys, database) for database in databases]
    holder = connect(intake.access.owner_url, "test-holder")
    waiting = "select count(distinct pid) from pg_locks where not granted"
    try:
        with ThreadPoolExecutor(2) as pool, closing(holder), holder.cursor() as cursor:
            cursor.execute("select from event_store.counter for update")
            sent = []
            for number, (recorder, delivery) in enumerate(zip(recorders, (enrolment, erasure), strict=True), 1):
                sent.append(pool.submit(recorder.record, [delivery]))
                assert wait_until(lambda n=number: intake.ask(waiting) == [(n,)], 10, 0.02)  # type: ignore[misc]
            holder.rollback()
            assert [each.result(10)[0].outcome for each in sent] == ["recorded", "recorded"]
    finally:
        for database in databases:
            database.close()
    assert [event["subject"] for event in destroyed(intake)] == ["anderlecht:p-1", "anderlecht:p-2"]
    assert held(intake) == (set(), set())
    assert intake.ask("select count(*) from person.mapping") == [(0,)]


def test_the_table_is_filled_from_what_was_recorded_before_it_was_there(intake: Service) -> None:
    first = enrol(intake, "anderlecht:p-1")
    correct(intake, first, {"niss": OTHER})
    enrol(intake, "anderlecht:p-2", None)
    filled = "select event_id, participation, person from person.named order by number"
    before = intake.ask(filled)
    assert len(before) == 3
    intake.ask("drop table person.named")
    intake.ask(
        "drop function person.name, person.of_participation, person.participations_of, person.erase;"
        " delete from migration.applied where name like '0002%%'"
    )
    migrate(intake.access.owner_url, intake.access.app_role, intake.definition.migrations)
    assert intake.ask(filled) == before


def test_another_process_that_knows_her_stream_keeps_no_block_of_her(intake: Service) -> None:
    first = enrol(intake, "anderlecht:p-1")
    other = Recorder(intake.definition, intake.keys, intake.database)
    paused = intake.delivery("participation.paused", participation="anderlecht:p-1")
    assert other.record([paused])[0].outcome == "recorded"
    erase(intake, first["data"]["person"])
    ended = intake.delivery("participation.ended", participation="anderlecht:p-1", personal={"text": "Zq-Marker"})
    assert other.record([ended])[0].outcome == "recorded"
    assert held(intake) == (set(), set())
