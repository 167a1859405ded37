"""The golden examples: every type as it is emitted and as it is recorded, kept for ever.

`golden/<family>.<fact>.v<N>/emitted-<name>.json` is an emission; `recorded-<name>.json` holds the exact bytes of a
recorded event, whose leaf hash stands in `golden/leaves.json`. A maker tests with them; so do we.
"""

import json
import re
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

from miriam_contracts.envelope import without_personal

_VERSION = re.compile(r"\.v[1-9][0-9]*$")


class Example(NamedTuple):
    """One file: `kind` is `session.held.v1`, `name` is `typical`, `stage` is `emitted` or `recorded`."""

    kind: str
    stage: str
    name: str
    body: bytes

    @property
    def path(self) -> str:
        """Its place below the folder of examples."""
        return f"{self.kind}/{self.stage}-{self.name}.json"

    @property
    def event(self) -> dict[str, Any]:
        """The event in it."""
        value: dict[str, Any] = json.loads(self.body)
        return value


def examples(stage: str = "") -> Iterator[Example]:
    """All examples, or those of one stage, in the order of their paths."""
    for kind in sorted((folder for folder in _folder().iterdir() if folder.is_dir()), key=lambda f: f.name):
        for file in sorted(kind.iterdir(), key=lambda f: f.name):
            found, _, name = file.name.removesuffix(".json").partition("-")
            if not stage or found == stage:
                yield Example(kind.name, found, name, file.read_bytes())


def leaves() -> dict[str, str]:
    """The leaf hash, in hexadecimal, of each recorded example, by its path."""
    found: dict[str, str] = json.loads(_folder().joinpath("leaves.json").read_text("utf-8"))
    return found


def emitted(kind: str, name: str = "typical") -> dict[str, Any]:
    """The emission `golden/<kind>/emitted-<name>.json`; version 1 where `kind` names none. Raises FileNotFoundError."""
    file = _folder().joinpath(versioned(kind), f"emitted-{name}.json")
    event: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return event


def payload(kind: str, name: str = "typical", **changes: Any) -> dict[str, Any]:
    """The payload of an emitted example without its personal block, with some fields changed."""
    return {**without_personal(emitted(kind, name)["data"]), **changes}


def versioned(kind: str) -> str:
    """`session.held.v1` of `session.held`; `session.held.v2` stays what it is."""
    return kind if _VERSION.search(kind) else f"{kind}.v1"


def _folder() -> Traversable:
    return resources.files("miriam_contracts").joinpath("golden")
