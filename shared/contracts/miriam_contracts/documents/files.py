"""Every generated file, by its place below `shared/contracts/generated`."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from miriam_contracts.catalogue import EVENT_TYPES
from miriam_contracts.documents import answers, asyncapi, events, vectors
from miriam_contracts.documents.openapi import door, reporting, service
from miriam_contracts.documents.page import page

FOLDER = Path(__file__).resolve().parents[2] / "generated"
COMMAND = "make documents"


def files() -> dict[str, bytes]:
    """The documents as the contracts make them now: place -> content."""
    return {place: make() for place, make in makers().items()}


def makers() -> dict[str, Callable[[], bytes]]:
    """What makes each document, by its place: who needs one need not make them all."""
    return dict(_makers())


def kept(folder: Path) -> dict[str, bytes]:
    """The documents as they lie in a folder; none where there is no folder."""
    found = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in found}


def differing(made: Mapping[str, bytes], found: Mapping[str, bytes]) -> list[str]:
    """The places of what is missing, left over, or not as it is made now."""
    return sorted(place for place in made.keys() | found.keys() if made.get(place) != found.get(place))


def write(folder: Path) -> list[str]:
    """Write the documents into a folder, and remove what is no longer one; answer the places that changed."""
    made = files()
    changed = differing(made, kept(folder))
    for place in changed:
        file = folder / place
        if place in made:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(made[place])
        else:
            file.unlink()
    return changed


def _makers() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for name, event_type in EVENT_TYPES.items():
        if event_type.emitted_by:
            yield f"schemas/{name}.json", _json(partial(events.emitted, event_type))
        yield f"schemas/recorded/{name}.json", _json(partial(events.recorded, event_type))
    yield "schemas/receipt.json", _json(answers.receipt)
    yield "catalogue.html", page
    yield "asyncapi.json", _json(asyncapi.document)
    yield "openapi/door.json", _json(door.document)
    yield "openapi/service.json", _json(service.document)
    yield "openapi/reporting.json", _json(reporting.document)
    # Made once with keys that no service uses: a signature cannot be made anew without them.
    yield "vectors.json", vectors.FILE.read_bytes


def _json(make: Callable[[], Mapping[str, Any]]) -> Callable[[], bytes]:
    return lambda: json.dumps(make(), indent=1, ensure_ascii=False).encode() + b"\n"
