"""The HTTP door of a small service: asked as nameko would ask it, and as a process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "running"))

from http_client import Client, new_token
from serving_fixtures import serve, service_token, world

from miriam_local.databases import DatabaseAccess
from miriam_platform import config, http_door
from miriam_platform.definition import ServiceDefinition
from miriam_platform.http_door import HttpDoor
from miriam_platform.keys import Keys

__all__ = ["serve", "service_token", "world"]
Rows = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def add_token(rows: Rows) -> Callable[..., str]:
    """Lets a token in; answers its text."""

    def add(holder: str = "anderlecht", *scopes: str, expires_at: str = "2999-01-01T00:00:00Z") -> str:
        text, token_id, hashed = new_token()
        given = list(scopes or ("emit", "receipts"))
        rows("select door.add_token(%s, %s, %s, %s, %s)", token_id, holder, hashed, given, expires_at)
        return text

    return add


@pytest.fixture
def new_door(
    definition: ServiceDefinition, access: DatabaseAccess, keys: Keys, register: Callable[[str], None]
) -> Iterator[Callable[..., HttpDoor]]:
    """Makes the door of a serving process, which knows `anderlecht` and `schaerbeek`; told what a process is told."""
    for emitter in ("anderlecht", "schaerbeek"):
        register(emitter)
    opened: list[HttpDoor] = []

    def make(**told: str) -> HttpDoor:
        given = config.read({"MIRIAM_DATABASE_URL": access.app_url, "MIRIAM_DOOR_EVENTS_PER_SECOND": "0", **told})
        opened.append(http_door.at(definition, given, keys))
        return opened[-1]

    yield make
    for door in opened:
        door.close()


@pytest.fixture
def client(new_door: Callable[..., HttpDoor], add_token: Callable[..., str]) -> Client:
    """`anderlecht`, who asks a door that was told nothing."""
    return Client(new_door(), add_token())
