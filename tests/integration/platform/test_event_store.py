"""The event store keeps law 1 (facts are never changed) and law 3 (a sequence has no holes)."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
import uuid
from collections.abc import Callable

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from miriam_platform import store
from miriam_platform.store import Conflict, Duplicate, NewEvent, Outcome, Recorded

NOW = dt.datetime(2023, 10, 2, 8, 0, tzinfo=dt.UTC)


def event(stream: str, version: int, *, number: int = 0, size: int = 1, fact: str | None = None) -> NewEvent:
    origin_id = fact or uuid.uuid4().hex
    event_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{origin_id}/{number}"))
    return NewEvent(
        event_id, stream, version, "miriam.goal.set.v1", "/cpas/anderlecht", origin_id, number, size,
        hashlib.sha256(origin_id.encode()).digest(),
        f'{{"id":"{event_id}","sequence":', ',"source":"/services/intake"}',
    )  # fmt: skip


def append(connection: Connection, *events: NewEvent) -> list[Outcome]:
    with connection:
        return store.append(connection, events, NOW)


def test_events_are_numbered_from_one_without_holes(connection: Connection) -> None:
    assert append(connection, event("a", 1), event("b", 1), event("a", 2)) == [Recorded(1), Recorded(2), Recorded(3)]
    assert append(connection, event("b", 2)) == [Recorded(4)]
    with connection:
        assert [e.sequence for e in store.read_after(connection, 0, 10)] == [1, 2, 3, 4]
        assert store.last_sequence(connection) == 4


def test_the_number_stands_inside_the_stored_body(connection: Connection) -> None:
    first = event("a", 1)
    append(connection, first)
    with connection:
        [stored] = store.read_after(connection, 0, 1)
    assert stored.body == f'{{"id":"{first.id}","sequence":1,"source":"/services/intake"}}'


def test_an_event_appended_again_is_a_duplicate_with_its_first_number(connection: Connection) -> None:
    first = event("a", 1)
    append(connection, event("b", 1), first)
    assert append(connection, first, event("b", 2)) == [Duplicate(2), Recorded(3)]


def test_an_event_on_an_outdated_version_conflicts_alone(connection: Connection) -> None:
    append(connection, event("a", 1), event("b", 1))
    assert append(connection, event("a", 1), event("b", 2)) == [Conflict(), Recorded(3)]


def test_an_event_on_a_version_not_yet_reached_conflicts(connection: Connection) -> None:
    assert append(connection, event("a", 2)) == [Conflict()]
    with connection:
        assert store.last_sequence(connection) == 0


def test_what_follows_a_duplicate_in_its_stream_is_not_recorded(connection: Connection) -> None:
    first = event("a", 1)
    append(connection, first)
    assert append(connection, first, event("a", 2)) == [Duplicate(1), Conflict()]


def test_streams_are_read_in_the_order_of_their_versions(connection: Connection) -> None:
    append(connection, event("b", 1), event("a", 1), event("b", 2), event("c", 1))
    with connection:
        read = store.read_streams(connection, ["a", "b"])
    assert [(e.stream, e.version) for e in read] == [("a", 1), ("b", 1), ("b", 2)]


def test_a_fact_is_found_with_all_its_events_and_their_leaf_hashes(connection: Connection) -> None:
    pair = [event("a", 1, fact="f", size=2), event("a", 2, fact="f", number=1, size=2)]
    append(connection, *pair, event("b", 1))
    with connection:
        found = store.find_facts(connection, [pair[0].id, str(uuid.uuid4())])
    assert list(found) == [pair[0].id]
    known = found[pair[0].id]
    assert known.fingerprint == pair[0].fingerprint
    assert [(e.id, e.sequence) for e in known.events] == [(pair[0].id, 1), (pair[1].id, 2)]
    body = f"{pair[1].head}2{pair[1].tail}".encode()
    assert known.events[1].leaf == hashlib.sha256(b"\x00" + body).digest()


@pytest.mark.parametrize(
    "statement",
    [
        "update event_store.event set body = ''",
        "delete from event_store.event",
        "truncate event_store.event",
        "insert into event_store.event select 9, gen_random_uuid(), 'a', 9, 't', 'o', 'i', 0, 1, '', '', now()",
        "update event_store.counter set last_sequence = 7",
        "delete from event_store.counter",
    ],
)
def test_the_application_can_neither_change_events_nor_leave_holes(connection: Connection, statement: str) -> None:
    append(connection, event("a", 1))
    with pytest.raises(psycopg2.errors.InsufficientPrivilege), connection, connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    ["update event_store.event set body = ''", "delete from event_store.event", "truncate event_store.event"],
)
def test_not_even_the_owner_changes_an_event(connection: Connection, owner: Connection, statement: str) -> None:
    append(connection, event("a", 1))
    with pytest.raises(psycopg2.errors.RestrictViolation, match="facts are never changed"), owner:
        owner.cursor().execute(statement)
    with connection:
        assert len(store.read_after(connection, 0, 10)) == 1


WRITERS = 8


def test_eight_writers_leave_no_hole_and_no_reader_sees_a_later_number_first(
    new_connection: Callable[[], Connection], connection: Connection
) -> None:
    """Half of the writers fight over one stream, and roll back now and then; a reader follows all the while."""
    wanted, done, trouble = 40, threading.Event(), list[BaseException]()

    def write(writer: int, own: Connection) -> None:
        try:
            stream, version, recorded = ("shared", 0, 0) if writer % 2 else (f"own-{writer}", 0, 0)
            while recorded < wanted:
                if version % 7 == 3:
                    with own.cursor() as cursor:
                        cursor.execute("select 1")
                        store.append(own, [event(stream, version + 1)], NOW)
                    own.rollback()
                [outcome] = append(own, event(stream, version + 1))
                if isinstance(outcome, Recorded):
                    recorded += 1
                    version += 1
                else:
                    with own:
                        version = len(store.read_streams(own, [stream]))
        except BaseException as error:
            trouble.append(error)

    seen: list[int] = []

    def follow(own: Connection) -> None:
        try:
            while not (done.is_set() and len(seen) >= WRITERS * wanted):
                with own:
                    seen.extend(e.sequence for e in store.read_after(own, seen[-1] if seen else 0, 17))
        except BaseException as error:
            trouble.append(error)

    threads = [threading.Thread(target=write, args=(n, new_connection())) for n in range(WRITERS)]
    reader = threading.Thread(target=follow, args=(new_connection(),))
    for thread in (*threads, reader):
        thread.start()
    for thread in threads:
        thread.join(60)
    done.set()
    reader.join(20)

    assert not trouble
    assert seen == list(range(1, WRITERS * wanted + 1))
    with connection:
        versions = [e.version for e in store.read_streams(connection, ["shared"])]
    assert versions == list(range(1, WRITERS // 2 * wanted + 1))


def test_recording_reads_no_table_from_end_to_end_though_its_plan_was_made_when_it_was_empty(
    connection: Connection, owner: Connection
) -> None:
    """Else a burst into a young database would grow slower with every batch, until the next analysis."""
    append(connection, event("early", 1))
    with owner:
        owner.cursor().execute("analyze event_store.event")
    for number in range(8):
        append(connection, event(f"early-{number}", 1))
    with connection, connection.cursor() as cursor:
        for batch in range(5):
            store.append(connection, [event(f"s-{batch}-{n}", 1) for n in range(100)], NOW)
        known = event("s-0-0", 2, fact="f")
        store.append(connection, [known], NOW)
        store.find_facts(connection, [known.id])
        store.read_streams(connection, ["s-0-0"])
        store.stream_versions(connection, ["s-0-0", "s-0-1"])
        cursor.execute(
            "select seq_scan, idx_scan > 0 from pg_stat_xact_user_tables where relid = 'event_store.event'::regclass"
        )
        assert cursor.fetchone() == (0, True)
