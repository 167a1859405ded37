"""The ledger itself: contiguous, once, for good."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from psycopg2 import errors
from psycopg2.extensions import connection as Connection

from miriam_contracts.canonical import leaf_hash
from miriam_local.databases import DatabaseAccess
from miriam_reporting.facts import project
from miriam_reporting.ledger.add import Added, add
from miriam_reporting.ledger.leaves import Unreadable, read
from miriam_reporting.ledger.load import OutOfSequence, load_leaves
from miriam_reporting.ledger.owners import OwnerUnavailable, split

WOMAN = "anderlecht:p-1"


def take(connection: Connection, bodies: list[bytes]) -> Added:
    with connection:
        return add(connection, "sessions", [read(body) for body in bodies])


def leaves(connection: Connection) -> list[tuple[int, str, int]]:
    with connection, connection.cursor() as cursor:
        cursor.execute("select position, source, sequence from ledger.leaf order by position")
        return cursor.fetchall()


def sessions(recorder: Any, count: int) -> list[bytes]:
    for number in range(count):
        recorder.session(WOMAN, f"anderlecht:s-{number}")
    bodies: list[bytes] = recorder.bodies["sessions"]
    return bodies


def test_leaves_are_numbered_without_a_hole_in_the_order_of_their_source(app: Connection, recorder: Any) -> None:
    bodies = sessions(recorder, 4)
    assert take(app, [bodies[2], bodies[0], bodies[1]]) == Added(3, 0, 0, 0, 3, None)
    assert take(app, [bodies[3]]) == Added(1, 0, 0, 0, 4, None)
    assert leaves(app) == [(n, "sessions", n) for n in (1, 2, 3, 4)]


def test_what_was_taken_before_changes_nothing(app: Connection, recorder: Any) -> None:
    bodies = sessions(recorder, 3)
    take(app, bodies[:2])
    assert take(app, [bodies[0], bodies[1], bodies[2], bodies[2]]) == Added(1, 3, 0, 0, 3, None)
    assert len(leaves(app)) == 3


def test_what_stands_beyond_a_hole_waits(app: Connection, recorder: Any) -> None:
    bodies = sessions(recorder, 5)
    assert take(app, [bodies[0], bodies[3], bodies[4]]) == Added(1, 0, 0, 2, 1, 4)
    assert take(app, bodies[1:]) == Added(4, 0, 0, 0, 5, None)


def test_another_body_under_a_known_number_is_kept_as_an_alarm(app: Connection, recorder: Any) -> None:
    bodies = sessions(recorder, 2)
    take(app, bodies)
    forged = bodies[0].replace(b'"duration_minutes":60', b'"duration_minutes":61')
    assert take(app, [forged]) == Added(0, 0, 1, 0, 2, None)
    assert take(app, [forged]).differing == 1
    with app, app.cursor() as cursor:
        cursor.execute("select kind, source, sequence, body from ledger.alarm")
        assert [(k, s, n, bytes(b)) for k, s, n, b in cursor.fetchall()] == [("differs", "sessions", 1, forged)]
        cursor.execute("select body, hash, data from ledger.leaf where position = 1")
        [(body, digest, data)] = cursor.fetchall()
    assert body.encode() == bodies[0]
    assert bytes(digest) == leaf_hash(bodies[0])
    assert data == json.loads(bodies[0])


def test_eight_writers_at_once_leave_neither_hole_nor_double(
    access: DatabaseAccess, app: Connection, recorder: Any, at_once: Callable[..., list[Any]]
) -> None:
    bodies = sessions(recorder, 200)

    def write(number: int) -> int:
        connection = psycopg2.connect(access.app_url)
        try:
            return sum(take(connection, bodies[: end + 10]).added for end in range(0, 200, 10))
        finally:
            connection.close()

    assert sum(at_once(write, range(8))) == 200
    assert leaves(app) == [(n, "sessions", n) for n in range(1, 201)]


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger.leaf set body = '{}'",
        "delete from ledger.leaf",
        "truncate ledger.leaf",
        "delete from ledger.alarm",
    ],
)
def test_a_leaf_cannot_be_changed_not_even_by_the_owner(
    owner: Connection, app: Connection, recorder: Any, statement: str
) -> None:
    first, *_ = bodies = sessions(recorder, 2)
    take(app, bodies)
    take(app, [first.replace(b'"duration_minutes":60', b'"duration_minutes":61')])
    with pytest.raises(errors.RestrictViolation), owner, owner.cursor() as cursor:
        cursor.execute(statement)
    with pytest.raises(errors.InsufficientPrivilege), app, app.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("table", ["leaf", "head", "source", "gap", "alarm"])
def test_the_application_adds_through_the_functions_alone(app: Connection, table: str) -> None:
    with app, app.cursor() as cursor:
        cursor.execute(
            "select bool_or(has_table_privilege(%s, p)) from unnest(array['insert', 'update', 'delete', 'truncate']) p",
            (f"ledger.{table}",),
        )
        assert cursor.fetchone() == (False,)


def test_loading_refuses_a_hole(owner: Connection, recorder: Any) -> None:
    bodies = sessions(recorder, 3)
    with pytest.raises(OutOfSequence, match="sessions: 3 where 2 follows"):
        load_leaves(owner, [bodies[0], bodies[2]])
    owner.rollback()
    assert leaves(owner) == []


def test_loaded_leaves_are_those_that_were_taken(owner: Connection, app: Connection, recorder: Any) -> None:
    tricky = 'line\nend\ttab\\back "quoted" é'
    recorder.event("session.held", WOMAN, {"project": tricky})
    recorder.event("session.held", WOMAN, {"project": tricky})
    load_leaves(owner, recorder.bodies["sessions"][:1])
    owner.commit()
    take(app, recorder.bodies["sessions"])
    with app, app.cursor() as cursor:
        cursor.execute("select body, hash, data->'data'->>'project' from ledger.leaf order by position")
        found = cursor.fetchall()
    assert [row[0].encode() for row in found] == recorder.bodies["sessions"]
    assert [bytes(row[1]) for row in found] == [leaf_hash(body) for body in recorder.bodies["sessions"]]
    assert [row[2] for row in found] == [tricky, tricky]


def test_the_sources_at_any_position_are_those_of_the_leaves_up_to_it(
    owner: Connection, app: Connection, history: Any
) -> None:
    with owner:
        load_leaves(owner, history(random.Random(7), 25_000))
    counted = (
        "select source, max(sequence), count(*) from ledger.leaf where position <= %(n)s group by source order by 1"
    )

    def agree() -> bool:
        with app, app.cursor() as cursor:
            for n in (0, 1, 9_999, 10_000, 10_001, 19_000, 25_000, 99_999):
                cursor.execute("select * from ledger.sources_at(%(n)s) order by 1", {"n": n})
                found = cursor.fetchall()
                cursor.execute(counted, {"n": n})
                if cursor.fetchall() != found:
                    return False
            return True

    assert agree()
    while project(app):
        app.commit()
    app.commit()
    assert agree()
    with app, app.cursor() as cursor:
        cursor.execute("select distinct position from ledger.milestone order by 1")
        assert cursor.fetchall() == [(10_000,), (20_000,)]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b'{"source":"/services/sessions"}', b"\xff",
        b'{"data":{},"id":"1","sequence":1,"source":"/services/sessions","time":"","type":"t"}',
        b'{"data":{},"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","sequence":0,"source":"/services/sessions","time":"","type":"t"}',
        b'{"data":{"a":"\\u0000"},"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","sequence":1,"source":"/services/sessions","time":"","type":"t"}',
        b'{"data":{},"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","sequence":1,"source":"/cpas/x","time":"","type":"t"}',
    ],
)  # fmt: skip
def test_what_is_no_recorded_event_is_told_apart(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


def test_an_owners_answer_is_taken_apart_byte_for_byte() -> None:
    items = [b'{"b": 1,"a":"]},{"}', '{"x":"é\\u00e9"}'.encode()]
    assert split("[" + b",".join(items).decode() + "]\n") == items
    assert split(" [ ] ") == []
    for broken in ("", "{}", "[1]", '[{"a":1}', '[{"a":1},', '[{"a":1} {"b":2}]'):
        with pytest.raises(OwnerUnavailable):
            split(broken)
