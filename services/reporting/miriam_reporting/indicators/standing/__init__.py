"""What stood in an edition at a position: the statements that lay it out in temporary tables, and which need which.

Each file makes one table or view, named as the file is without its number, of tables with smaller numbers.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

_NAME = re.compile(r"\b\w+_at\b")
# Every report asks whether the edition is there, and every figure where its rows count.
_ALWAYS = ("edition_at", "cpas_at", "carrier_at")


@dataclass(frozen=True, slots=True)
class Standing:
    """One statement. `needs` are the other standing facts that it reads."""

    name: str
    statement: str
    needs: frozenset[str]

    @property
    def is_table(self) -> bool:
        """Whether it makes a table, of which the planner should know the size; else a view."""
        return "create temporary table" in self.statement


@cache
def standing() -> tuple[Standing, ...]:
    """All of them, in the order in which they are made."""
    found: dict[str, Standing] = {}
    files = (file for file in resources.files(__package__).iterdir() if file.name.endswith(".sql"))
    for file in sorted(files, key=lambda file: file.name):
        name, text = file.name[3:].removesuffix(".sql"), file.read_text("utf-8")
        found[name] = Standing(name, text, frozenset(_NAME.findall(text)).intersection(found))
    return tuple(found.values())


def needed(statements: Iterable[str]) -> list[Standing]:
    """What these statements read, and what that is made of, in the order in which it is made."""
    wanted = set(_ALWAYS).union(*(_NAME.findall(statement) for statement in statements))
    for each in reversed(standing()):
        if each.name in wanted:
            wanted |= each.needs
    return [each for each in standing() if each.name in wanted]
