"""The fact tables as their files define them: which facts they hold, their DDL, what fills them, their indexes."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from miriam_contracts.catalogue import EVENT_TYPES

COMMON = "000_version.sql"
_SECTION = re.compile(r"^-- \[(\w+)\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FactTable:
    """One fact table.

    facts      names of the facts that it holds, `<family>.<fact>`, all of one family
    types      the event types that state them
    corrected  the event types that correct facts of the family; likewise `retracted`
    table, rows, indexes   its statements; `rows` selects from `versions`
    """

    name: str
    facts: tuple[str, ...]
    types: tuple[str, ...]
    corrected: tuple[str, ...]
    retracted: tuple[str, ...]
    table: str
    rows: str
    indexes: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The facts' names without their family."""
        return [fact.partition(".")[2] for fact in self.facts]


@dataclass(frozen=True, slots=True)
class Definition:
    """All fact tables. `digest` (SHA-256 of their files) tells whether a database's tables were made from these."""

    common: str
    tables: tuple[FactTable, ...]
    digest: str


@cache
def definition() -> Definition:
    """The definition that this code came with."""
    folder = resources.files("miriam_reporting.facts").joinpath("tables")
    texts = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".sql")}
    digest = hashlib.sha256()
    for name in sorted(texts):
        digest.update(f"{name}\0{texts[name]}\0".encode())
    tables = tuple(parse(name.removesuffix(".sql"), texts[name]) for name in sorted(texts) if name != COMMON)
    return Definition(sections(texts[COMMON])["table"], tables, digest.hexdigest())


def parse(name: str, text: str) -> FactTable:
    """A fact table from its file. Raises ValueError for a fact that the catalogue does not know."""
    parts = sections(text)
    facts = tuple(parts["facts"].split())
    families = {fact.partition(".")[0] for fact in facts}
    if len(families) != 1:
        raise ValueError(f"{name}: facts of one family, please, not of {sorted(families)}")
    family = families.pop()
    types = tuple(t.type for t in EVENT_TYPES.values() if t.routing_key in facts)
    if len({EVENT_TYPES[t].routing_key for t in types}) != len(facts):
        raise ValueError(f"{name}: the catalogue does not know each of {', '.join(facts)}")
    return FactTable(
        name=name,
        facts=facts,
        types=types,
        corrected=_of(family, "corrected"),
        retracted=_of(family, "retracted"),
        table=parts["table"],
        rows=parts["rows"],
        indexes=tuple(line for line in parts["indexes"].splitlines() if line.strip()),
    )


def _of(family: str, fact: str) -> tuple[str, ...]:
    return tuple(t.type for t in EVENT_TYPES.values() if t.family == family and t.fact == fact)


def sections(text: str) -> Mapping[str, str]:
    """The parts of a file, each under its `-- [name]` line."""
    pieces = _SECTION.split(text)
    return {name: body.strip() for name, body in zip(pieces[1::2], pieces[2::2], strict=True)}
