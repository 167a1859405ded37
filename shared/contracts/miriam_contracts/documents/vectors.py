"""The published test vectors: receipts that are really signed and a block that is really sealed, with invented keys."""

import json
from importlib import resources
from typing import Any

FILE = resources.files(__package__).joinpath("vectors.json")


def vectors() -> dict[str, Any]:
    """The vectors as an object."""
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return found


def receipts() -> list[dict[str, Any]]:
    """A signed receipt of each outcome; the last answers what could not be read."""
    return [each["receipt"] for each in vectors()["receipts"]["signed"]]


def keys() -> dict[str, Any]:
    """The public keys that belong to them, as a service answers its own."""
    found = vectors()
    return {"personal": found["personal"]["public_key"], "receipt": found["receipts"]["public_key"]}
