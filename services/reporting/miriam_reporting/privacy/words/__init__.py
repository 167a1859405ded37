"""Rights, steps, grounds and rules of the register in words: one JSON file a language, by kind and code."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from miriam_contracts.codes import LANGUAGES
from miriam_reporting.privacy.domain import Problem


@cache
def words(language: str) -> Mapping[str, Mapping[str, str]]:
    """Every word of a language, by kind and code. Raises KeyError for a language that there is none of."""
    if language not in LANGUAGES:
        raise KeyError(language)
    text = resources.files(__package__).joinpath(f"{language}.json").read_text("utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found


def word(language: str, kind: str, code: str) -> str:
    """The word of a code: `word("nl", "right", "erasure")` is "gegevenswissing"."""
    return words(language)[kind].get(code, code)


def article(language: str, number: str) -> str:
    """An article of the regulation: `article("fr", "12(3)")` is "RGPD, art. 12(3)"."""
    return words(language)["about"]["article"].format(number)


def told(language: str, problem: Problem) -> str:
    """Why a step cannot be taken, in a sentence that names field, rule and what would be allowed."""
    rule = words(language)["rule"][problem.rule]
    allowed = words(language)["about"]["allowed"].format(problem.allowed) if problem.allowed else ""
    return f"{words(language)['field'].get(problem.field, problem.field)}: {rule}{allowed}."
