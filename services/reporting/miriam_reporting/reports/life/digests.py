"""Digests of figures: salted SHA-256 over canonical JSON, of a whole report or of what is one CPAS's own in it."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from miriam_contracts.canonical import canonical

SALT_BYTES = 32

# Figures as `report --json` prints them.
FiguresJson = Sequence[Mapping[str, Any]]


def figures_text(figures: FiguresJson) -> str:
    """The figures as they are hashed and kept."""
    return canonical(list(figures)).decode()


def digest(salt: bytes, text: str) -> str:
    """SHA-256 over the salt and a text, hexadecimal. Raises ValueError for a salt of another length than 32 bytes."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 32 bytes")
    return hashlib.sha256(salt + text.encode()).hexdigest()


def own(figures: FiguresJson, cpas: str, projects: Collection[str]) -> list[Mapping[str, Any]]:
    """The figures of a CPAS: those of its level, and those of the projects that it carries, in their order."""
    return [each for each in figures if each["by"].get("cpas") == cpas or each["by"].get("project") in projects]
