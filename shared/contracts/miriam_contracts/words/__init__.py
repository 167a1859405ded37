"""Facts, their fields and their codes in words, in the four languages: what people read in place of a contract's names.

codes.json    the words of each code list, by the list's name in lower case (`codes.PLACES` is `places`)
facts.json    what each fact is called, by family and fact; `corrected` and `retracted` hold for every family
fields.json   what each field of a payload is called, by its name, at whatever depth it stands
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

Word = Mapping[str, str]


@cache
def codes() -> Mapping[str, Mapping[str, Word]]:
    """The words of each code, by list, code and language."""
    return _read("codes")


def list_of(choices: Sequence[str]) -> str:
    """The name of the word list that has exactly these codes; empty where codes are their own words."""
    wanted = set(choices)
    return next((name for name, words in sorted(codes().items()) if set(words) == wanted), "")


def code(choices: Sequence[str], value: str, language: str) -> str:
    """The word of a code of a list of choices; the code itself where the list has no words."""
    words = codes().get(list_of(choices), {})
    return words[value][language] if value in words else value


def fact(family: str, name: str, language: str) -> str:
    """What a fact is called: `fact("session", "held", "nl")`; family and fact where no contract has it."""
    told = name if name in ("corrected", "retracted") else f"{family}.{name}"
    word: Word | None = _read("facts").get(told)
    return told if word is None else word[language]


def field(name: str, language: str) -> str:
    """What a field of a payload is called; its name where no contract has it (what a later version added)."""
    word: Word | None = _read("fields").get(name)
    return name if word is None else word[language]


@cache
def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(resources.files(__name__).joinpath(f"{name}.json").read_text("utf-8"))
    return found
