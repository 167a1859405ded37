"""A service restored from a backup: what it lost comes back from the ledger, what was erased does not come back."""

from __future__ import annotations

import json
from typing import Any

import orjson
import psycopg2
import pytest

from miriam_contracts.canonical import leaf_hash
from miriam_platform.consumer import Message
from miriam_platform.following import Following
from miriam_platform.ledger_client import LedgerAway, LedgerClient
from miriam_platform.opening import NotOpened
from miriam_platform.recorder import Recorder
from miriam_platform.tally import tally

from ..services.conftest import Service
from .conftest import TOKEN, Backups, Ledger, Open

NUMBER, OTHER = "85073003328", "85473003317"
_ROWS = (
    "select sequence, id, stream, version, type, origin, origin_id, fact_number, fact_size, body, recorded_at"
    " from event_store.event order by sequence"
)
_LEAVES = "select event_store.leaf_of(sequence) from event_store.event order by sequence"


def enrol(intake: Service, participation: str, number: str = NUMBER, **changes: Any) -> dict[str, Any]:
    personal = {"niss": number}
    return intake.recorded(
        intake.delivery("participation.enrolled", participation=participation, personal=personal, **changes)
    )


def erase(intake: Service, person: str, participation: str) -> None:
    intake.recorded(intake.delivery("person.erased", person=person, participation=participation))


def held(service: Service) -> set[str]:
    keys = service.ask("select participation from sealed.key where wrapped is not null")
    blocks = service.ask("select participation from sealed.block")
    return {p for (p,) in keys} | {p for (p,) in blocks}


def renewed(service: Service) -> Service:
    """The same service as a new process finds it: nothing kept in memory."""
    service.recorder = Recorder(service.definition, service.keys, service.database)
    return service


def test_what_a_backup_lacks_comes_back_byte_for_byte_and_what_was_erased_does_not(
    new_service: Any, ledger: Ledger, backups: Backups, opened: Open
) -> None:
    intake = new_service("intake")
    opened(intake)
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    enrol(intake, "anderlecht:p-2", OTHER)
    backup = backups.dump(intake)
    enrol(intake, "anderlecht:p-3")
    paused = intake.recorded(intake.delivery("participation.paused", participation="anderlecht:p-2"))
    enrol(intake, "anderlecht:p-4", OTHER)
    erase(intake, person, "anderlecht:p-1")
    ledger.take(intake)
    before = intake.ask(_ROWS)
    named = intake.ask("select participation, person from person.named order by number")

    backups.restore(intake, backup)
    assert held(intake) == {"anderlecht:p-1", "anderlecht:p-2"}, "the backup brings back what was erased"
    done = opened(intake)
    assert (done.restored, done.taken_back) == (True, len(before) - 2)
    assert intake.ask(_ROWS) == before
    assert [bytes(leaf) for (leaf,) in intake.ask(_LEAVES)] == ledger.leaves("intake")
    assert held(intake) == {"anderlecht:p-2"}
    assert intake.ask("select count(*) from person.mapping") == [(1,)]
    assert intake.ask("select participation, person from person.named order by number") == named
    assert [participation for participation, _ in named] == ["anderlecht:p-2", "anderlecht:p-4"]
    assert intake.ask("select sequence from relay.checkpoint") == [(len(before),)]

    # It goes on with the next number, and judges by what came back.
    assert renewed(intake).refused(
        intake.delivery("participation.paused", participation="anderlecht:p-2", occurred_on="2024-03-01")
    ) == ("already_paused",)
    resumed = intake.recorded(intake.delivery("participation.resumed", participation="anderlecht:p-2"))
    assert resumed["sequence"] == len(before) + 1
    assert paused["sequence"] == 4
    ledger.take(intake)
    assert opened(intake).restored is False


def test_another_service_carries_out_again_what_intake_said(
    new_service: Any, ledger: Ledger, backups: Backups, opened: Open
) -> None:
    intake, sessions = new_service("intake"), new_service("sessions")
    opened(sessions)
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    for participation in ("anderlecht:p-1", "anderlecht:p-2"):
        sessions.recorded(sessions.delivery("session.held", participation=participation, personal={"text": "n"}))
    backup = backups.dump(sessions)
    erase(intake, person, "anderlecht:p-1")
    told = [orjson.loads(body) for (body,) in intake.ask("select body from event_store.event order by sequence")][-1]
    message = Message(1, "sessions.erasures", "", "service.intake", False, orjson.dumps(told))
    Following(sessions.definition, sessions.keys, sessions.database).follow([message])
    for service in (intake, sessions):
        ledger.take(service)
    before = sessions.ask(_ROWS)
    backups.restore(sessions, backup)
    assert held(sessions) == {"anderlecht:p-1", "anderlecht:p-2"}
    done = opened(sessions)
    assert (done.taken_back, done.destroyed) == (1, 1)
    assert held(sessions) == {"anderlecht:p-2"}
    assert sessions.ask(_ROWS) == before, "it says nothing twice"
    assert sessions.ask("select sequence from sealed.followed") == [(told["sequence"],)]


def test_an_erasure_that_the_queue_never_brought_is_carried_out_at_the_next_start(
    new_service: Any, ledger: Ledger, opened: Open
) -> None:
    intake, sessions = new_service("intake"), new_service("sessions")
    opened(sessions)
    sessions.recorded(sessions.delivery("session.held", participation="anderlecht:p-1", personal={"text": "n"}))
    erase(intake, enrol(intake, "anderlecht:p-1")["data"]["person"], "anderlecht:p-1")
    ledger.take(intake)
    ledger.take(sessions)
    assert opened(sessions).restored is False
    assert held(sessions) == set()
    assert sessions.ask("select type from event_store.event order by sequence")[-1:] == [("miriam.key.destroyed.v1",)]


def test_an_ordinary_start_needs_no_ledger(new_service: Any, ledger: Ledger, opened: Open) -> None:
    groups = new_service("groups")
    ledger.answers = False
    assert opened(groups).restored is False
    groups.recorded(groups.delivery("group.formed"))
    assert opened(groups).restored is False
    assert opened(groups, ledger_known=False).restored is False


def test_a_restored_service_waits_for_the_ledger_and_opens_for_nobody_before(
    new_service: Any, ledger: Ledger, backups: Backups, opened: Open
) -> None:
    groups = new_service("groups")
    opened(groups)
    groups.recorded(groups.delivery("group.formed"))
    ledger.take(groups)
    backups.restore(groups, backups.dump(groups))
    with pytest.raises(NotOpened, match="MIRIAM_REPORTING_URL"):
        opened(groups, ledger_known=False)
    ledger.answers = False
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        ledger.answers = len(waits) >= 3

    assert opened(groups, wait=wait).restored is True
    assert len(waits) >= 3
    assert opened(groups, ledger_known=False).restored is False


def test_an_operator_may_open_a_copy_without_a_ledger(new_service: Any, backups: Backups, opened: Open) -> None:
    groups = new_service("groups")
    opened(groups)
    groups.recorded(groups.delivery("group.formed"))
    backups.restore(groups, backups.dump(groups))
    assert opened(groups, ledger_known=False, without_ledger=True).taken_back == 0
    assert opened(groups, ledger_known=False).restored is False


def test_killed_while_it_is_brought_up_it_begins_again(
    new_service: Any, ledger: Ledger, backups: Backups, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = new_service("intake")
    opened(intake)
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    backup = backups.dump(intake)
    erase(intake, person, "anderlecht:p-1")
    ledger.take(intake)
    backups.restore(intake, backup)

    def killed(seconds: float) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        opened(intake, wait=killed)
    assert len(intake.ask(_ROWS)) == 3, "it was killed between the taking back and the destroying"
    assert held(intake) == {"anderlecht:p-1"}
    assert opened(intake).restored is True
    assert held(intake) == set()


def test_brought_up_where_it_always_was_and_killed_it_begins_again(
    new_service: Any, ledger: Ledger, opened: Open
) -> None:
    """A snapshot of the machine: nothing but the operator's word, or the ledger's, tells of it."""
    groups = new_service("groups")
    opened(groups)
    groups.recorded(groups.delivery("group.formed"))
    ledger.take(groups)

    def killed(seconds: float) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        opened(groups, restored=True, wait=killed)
    assert opened(groups).restored is True
    assert opened(groups).restored is False


def test_a_database_that_gave_numbers_twice_does_not_open(
    new_service: Any, ledger: Ledger, backups: Backups, opened: Open
) -> None:
    groups = new_service("groups")
    opened(groups)
    groups.recorded(groups.delivery("group.formed"))
    backup = backups.dump(groups)
    groups.recorded(groups.delivery("group.joined"))
    ledger.take(groups)
    backups.restore(groups, backup)
    renewed(groups).recorded(groups.delivery("group.closed"))
    with pytest.raises(NotOpened, match="number 2"):
        opened(groups)
    assert len(groups.ask(_ROWS)) == 2


def test_the_same_emission_again_is_a_duplicate_and_another_content_is_not(
    new_service: Any, ledger: Ledger, backups: Backups, opened: Open
) -> None:
    intake = new_service("intake")
    opened(intake)
    backup = backups.dump(intake)
    plain = intake.delivery("participation.referred", participation="anderlecht:p-9")
    sealed = intake.delivery("participation.enrolled", participation="anderlecht:p-1", personal={"niss": NUMBER})
    first = intake.record(plain, sealed)
    ledger.take(intake)
    backups.restore(intake, backup)
    opened(intake)
    again = renewed(intake).record(plain, sealed)
    assert [result.outcome for result in again] == ["duplicate", "duplicate"]
    assert [result.events for result in again] == [result.events for result in first]
    for delivery in (plain, sealed):
        event = orjson.loads(delivery.body)
        event["data"]["occurred_on"] = "2023-01-01"
        other = type(delivery)(orjson.dumps(event), delivery.user_id, delivery.routing_key)
        assert intake.refused(other) == ("id_reused",)
    event = orjson.loads(plain.body)
    event["time"] = "2023-01-01T00:00:00Z"
    assert intake.refused(type(plain)(orjson.dumps(event), plain.user_id, plain.routing_key)) == ("id_reused",)


def test_a_retirement_is_carried_out_again_and_an_emptied_event_comes_back_as_its_leaf(
    new_service: Any, ledger: Ledger, backups: Backups, opened: Open
) -> None:
    intake = new_service("intake")
    opened(intake)
    intake.recorded(intake.delivery("edition.opened", edition="2017"))
    intake.recorded(intake.delivery("project.approved", project="spp-is:prj-old", edition="2017"))
    enrol(intake, "anderlecht:p-1", project="spp-is:prj-old")
    backup = backups.dump(intake)
    enrol(intake, "anderlecht:p-2", OTHER, project="spp-is:prj-old")
    intake.recorded(intake.delivery("edition.closed", edition="2017"))
    retired = intake.recorded(intake.delivery("edition.retired", edition="2017"))
    ledger.take(intake)
    with ledger.database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("select ledger.retire('2017', array[3, 4])")
    hashes = ledger.leaves("intake")
    backups.restore(intake, backup)
    done = opened(intake)
    assert (done.taken_back, held(intake)) == (3, set())
    rows = intake.ask(
        "select sequence, body is null, stream from event_store.event where sequence in (3, 4) order by 1"
    )
    assert rows == [(3, True, "participation/anderlecht:p-1"), (4, True, "retired/4")]
    assert [bytes(leaf) for (leaf,) in intake.ask(_LEAVES)][: retired["sequence"]] == hashes
    late = intake.delivery("participation.enrolled", participation="anderlecht:p-3", project="spp-is:prj-old")
    assert renewed(intake).refused(late) == ("edition_retired",)
    assert intake.ask("select count(*) from person.mapping") == [(0,)]


def test_refusals_are_counted_on_behind_a_tally_that_came_back(
    new_service: Any, ledger: Ledger, backups: Backups, opened: Open
) -> None:
    groups = new_service("groups")
    opened(groups)
    backup = backups.dump(groups)
    for number in (1, 2):
        assert groups.refused(groups.delivery("group.closed", group=f"anderlecht:g-{number}")) == ("group_not_formed",)
    assert tally(groups.database, "groups") == 2
    ledger.take(groups)
    backups.restore(groups, backup)
    opened(groups)
    renewed(groups)
    assert groups.refused(groups.delivery("group.closed", group="anderlecht:g-3")) == ("group_not_formed",)
    assert tally(groups.database, "groups") == 1


def test_only_the_next_number_with_the_bytes_of_its_leaf_is_taken(new_service: Any) -> None:
    groups = new_service("groups")
    body = json.dumps({"id": "0" * 8 + "-0000-0000-0000-" + "0" * 12, "sequence": 1})
    take = (
        "select event_store.take_back(array[%s]::bigint[], array[%s]::uuid[], array['s'], array['t'], array['o'],"
        " array['i'], array[0]::smallint[], array[1]::smallint[], array[%s], array[%s]::bytea[], array[now()])"
    )
    good = (1, json.loads(body)["id"], body, leaf_hash(body.encode()))
    for place, wrong in ((0, 2), (1, "1" * 8 + good[1][8:]), (2, body + " "), (3, b"\0" * 32)):
        with pytest.raises(psycopg2.IntegrityError):
            groups.ask(take, *(wrong if n == place else value for n, value in enumerate(good)))
    assert groups.ask(take, *good) == [(1,)]
    with pytest.raises(psycopg2.IntegrityError):
        groups.ask(take, *good)


def test_what_the_ledger_holds_is_not_published_again_and_nothing_is_skipped(
    new_service: Any, ledger: Ledger, backups: Backups, opened: Open
) -> None:
    groups = new_service("groups")
    opened(groups)
    groups.recorded(groups.delivery("group.formed"))
    backup = backups.dump(groups)
    groups.recorded(groups.delivery("group.joined"))
    ledger.take(groups)
    backups.restore(groups, backup)
    opened(groups)
    assert groups.ask("select sequence from relay.checkpoint") == [(2,)]
    assert renewed(groups).recorded(groups.delivery("group.closed"))["sequence"] == 3
    assert groups.ask("select sequence from event_store.read_after(2, 10)") == [(3,)]


def test_the_ledger_gives_exactly_what_it_holds_to_services_alone(new_service: Any, ledger: Ledger) -> None:
    intake = new_service("intake")
    person = enrol(intake, "anderlecht:p-1")["data"]["person"]
    erase(intake, person, "anderlecht:p-1")
    ledger.take(intake)
    client = LedgerClient(ledger.url, TOKEN)
    whole = client.events("intake", 0)
    assert [event.body for event in whole] == [
        b for (b,) in intake.ask("select body from event_store.event order by sequence")
    ]
    assert client.events("intake", 1, 1) == whole[1:2]
    assert client.events("intake", 0, 10, "miriam.key.destroyed.v1") == whole[2:]
    assert client.last_sequence("intake") == 3
    assert client.last_sequence("groups") == 0
    with pytest.raises(LedgerAway, match="401"):
        LedgerClient(ledger.url, "another-token").events("intake", 0)
    for source, after, limit, kind in (
        ("nobody", 0, 1, ""),
        ("intake", -1, 1, ""),
        ("intake", 0, 1001, ""),
        ("intake", 0, 0, ""),
        ("intake", 0, 1, "miriam.no.such.v1"),
    ):
        with pytest.raises(LedgerAway, match="400"):
            client.events(source, after, limit, kind)
