"""Roots and proofs: the published vectors of RFC 6962, the platform's own tree, and proofs that prove nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import pytest

import miriam_verify as verifier
from miriam_transparency import merkle

# The tree of the tests of Certificate Transparency: its leaves, and its roots after each.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZES = range(1, 34)
HASHES = [hashlib.sha256(bytes([number])).digest() for number in range(max(SIZES))]


class Complete:
    """The complete subtrees over some leaf hashes, for the platform's makers of proofs."""

    def node(self, level: int, index: int) -> bytes:
        return merkle.root(HASHES[index << level : (index + 1) << level])


def test_roots_are_those_published() -> None:
    hashes = [verifier.leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]
    assert [verifier.root_of(hashes[:size]).hex() for size in range(1, 9)] == ROOTS
    assert verifier.root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", SIZES)
def test_roots_and_inclusion_proofs_agree_with_the_platform(size: int) -> None:
    root = verifier.root_of(HASHES[:size])
    assert root == merkle.root(HASHES[:size])
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, Complete())
        verifier.check_inclusion(HASHES[index], index, size, proof, root)


@pytest.mark.parametrize("size", SIZES)
def test_consistency_proofs_agree_with_the_platform(size: int) -> None:
    root = verifier.root_of(HASHES[:size])
    for old in range(1, size + 1):
        proof = merkle.consistency_proof(old, size, Complete())
        verifier.check_consistency(old, verifier.root_of(HASHES[:old]), size, root, proof)


def forgeries(proof: list[bytes]) -> Iterator[list[bytes]]:
    other = hashlib.sha256(b"other").digest()
    yield [*proof, other]
    yield [other, *proof]
    for number in range(len(proof)):
        yield [*proof[:number], *proof[number + 1 :]]
        yield [*proof[:number], other, *proof[number + 1 :]]
        yield [*proof[:number], proof[number], *proof[number:]]
    if len(set(proof)) > 1:
        yield proof[::-1]


def refused(check: Callable[[], None]) -> bool:
    try:
        check()
    except verifier.ProofFails:
        return True
    return False


@pytest.mark.parametrize("size", [2, 3, 7, 8, 21, 32])
def test_forged_inclusion_proofs_fail(size: int) -> None:
    root = verifier.root_of(HASHES[:size])
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, Complete())
        for forged in forgeries(proof):
            assert refused(lambda: verifier.check_inclusion(HASHES[index], index, size, forged, root))  # noqa: B023
        for at, of in ((index + 1, size), (index - 1, size), (index, size + 1), (-1, size), (size, size)):
            # Another size may have the same path for this leaf, so a root of another size is what must differ.
            wrong = root if of == size else verifier.root_of([*HASHES, *HASHES][:of])
            assert refused(lambda: verifier.check_inclusion(HASHES[index], at, of, proof, wrong))  # noqa: B023
        assert refused(lambda: verifier.check_inclusion(HASHES[index - 1], index, size, proof, root))  # noqa: B023


@pytest.mark.parametrize("size", [2, 3, 7, 8, 21, 32])
def test_forged_consistency_proofs_fail(size: int) -> None:
    root = verifier.root_of(HASHES[:size])
    for old in range(1, size + 1):
        of_old, proof = verifier.root_of(HASHES[:old]), merkle.consistency_proof(old, size, Complete())
        for forged in forgeries(proof):
            assert refused(lambda: verifier.check_consistency(old, of_old, size, root, forged))  # noqa: B023
        fork = verifier.root_of([*HASHES[: old - 1], HASHES[-1]])
        assert refused(lambda: verifier.check_consistency(old, fork, size, root, proof))  # noqa: B023
        assert refused(lambda: verifier.check_consistency(old, of_old, size, of_old[::-1], proof))  # noqa: B023
    for old in (0, -1, size + 1):
        assert refused(lambda: verifier.check_consistency(old, root, size, root, []))  # noqa: B023


@pytest.mark.parametrize("size", [1, 5, 8, 19])
def test_a_root_follows_from_any_held_leaves_and_the_hashes_of_the_rest(size: int) -> None:
    root = verifier.root_of(HASHES[:size])
    for chosen in range(1 << min(size, 8)):
        held = [at for at in range(1, size + 1) if chosen >> (at % 8) & 1]
        ranges: list[tuple[int, int]] = []
        for at in held:
            ranges = [*ranges[:-1], (ranges[-1][0], at)] if ranges and ranges[-1][1] == at - 1 else [*ranges, (at, at)]
        others = list(subtrees(0, size, set(held)))
        leaves = [HASHES[at - 1] for at in held]
        given = iter(others)
        assert verifier.root_with_gaps(size, ranges, leaves, given) == root
        assert next(given, None) is None
        if others:
            with pytest.raises(verifier.ProofFails):
                verifier.root_with_gaps(size, ranges, leaves, iter(others[:-1]))


def subtrees(low: int, high: int, held: set[int]) -> Iterator[bytes]:
    """The roots of the largest subtrees without a held leaf, by trying."""
    if not held & set(range(low + 1, high + 1)):
        yield verifier.root_of(HASHES[low:high])
    elif high - low > 1:
        middle = low + max(1 << n for n in range(10) if 1 << n < high - low)
        yield from subtrees(low, middle, held)
        yield from subtrees(middle, high, held)
