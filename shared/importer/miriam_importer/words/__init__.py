"""What people read and type, in the four languages: data files, and the folding by which a word is known again.

The words of codes are the contracts' own (`miriam_contracts.words`).
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from miriam_contracts.problems import LANGUAGES
from miriam_contracts.words import codes, list_of

Word = Mapping[str, str]
# What spreadsheet programs show for true and false, beside the words of the list.
_TRUTH = {"true": ("true", "vrai", "waar", "wahr", "1"), "false": ("false", "faux", "onwaar", "falsch", "0")}


@cache
def data(name: str) -> dict[str, Any]:
    """One of the data files beside this module."""
    found: dict[str, Any] = json.loads(resources.files(__name__).joinpath(f"{name}.json").read_text("utf-8"))
    return found


def fold(text: str) -> str:
    """A text without case, accents, blanks and signs: as people differ in writing the same word."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe").casefold())
    return "".join(c for c in plain if c.isalnum())


def said(name: str, language: str, **values: object) -> str:
    """A text of the command, the template or the answers. Raises KeyError for a name that does not exist."""
    return str(data("texts")[name][language]).format(**values)


def heading(key: str, language: str) -> str:
    """The heading of a column."""
    return str(data("headings")[key][language])


def title(kind: str, language: str) -> str:
    """The title of a sheet."""
    return str(data("sheets")[kind][language])


def meaning(key: str, contract: str, language: str) -> str:
    """The sentence of help of a column: the contract's own, translated, or that of a column which is ours."""
    own = data("own_helps").get(key)
    if own:
        return str(own[language])
    return contract if language == "en" else str(data("helps")[contract][language])


def words_of(name: str, choices: Sequence[str]) -> dict[str, Word]:
    """The words of each code of a list: `facts.<family>`, a list of codes, or the codes themselves."""
    if name.startswith("facts."):
        return {code: data("facts")[f"{name.removeprefix('facts.')}.{code}"] for code in choices}
    if name:
        return {code: codes()[name][code] for code in choices}
    return {code: dict.fromkeys(LANGUAGES, code) for code in choices}


@cache
def known(name: str, choices: tuple[str, ...]) -> Mapping[str, str]:
    """Folded word, in any language, or folded code -> the code."""
    found: dict[str, str] = {}
    for code, words in words_of(name, choices).items():
        for word in (code, *words.values(), *(_TRUTH[code] if name == "yes_no" else ())):
            found[fold(word)] = code
    return found


__all__ = ["Word", "codes", "data", "fold", "heading", "known", "list_of", "meaning", "said", "title", "words_of"]
