"""The inbox under real outages and faults of our own: nothing is lost, counted twice or out of order."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from inbox_process import Served, World, eventually, outcomes
from psycopg2.extensions import connection as Connection

Rows = Callable[..., list[tuple[Any, ...]]]


def test_a_process_killed_in_the_middle_loses_nothing_and_counts_nothing_twice(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows
) -> None:
    served = serve()
    world.send(*(sender.goal_set(f"p-{n}") for n in range(600)))
    assert eventually(lambda: rows("select count(*) > 0 from event_store.event") == [(True,)])
    served.end(signal.SIGKILL)
    serve()
    world.send(*(sender.goal_reached(f"p-{n}") for n in range(600)))
    assert eventually(lambda: rows("select count(*), max(sequence) from event_store.event") == [(1200, 1200)])
    # A receipt that was sent before the kill, and not yet acknowledged, comes twice: there are more than events.
    assert eventually(lambda: len({r["id"] for r in world.await_receipts("anderlecht", 2400, 1)}) == 1200)


def test_what_was_committed_and_not_acknowledged_comes_again_and_is_a_duplicate(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows
) -> None:
    """May it not write receipts, the session breaks after the commit and before the acknowledgement."""
    api, vhost, user = world.broker.api, world.broker.vhost, "service.sessions"
    rights = {name: api.get("permissions", vhost, user)[name] for name in ("configure", "write", "read")}
    api.put("permissions", vhost, user, body={**rights, "write": "^$"})
    serve()
    world.send(sender.goal_set())
    assert eventually(lambda: rows("select count(*) from event_store.event") == [(1,)])
    api.put("permissions", vhost, user, body=rights)
    [receipt] = world.await_receipts("anderlecht", 1)
    assert receipt["receipt"] == "duplicate"
    assert receipt["events"][0]["sequence"] == 1
    assert rows("select count(*) from event_store.event") == [(1,)]


def test_a_poisonous_event_is_parked_with_its_followers_and_the_innocent_go_on(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows
) -> None:
    served = serve()
    world.send(
        sender.goal_set("p-1"),
        sender.goal_set("p-2", "g-poison", id="poison"),
        sender.goal_reached("p-2", id="follower-1"),
        *(sender.goal_set(f"p-{n}") for n in range(3, 40)),
    )
    assert outcomes(world.await_receipts("anderlecht", 38, 5)) == {"recorded": 38}
    world.send(sender.goal_set("p-2", id="follower-2"))
    assert outcomes(world.await_receipts("anderlecht", 41)) == {"recorded": 38, "parked": 3}
    found = rows("select emitted_id, subject, attempts, status from door.parked order by position")
    assert found == [
        ("poison", "anderlecht:p-2", 5, "parked"),
        ("follower-1", "anderlecht:p-2", 0, "parked"),
        ("follower-2", "anderlecht:p-2", 0, "parked"),
    ]
    world.send(sender.goal_set("p-2", id="follower-3"), sender.goal_set("p-50"))
    assert outcomes(world.await_receipts("anderlecht", 43)) == {"recorded": 39, "parked": 4}
    assert rows("select count(*) from door.attempt") == [(0,)]
    text = served.log.read_text() + str(rows("select row_to_json(p)::text from door.parked p"))
    assert "KeyError" in text
    assert "MARKER" not in text


def test_a_fault_that_passes_costs_a_pause_and_keeps_the_order_of_its_subject(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows, tmp_path: Path
) -> None:
    serve()
    world.send(
        sender.goal_set("p-2", "g-poison", id="flaky"), sender.goal_reached("p-2", "g-poison"), sender.goal_set("p-3")
    )
    assert outcomes(world.await_receipts("anderlecht", 1, 5)) == {"recorded": 1}
    (tmp_path / "mended").touch()
    assert outcomes(world.await_receipts("anderlecht", 3)) == {"recorded": 3}
    assert rows("select count(*) from door.attempt") == [(0,)]


def test_an_operator_has_parked_events_tried_again_in_their_order(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows, tmp_path: Path
) -> None:
    serve()
    world.send(
        sender.goal_set("p-2", "g-poison"), sender.goal_reached("p-2", "g-poison"), sender.goal_set("p-2", "g-poison")
    )
    assert outcomes(world.await_receipts("anderlecht", 3)) == {"parked": 3}
    assert rows("select count(*) from door.ask_parked('anderlecht', 'anderlecht:p-2')") == [(3,)]
    assert eventually(lambda: rows("select attempts from door.parked order by position") == [(6,), (0,), (0,)])
    assert rows("select distinct status from door.parked") == [("parked",)]
    (tmp_path / "mended").touch()
    rows("select door.ask_parked('anderlecht', 'anderlecht:p-2')")
    assert outcomes(world.await_receipts("anderlecht", 6)) == {"parked": 3, "recorded": 3}
    types = rows("select type from event_store.event order by sequence")
    assert types == [("miriam.goal.set.v1",), ("miriam.goal.reached.v1",), ("miriam.goal.set.v1",)]
    assert eventually(lambda: rows("select distinct status, length(payload) from door.parked") == [("retried", 0)])
    world.send(sender.goal_set("p-2"))
    assert outcomes(world.await_receipts("anderlecht", 7)) == {"parked": 3, "recorded": 4}


def test_a_discarded_event_no_longer_holds_its_subject_up(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows
) -> None:
    serve()
    world.send(sender.goal_set("p-2", "g-poison"))
    assert outcomes(world.await_receipts("anderlecht", 1)) == {"parked": 1}
    assert rows("select door.discard_parked(1), door.discard_parked(99)") == [(True, False)]
    world.send(sender.goal_set("p-2"))
    assert outcomes(world.await_receipts("anderlecht", 2)) == {"parked": 1, "recorded": 1}


def test_a_database_that_is_away_is_never_counted_against_an_event(
    serve: Callable[..., Served], world: World, sender: Any, rows: Rows, admin: Connection, access: Any
) -> None:
    served = serve()
    world.send(sender.goal_set("p-0"))
    world.await_receipts("anderlecht", 1)
    with admin.cursor() as cursor:
        cursor.execute(f"alter database {access.name} allow_connections false")
        cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (access.name,))
        world.send(*(sender.goal_set(f"p-{n}") for n in range(1, 6)))
        time.sleep(2)
        assert served.get("/healthz")[0] == 503
        cursor.execute(f"alter database {access.name} allow_connections true")
    assert outcomes(world.await_receipts("anderlecht", 6)) == {"recorded": 6}
    assert served.process.poll() is None
    assert served.get("/healthz")[1]["sequence"] == 6


def test_a_lost_broker_connection_is_opened_again(
    serve: Callable[..., Served], world: World, sender: Any, rabbitmq: Any
) -> None:
    serve()
    world.send(sender.goal_set("p-0"))
    world.await_receipts("anderlecht", 1)

    def ours() -> list[str]:
        return [c["name"] for c in rabbitmq.api.get("connections") if c["user"] == "service.sessions"]

    assert eventually(lambda: bool(ours()))
    for name in ours():
        rabbitmq.api.delete("connections", name)
    world.send(sender.goal_set("p-1"))
    assert outcomes(world.await_receipts("anderlecht", 2)) == {"recorded": 2}
