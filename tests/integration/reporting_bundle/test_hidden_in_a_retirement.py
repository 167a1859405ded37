"""What the operator could hide behind a true retirement of another edition, and what the verifier says to it."""

from __future__ import annotations

import contextlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from bundle_altering import Files, as_ranges, cosigned, files_of, judge, recounted, resigned, subtrees, with_leaves
from bundle_scenario import Programme

import miriam_verify

CODES = [item.code for item in miriam_verify.INDICATORS if item.code not in miriam_verify.CODES_OF_ALL]
REPORTED = b'"miriam.report.'


def with_a_retirement(bundles: dict[str, Path], edition: str) -> list[bytes]:
    """The leaves of the whole ledger but its reports, and behind them the retirement of an edition."""
    leaves = [leaf for leaf in files_of(bundles["ledger"])["leaves.jsonl"].splitlines() if REPORTED not in leaf]
    events = [json.loads(leaf) for leaf in leaves]
    first = next(event for event in events if event["type"] == "miriam.edition.opened.v1")
    last = max(event["sequence"] for event in events if event["source"] == first["source"])
    data = {"edition": edition, "occurred_on": "2031-01-01", "projects": ["spp:q1"], "retained_until": "2030-12-31"}
    told = {"type": "miriam.edition.retired.v1", "subject": edition, "originid": "retired", "sequence": last + 1}
    return [*leaves, miriam_verify.canonical({**first, **told, "id": f"{first['id'][:-4]}beef", "data": data})]


def hiding(programme: Programme, bundles: dict[str, Path], leaves: list[bytes], hidden: list[int]) -> Files:
    """A bundle in which the leaves at these positions (from 1) are said to be retired, and all else fits that."""
    kept = [at for at in range(1, len(leaves) + 1) if at not in hidden]
    texts: dict[str, Any] = {
        "positions.txt": "".join(f"{each}\n" for each in as_ranges(kept)).encode(),
        "retired.txt": "".join(f"{each}\n" for each in as_ranges(hidden)).encode(),
        "hashes.bin": b"".join(subtrees(leaves, 0, len(leaves), set(kept))),
        "checkpoint.txt": cosigned(programme, leaves),
        "publications.json": b"{}",
    }
    held = [leaves[at - 1] for at in kept]
    files = {name: text for name, text in files_of(bundles["ledger"]).items() if name != "consistency.txt"}
    listing = json.loads(files["manifest.json"])["definitions"]["digest"]
    needed = definitions(files, listing)
    files = {name: text for name, text in files.items() if not name.startswith("indicators/") or name in needed}
    files = resigned({**with_leaves(files, held), **texts}, programme.log, figures=CODES, position=len(leaves))
    with contextlib.suppress(miriam_verify.ProofFails, miriam_verify.NotReached):  # then they are judged as they are
        files = recounted(files, programme, len(leaves))
    return files


def definitions(files: Files, listing: str) -> set[str]:
    """The names of the files of the current definitions."""
    names = {name.rpartition(".")[2]: name for name in files if name.startswith("indicators/")}
    found = {names[listing[:12]]}
    for entry in json.loads(files[names[listing[:12]]]):
        found.add(names[entry["digest"][:12]])
        found.update(names[each[:12]] for each in json.loads(files[names[entry["digest"][:12]]])["texts"].values())
    return found


def at(leaves: list[bytes], *words: str) -> int:
    """The position of the last leaf that holds these words."""
    return max(number for number, leaf in enumerate(leaves, 1) if all(word.encode() in leaf for word in words))


def test_a_leaf_that_is_said_to_be_retired_is_named_as_the_bundles_word_alone(
    programme: Programme, bundles: dict[str, Path]
) -> None:
    """A missed goal of 2023 goes with 2024: nobody can tell, so nobody says that the body was destroyed."""
    leaves = with_a_retirement(bundles, "2024")
    hidden = at(leaves, "miriam.goal.reached", "alpha:w1")
    found = judge(hiding(programme, bundles, leaves, [hidden]), programme.authority_pub, every=True)
    assert found.untrue == []
    said = dict(found.unproved)
    assert f"the leaves at {hidden}-{hidden} said, and that they were of a retired edition" in said["retired"]
    assert "that none of the 1 leaves that are not held bears on these figures" in said["completeness"]


def test_a_fact_is_not_emptied_without_its_corrections(programme: Programme, bundles: dict[str, Path]) -> None:
    leaves = with_a_retirement(bundles, "2024")
    corrected = json.loads(leaves[at(leaves, "miriam.session.corrected") - 1])["data"]["corrects"]
    hidden = at(leaves, f'"id":"{corrected}"')
    found = judge(hiding(programme, bundles, leaves, [hidden]), programme.authority_pub)
    ((what, why),) = found.untrue
    assert what == "leaves"
    assert "names a fact that is not here before it" in why


def test_a_retired_edition_has_no_figures(programme: Programme, bundles: dict[str, Path]) -> None:
    leaves = with_a_retirement(bundles, "2023")
    found = judge(hiding(programme, bundles, leaves, [at(leaves, "miriam.goal.reached")]), programme.authority_pub)
    assert [what for what, _ in found.untrue] == ["leaves"]
    assert "2023 was retired" in found.untrue[0][1]


@pytest.mark.parametrize("scope", ["edition", "alpha"])
def test_nor_is_a_leaf_of_a_limited_bundle_retired_where_no_edition_was(
    programme: Programme, bundles: dict[str, Path], scope: str
) -> None:
    files = files_of(bundles[scope])
    ranges = [each.split(b"-") for each in files["positions.txt"].splitlines()]
    gap = next(int(before[1]) + 1 for before, after in pairwise(ranges))
    codes = json.loads(files["manifest.json"])["figures"]
    altered = resigned({**files, "retired.txt": b"%d-%d\n" % (gap, gap)}, programme.log, figures=codes)
    assert judge(altered, programme.authority_pub).untrue == [
        ("leaves", "1 leaves are said to be retired, and no edition was")
    ]


def test_figures_of_every_source_are_left_out_for_a_retirement_alone(
    programme: Programme, bundles: dict[str, Path]
) -> None:
    """Otherwise the operator would leave out D07 and D08, the refused and the gaps, and say that leaves are missing."""
    files = resigned(files_of(bundles["ledger"]), programme.log, figures=CODES)
    found = judge(files, programme.authority_pub)
    assert [what for what, _ in found.untrue] == ["leaves"]
    assert "or left out without that" in found.untrue[0][1]
