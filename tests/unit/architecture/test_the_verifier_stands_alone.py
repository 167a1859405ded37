"""An auditor takes one file home: it must run where nothing but Python is installed."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import miriam_verify


def test_the_verifier_imports_the_standard_library_alone() -> None:
    tree = ast.parse(Path(miriam_verify.__file__).read_text(encoding="utf-8"))
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno} imports from beside the file"
            imported.add(node.module or "")
    foreign = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}
    assert foreign == set()
