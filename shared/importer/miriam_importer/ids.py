"""Ids out of rows: the same row has the same id, on whatever machine and however often it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from miriam_contracts.canonical import canonical

# Letters alone: among sixteen digits a national number could stand by chance, and such an id is refused.
_LETTERS = str.maketrans("0123456789abcdef", "ghijklmnopabcdef")
_LENGTH = 28  # 112 bits


def row_id(cpas: str, family: str, fact: str, key: Sequence[str]) -> str:
    """The id of the event of a row: of the CPAS, the fact, and the values by which the row is known; nothing else."""
    digest = hashlib.sha256(canonical([cpas, family, fact, *key])).hexdigest()
    return f"{family}.{fact}.{digest.translate(_LETTERS)[:_LENGTH]}"


def correction_id(row: str, number: int) -> str:
    """The id of a row's correction `number`, from 1."""
    return f"{row}-c{number}"


def withdrawal_id(row: str) -> str:
    """The id of a row's retraction."""
    return f"{row}-w"
