"""Proofs of every size up to 70 and of random large ones hold, and nothing else is a proof: each forgery must fail."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miriam_transparency import merkle
from miriam_transparency.merkle import ProofError

MOST = 70
LEAVES = [merkle.leaf_hash(bytes([each])) for each in range(MOST + 1)]


class Plain:
    """The definition of RFC 6962, written down: MTH(D[n]) = HASH(0x01 || MTH(D[0:k]) || MTH(D[k:n]))."""

    def node(self, level: int, index: int) -> bytes:
        return defined(index << level, (index + 1) << level)


@cache
def defined(low: int, high: int) -> bytes:
    if low == high:
        return merkle.EMPTY_ROOT
    if high - low == 1:
        return LEAVES[low]
    split = 1
    while split * 2 < high - low:
        split *= 2
    return merkle.node_hash(defined(low, low + split), defined(low + split, high))


class Sparse:
    """A tree too large to hold: a subtree's hash is made up from its place, the same whenever it is asked."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, int], bytes] = {}

    def node(self, level: int, index: int) -> bytes:
        return merkle.leaf_hash(f"{index}".encode()) if level == 0 else self._made(level, index)

    def _made(self, level: int, index: int) -> bytes:
        # Below a height of 6 the hashes fit together; above, each is made up of two that are asked in turn.
        if (level, index) not in self.known:
            if level > 12:
                raise AssertionError("asked for more than a random test needs")
            self.known[level, index] = merkle.node_hash(
                self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1)
            )
        return self.known[level, index]


NODES = Plain()


@pytest.mark.parametrize("size", range(MOST + 1))
def test_every_proof_of_every_size_holds(size: int) -> None:
    root = defined(0, size)
    assert merkle.tree_root(size, NODES) == merkle.root(LEAVES[:size]) == root
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, NODES)
        assert len(proof) <= max(size - 1, 0).bit_length()
        merkle.verify_inclusion(LEAVES[index], index, size, proof, root)
    for old in range(size + 1):
        proof = merkle.consistency_proof(old, size, NODES)
        assert len(proof) <= size.bit_length() + 1
        merkle.verify_consistency(old, defined(0, old), size, root, proof)


@pytest.mark.parametrize("size", [0, 1, 5])
def test_there_is_no_proof_of_what_is_not_there(size: int) -> None:
    for index in (-1, size, size + 1):
        with pytest.raises(ValueError, match="no leaf"):
            merkle.inclusion_proof(index, size, NODES)
    for old, new in ((-1, size), (size + 1, size)):
        with pytest.raises(ValueError, match="holds none"):
            merkle.consistency_proof(old, new, NODES)
    with pytest.raises(ValueError, match="negative"):
        merkle.tree_root(-1, NODES)


def flipped(digest: bytes, bit: int) -> bytes:
    return (int.from_bytes(digest, "big") ^ (1 << bit)).to_bytes(32, "big")


def altered(proof: Sequence[bytes], chance: random.Random) -> Iterator[list[bytes]]:
    """Every kind of other list: each hash with a bit flipped, removed, doubled, swapped, one more, none, reversed."""
    for place, digest in enumerate(proof):
        bit = chance.randrange(256)
        yield [*proof[:place], flipped(digest, bit), *proof[place + 1 :]]
        yield [*proof[:place], *proof[place + 1 :]]
        yield [*proof[:place], digest, *proof[place:]]
        yield [*proof[:place], digest[:-1], *proof[place + 1 :]]
        yield [*proof[:place], digest + b"\0", *proof[place + 1 :]]
        if place:
            yield [*proof[: place - 1], digest, proof[place - 1], *proof[place + 1 :]]
    yield [*proof, merkle.EMPTY_ROOT]
    yield [merkle.EMPTY_ROOT, *proof]
    yield list(proof)[::-1]
    yield []


def refused_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    with pytest.raises(ProofError):
        merkle.verify_inclusion(leaf, index, size, proof, root)


def refused_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    with pytest.raises(ProofError):
        merkle.verify_consistency(old, old_root, new, new_root, proof)


@given(st.data())
def test_no_forged_inclusion_proof_holds(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, MOST))
    index = data.draw(st.integers(0, size - 1))
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    root, leaf, proof = defined(0, size), LEAVES[index], merkle.inclusion_proof(index, size, NODES)
    for other in altered(proof, chance):
        if other != proof:
            refused_inclusion(leaf, index, size, other, root)
    for place in range(-1, size + 2):
        if place != index:
            refused_inclusion(leaf, place, size, proof, root)
    for bit in range(0, 256, 17):
        refused_inclusion(flipped(leaf, bit), index, size, proof, root)
        refused_inclusion(leaf, index, size, proof, flipped(root, bit))
    for wrong in range(-1, MOST + 2):
        # At another size the same path may lead to the same root only if it has the same turns: then it is no lie.
        if wrong != size and turns(index, wrong) != turns(index, size):
            refused_inclusion(leaf, index, wrong, proof, root)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_no_single_bit_of_any_proof_leaf_or_root_can_be_another(size: int) -> None:
    root = defined(0, size)
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, NODES)
        for bit in range(256):
            refused_inclusion(flipped(LEAVES[index], bit), index, size, proof, root)
            refused_inclusion(LEAVES[index], index, size, proof, flipped(root, bit))
            for place, digest in enumerate(proof):
                forged = [*proof[:place], flipped(digest, bit), *proof[place + 1 :]]
                refused_inclusion(LEAVES[index], index, size, forged, root)
    for old in range(1, size + 1):
        old_root, proof = defined(0, old), merkle.consistency_proof(old, size, NODES)
        for bit in range(256):
            refused_consistency(old, flipped(old_root, bit), size, root, proof)
            refused_consistency(old, old_root, size, flipped(root, bit), proof)
            for place, digest in enumerate(proof):
                forged = [*proof[:place], flipped(digest, bit), *proof[place + 1 :]]
                refused_consistency(old, old_root, size, root, forged)


def turns(index: int, size: int) -> list[bool] | None:
    """Whether each step of the path comes from the right; None where there is no such leaf."""
    if not 0 <= index < size:
        return None
    found: list[bool] = []
    low, high = 0, size
    while high - low > 1:
        split = 1
        while split * 2 < high - low:
            split *= 2
        right = index < low + split
        found.append(right)
        low, high = (low, low + split) if right else (low + split, high)
    return found[::-1]


@given(st.data())
def test_no_forged_consistency_proof_holds(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, MOST))
    old = data.draw(st.integers(1, new))
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    old_root, new_root, proof = defined(0, old), defined(0, new), merkle.consistency_proof(old, new, NODES)
    for other in altered(proof, chance):
        if other != proof:
            refused_consistency(old, old_root, new, new_root, other)
    for bit in range(0, 256, 17):
        refused_consistency(
            old, (int.from_bytes(old_root, "big") ^ (1 << bit)).to_bytes(32, "big"), new, new_root, proof
        )
        refused_consistency(
            old, old_root, new, (int.from_bytes(new_root, "big") ^ (1 << bit)).to_bytes(32, "big"), proof
        )
    # The root of another size is not the root of this one: a log that shrank or grew says so.
    for wrong in range(0, new + 1):
        if wrong != old:
            refused_consistency(old, defined(0, wrong), new, new_root, proof)
            refused_consistency(wrong, old_root, new, new_root, proof)
    refused_consistency(new + 1, old_root, new, new_root, proof)
    refused_consistency(0, old_root, new, new_root, [])


@given(st.integers(1, 70), st.integers(0, 69))
def test_a_history_that_differs_in_one_leaf_is_not_consistent(size: int, changed: int) -> None:
    changed %= size
    other = [*LEAVES[:changed], merkle.leaf_hash(b"another"), *LEAVES[changed + 1 : MOST + 1]]

    class Rewritten:
        def node(self, level: int, index: int) -> bytes:
            return merkle.root(other[index << level : (index + 1) << level])

    new = MOST
    proof = merkle.consistency_proof(size, new, Rewritten())
    refused_consistency(size, defined(0, size), new, merkle.root(other[:new]), proof)


@given(st.data())
def test_random_larger_trees(data: st.DataObject) -> None:
    nodes = Sparse()
    new = data.draw(st.integers(71, 4000))
    old = data.draw(st.integers(1, new))
    index = data.draw(st.integers(0, new - 1))
    root = merkle.tree_root(new, nodes)
    inclusion = merkle.inclusion_proof(index, new, nodes)
    merkle.verify_inclusion(nodes.node(0, index), index, new, inclusion, root)
    consistency = merkle.consistency_proof(old, new, nodes)
    merkle.verify_consistency(old, merkle.tree_root(old, nodes), new, root, consistency)
    assert len(inclusion) <= 12
    assert len(consistency) <= 13
    chance = random.Random(new)
    for forged in altered(inclusion, chance):
        if forged != inclusion:
            refused_inclusion(nodes.node(0, index), index, new, forged, root)
    for forged in altered(consistency, chance):
        if forged != consistency:
            refused_consistency(old, merkle.tree_root(old, nodes), new, root, forged)
