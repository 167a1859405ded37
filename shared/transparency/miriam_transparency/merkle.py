"""The Merkle tree of RFC 6962, section 2.1, and its two proofs: made from stored nodes, checked from hashes alone.

Indexes of leaves count from 0, as in the RFC: a leaf at ledger position p has index p - 1. Every hash is the 32 bytes
of a SHA-256.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import Protocol

HASH_BYTES = 32
EMPTY_ROOT: bytes = sha256(b"").digest()


class ProofError(ValueError):
    """A proof does not prove what it should. The message says why, in words."""


class Nodes(Protocol):
    """The stored part of a tree: its complete subtrees."""

    def node(self, level: int, index: int) -> bytes:
        """The hash of the complete subtree over leaves [index * 2**level, (index + 1) * 2**level)."""
        ...


def leaf_hash(body: bytes) -> bytes:
    """The hash of a leaf: SHA-256 over 0x00 and its bytes."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 over 0x01 and its two children."""
    return sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over all these leaf hashes, in one pass and in little memory."""
    # Complete subtrees from left to right, each higher than the next: (level, hash).
    pending: list[tuple[int, bytes]] = []
    for digest in leaf_hashes:
        level = 0
        while pending and pending[-1][0] == level:
            digest = node_hash(pending.pop()[1], digest)
            level += 1
        pending.append((level, digest))
    return _joined([digest for _, digest in pending])


def tree_root(size: int, nodes: Nodes) -> bytes:
    """The root over the first `size` leaves. Raises ValueError where `size` is negative."""
    if size < 0:
        raise ValueError("a tree has no negative size")
    return _range_root(0, size, nodes)


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """What proves that the leaf at `index` is in the tree of `size` leaves, from the leaf upwards (RFC 6962, 2.1.1).

    Raises ValueError where that tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range_root(middle, high, nodes))
            high = middle
        else:
            path.append(_range_root(low, middle, nodes))
            low = middle
    return path[::-1]


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """What proves that the tree of `new` leaves begins with the tree of `old` leaves (RFC 6962, 2.1.2).

    Empty where they are the same, or `old` is 0: every tree begins with the empty one.
    Raises ValueError where `old` is negative or larger than `new`.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves holds none of {old}")
    if old in (0, new):
        return []
    path: list[bytes] = []
    low, high = 0, new
    while old < high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range_root(middle, high, nodes))
            high = middle
        else:
            path.append(_range_root(low, middle, nodes))
            low = middle
    # Where the old tree is one complete subtree of the new one, its root is what the verifier holds already.
    if low > 0:
        path.append(_range_root(low, high, nodes))
    return path[::-1]


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf with this hash stands at `index` of the tree of `size` leaves with this root.

    As RFC 9162, 2.1.3.2, has it. Raises ProofError where that is not proved.
    """
    _whole([leaf_hash, root, *proof])
    if not 0 <= index < size:
        raise ProofError(f"a tree of {size} leaves has no leaf {index}")
    first, last, digest = index, size - 1, leaf_hash
    for each in proof:
        if last == 0:
            raise ProofError("the proof is too long")
        if first & 1 or first == last:
            digest = node_hash(each, digest)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            digest = node_hash(digest, each)
        first, last = first >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    if not compare_digest(digest, root):
        raise ProofError("the proof leads to another root")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree (`new`, `new_root`) begins with the tree (`old`, `old_root`).

    As RFC 9162, 2.1.4.2, has it. Raises ProofError where that is not proved.
    """
    _whole([old_root, new_root, *proof])
    if not 0 <= old <= new:
        raise ProofError(f"a tree of {new} leaves holds none of {old}")
    if (old == 0 and old_root != EMPTY_ROOT) or (new == 0 and new_root != EMPTY_ROOT):
        raise ProofError("an empty tree has another root")
    if old in (0, new):
        if proof:
            raise ProofError("the proof is too long")
        if old == new and not compare_digest(old_root, new_root):
            raise ProofError("two trees of one size have different roots")
        return
    if not proof:
        raise ProofError("the proof is too short")
    # A complete subtree's root is its own first step.
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    first, last = old - 1, new - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    of_old = of_new = path[0]
    for each in path[1:]:
        if last == 0:
            raise ProofError("the proof is too long")
        if first & 1 or first == last:
            of_old, of_new = node_hash(each, of_old), node_hash(each, of_new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            of_new = node_hash(of_new, each)
        first, last = first >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    if not compare_digest(of_old, old_root):
        raise ProofError("the proof leads to another root of the old tree")
    if not compare_digest(of_new, new_root):
        raise ProofError("the proof leads to another root of the new tree")


def _split(leaves: int) -> int:
    """The largest power of two below `leaves`, which is 2 or more."""
    return 1 << ((leaves - 1).bit_length() - 1)


def _range_root(low: int, high: int, nodes: Nodes) -> bytes:
    """The root over leaves [low, high), where `low` is a multiple of the largest power of two within the range."""
    parts: list[bytes] = []
    while low < high:
        level = (high - low).bit_length() - 1
        parts.append(nodes.node(level, low >> level))
        low += 1 << level
    return _joined(parts)


def _joined(parts: list[bytes]) -> bytes:
    """The root over subtrees that stand from left to right, each higher than the next."""
    if not parts:
        return EMPTY_ROOT
    digest = parts[-1]
    for left in reversed(parts[:-1]):
        digest = node_hash(left, digest)
    return digest


def _whole(hashes: Iterable[bytes]) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise ProofError(f"a hash has {HASH_BYTES} bytes")
