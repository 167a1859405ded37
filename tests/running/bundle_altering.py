"""Taking bundles apart, putting them together in other ways, and asking the verifier about them in process."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import miriam_verify
from miriam_transparency import merkle
from miriam_transparency.keys import SigningKey
from miriam_transparency.notes import Checkpoint, Note, cosign, sign

if TYPE_CHECKING:
    from bundle_scenario import Programme

# One signature is looked at thousands of times here, and verifying it is a pure function.
miriam_verify.ed25519_verifies = functools.lru_cache(maxsize=None)(miriam_verify.ed25519_verifies)

LAST = ("manifest.json", "manifest.sig")
Files = dict[str, bytes]


def files_of(bundle: Path) -> Files:
    """What is in a bundle, by name, in order."""
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def put_together(files: Mapping[str, bytes], out: Path) -> Path:
    """A zip of these files as they are, manifest and all."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            add(archive, name, content)
    return out


def add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """One more file, as bundles have them."""
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100644 << 16
    archive.writestr(info, content)


def mended(files: Files, **about: Any) -> Files:
    """The same with a manifest that fits the files, under the old signature: what somebody without keys can do."""
    manifest = json.loads(files["manifest.json"])
    others = {name: content for name, content in files.items() if name not in LAST}
    manifest |= about
    manifest["files"] = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)} for name, content in others.items()
    }
    ordered = {name: others[name] for name in sorted(others)}
    return {**ordered, "manifest.json": miriam_verify.canonical(manifest), "manifest.sig": files["manifest.sig"]}


def resigned(files: Files, log: SigningKey, **about: Any) -> Files:
    """The same with a manifest that fits the files and is signed by the log: what the operator can do."""
    made = mended(files, **about)
    text = f"{miriam_verify.FORMAT}\nsha256 {hashlib.sha256(made['manifest.json']).hexdigest()}\n"
    return {**made, "manifest.sig": str(Note(text, (sign(text, log),))).encode()}


class InMemory(miriam_verify.Archive):
    """A bundle whose files are given, for thousands of variants; zips are another test's concern."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self.entries = {
            name: miriam_verify.Entry(name, 0, 0, len(content), len(content), 0) for name, content in files.items()
        }

    def chunks(self, name: str) -> Any:
        """The content at once."""
        if name not in self._files:
            raise miriam_verify.ProofFails(f"{name} is not in the bundle")
        yield self._files[name]


def with_leaves(files: Files, leaves: list[bytes]) -> Files:
    """The same files with other leaves."""
    return {**files, "leaves.jsonl": b"".join(leaf + b"\n" for leaf in leaves)}


def subtrees(leaves: list[bytes], low: int, high: int, kept: set[int]) -> list[bytes]:
    """The hashes of a bundle that holds the leaves at `kept` alone, of the tree over leaves low + 1 .. high."""
    inside = [at for at in range(low + 1, high + 1) if at in kept]
    if not inside:
        return [merkle.root(map(merkle.leaf_hash, leaves[low:high]))]
    if len(inside) == high - low:
        return []
    middle = low + (1 << (high - low - 1).bit_length() - 1)
    return [*subtrees(leaves, low, middle, kept), *subtrees(leaves, middle, high, kept)]


def as_ranges(positions: list[int]) -> list[str]:
    """Positions as bundles list them."""
    firsts = [at for at in positions if at - 1 not in positions]
    lasts = [at for at in positions if at + 1 not in positions]
    return [f"{first}-{last}" for first, last in zip(firsts, lasts, strict=True)]


def cosigned(programme: Programme, leaves: list[bytes]) -> bytes:
    """A checkpoint of these leaves that both the log and the authority signed."""
    text = Checkpoint(programme.log.verifier.name, len(leaves), merkle.root(map(merkle.leaf_hash, leaves))).text()
    return str(Note(text, (sign(text, programme.log), cosign(text, programme.authority, 1_700_000_000)))).encode()


def recounted(files: Files, programme: Programme, position: int) -> Files:
    """Figures and evidence as the leaves of these files give them, by the verifier's own code."""
    files = resigned(files, programme.log, position=position)
    bundle = miriam_verify.Bundle(InMemory(files), miriam_verify.read_keys(""), miriam_verify.Findings(True))
    bundle.manifest = json.loads(files["manifest.json"])
    bundle.check_leaves()
    bundle.root = miriam_verify.root_with_gaps(position, bundle.held, bundle.hashes, bundle._hashes())
    register = bundle.at(position).register
    positions = {fact.event_id: fact.position for fact in register.ledger.facts.values()}
    positions |= {source.last_id: source.last_position for source in register.ledger.sources.values()}
    evidence: list[bytes] = []
    figures: list[miriam_verify.Figure] = []
    for item in bundle.indicators:
        rows = bundle.rows(item)
        evidence += miriam_verify.evidence_lines(item.code, rows, positions)
        figures += miriam_verify.figures_of(item, rows)
    lines = miriam_verify.report_lines(bundle, figures, miriam_verify.overlaps(figures))
    told = {"evidence.jsonl": evidence, "figures.json": list(lines)}
    made = {name: b"".join(line + b"\n" for line in content) for name, content in told.items()}
    return resigned({**files, **made}, programme.log, position=position)


def judge(files: Mapping[str, bytes], keys: Path, every: bool = False) -> miriam_verify.Findings:
    """What the verifier finds in these files."""
    findings = miriam_verify.Findings(every)
    with contextlib.suppress(miriam_verify.FirstUntruth), contextlib.redirect_stderr(io.StringIO()):
        known = miriam_verify.read_keys(keys.read_text())
        miriam_verify.Bundle(InMemory(files), known, findings).check()
    return findings


def run(bundle: Path, keys: Path, *options: str) -> tuple[int, str]:
    """The verifier's command on a zip, in process; its exit code and all that it said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = miriam_verify.main(["--key", str(keys), str(bundle), *options])
    return code, said.getvalue()
