"""A bundle in which anything was changed is not believed: by somebody without keys, or by the operator himself.

The operator holds the log's key and the database, and can sign any manifest; what he has not is the authority's key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from bundle_altering import Files, files_of, judge, mended, recounted, resigned, with_leaves
from bundle_scenario import Programme

import miriam_verify
from miriam_transparency import merkle, notes

SMALL = ("checkpoint.txt", "consistency.txt", "hashes.bin", "positions.txt", "publications.json", "retired.txt")


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


@pytest.mark.parametrize("scope", ["ledger", "edition", "gamma", "earlier"])
def test_no_byte_of_a_small_file_can_be_another(programme: Programme, bundles: dict[str, Path], scope: str) -> None:
    files = files_of(bundles[scope])
    for name in (*SMALL, "manifest.json", "manifest.sig"):
        content = files.get(name, b"")
        for at in range(0, len(content), 1 if name != "manifest.json" else 5):
            altered = {**files, name: flipped(content, at)}
            assert judge(altered, programme.authority_pub).untrue, f"{name}, byte {at}"


@pytest.mark.parametrize("scope", ["ledger", "gamma", "earlier"])
def test_nor_when_the_operator_signs_the_manifest_anew(
    programme: Programme, bundles: dict[str, Path], scope: str
) -> None:
    files = files_of(bundles[scope])
    for name in SMALL:
        content = files.get(name, b"")
        for at in range(0, len(content), 5 if name == "publications.json" else 2):
            altered = resigned({**files, name: flipped(content, at)}, programme.log)
            assert judge(altered, programme.authority_pub).untrue, f"{name}, byte {at}"


def test_no_byte_of_a_large_file_can_be_another_whether_or_not_the_manifest_is_signed_anew(
    programme: Programme, bundles: dict[str, Path]
) -> None:
    files = files_of(bundles["ledger"])
    large = [name for name in files if name not in (*SMALL, "manifest.json", "manifest.sig")]
    for name in large:
        length = len(files[name])
        step = max(1, length // (25 if name.startswith("indicators/") else 400))
        for at in sorted({0, length - 1, *range(0, length, step)}):
            altered = {**files, name: flipped(files[name], at)}
            assert judge(altered, programme.authority_pub).untrue, f"{name}, byte {at}"
    for name in ("leaves.jsonl", "figures.json", "evidence.jsonl"):
        length = len(files[name])
        for at in sorted({0, 1, length - 2, length - 1, *range(0, length, length // 60)}):
            altered = resigned({**files, name: flipped(files[name], at)}, programme.log)
            assert judge(altered, programme.authority_pub).untrue, f"{name}, byte {at}"


def leaves_of(files: Files) -> list[bytes]:
    return files["leaves.jsonl"].splitlines()


def swapped(leaves: list[bytes]) -> list[bytes]:
    return [*leaves[:20], leaves[21], leaves[20], *leaves[22:]]


ALTERATIONS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "dropped": lambda leaves: [*leaves[:30], *leaves[31:]],
    "the last dropped": lambda leaves: leaves[:-1],
    "added": lambda leaves: [*leaves[:30], leaves[30].replace(b'"salt":"', b'"salt":"0'), *leaves[30:]],
    "duplicated": lambda leaves: [*leaves[:30], leaves[30], *leaves[30:]],
    "swapped": swapped,
    "reversed": lambda leaves: leaves[::-1],
    "edited": lambda leaves: [leaf.replace(b'"duration_minutes":60', b'"duration_minutes":61') for leaf in leaves],
    "another project": lambda leaves: [leaf.replace(b"spp:p1", b"spp:p2") for leaf in leaves],
    "written otherwise": lambda leaves: [leaf.replace(b'":', b'": ', 1) for leaf in leaves],
    "no JSON": lambda leaves: [*leaves[:30], b"{", *leaves[31:]],
    "no event": lambda leaves: [*leaves[:30], b"{}", *leaves[31:]],
}


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_no_leaf_can_be_another(programme: Programme, bundles: dict[str, Path], alteration: str) -> None:
    files = files_of(bundles["ledger"])
    leaves = ALTERATIONS[alteration](leaves_of(files))
    altered = with_leaves(files, leaves)
    fitting = {**altered, "positions.txt": f"1-{len(leaves)}\n".encode()}
    for made in (
        altered,
        mended(altered),
        resigned(altered, programme.log),
        resigned(fitting, programme.log, position=len(leaves)),
    ):
        assert judge(made, programme.authority_pub).untrue


def checkpoint_by_the_log_alone(programme: Programme, leaves: list[bytes]) -> bytes:
    root = merkle.root(map(merkle.leaf_hash, leaves))
    text = notes.Checkpoint(programme.log.verifier.name, len(leaves), root).text()
    return str(notes.Note(text, (notes.sign(text, programme.log),))).encode()


def test_every_bad_leaf_is_named_where_all_are_asked_for(programme: Programme, bundles: dict[str, Path]) -> None:
    files = files_of(bundles["ledger"])
    leaves = leaves_of(files)
    for at in (10, 20, 30):
        leaves[at] = leaves[at].replace(b'":', b'": ', 1)
    altered = resigned(with_leaves(files, leaves), programme.log)
    found = judge(altered, programme.authority_pub, every=True)
    named = [why for what, why in found.untrue if what == "leaves"]
    for position in (11, 21, 31):
        assert f"position {position}: JSON, but not in its canonical form" in named
    assert "root" in [what for what, _ in found.untrue], "it went on"
    assert "figures" in [what for what, _ in found.unproved]
    assert len(judge(altered, programme.authority_pub).untrue) == 1


def test_a_ledger_rewritten_by_the_operator_lacks_the_authoritys_cosignature(
    programme: Programme, bundles: dict[str, Path], tmp_path: Path
) -> None:
    """He drops the last session, counts everything anew, signs a head of it: all fits, but for one signature."""
    files = files_of(bundles["earlier"])
    old = leaves_of(files)
    dropped = max(at for at, leaf in enumerate(old) if b"miriam.session.held" in leaf)
    leaves = renumbered(old[:dropped] + old[dropped + 1 :])
    rewritten = {
        **with_leaves(files, leaves),
        "checkpoint.txt": checkpoint_by_the_log_alone(programme, leaves),
        "positions.txt": f"1-{len(leaves)}\n".encode(),
    }
    del rewritten["consistency.txt"]
    rewritten = recounted(rewritten, programme, len(leaves))
    found = judge(rewritten, programme.authority_pub)
    assert found.untrue == [("checkpoint", "the checkpoint is not cosigned by the authority")]
    log_alone = tmp_path / "log.pub"
    log_alone.write_text(programme.log.verifier.text())
    assert judge(rewritten, log_alone).untrue == [], "nothing else gives it away"
    assert "that the authority saw this ledger" in " ".join(why for _, why in judge(rewritten, log_alone).unproved)


def renumbered(leaves: list[bytes]) -> list[bytes]:
    numbers: dict[str, int] = {}
    made = []
    for leaf in leaves:
        event = json.loads(leaf)
        event["sequence"] = numbers[event["source"]] = numbers.get(event["source"], 0) + 1
        made.append(miriam_verify.canonical(event))
    return made


def test_an_edited_figure_is_named_with_both_values(programme: Programme, bundles: dict[str, Path]) -> None:
    files = files_of(bundles["ledger"])
    line = next(each for each in files["figures.json"].splitlines() if b'"code":"I08"' in each)
    figure = json.loads(line.rstrip(b","))
    for name, value in (("numerator", figure["numerator"] + 1), ("value", 99), ("excluded", []), ("unit", "women")):
        edited = miriam_verify.canonical({**figure, name: value}) + b","
        altered = resigned({**files, "figures.json": files["figures.json"].replace(line, edited)}, programme.log)
        ((what, why),) = judge(altered, programme.authority_pub).untrue
        assert (what, why) == (
            "figures", f"I08 (total): {name} is {value!r} in the bundle, and {figure[name]!r} by the leaves",
        )  # fmt: skip


def test_every_edited_figure_is_named_where_all_are_asked_for(programme: Programme, bundles: dict[str, Path]) -> None:
    files = files_of(bundles["ledger"])
    edited = files["figures.json"].replace(b'"unit":"days"', b'"unit":"weeks"')
    found = judge(resigned({**files, "figures.json": edited}, programme.log), programme.authority_pub, every=True)
    named = [why for what, why in found.untrue if what == "figures"]
    assert len(named) == files["figures.json"].count(b'"unit":"days"') > 3
    assert all("unit is 'weeks' in the bundle, and 'days' by the leaves" in why for why in named)
    assert "definitions" in [what for what, _ in found.agrees], "it went on"


@pytest.mark.parametrize("alteration", ["edited", "dropped", "added", "duplicated", "swapped"])
def test_no_row_of_evidence_can_be_another(programme: Programme, bundles: dict[str, Path], alteration: str) -> None:
    files = files_of(bundles["ledger"])
    rows = files["evidence.jsonl"].splitlines()
    altered = {
        "edited": [*rows[:9], rows[9].replace(b'"position":', b'"position":1'), *rows[10:]],
        "dropped": [*rows[:9], *rows[10:]],
        "added": [*rows[:9], rows[9].replace(b'"I01"', b'"I02"'), *rows[9:]],
        "duplicated": [*rows[:9], rows[9], *rows[9:]],
        "swapped": [*rows[:9], rows[10], rows[9], *rows[11:]],
    }[alteration]
    content = b"".join(row + b"\n" for row in altered)
    found = judge(resigned({**files, "evidence.jsonl": content}, programme.log), programme.authority_pub)
    assert [what for what, _ in found.untrue] == ["evidence"]


def test_a_definition_file_cannot_be_another(programme: Programme, bundles: dict[str, Path]) -> None:
    files = files_of(bundles["ledger"])
    name = next(each for each in files if each.startswith("indicators/i01"))
    content = files[name] + b"-- and a word more\n"
    renamed = f"{name[:-12]}{hashlib.sha256(content).hexdigest()[:12]}"
    others = {each: text for each, text in files.items() if each != name}
    for made, said in (
        ({**files, name: content}, "is not what its name says"),
        ({**others, renamed: content}, "is not in the bundle as its digest has it"),
        (others, "is not in the bundle as its digest has it"),
        ({**files, renamed: content}, "indicator files that no definition names"),
    ):
        ((what, why),) = judge(resigned(made, programme.log), programme.authority_pub).untrue
        assert what == "definitions"
        assert said in why


def test_a_leaf_left_out_of_a_limited_bundle_is_noticed_or_named_as_not_provable(
    programme: Programme, bundles: dict[str, Path]
) -> None:
    files = files_of(bundles["edition"])
    leaves, ranges = leaves_of(files), files["positions.txt"].decode().split()
    positions = [at for each in ranges for at in range(int(each.split("-")[0]), int(each.split("-")[1]) + 1)]
    for number, leaf in enumerate(leaves):
        if b"miriam.session.corrected" in leaf or b"miriam.goal.reached" in leaf:
            kept = [at for at in positions if at != positions[number]]
            altered = {
                **with_leaves(files, [*leaves[:number], *leaves[number + 1 :]]),
                "positions.txt": "".join(f"{at}\n" for at in as_ranges(kept)).encode(),
                "hashes.bin": hashes(programme, kept),
            }
            found = judge(resigned(altered, programme.log), programme.authority_pub)
            assert [what for what, _ in found.untrue] == ["evidence"], "the proof of what is held stays whole"


def as_ranges(positions: list[int]) -> list[str]:
    found: list[list[int]] = []
    for at in positions:
        if found and found[-1][1] == at - 1:
            found[-1][1] = at
        else:
            found.append([at, at])
    return [f"{first}-{last}" for first, last in found]


def hashes(programme: Programme, held: list[int]) -> bytes:
    """What `hashes.bin` holds, computed another way: recursively, from the bodies of all leaves."""
    with programme.app, programme.app.cursor() as cursor:
        cursor.execute("select body from ledger.leaf order by position")
        leaves = [merkle.leaf_hash(body.encode()) for (body,) in cursor.fetchall()]
    known = set(held)

    def below(low: int, high: int) -> bytes:
        inside = known & set(range(low + 1, high + 1))
        if not inside:
            return merkle.root(leaves[low:high])
        if high - low == 1:
            return b""
        middle = low + max(1 << n for n in range(40) if 1 << n < high - low)
        return below(low, middle) + below(middle, high)

    return below(0, len(leaves))


def test_a_wrong_key_believes_nothing(programme: Programme, bundles: dict[str, Path], tmp_path: Path) -> None:
    files = files_of(bundles["ledger"])
    log, witness = (
        programme.log.make(key.verifier.name, key.verifier.kind).verifier.text()
        for key in (programme.log, programme.authority)
    )
    true_log, true_witness = programme.log.verifier.text(), programme.authority.verifier.text()
    for keys, what in (((log, true_witness), "files"), ((true_log, witness), "checkpoint"), ((log, witness), "files")):
        file = tmp_path / "keys.pub"
        file.write_text("\n".join(keys))
        assert judge(files, file).untrue[0][0] == what
