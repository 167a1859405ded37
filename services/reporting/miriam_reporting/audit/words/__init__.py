"""Views in words, in four languages: titles, what they show, headings, and the codes that only they have.

A column's codes are read aloud by the list of its name here, else by the reports' own (`reports/words`).
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from miriam_contracts.codes import LANGUAGES
from miriam_reporting.audit.views.model import Cell, Column, View
from miriam_reporting.reports import words as reports

# In place of a list of words: an amount, written as the language writes numbers.
NUMBER = "number"


@cache
def words(language: str) -> Mapping[str, Any]:
    """Every word of a language, by kind and code. Raises KeyError for a language that there is none of."""
    if language not in LANGUAGES:
        raise KeyError(language)
    found: dict[str, Any] = json.loads(resources.files(__package__).joinpath(f"{language}.json").read_text("utf-8"))
    return found


def heading(language: str, name: str, **given: object) -> str:
    """A heading, with its places filled in."""
    return str(words(language)["heading"][name]).format(**given)


def title(language: str, view: View) -> str:
    """The name of a view."""
    return str(words(language)["view"][view.name]["title"])


def says(language: str, view: View) -> str:
    """What a view shows, in a sentence."""
    return str(words(language)["view"][view.name]["says"])


def column(language: str, name: str) -> str:
    """The heading of a column."""
    return str(words(language)["column"][name])


def cell(language: str, of: Column, value: Cell) -> str:
    """A cell as a person reads it: codes in words (each, where spaces part several); what is not there stays empty."""
    if value is None:
        return ""
    if of.words == NUMBER and not isinstance(value, bool):
        return reports.number(value, language)
    if of.words:
        return ", ".join(_word(language, of.words, code) for code in str(value).split(" "))
    if isinstance(value, int) and not isinstance(value, bool):
        return reports.number(value, language)
    return str(value)


def _word(language: str, kind: str, code: str) -> str:
    own = words(language).get(kind, {})
    if code in own:
        return str(own[code])
    # Why something does not count is a reason like others.
    return reports.word(language, "reason" if kind == "counts" else kind, code)
