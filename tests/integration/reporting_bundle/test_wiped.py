"""Bundles of a ledger in which a test CPAS was wiped: nothing is lost by it, and nothing can be hidden behind it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import migrated
import pytest
from bundle_altering import as_ranges, cosigned, files_of, judge, recounted, resigned, subtrees, with_leaves
from bundle_scenario import Programme
from histories import seeded
from mixing import mixed, statement, told_by_a_test, wiped

import miriam_verify
from miriam_local.databases import DatabaseAccess
from miriam_reporting.audit.bundle import Asked, BundleError, Scope, make
from miriam_reporting.retiring.wiping import Wiper

WHOLE = Scope()
TEST = b'"origin":"/cpas/test-acme"'


@pytest.fixture
def tested(new_database: Callable[..., DatabaseAccess], tmp_path: Path) -> Iterator[Programme]:
    """A random history with a test CPAS in it; three services say that they wiped it, and nothing is emptied yet."""
    access = new_database("reporting_bundle_wiped", migrated.reporting)
    made = Programme(access, tmp_path)
    bodies, _ = mixed(seeded(4, 300), told_by_a_test(), random.Random(7))
    made.ledger.bodies = wiped(bodies)
    made.load()
    made.sign_head()
    yield made
    made.close()


def bundle(programme: Programme, out: Path, scope: Scope = WHOLE) -> dict[str, bytes]:
    make(programme.app, Asked("2023", scope, None, out, programme.log, programme.trust))
    return files_of(out)


def wipe(programme: Programme) -> None:
    wiper = Wiper()
    while wiper.step(programme.app):
        pass


def test_what_was_wiped_is_accounted_for_and_figures_are_proved_as_before(tested: Programme, tmp_path: Path) -> None:
    before = bundle(tested, tmp_path / "before.zip")
    found = judge(before, tested.authority_pub, every=True)
    assert found.untrue == []
    count = sum(TEST in leaf for leaf in before["leaves.jsonl"].splitlines())
    assert f"{count} of test CPAS, which count nowhere" in dict(found.agrees)["leaves"]
    wipe(tested)
    after = bundle(tested, tmp_path / "after.zip")
    assert TEST not in after["leaves.jsonl"]
    for name in ("evidence.jsonl", "figures.json", "checkpoint.txt"):
        assert after[name] == before[name], name
    found = judge(after, tested.authority_pub, every=True)
    assert found.untrue == []
    said = dict(found.unproved)["wiped"]
    assert f"what {count} leaves without a body said" in said
    # A service could say it of anybody's events. Their sender has a receipt with the number, and is told where to look.
    for service in ("intake", "sessions", "groups"):
        numbers = [event["sequence"] for event in sent_by_tests(before) if event["source"] == f"/services/{service}"]
        assert f"{service} {', '.join(as_ranges(numbers))}" in said
    assert "retired" not in dict(found.unproved)
    assert "run without a hole" in dict(found.agrees)["leaves"]


def sent_by_tests(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [json.loads(leaf) for leaf in files["leaves.jsonl"].splitlines() if TEST in leaf]


@pytest.mark.parametrize("scope", [Scope("edition"), Scope("cpas", "alpha")], ids=str)
def test_limited_bundles_are_what_they_were(tested: Programme, tmp_path: Path, scope: Scope) -> None:
    wipe(tested)
    files = bundle(tested, tmp_path / "limited.zip", scope)
    assert judge(files, tested.authority_pub, every=True).untrue == []


def test_as_of_before_the_wipe_was_said_there_is_no_whole_bundle(tested: Programme, tmp_path: Path) -> None:
    wipe(tested)
    earlier = len(tested.ledger.bodies) - 1
    with pytest.raises(BundleError, match="wipe of a test CPAS: ask for its head"):
        make(tested.app, Asked("2023", Scope(), earlier, tmp_path / "b.zip", tested.log, tested.trust))
    make(tested.app, Asked("2023", Scope("edition"), earlier, tmp_path / "b.zip", tested.log, tested.trust))
    assert judge(files_of(tmp_path / "b.zip"), tested.authority_pub, every=True).untrue == []


def hiding(programme: Programme, files: dict[str, bytes], leaves: list[bytes], hidden: set[int]) -> dict[str, bytes]:
    """A bundle of these leaves, signed anew, in which those at the positions `hidden` are said to be emptied."""
    kept = [at for at in range(1, len(leaves) + 1) if at not in hidden]
    texts = {
        "positions.txt": "".join(f"{each}\n" for each in as_ranges(kept)).encode(),
        "retired.txt": "".join(f"{each}\n" for each in as_ranges(sorted(hidden))).encode(),
        "hashes.bin": b"".join(subtrees(leaves, 0, len(leaves), set(kept))),
        "checkpoint.txt": cosigned(programme, leaves),
    }
    held = [leaves[at - 1] for at in kept]
    return resigned({**with_leaves(files, held), **texts}, programme.log, position=len(leaves))


def test_a_leaf_that_no_statement_names_is_not_taken_for_wiped(tested: Programme, tmp_path: Path) -> None:
    """Neither beside a true wipe, nor of the test CPAS itself after it went on."""
    leaves = tested.ledger.bodies
    files = bundle(tested, tmp_path / "b.zip")
    tests = {at for at, leaf in enumerate(leaves, 1) if TEST in leaf}
    honest = hiding(tested, files, leaves, tests)
    assert judge(recounted(honest, tested, len(leaves)), tested.authority_pub).untrue == []
    unchanged = (
        at
        for at, leaf in enumerate(leaves, 1)
        if b"miriam.session." in leaf
        and TEST not in leaf
        and sum(json.loads(leaf)["id"].encode() in each for each in leaves) == 1
    )
    real = next(unchanged)
    found = judge(hiding(tested, files, leaves, {*tests, real}), tested.authority_pub)
    assert [what for what, _ in found.untrue] == ["leaves"]
    assert "or left out without that" in found.untrue[0][1]
    codes = [item.code for item in miriam_verify.INDICATORS if item.code not in miriam_verify.CODES_OF_ALL]
    found = judge(
        resigned(hiding(tested, files, leaves, {*tests, real}), tested.log, figures=codes), tested.authority_pub
    )
    assert found.untrue == [("leaves", "1 leaves are said to be retired, and no edition was")]


@pytest.mark.parametrize("of", ["alpha", "test-acme"])
def test_a_statement_about_a_leaf_that_another_sent_is_untrue(tested: Programme, tmp_path: Path, of: str) -> None:
    leaves = tested.ledger.bodies[:-3]
    lie = statement(leaves, "sessions", "alpha").replace(b'"emitter":"alpha"', f'"emitter":"{of}"'.encode())
    files = bundle(tested, tmp_path / "b.zip")
    found = judge(hiding(tested, files, [*leaves, lie], set()), tested.authority_pub)
    assert [what for what, _ in found.untrue] == ["leaves"]
    assert ("names no test CPAS" if of == "alpha" else "of which others sent some") in found.untrue[0][1]


def test_nobody_else_changes_what_a_test_cpas_said(tested: Programme, tmp_path: Path) -> None:
    """An origin that is no test's, on a correction of a test's fact: figures by SQL would count it as a fact."""
    leaves = tested.ledger.bodies[:-3]
    at = next(n for n, leaf in enumerate(leaves) if b"miriam.session.corrected" in leaf and TEST in leaf)
    event = {**json.loads(leaves[at]), "origin": "/authority/spp"}
    files = bundle(tested, tmp_path / "b.zip")
    altered = [*leaves[:at], miriam_verify.canonical(event), *leaves[at + 1 :]]
    found = judge(hiding(tested, files, altered, set()), tested.authority_pub)
    assert "do not change each other" in found.untrue[0][1]
