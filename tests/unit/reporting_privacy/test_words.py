"""Every code of the register has its word in each of the four languages."""

from __future__ import annotations

import ast
import inspect

import pytest

from miriam_contracts.codes import LANGUAGES
from miriam_reporting.privacy import domain, register
from miriam_reporting.privacy.codes import ERASURE_GROUNDS, EXTENSION_REASONS, REFUSAL_GROUNDS, RIGHTS
from miriam_reporting.privacy.domain import Problem
from miriam_reporting.privacy.held import TABLES
from miriam_reporting.privacy.words import article, told, words


def rules_of_the_code() -> set[str]:
    """The rules that a `Problem(...)` of the register names: its second argument, or one of two."""
    calls = [
        node
        for module in (domain, register)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem"
    ]
    return {
        str(part.value) for call in calls for part in ast.walk(call.args[1])
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_a_word_for_each_code_and_no_other(language: str) -> None:
    found = words(language)
    assert set(found["right"]) == set(RIGHTS)
    assert set(found["step"]) == set(domain.STEPS)
    assert set(found["state"]) == set(domain.STATES)
    assert set(found["extension_reason"]) == set(EXTENSION_REASONS)
    assert set(found["erasure_ground"]) == set(ERASURE_GROUNDS)
    assert set(found["refusal_ground"]) == {ground for grounds in REFUSAL_GROUNDS.values() for ground in grounds}
    assert set(found["fact"]) == set(TABLES)
    assert {kind: set(found[kind]) for kind in found} == {kind: set(words("en")[kind]) for kind in words("en")}
    assert all(text.strip() for kind in found.values() for text in kind.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_that_the_code_names_is_told_in_a_sentence(language: str) -> None:
    rules = rules_of_the_code()
    assert len(rules) > 20
    assert rules <= set(words(language)["rule"])
    for rule in rules:
        assert words(language)["rule"][rule] in told(language, Problem("on", rule, "x"))


def test_an_article_is_named_as_each_language_names_the_regulation() -> None:
    assert [article(each, "12(3)") for each in ("en", "fr", "nl", "de")] == [
        "GDPR, art. 12(3)", "RGPD, art. 12(3)", "AVG, art. 12(3)", "DSGVO, Art. 12(3)",
    ]  # fmt: skip
