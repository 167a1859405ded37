"""A small platform with some history, signed and witnessed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "running"))

from small_platform import SmallPlatform, small_platform

from miriam_local.databases import DatabaseAccess
from miriam_local.postgres import PrivatePostgres
from miriam_transparency.log import LogClient


@pytest.fixture
def platform(
    tmp_path: Path, new_database: Callable[..., DatabaseAccess], postgres: PrivatePostgres
) -> Iterator[SmallPlatform]:
    """Each CPAS has emitted some facts to each service; all is in the ledger, signed and cosigned."""
    with small_platform(tmp_path, new_database, postgres.url) as made:
        for emitter in made.emitters:
            made.emit("sessions", emitter, 8)
            made.emit("intake", emitter, 4)
            made.emit("groups", emitter, 2)
        made.report()
        made.take()
        made.sign()
        cosign(made)
        yield made


def cosign(platform: Any) -> None:
    with platform.witness().holding() as witness:
        witness.round(LogClient(platform.url))
