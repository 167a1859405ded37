"""What stood in an edition at a position: the statements that lay it out in temporary tables, and which need which.

Each file makes one table or view, named as the file is without its number, of tables with smaller numbers.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

_NAME = re.compile(r"\b\w+_at\b")
# Every report asks whether the edition is there, and every figure where its rows count.
_ALWAYS = ("edition_at", "cpas_at", "carrier_at")


@dataclass(frozen=True, slots=True)
class Standing:
    """One statement. `needs` are the other standing facts that it reads; `file` says in which order they are made."""

    file: str
    name: str
    statement: str
    needs: frozenset[str]

    @property
    def is_table(self) -> bool:
        """Whether it makes a table, of which the planner should know the size; else a view."""
        return "create temporary table" in self.statement


@cache
def standing() -> tuple[Standing, ...]:
    """All of them as this code has them, in the order in which they are made."""
    files = (file for file in resources.files(__package__).iterdir() if file.name.endswith(".sql"))
    return read({file.name: file.read_text("utf-8") for file in files})


def read(texts: Mapping[str, str]) -> tuple[Standing, ...]:
    """All of them from the texts of their files, in the order in which they are made."""
    found: dict[str, Standing] = {}
    for file in sorted(texts):
        name = file[3:].removesuffix(".sql")
        found[name] = Standing(file, name, texts[file], frozenset(_NAME.findall(texts[file])).intersection(found))
    return tuple(found.values())


def needed(statements: Iterable[str], facts: Sequence[Standing] | None = None) -> list[Standing]:
    """What these statements read, and what that is made of, in the order in which it is made.

    Of `facts`, where they are not those of this code.
    """
    facts = standing() if facts is None else facts
    wanted = set(_ALWAYS).union(*(_NAME.findall(statement) for statement in statements))
    for each in reversed(facts):
        if each.name in wanted:
            wanted |= each.needs
    return [each for each in facts if each.name in wanted]
