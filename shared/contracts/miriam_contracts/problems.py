"""Why a fact is refused: a rule's code, the field concerned, and what would have been allowed.

A problem never repeats the offending value: it could name a person.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

LANGUAGES = ("en", "fr", "nl", "de")


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule. `code` is in the rule catalogue; `field` is a path such as `data/scores/finances`."""

    code: str
    field: str = ""
    allowed: str = ""

    def under(self, path: str) -> "Problem":
        """The same problem, its field below `path`."""
        return Problem(self.code, f"{path}/{self.field}" if self.field else path, self.allowed)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A fact that is not recorded, and why: never without a problem."""

    problems: tuple[Problem, ...]

    def __post_init__(self) -> None:
        if not self.problems:
            raise ValueError("a refusal names at least one problem")


class ContractError(Exception):
    """An emission that breaks its contract. `problems` says how."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.field or '/'}: {p.code}" for p in self.problems))


@cache
def rules() -> dict[str, dict[str, str]]:
    """The rule catalogue: code -> sentence by language, with the places `{field}` and `{allowed}`."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted(resources.files("miriam_contracts").joinpath("rules").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".json"):
            found.update(json.loads(file.read_text("utf-8")))
    return found


def describe(problem: Problem, language: str = "en") -> str:
    """The sentence of a problem in one of LANGUAGES. Raises KeyError for a code or language that does not exist."""
    return rules()[problem.code][language].format(field=problem.field or "/", allowed=problem.allowed)
