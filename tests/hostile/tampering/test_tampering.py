"""A superuser changes one thing, more or less carefully; who of the four finds it is written out here."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest
from checks import FINDERS, cosign, emitters, found_by
from small_platform import ORIGIN, SmallPlatform
from superuser import VICTIM, forge, invent

from miriam_transparency.witness import begin

pytestmark = pytest.mark.timeout(120)

STORES = ("intake", "sessions", "groups", "reporting")
NAMES = {
    "change": "a body changed",
    "delete": "a row deleted",
    "tail": "the last row deleted",
    "insert": "a row inserted",
    "reorder": "two rows exchanged",
}
# Who finds it, by place, change and care (see `superuser`); the same for each of the four stores.
TABLE = {
    ("store", "change", "clumsy"): {"reconcile"},
    ("store", "change", "careful"): {"reconcile"},
    ("store", "delete", "clumsy"): {"reconcile"},
    ("store", "delete", "careful"): {"reconcile"},
    ("store", "tail", "clumsy"): {"reconcile"},
    ("store", "tail", "careful"): {"reconcile"},
    ("store", "insert", "clumsy"): {"reconcile"},
    ("store", "insert", "careful"): {"reconcile"},
    ("store", "reorder", "clumsy"): {"reconcile"},
    ("store", "reorder", "careful"): {"reconcile"},
    ("ledger", "change", "clumsy"): {"verify"},
    ("ledger", "change", "careful"): {"verify", "reconcile", "emitters"},
    ("ledger", "change", "signed"): {"reconcile", "witness", "emitters"},
    ("ledger", "delete", "clumsy"): {"verify", "reconcile", "emitters"},
    ("ledger", "delete", "careful"): {"verify", "reconcile", "emitters"},
    ("ledger", "delete", "signed"): {"reconcile", "witness", "emitters"},
    ("ledger", "tail", "clumsy"): {"verify", "reconcile", "emitters"},
    ("ledger", "tail", "careful"): {"verify", "emitters"},
    ("ledger", "tail", "signed"): {"witness", "emitters"},
    ("ledger", "insert", "clumsy"): {"verify", "reconcile", "emitters"},
    ("ledger", "insert", "careful"): {"verify", "reconcile", "emitters"},
    ("ledger", "insert", "signed"): {"reconcile", "witness", "emitters"},
    ("ledger", "reorder", "clumsy"): {"verify", "reconcile", "emitters"},
    ("ledger", "reorder", "careful"): {"verify", "emitters"},
    ("ledger", "reorder", "signed"): {"witness", "emitters"},
}
CASES = [
    (place, change, care)
    for (kind, change, care), place in itertools.product(TABLE, (*STORES, "ledger"))
    if (kind == "ledger") == (place == "ledger")
]


def test_nobody_finds_anything_in_a_platform_that_nobody_touched(platform: SmallPlatform) -> None:
    assert found_by(platform) == set()


@pytest.mark.parametrize(("place", "change", "care"), CASES, ids=["-".join(case) for case in CASES])
def test_it_is_found(platform: SmallPlatform, place: str, change: str, care: str) -> None:
    forge(platform, place, change, care)
    kind = "ledger" if place == "ledger" else "store"
    assert found_by(platform) == TABLE[kind, change, care]


@pytest.mark.parametrize("place", STORES)
def test_the_row_that_was_changed_is_named(platform: SmallPlatform, place: str) -> None:
    forge(platform, place, "change", "careful")
    number = 2 if place == "reporting" else VICTIM
    assert FINDERS["reconcile"](platform) == [f"differs: {place} {number}: its body differs from the leaf"]


# What does not travel to the ledger, by column.
COLUMNS = {
    "id": "gen_random_uuid()",
    "stream": "stream || 'x'",
    "version": "version + 1",
    "type": "type || 'x'",
    "origin": "'/cpas/another'",
    "origin_id": "origin_id || 'x'",
    "fact_number": "fact_number + 1, fact_size = fact_size + 1",
    "recorded_at": "recorded_at - interval '1 day'",
}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("place", STORES)
def test_a_column_that_was_changed_is_named(platform: SmallPlatform, place: str, column: str) -> None:
    with platform.superuser(place) as connection, connection.cursor() as cursor:
        cursor.execute(f"update event_store.event set {column} = {COLUMNS[column]} where sequence = 2")
    told = FINDERS["reconcile"](platform)
    assert told == [f"column: {place} 2: columns that do not say what its body says: {column}"]


@pytest.mark.parametrize("place", STORES)
def test_a_store_without_its_guards_is_named(platform: SmallPlatform, place: str) -> None:
    with platform.superuser(place) as connection, connection.cursor() as cursor:
        cursor.execute("alter table event_store.event disable trigger event_is_immutable")
    try:
        told = FINDERS["reconcile"](platform)
    finally:
        with platform.superuser(place) as connection, connection.cursor() as cursor:
            cursor.execute("alter table event_store.event enable trigger event_is_immutable")
    assert told == [f"guard: {place} None: trigger event_is_immutable is not there, or does not fire"]


def test_an_event_invented_in_a_store_and_passed_on_is_found_by_its_supposed_sender(platform: SmallPlatform) -> None:
    """It is a true leaf of a true log then: only who did not send it can know."""
    invent(platform, "sessions")
    platform.take()
    platform.sign()
    cosign(platform)
    assert found_by(platform) == {"emitters"}
    (told,) = emitters(platform)
    assert "never emitted from here" in told


@pytest.mark.parametrize("change", ["change", "delete", "tail", "insert", "reorder"])
def test_all_together_cannot_deceive_the_emitters(platform: SmallPlatform, change: str) -> None:
    """Store, ledger, the log's key and the witness with its memory are in one hand: what is left are the receipts, and
    the head that each emitter saw.
    """
    forge(platform, "sessions", change, "careful")
    forge(platform, "ledger", change, "signed")
    platform.witness_state.unlink()
    begin(platform.witness_state, ORIGIN, platform.witness_key, int(time.time()))
    cosign(platform)
    assert "emitters" in found_by(platform)


def test_the_readme_shows_this_table() -> None:
    readme = Path(__file__).with_name("README.md").read_text("utf-8")
    assert rendered() in readme, f"put this into the README:\n{rendered()}"


def rendered() -> str:
    """The table in Markdown."""
    lines = ["| where | what | how | " + " | ".join(FINDERS) + " |", "|---|---|---|" + "---|" * len(FINDERS)]
    for (kind, change, care), finders in TABLE.items():
        marks = " | ".join("found" if name in finders else "" for name in FINDERS)
        lines.append(f"| {'each store' if kind == 'store' else 'the ledger'} | {NAMES[change]} | {care} | {marks} |")
    return "\n".join(lines)
