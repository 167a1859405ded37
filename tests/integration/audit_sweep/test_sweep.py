"""The sweep agrees with an honest ledger, and names each way in which one of its statements was changed alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from miriam_reporting.audit.sweep import Swept, sweep
from miriam_reporting.audit.sweep.tree import Tree
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.ledger.tree import root_at
from miriam_transparency.keys import SigningKey
from miriam_transparency.merkle import root
from miriam_transparency.notes import COSIGNATURE, LOG, Checkpoint, Note, cosign, sign

pytestmark = pytest.mark.timeout(120)


def test_an_honest_ledger_agrees(ledger: Any) -> None:
    ledger.fill(intake=300, sessions=500, groups=100)
    found = sweep(ledger.app, ())
    assert found.findings.kept == []
    assert found.position == 900
    assert found.sources == {"groups": 100, "intake": 300, "sessions": 500}
    assert found.root == root_at(ledger.app, 900)


def test_an_empty_ledger_agrees(ledger: Any) -> None:
    found = sweep(ledger.app, ())
    assert found.findings.kept == []
    assert found.position == 0


def test_milestones_are_compared_page_by_page(ledger: Any) -> None:
    ledger.fill(intake=9_000, sessions=12_500)
    told: list[int] = []
    assert sweep(ledger.app, (), told.append).findings.kept == []
    assert told == [10_000, 10_000, 1_500]
    ledger.tamper("update ledger.milestone set leaves = leaves + 1 where position = 20000 and source = 'intake'")
    assert checks(sweep(ledger.app, ())) == {"milestone"}
    ledger.tamper("delete from ledger.milestone where position = 10000")
    assert sweep(ledger.app, ()).findings.counts["milestone"] == 3


def checks(found: Swept) -> set[str]:
    return set(found.findings.counts)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("update ledger.leaf set data = jsonb_set(data, '{data,goal}', '\"x\"') where position = 7", {"leaf"}),
        ("update ledger.leaf set body = replace(body, 'g-1', 'g-2') where position = 7", {"leaf"}),
        ("update ledger.leaf set body = 'no json' where position = 7", {"leaf"}),
        ("update ledger.leaf set hash = sha256('x') where position = 7", {"leaf", "tile"}),
        ("update ledger.leaf set type = 'miriam.goal.reached.v1' where position = 7", {"leaf"}),
        ("update ledger.leaf set event_id = gen_random_uuid() where position = 7", {"leaf"}),
        ("update ledger.leaf set sequence = 4000 where position = 7", {"leaf", "order"}),
        ("update ledger.leaf set source = 'groups' where position = 7", {"leaf", "order", "source"}),
        ("delete from ledger.leaf where position = 7", {"position", "order"}),
        ("delete from ledger.leaf where position > 595", {"position", "source"}),
        ("update ledger.head set position = 590", {"head", "source"}),
        ("delete from ledger.head", {"head", "source", "tile"}),
        ("update ledger.source set last_sequence = 1 where source = 'intake'", {"source"}),
        ("update ledger.tile set root = sha256('x') where index = 1", {"tile"}),
        ("update ledger.tile set hashes = overlay(hashes placing '\\x00' from 9) where index = 1", {"tile"}),
        ("delete from ledger.tile where index = 0", {"tile"}),
        ("insert into ledger.tile select 0, 5, hashes, root from ledger.tile where index = 0", {"tile"}),
        ("alter table ledger.leaf disable trigger leaf_is_immutable", {"guard"}),
        ("alter table ledger.leaf drop constraint leaf_event_id_key", {"guard"}),
    ],
)
def test_each_change_of_one_statement_is_named(ledger: Any, statement: str, expected: set[str]) -> None:
    ledger.fill(intake=200, sessions=400)
    ledger.tamper(statement)
    assert checks(sweep(ledger.app, ())) == expected


def test_a_difference_names_the_leaf_and_never_a_value(ledger: Any) -> None:
    ledger.fill(intake=10)
    ledger.tamper("update ledger.leaf set body = replace(body, 'g-1', 'secret') where position = 7")
    (found,) = sweep(ledger.app, ()).findings.kept
    assert (found.position, found.source, found.sequence) == (7, "intake", 7)
    assert found.what == "does not agree with the body: hash, data"
    assert found.event_id is not None
    assert "secret" not in str(found)


def test_a_right_too_many_is_named(ledger: Any) -> None:
    with ledger.app.cursor() as cursor:
        cursor.execute("select current_user")
        (app,) = cursor.fetchone()
    ledger.tamper(f"grant update on ledger.leaf to {app}")
    assert [each.what for each in sweep(ledger.app, ()).findings.kept] == [f"{app} may update ledger.leaf"]


def test_two_leaves_at_one_position_are_named(ledger: Any) -> None:
    ledger.fill(intake=20)
    ledger.tamper("alter table ledger.leaf drop constraint leaf_pkey cascade")
    ledger.tamper(
        "insert into ledger.leaf (position, source, sequence, event_id, type, body, hash, data)"
        " select 7, source, 99, gen_random_uuid(), type, body, hash, data from ledger.leaf where sequence = 7"
    )
    found = sweep(ledger.app, ())
    assert {"guard", "position", "leaf", "order"} <= checks(found)
    assert "several leaves stand at one position" in [each.what for each in found.findings.kept]


def test_a_ledger_that_grows_meanwhile_raises_no_false_alarm(ledger: Any) -> None:
    log, witness = SigningKey.make("miriam.example/ledger", LOG), SigningKey.make("authority.example", COSIGNATURE)
    keys = (log.verifier, witness.verifier)
    ledger.fill(intake=9_900, sessions=50)
    writer = ledger.another()
    done = threading.Event()

    def grow() -> None:
        while not done.is_set():
            writer.fill(intake=37, sessions=21)
            with writer.app.cursor() as cursor:
                cursor.execute("select position from ledger.head")
                (size,) = cursor.fetchone()
            signed(writer, log, witness, size, root_at(writer.app, size))

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        swept = [sweep(ledger.app, keys) for _ in range(6)]
    finally:
        done.set()
        thread.join(30)
        writer.close()
    assert [each.findings.kept for each in swept] == [[]] * 6
    assert swept[-1].position > swept[0].position
    assert swept[-1].signed.checkpoints > 0


def retired(ledger: Any, body: Callable[..., bytes]) -> None:
    """A ledger whose edition is retired: leaves 2 to 10 were emptied by the one path."""
    edition, project = "2023-2024", "spp-is:prj-1"
    facts: list[tuple[str, dict[str, Any]]] = [("project.approved", {"project": project, "edition": edition})]
    facts += [("participation.referred", {"project": project, "participation": f"anderlecht:p-{n}"}) for n in range(9)]
    facts += [("edition.retired", {"edition": edition, "projects": [project]})]
    with ledger.owner:
        load_leaves(ledger.owner, [
            body("intake", number, f"miriam.{name}.v1", data={**data, "occurred_on": "2024-01-31"})
            for number, (name, data) in enumerate(facts, 1)
        ])  # fmt: skip
    with ledger.app.cursor() as cursor:
        cursor.execute("select ledger.retire(%s, %s::bigint[])", (edition, list(range(2, 11))))
        assert cursor.fetchone() == (9,)


def test_leaves_of_a_retired_edition_are_counted_and_agree(ledger: Any, event: Callable[..., bytes]) -> None:
    retired(ledger, event)
    found = sweep(ledger.app, ())
    assert (found.findings.kept, found.retired, found.position) == ([], 9, 11)
    assert found.root == root_at(ledger.app, 11)


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        ("update ledger.leaf set body = null, data = null where position = 1", 1),
        ("update ledger.leaf set body = null, data = null where position = 11", 10),
        ("delete from ledger.retirement", 9),
        ("update ledger.retirement set positions = positions - '{[4,6)}'::int8multirange", 2),
        ("update ledger.retirement set edition = 'another'", 9),
        ("update ledger.retirement set because_of = 1", 9),
    ],
)
def test_a_body_that_no_retirement_took_is_named(
    ledger: Any, event: Callable[..., bytes], statement: str, count: int
) -> None:
    retired(ledger, event)
    ledger.tamper(statement)
    assert sweep(ledger.app, ()).findings.counts == {"retirement": count}


def test_a_leaf_emptied_by_half_is_named(ledger: Any, event: Callable[..., bytes]) -> None:
    retired(ledger, event)
    ledger.tamper("alter table ledger.leaf drop constraint leaf_is_whole_or_emptied")
    ledger.tamper("update ledger.leaf set data = '{}' where position = 4")
    assert sweep(ledger.app, ()).findings.counts == {"retirement": 1}
    ledger.tamper("update ledger.leaf set data = null, body = '{}' where position = 4")
    assert checks(sweep(ledger.app, ())) == {"retirement", "leaf"}


def test_a_signed_root_that_is_not_of_the_leaves_is_named(ledger: Any) -> None:
    ledger.fill(intake=300)
    log, witness = SigningKey.make("miriam.example/ledger", LOG), SigningKey.make("authority.example", COSIGNATURE)
    keys = (log.verifier, witness.verifier)
    for size in (1, 255, 256, 257, 300):
        signed(ledger, log, witness, size, root_at(ledger.app, size))
    found = sweep(ledger.app, keys)
    assert found.findings.kept == []
    assert (found.signed.checkpoints, found.signed.cosigned, found.signed.newest) == (5, 5, 300)
    assert found.signed.strangers == 0
    assert sweep(ledger.app, (log.verifier,)).signed.strangers == 5

    other = SigningKey.make("miriam.example/ledger", LOG)
    assert checks(sweep(ledger.app, (other.verifier, witness.verifier))) == {"signature"}
    ledger.tamper("update ledger.checkpoint set root = sha256('x') where size = 256")
    assert checks(sweep(ledger.app, keys)) == {"checkpoint"}
    ledger.tamper("update ledger.checkpoint set note = replace(note, '257', '258') where size = 257")
    assert {"checkpoint", "signature", "cosignature"} == checks(sweep(ledger.app, keys))


@pytest.mark.parametrize(
    ("move", "why"),
    [
        ("signed_at + interval '1 day' where size = 10", "after it was cosigned"),
        ("signed_at - interval '1 day' where size = 10", "before a smaller one"),
        ("timestamptz '2024-01-31 23:00Z' where size = 5", "before its last leaf was recorded"),
    ],
)
def test_a_checkpoint_that_was_moved_to_another_day_is_named(ledger: Any, move: str, why: str) -> None:
    """A report as of a date rests on it."""
    ledger.fill(intake=10)
    log, witness = SigningKey.make("miriam.example/ledger", LOG), SigningKey.make("authority.example", COSIGNATURE)
    for size in (5, 10):
        signed(ledger, log, witness, size, root_at(ledger.app, size))
    keys = (log.verifier, witness.verifier)
    assert sweep(ledger.app, keys).findings.kept == []
    ledger.tamper(f"update ledger.checkpoint set signed_at = {move}")
    (found,) = sweep(ledger.app, keys).findings.kept
    assert (found.check, found.what.partition("is said to be signed ")[2]) == ("time", why)


def test_a_shrunken_ledger_is_named_by_its_checkpoints(ledger: Any) -> None:
    ledger.fill(intake=300)
    log, witness = SigningKey.make("miriam.example/ledger", LOG), SigningKey.make("authority.example", COSIGNATURE)
    signed(ledger, log, witness, 300, root_at(ledger.app, 300))
    ledger.tamper("delete from ledger.leaf where position > 290")
    ledger.tamper("update ledger.head set position = 290")
    ledger.tamper("update ledger.source set last_sequence = 290")
    assert checks(sweep(ledger.app, (log.verifier,))) == {"checkpoint"}


def signed(ledger: Any, log: SigningKey, witness: SigningKey, size: int, digest: bytes) -> None:
    text = Checkpoint("miriam.example/ledger", size, digest).text()
    line = cosign(text, witness, int(time.time())).line()
    with ledger.app.cursor() as cursor:
        note = str(Note(text, (sign(text, log),)))
        cursor.execute("select ledger.add_checkpoint(%s, %s, %s)", (size, digest, note))
        cursor.execute("select ledger.add_cosignature(%s, %s, %s)", (size, witness.verifier.name, line))


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 65_535, 65_536, 66_000])
def test_the_tree_of_the_sweep_is_that_of_the_rfc(size: int) -> None:
    hashes = [bytes([n % 251]) * 32 for n in range(size)]
    tree = Tree()
    whole = b"".join(hashes)
    half = size // 3 * 32
    tiles = tree.grow(whole[:half]) + tree.grow(whole[half:])
    assert tree.root() == root(hashes)
    assert [(t.level, t.index) for t in tiles if t.level == 0] == [(0, n) for n in range(size // 256)]
    assert [t.index for t in tiles if t.level == 1] == list(range(size // 65_536))
    for tile in tiles[:3]:
        assert tile.root == root([tile.hashes[at : at + 32] for at in range(0, 256 * 32, 32)])
