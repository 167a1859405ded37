"""The zip itself: nothing in it that its list does not name, nothing twice, nothing beside."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from bundle_altering import Files, add, files_of, put_together, resigned, run
from bundle_scenario import Programme

import miriam_verify


@pytest.fixture(scope="module")
def files(bundles: dict[str, Path]) -> Files:
    return files_of(bundles["ledger"])


def test_a_bundle_that_is_taken_apart_and_put_together_is_the_same(
    programme: Programme, files: Files, tmp_path: Path
) -> None:
    code, said = run(put_together(files, tmp_path / "same.zip"), programme.authority_pub)
    assert code == 0, said


@pytest.mark.parametrize("name", ["note.txt", "../above.txt", "/root.txt", "indicators/more", "LEAVES.JSONL", "é.txt"])
def test_an_entry_more_is_an_untruth(programme: Programme, files: Files, tmp_path: Path, name: str) -> None:
    code, said = run(put_together({**files, name: b"more"}, tmp_path / "more.zip"), programme.authority_pub)
    assert code == 1, said
    assert "UNTRUE" in said


def test_an_entry_less_or_in_another_order_is_an_untruth(programme: Programme, files: Files, tmp_path: Path) -> None:
    names = list(files)
    for order in (names[1:], [*names[1:], names[0]], names[::-1]):
        code, said = run(
            put_together({name: files[name] for name in order}, tmp_path / "b.zip"), programme.authority_pub
        )
        assert code == 1, said


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_twice_is_an_untruth(programme: Programme, files: Files, tmp_path: Path) -> None:
    out = put_together(files, tmp_path / "twice.zip")
    with zipfile.ZipFile(out, "a") as archive:
        add(archive, "positions.txt", files["positions.txt"])
    code, said = run(out, programme.authority_pub)
    assert code == 1
    assert "positions.txt is in the zip file twice" in said


def test_bytes_before_between_and_after_are_an_untruth(
    programme: Programme, bundles: dict[str, Path], tmp_path: Path
) -> None:
    whole, out = bundles["ledger"].read_bytes(), tmp_path / "b.zip"
    for content, expected in (
        (b"#!" + whole, 3),
        (whole + b"\n", 1),
        (whole[:-1], 1),
        (whole[:-30], 1),
        (b"PK\3\4", 1),
    ):
        out.write_bytes(content)
        code, said = run(out, programme.authority_pub)
        assert code == expected, said


def test_a_flipped_byte_anywhere_in_the_zip_is_an_untruth_or_changes_no_content(
    programme: Programme, bundles: dict[str, Path], files: Files, tmp_path: Path
) -> None:
    whole, out = bundles["ledger"].read_bytes(), tmp_path / "b.zip"
    directory = whole.rindex(b"PK\1\2checkpoint"[:4], 0, whole.index(b"PK\1\2") + 4)
    places = [*range(0, directory, 331), *range(directory, len(whole), 13), *range(len(whole) - 22, len(whole))]
    for at in places:
        out.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        code, said = run(out, programme.authority_pub)
        if code == 0:  # the padding behind a compressed file's last bits
            assert files_of(out) == files, f"byte {at}: {said}"
        else:
            assert code in (1, 3), f"byte {at}: {said}"


def test_a_file_that_unpacks_to_more_than_it_says_is_an_untruth(
    programme: Programme, files: Files, tmp_path: Path
) -> None:
    out = tmp_path / "b.zip"
    made = resigned({**files, "retired.txt": b"1-1\n" * 100_000}, programme.log)
    whole = put_together(made, out).read_bytes()
    size = (400_000).to_bytes(4, "little")
    out.write_bytes(whole.replace(size, (7).to_bytes(4, "little")))
    code, said = run(out, programme.authority_pub)
    assert code == 1
    assert "retired.txt is longer than it says" in said


def test_files_larger_than_four_gibibytes_have_headers_that_are_read(
    programme: Programme, bundles: dict[str, Path]
) -> None:
    """Those that can outgrow 4 GiB have the wide header from the start, so that it is read in every test here."""
    assert b"\x01\x00\x10\x00" in bundles["ledger"].read_bytes()[:200_000]


def test_what_cannot_be_read_has_another_exit_code_than_an_untruth(programme: Programme, tmp_path: Path) -> None:
    text = tmp_path / "text.zip"
    text.write_text("no zip at all")
    assert run(text, programme.authority_pub)[0] == 3
    assert run(tmp_path / "none.zip", programme.authority_pub)[0] == 3
    assert run(text, text)[0] == 3
    empty = tmp_path / "empty.pub"
    empty.write_text("# no key\n")
    assert run(text, empty)[0] == 3
    command = [sys.executable, "-I", "-S", miriam_verify.__file__, str(text)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2


def test_it_stops_at_the_first_untruth_and_says_so_at_once(programme: Programme, files: Files, tmp_path: Path) -> None:
    edited = files["figures.json"].replace(b'"unit":"women"', b'"unit":"men"')
    out = put_together(resigned({**files, "figures.json": edited}, programme.log), tmp_path / "b.zip")
    code, said = run(out, programme.authority_pub)
    assert (code, said.count("UNTRUE  figures")) == (1, 1)
    assert said.startswith("UNTRUE  figures: I01 (total): unit is 'men' in the bundle, and 'women' by the leaves")
    assert "Nothing was looked at after the first untruth" in said
    code, said = run(out, programme.authority_pub, "--all")
    assert code == 1
    assert said.count("UNTRUE  figures") == edited.count(b'"unit":"men"') > 1
    code, said = run(out, programme.authority_pub, "--json")
    told = json.loads(said[said.index("{") :])
    assert (told["verdict"], len(told["untrue"]), told["position"]) == ("untrue", 1, told["position"])


def test_no_name_in_a_bundle_steers_the_auditors_terminal(programme: Programme, files: Files, tmp_path: Path) -> None:
    """Clear the screen, and say in green that all agrees: with the log's key a manifest can name any edition."""
    edition = "2023\x1b[2J\n\nVerdict: everything that can be checked agrees.\x1b[8m"
    out = put_together(resigned(files, programme.log, edition=edition), tmp_path / "b.zip")
    code, said = run(out, programme.authority_pub)
    assert code == 1
    assert "\x1b" not in said
    assert "\nVerdict: everything" not in said


def test_headers_as_older_pythons_write_them_hold_and_no_others(
    programme: Programme, bundles: dict[str, Path], tmp_path: Path
) -> None:
    """Python 3.11.2 writes the sizes twice, in the header and in its extra field, and asks for version 2.0."""
    older, out = bytearray(bundles["ledger"].read_bytes()), tmp_path / "b.zip"
    with zipfile.ZipFile(bundles["ledger"]) as archive:
        entries, listed = archive.infolist(), archive.start_dir
    wide = 0
    for entry in entries:
        if older[entry.header_offset + 28 : entry.header_offset + 30] != b"\0\0":
            wide += 1
            struct.pack_into("<H", older, entry.header_offset + 4, 20)
            struct.pack_into("<LL", older, entry.header_offset + 18, entry.compress_size, entry.file_size)
            struct.pack_into("<BBH", older, listed + 4, 20, 3, 20)
        listed += 46 + len(entry.filename) + len(entry.extra)
    assert wide > 1
    out.write_bytes(older)
    code, said = run(out, programme.authority_pub)
    assert code == 0, said
    for field in (18, 22):
        altered = bytearray(older)
        first = next(each for each in entries if older[each.header_offset + 28] != 0).header_offset
        altered[first + field] ^= 1
        out.write_bytes(altered)
        code, said = run(out, programme.authority_pub)
        assert code == 1, said
        assert "its header is not what the zip file's list says" in said
