"""The retention of an edition ends: what names or describes its women goes everywhere; numbers and hashes stay."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import orjson
import psycopg2
import pytest

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_platform import store
from miriam_platform.consumer import Message
from miriam_platform.following import Following
from miriam_platform.retiring import NotPublished

from .conftest import Service

EDITION, LIVE = "2017", "2023-2024"
OLD, NEW = "spp-is:prj-old", "spp-is:prj-new"
NUMBER, OTHER = "85073003328", "85473003317"
_ALL = "select sequence, id::text, stream, version, body, leaf from event_store.event order by sequence"


def opened(intake: Service) -> None:
    """Two editions with a project each; the older one is closed."""
    for edition, project in ((EDITION, OLD), (LIVE, NEW)):
        intake.recorded(intake.delivery("edition.opened", edition=edition))
        intake.recorded(intake.delivery("project.approved", project=project, edition=edition))
    intake.recorded(intake.delivery("edition.closed", edition=EDITION))


def enrol(intake: Service, participation: str, project: str, number: str) -> dict[str, Any]:
    personal = {"niss": number}
    return intake.recorded(
        intake.delivery("participation.enrolled", participation=participation, project=project, personal=personal)
    )


def retire(intake: Service) -> dict[str, Any]:
    return intake.recorded(intake.delivery("edition.retired", edition=EDITION))


def follow(service: Service, *events: dict[str, Any]) -> None:
    queue = f"{service.definition.name}.erasures"
    messages = [Message(n, queue, "", "service.intake", False, orjson.dumps(event)) for n, event in enumerate(events)]
    Following(service.definition, service.keys, service.database).follow(messages)


def published(service: Service) -> None:
    """As if the relay had brought everything to the broker."""
    service.ask("update relay.checkpoint set sequence = (select last_sequence from event_store.counter)")


def emptied(service: Service) -> list[str]:
    return [stream for _, _, stream, _, body, _ in service.ask(_ALL) if body is None]


def held(service: Service) -> set[str]:
    keys = service.ask("select participation from sealed.key where wrapped is not null")
    return {p for (p,) in keys} | {p for (p,) in service.ask("select participation from sealed.block")}


def destroyed(service: Service) -> list[tuple[str, str, int]]:
    bodies = service.ask("select body from event_store.event where type = 'miriam.key.destroyed.v1' order by sequence")
    told = [json.loads(body)["data"] for (body,) in bodies]
    return [(data["participation"], data["ground"], data["blocks"]) for data in told]


def test_a_retirement_names_its_projects(intake: Service) -> None:
    opened(intake)
    event = retire(intake)
    assert event["data"]["projects"] == [OLD]
    assert EVENT_TYPES[event["type"]].load_recorded(event["data"]) == []


def test_a_project_that_was_ever_given_to_a_living_edition_is_not_retired(intake: Service) -> None:
    opened(intake)
    approval = intake.recorded(intake.delivery("project.approved", project="spp-is:prj-moved", edition=LIVE))
    replacement = {**approval["data"], "edition": EDITION}
    reference = {"corrects": approval["id"], "supersedes": approval["id"], "replacement": replacement}
    intake.recorded(intake.delivery("project.corrected", "approved", **reference))
    assert retire(intake)["data"]["projects"] == [OLD]


def test_intake_empties_what_names_her_and_keeps_number_place_and_hash(intake: Service) -> None:
    opened(intake)
    enrol(intake, "anderlecht:p-1", OLD, NUMBER)
    enrol(intake, "anderlecht:p-2", NEW, OTHER)
    enrol(intake, "anderlecht:p-3", OLD, OTHER)
    intake.recorded(intake.delivery("person.linked", participation="anderlecht:p-1", other="anderlecht:p-2"))
    before = intake.ask(_ALL)
    event = retire(intake)
    published(intake)
    follow(intake, event)
    gone = {"participation/anderlecht:p-1", "participation/anderlecht:p-3"}
    assert set(emptied(intake)) == gone
    for old, new in zip(before, intake.ask(_ALL), strict=False):
        if old[2] not in gone:
            assert new == old
            continue
        assert new[:4] == old[:4]
        assert (new[4], bytes(new[5])) == (None, hashlib.sha256(b"\0" + old[4].encode()).digest())
    assert len([stream for stream in emptied(intake) if stream.endswith("p-1")]) == 2, "her link too"
    assert held(intake) == {"anderlecht:p-2"}
    assert destroyed(intake) == [("anderlecht:p-1", "retired", 1), ("anderlecht:p-3", "retired", 1)]
    # She who takes part in another edition is still known by her number there.
    assert intake.ask("select participation from person.named") == [("anderlecht:p-2",)]
    assert intake.ask("select count(*) from person.mapping") == [(1,)]


@pytest.mark.parametrize("name", ["sessions", "groups"])
def test_the_other_services_empty_theirs(intake: Service, new_service: Callable[[str], Service], name: str) -> None:
    service = new_service(name)
    kind, subject, field = {
        "sessions": ("session.held", "participation", "session"),
        "groups": ("group.formed", "group", "group"),
    }[name]
    personal: dict[str, Any] = {"personal": {"text": "a note"}} if name == "sessions" else {}
    for number, project in ((1, OLD), (2, NEW)):
        changes: dict[str, Any] = {
            "project": project,
            field: f"anderlecht:x-{number}",
            subject: f"anderlecht:x-{number}",
            **personal,
        }
        service.recorded(service.delivery(kind, **changes))
    opened(intake)
    event = retire(intake)
    published(service)
    follow(service, event)
    follow(service, event)
    assert emptied(service) == [f"{subject}/anderlecht:x-1"]
    expected = [("anderlecht:x-1", "retired", 1)] if name == "sessions" else []
    assert destroyed(service) == expected
    assert held(service) == ({"anderlecht:x-2"} if name == "sessions" else set())


def test_nothing_is_emptied_before_it_was_published(intake: Service) -> None:
    opened(intake)
    enrol(intake, "anderlecht:p-1", OLD, NUMBER)
    event = retire(intake)
    with pytest.raises(NotPublished):
        follow(intake, event)
    assert emptied(intake) == []
    assert held(intake) == {"anderlecht:p-1"}
    late = intake.delivery("participation.paused", participation="anderlecht:p-1", project=OLD)
    assert intake.refused(late) == ("edition_retired",), "announced, nothing new comes while it waits"
    published(intake)
    follow(intake, event)
    assert held(intake) == set()


def test_broken_off_between_its_two_steps_it_is_carried_out_from_the_start(intake: Service) -> None:
    opened(intake)
    enrol(intake, "anderlecht:p-1", OLD, NUMBER)
    event = retire(intake)
    published(intake)
    intake.ask("alter table event_store.event add constraint broken check (body is not null) not valid")
    with pytest.raises(psycopg2.errors.CheckViolation):
        follow(intake, event)
    assert (emptied(intake), held(intake)) == ([], {"anderlecht:p-1"})
    assert destroyed(intake) == []
    assert intake.ask("select sequence from sealed.followed") == [(0,)]
    intake.ask("alter table event_store.event drop constraint broken")
    follow(intake, event)
    follow(intake, event)
    assert (emptied(intake), held(intake)) == (["participation/anderlecht:p-1"], set())
    assert destroyed(intake) == [("anderlecht:p-1", "retired", 1)]


def test_what_comes_for_a_retired_edition_is_refused_and_the_same_again_is_a_duplicate(intake: Service) -> None:
    opened(intake)
    first = intake.delivery(
        "participation.enrolled", participation="anderlecht:p-1", project=OLD, personal={"niss": NUMBER}
    )
    known = intake.record(first)
    event = retire(intake)
    published(intake)
    follow(intake, event)
    again = intake.record(first)
    assert [result.outcome for result in again] == ["duplicate"]
    assert again[0].events == known[0].events
    for late in (
        intake.delivery("participation.ended", participation="anderlecht:p-1", project=NEW),
        intake.delivery("participation.enrolled", participation="anderlecht:p-9", project=OLD),
        intake.delivery("project.approved", project="spp-is:prj-late", edition=EDITION),
        intake.delivery("person.linked", participation="anderlecht:p-1", other="anderlecht:p-2"),
    ):
        assert intake.refused(late) == ("edition_retired",)
    costs = intake.delivery("project.cost_declared", project=OLD)
    assert intake.record(costs)[0].outcome == "recorded", "its books stay open: they name nobody"
    assert intake.record(intake.delivery("participation.referred", participation="anderlecht:p-8", project=NEW))[
        0
    ].outcome == ("recorded")


def test_a_fact_that_was_moved_to_a_living_project_stays_with_all_its_versions(sessions: Service) -> None:
    wrong = sessions.recorded(
        sessions.delivery("session.held", participation="anderlecht:p-1", project=OLD, personal={"text": "n"})
    )
    replacement = {**wrong["data"], "project": NEW}
    reference = {"corrects": wrong["id"], "supersedes": wrong["id"], "replacement": replacement}
    right = sessions.recorded(sessions.delivery("session.corrected", "held", **reference))
    stray = sessions.recorded(
        sessions.delivery(
            "session.held",
            participation="anderlecht:p-1",
            session="anderlecht:s-2",
            project=OLD,
            personal={"text": "n"},
        )
    )
    published(sessions)
    follow(sessions, edition_retired(OLD))
    kept = [(event_id, body is not None) for _, event_id, _, _, body, _ in sessions.ask(_ALL)]
    assert kept == [(wrong["id"], True), (right["id"], True), (stray["id"], False)]
    assert sessions.ask("select event_id::text from sealed.block") == [(wrong["id"],)]
    assert destroyed(sessions) == [], "her key stays: more is known of her than this edition"
    # Her stream goes on behind the emptied event.
    more = sessions.delivery("session.held", participation="anderlecht:p-1", session="anderlecht:s-3", project=NEW)
    assert sessions.recorder.record([more])[0].outcome == "recorded"
    fresh = type(sessions.recorder)(sessions.definition, sessions.keys, sessions.database)
    again = sessions.delivery("session.held", participation="anderlecht:p-1", session="anderlecht:s-3", project=NEW)
    assert [p.code for p in fresh.record([again])[0].problems] == ["session_id_used"]


def test_a_retirement_is_not_announced_while_a_batch_is_judged(sessions: Service) -> None:
    with sessions.database.transaction() as connection:
        assert store.retired_among(connection, [("project", OLD)]) == set()
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            sessions.ask(
                "set lock_timeout = '200ms'; select event_store.announce_retirement('2017', array[%s], %s)",
                OLD,
                "2f82569a-cd8e-5570-9fd0-bf91106bab82",
            )
    with sessions.database.transaction() as connection:
        assert store.retired_among(connection, [("project", OLD)]) == set()


def test_refusals_of_a_retired_edition_are_emptied(intake: Service) -> None:
    opened(intake)
    enrol(intake, "anderlecht:p-1", OLD, NUMBER)
    again = intake.delivery(
        "participation.enrolled", participation="anderlecht:p-1", project=OLD, personal={"niss": OTHER}
    )
    assert intake.refused(again) == ("already_enrolled",)
    event = retire(intake)
    published(intake)
    follow(intake, event)
    assert intake.ask("select payload <> '' from door.refusal") == [(False,)]


def test_an_emptied_event_is_served_by_number_and_leaf(sessions: Service) -> None:
    event = sessions.recorded(sessions.delivery("session.held", participation="anderlecht:p-1", project=OLD))
    ((leaf,),) = sessions.ask("select event_store.leaf_of(1)")
    published(sessions)
    follow(sessions, edition_retired(OLD))
    with sessions.database.transaction() as connection:
        assert [json.loads(body) for body in store.read_leaves_after(connection, 0, 10)] == [
            {"sequence": 1, "id": event["id"], "retired": True, "leaf": bytes(leaf).hex()}
        ]


@pytest.mark.parametrize(
    "change",
    [
        "update event_store.event set body = null, leaf = sha256('x')",
        "update event_store.event set body = null, leaf = sha256('\\x00' || convert_to(body, 'UTF8')), type = 'x'",
        "update event_store.event set body = null, leaf = sha256('\\x00' || convert_to(body, 'UTF8'))",
        "update event_store.event set body = 'another'",
        "delete from event_store.event",
    ],
)
def test_no_body_is_emptied_but_by_a_retirement(sessions: Service, change: str) -> None:
    sessions.recorded(sessions.delivery("session.held", participation="anderlecht:p-1", project=NEW))
    sessions.ask("select event_store.announce_retirement('2017', array['spp-is:prj-old'], gen_random_uuid())")
    with pytest.raises(psycopg2.errors.RestrictViolation):
        sessions.ask(change)
    assert emptied(sessions) == []


@pytest.mark.parametrize(
    "change",
    [
        "update event_store.event set body = null",
        "insert into event_store.retired (kind, name, because_of) values ('stream', 'x', gen_random_uuid())",
        "delete from event_store.retired",
        "update event_store.place set place = 'elsewhere'",
    ],
)
def test_the_application_itself_can_change_nothing_of_it(sessions: Service, change: str) -> None:
    sessions.recorded(sessions.delivery("session.held", participation="anderlecht:p-1", project=NEW))
    with (
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
        sessions.database.transaction() as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_what_was_not_announced_is_not_emptied(sessions: Service) -> None:
    sessions.recorded(sessions.delivery("session.held", participation="anderlecht:p-1", project=OLD))
    published(sessions)
    assert sessions.ask("select * from event_store.retire(%s)", edition_retired(OLD)["id"]) == []
    assert emptied(sessions) == []


def edition_retired(*projects: str) -> dict[str, Any]:
    """As intake records it."""
    return {
        "id": "2f82569a-cd8e-5570-9fd0-bf91106bab82",
        "correlationid": "2f82569a-cd8e-5570-9fd0-bf91106bab82",
        "type": "miriam.edition.retired.v1",
        "subject": EDITION,
        "sequence": 9,
        "data": {"edition": EDITION, "occurred_on": "2024-01-08", "projects": list(projects)},
    }
