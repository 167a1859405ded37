"""The tree out of tiles is the tree of the definition, whether tiles are there, are missing, or end in the middle."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest

from miriam_reporting.ledger import tiles, tree
from miriam_transparency import merkle

LEAVES = 70_000


def leaf(number: int) -> bytes:
    return merkle.leaf_hash(str(number).encode())


@pytest.fixture
def large(log: Any, superuser: Callable[..., None]) -> Any:
    """A ledger of 70,000 leaves, hashed by the database itself; no tile yet."""
    superuser(
        log,
        "insert into ledger.leaf (position, source, sequence, event_id, type, body, hash, data)"
        " select n, 'intake', n, md5(n::text)::uuid, 't', '{}',"
        " sha256('\\x00'::bytea || convert_to(n::text, 'UTF8')), '{}'"
        f" from generate_series(1, {LEAVES}) n;"
        f" update ledger.head set position = {LEAVES}; analyze ledger.leaf",
    )
    return log


def test_roots_and_proofs_of_all_the_sizes_where_tiles_end(large: Any) -> None:
    hashes = [leaf(number) for number in range(1, LEAVES + 1)]
    sizes = [0, 1, 2, 255, 256, 257, 511, 512, 513, 65_279, 65_280, 65_281, 65_535, 65_536, 65_537, 65_792, LEAVES]
    roots = {size: merkle.root(hashes[:size]) for size in sizes}
    chance = random.Random(5)

    def all_agree() -> None:
        for size in sizes:
            assert tree.root_at(large.connection, size) == roots[size]
            for position in {1, size, chance.randint(1, max(size, 1)), min(256, size), min(257, size)}:
                if 0 < position <= size:
                    proof = tree.inclusion(large.connection, position, size)
                    merkle.verify_inclusion(hashes[position - 1], position - 1, size, proof, roots[size])
            for old in sizes:
                if old <= size:
                    proof = tree.consistency(large.connection, old, size)
                    merkle.verify_consistency(old, roots[old], size, roots[size], proof)

    # First from the leaves alone, at the small sizes; from the large ones it would only take long.
    assert tree.root_at(large.connection, 65_537) == roots[65_537]
    # Then with the first tiles written, those of a quarter of the ledger.
    assert tiles.extend(large.connection, 17_000) == 66
    assert tree.root_at(large.connection, 65_281) == roots[65_281]
    # Then with all of them.
    assert tiles.extend(large.connection, LEAVES) == LEAVES // 256 - 66 + 1
    all_agree()
    assert tiles.extend(large.connection, LEAVES) == 0
    several = [1, 300, 65_536, LEAVES]
    for position, proof in zip(several, tree.inclusions(large.connection, several, LEAVES), strict=True):
        merkle.verify_inclusion(hashes[position - 1], position - 1, LEAVES, proof, roots[LEAVES])


class Counting:
    """A connection that counts the cursors that are opened: here each is one round trip."""

    def __init__(self, connection: Any) -> None:
        self.connection, self.cursors = connection, 0

    def cursor(self) -> Any:
        self.cursors += 1
        return self.connection.cursor()


def test_a_proof_takes_one_round_trip_however_large_the_ledger(large: Any) -> None:
    tiles.extend(large.connection, LEAVES)
    chance = random.Random(6)
    for _ in range(50):
        size = chance.randint(1, LEAVES)
        counting: Any = Counting(large.connection)
        tree.inclusion(counting, chance.randint(1, size), size)
        tree.root_at(counting, size)
        tree.inclusions(counting, chance.sample(range(1, size + 1), min(size, 20)), size)
        assert counting.cursors == 3
        tree.consistency(counting, chance.randint(1, size), size)
        assert counting.cursors <= 4


def test_beyond_the_ledger_there_is_no_tree(log: Any) -> None:
    log.grow(300)
    for size in (301, 512, 100_000):
        with pytest.raises(tree.BeyondLedger):
            tree.root_at(log.connection, size)
        log.connection.rollback()
    with pytest.raises(tree.BeyondLedger):
        tree.root_at(log.connection, -1)
    with pytest.raises(ValueError, match="no leaf"):
        tree.inclusion(log.connection, 301, 300)


def test_tiles_come_in_order_and_whole_and_stay(log: Any) -> None:
    log.grow(600)
    assert tile_count(log) == 2
    for level, first, count in ((0, 3, 1), (0, 1, 1), (0, 2, 1), (1, 0, 1)):
        with pytest.raises(psycopg2.errors.RestrictViolation), log.connection, log.connection.cursor() as cursor:
            cursor.execute("select ledger.add_tiles(%s, %s, %s::bytea[])", (level, first, [bytes(32)] * count))
    for statement in (
        "insert into ledger.tile values (0, 2, repeat('x', 8192)::bytea, repeat('x', 32)::bytea)",
        "update ledger.tile set root = root",
        "delete from ledger.tile",
        "truncate ledger.tile",
        "insert into ledger.checkpoint (size, root, note) values (601, repeat('x', 32)::bytea, '')",
        "delete from ledger.checkpoint",
        "update ledger.cosignature set line = ''",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege), log.connection, log.connection.cursor() as cursor:
            cursor.execute(statement)
    owner = psycopg2.connect(log.access.owner_url)
    for table in ("tile", "checkpoint"):
        for statement in (f"delete from ledger.{table}", f"truncate ledger.{table} cascade"):
            with pytest.raises(psycopg2.errors.RestrictViolation), owner, owner.cursor() as cursor:
                cursor.execute(statement)
    owner.close()
    assert tile_count(log) == 2


def test_a_leaf_that_is_gone_is_named(log: Any, superuser: Callable[..., None]) -> None:
    log.grow(100)
    superuser(log, "delete from ledger.leaf where position = 40")
    with pytest.raises(tree.LeavesMissing):
        tree.root_at(log.connection, 100)


def tile_count(log: Any) -> int:
    with log.connection, log.connection.cursor() as cursor:
        cursor.execute("select count(*) from ledger.tile")
        return int(cursor.fetchone()[0])
