"""A bundle of 100,000 events with every figure and row of evidence, checked in half a gibibyte of memory.

How long it takes is measured by `make bench-scale`.
"""

from __future__ import annotations

import hashlib
import resource
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bundle_altering import cosigned, put_together, recounted
from histories import seeded

import miriam_verify
from miriam_transparency import notes
from miriam_transparency.keys import SigningKey

EVENTS = 100_000
HALF_A_GIBIBYTE = 512 * 1024**2


@pytest.mark.timeout(600)
def test_a_hundred_thousand_events_take_half_a_gibibyte_at_most(tmp_path: Path) -> None:
    """48 CPAS and 48 projects, as large as an edition of the programme."""
    signers: Any = SimpleNamespace(
        log=SigningKey.make("miriam.example/ledger", notes.LOG),
        authority=SigningKey.make("spp.example/witness", notes.COSIGNATURE),
    )
    out, keys = bundle(tmp_path, signers), tmp_path / "AUTHORITY.pub"
    keys.write_text(f"{signers.authority.verifier.text()}\n{signers.log.verifier.text()}\n")
    command = [sys.executable, "-I", "-S", miriam_verify.__file__, "--key", str(keys), str(out)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, preexec_fn=_limited).stdout
    assert "100000 recorded events in canonical form" in said


def bundle(folder: Path, signers: Any) -> Path:
    leaves = seeded(7, EVENTS, copies=12, check=False)
    listing = b"[]"
    digest = hashlib.sha256(listing).hexdigest()
    manifest = {
        "definitions": {"digest": digest, "name": "current"},
        "edition": "2023",
        "figures": [item.code for item in miriam_verify.INDICATORS],
        "log": "miriam.example/ledger",
        "scope": {"kind": "ledger"},
        "format": miriam_verify.FORMAT,
    }
    files = {
        "checkpoint.txt": cosigned(signers, leaves),
        "evidence.jsonl": b"",
        "figures.json": b"",
        "hashes.bin": b"",
        f"indicators/definitions.{digest[:12]}": listing,
        "leaves.jsonl": b"".join(leaf + b"\n" for leaf in leaves),
        "positions.txt": f"1-{len(leaves)}\n".encode(),
        "publications.json": b"{}",
        "retired.txt": b"",
        "manifest.json": miriam_verify.canonical(manifest),
        "manifest.sig": b"",
    }
    return put_together(recounted(files, signers, len(leaves)), folder / "bundle.zip")


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (HALF_A_GIBIBYTE, HALF_A_GIBIBYTE))
