"""Bundles as the command makes them: what they hold is proved, and what they cannot prove is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scenario import Programme

import miriam_verify


def verify(bundle: Path, keys: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Run the verifier as an auditor does, with no packages in sight."""
    command = [sys.executable, "-I", "-S", miriam_verify.__file__, "--key", str(keys), str(bundle), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("name", ["ledger", "earlier", "edition", "alpha", "gamma"])
def test_a_good_bundle_agrees_in_everything(programme: Programme, bundles: dict[str, Path], name: str) -> None:
    code, told = verify(bundles[name], programme.authority_pub)
    assert (code, told["untrue"]) == (0, [])
    checked = [each["what"] for each in told["agrees"]]
    assert checked == ["files", "checkpoint", "leaves", "root", "figures", "evidence", "definitions", "reports"]
