"""Codes and headings in words: one JSON file a language, by kind of code. A code without a word is shown as it is."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import resources

from miriam_contracts.codes import LANGUAGES
from miriam_contracts.problems import Problem, describe, rules
from miriam_reporting.indicators.definitions import Indicator

_FIELD, _ANY = "\1", "\0"
_ALLOWED = re.compile(f"\\s*(;[^;]*{_ANY}[^;]*|:\\s*{_ANY})$")
_ALONE = re.compile(f"^{_FIELD}\\s*: ")
_COLON: Mapping[str, str] = {"fr": "\u00a0: "}
# Between thousands, and before decimals.
_SIGNS: Mapping[str, tuple[str, str]] = {"en": (",", "."), "fr": ("\u202f", ","), "nl": (".", ","), "de": (".", ",")}


@cache
def words(language: str) -> Mapping[str, Mapping[str, str]]:
    """Every word of a language, by kind and code. Raises KeyError for a language that there is none of."""
    if language not in LANGUAGES:
        raise KeyError(language)
    text = resources.files(__package__).joinpath(f"{language}.json").read_text("utf-8")
    found: dict[str, dict[str, str]] = json.loads(text)
    return found


def word(language: str, kind: str, code: str) -> str:
    """The word of a code: `word("nl", "domain", "housing")` is "huisvesting"."""
    return words(language).get(kind, {}).get(code, code)


def label(indicator: Indicator, part: str, language: str) -> str:
    """The name of a part of an indicator: "domain: housing"; of part '' the indicator's own name."""
    key, _, value = part.partition("=")
    if not key:
        return indicator.names[language]
    if key == "rule":
        return rule_in_words(value, language)
    named = words(language)["key"].get(key)
    return named_as(named, word(language, key, value), language) if named else word(language, key, value)


def rule_in_words(code: str, language: str) -> str:
    """What a rule refuses, of whatever field and value; its code where this code does not know it."""
    if code not in rules():
        return code
    # What would be allowed is another for each field, so that clause says nothing here.
    told = _ALLOWED.sub("", describe(Problem(code, _FIELD, _ANY), language)).rstrip(".").replace(_ANY, "…")
    told = _ALONE.sub("", told)
    first = word(language, "rule", "field")
    told = f"{first}{told[1:]}" if told.startswith(_FIELD) else told.replace(_FIELD, word(language, "rule", "in_field"))
    return f"{told[0].upper()}{told[1:]}"


def named_as(name: str, value: str, language: str) -> str:
    """A name and its value, with the colon between as that language writes it: in French a space goes before."""
    return f"{name}{_COLON.get(language, ': ')}{value}"


def unit_of(unit: str, value: int | Decimal, language: str) -> str:
    """The unit of so many: 1 woman, 2 women; 1,5 femme, for French is in the plural from two on."""
    one = -2 < value < 2 if language == "fr" else str(value) in ("1", "-1")
    return words(language)["one"].get(unit, word(language, "unit", unit)) if one else word(language, "unit", unit)


def number(value: int | str | None, language: str) -> str:
    """An integer or decimal string as that language writes it; a dash where there is no value."""
    if value is None:
        return "–"
    thousands, point = _SIGNS[language]
    whole, _, fraction = str(value).partition(".")
    grouped = f"{int(whole):,}".replace(",", thousands)
    if whole.startswith("-") and not grouped.startswith("-"):
        grouped = f"-{grouped}"
    return f"{grouped}{point}{fraction}" if fraction else grouped
