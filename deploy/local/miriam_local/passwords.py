"""Passwords that one deployment made for itself, kept in one file that its owner alone may read.

Where secrets come from elsewhere (a container platform), MIRIAM_SECRET_<NAME> gives one: MIRIAM_SECRET_SERVICE_INTAKE
for `service.intake`. Such a one is used and not written down.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def write_private(path: Path, content: Any) -> None:
    """Write JSON to a file of mode 600, whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.touch(mode=0o600)
    beside.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    beside.replace(path)


@dataclass(frozen=True)
class Passwords:
    """Random passwords by name, made at the first asking."""

    path: Path

    def of(self, name: str) -> str:
        """The password of that name, the same at each call: the environment's, or else 32 random hex digits."""
        given = os.environ.get("MIRIAM_SECRET_" + re.sub(r"[^A-Z0-9]", "_", name.upper()))
        if given:
            return given
        known: dict[str, str] = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}
        if name not in known:
            known[name] = secrets.token_hex(16)
            write_private(self.path, known)
        return known[name]
