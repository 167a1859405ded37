"""The rule catalogue and the code agree: every rule that can refuse has its sentences, and no sentence is left over."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from miriam_contracts.problems import LANGUAGES, Problem, describe, rules

ROOT = Path(__file__).parents[2]
SOURCES = (
    "shared/contracts", "shared/platform", "services/intake", "services/sessions", "services/groups",
    "services/reporting/miriam_reporting/reports/life",
)  # fmt: skip
# Where a rule's code stands among the arguments of the functions that make problems: (code, allowed).
MAKERS = {"Problem": (0, 2), "refuse": (0, 1), "once": (3, None), "not_before": (2, -1), "not_after": (2, -1)}
# Functions that pass a code on: their callers are looked at.
PASSING_ON = {"refuse", "once", "not_before", "not_after"}


def calls() -> Iterator[tuple[str, bool, str]]:
    """Every code in the source, whether the value allowed is given with it, and where."""
    constants = door_constants()
    for source in SOURCES:
        for file in sorted((ROOT / source).rglob("*.py")):
            tree = ast.parse(file.read_text("utf-8"))
            for function, call in calls_in(tree):
                name = call.func.id if isinstance(call.func, ast.Name) else ""
                if name not in MAKERS or function in PASSING_ON:
                    continue
                code_at, allowed_at = MAKERS[name]
                if len(call.args) <= code_at:
                    continue  # a function of the same name in another module
                code = code_of(call.args[code_at], constants)
                where = f"{file.relative_to(ROOT)}:{call.lineno}"
                allowed = allowed_at == -1 or (
                    allowed_at is not None
                    and (len(call.args) > allowed_at or any(keyword.arg == "allowed" for keyword in call.keywords))
                )
                if code is not None:
                    yield code, allowed, where


def calls_in(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    def visit(node: ast.AST, function: str) -> Iterator[tuple[str, ast.Call]]:
        inside = node.name if isinstance(node, ast.FunctionDef) else function
        if isinstance(node, ast.Call):
            yield inside, node
        for child in ast.iter_child_nodes(node):
            yield from visit(child, inside)

    yield from visit(tree, "")


def code_of(argument: ast.expr, constants: dict[str, str]) -> str | None:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    if isinstance(argument, ast.Attribute) and argument.attr == "code":
        return None  # a problem that is passed on
    if isinstance(argument, ast.Attribute) and isinstance(argument.value, ast.Name) and argument.value.id == "rules":
        return constants[argument.attr]
    raise AssertionError(f"a rule's code must be written out: {ast.unparse(argument)}")


def door_constants() -> dict[str, str]:
    tree = ast.parse((ROOT / "shared/platform/miriam_platform/rules.py").read_text("utf-8"))
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and isinstance(node.targets[0], ast.Name)
    }


USED = defaultdict(list)
for _code, _allowed, _where in calls():
    USED[_code].append((_allowed, _where))


def test_the_source_was_read() -> None:
    assert {"goal_not_set", "id_reused", "required", "wrong_form", "before_enrolment", "session_id_used"} <= set(USED)


def test_every_rule_has_its_sentences() -> None:
    missing = {code: places for code, places in USED.items() if code not in rules()}
    assert not missing


def test_no_sentence_is_left_over() -> None:
    assert set(rules()) - set(USED) == set()


def test_no_rule_stands_in_two_files() -> None:
    folder = ROOT / "shared/contracts/miriam_contracts/rules"
    keys = [
        key for file in sorted(folder.glob("*.json")) for key in re.findall(r'^  "(\w+)": \{', file.read_text(), re.M)
    ]
    assert sorted(keys) == sorted(rules())


@pytest.mark.parametrize("code", sorted(rules()))
def test_a_rule_speaks_four_languages_and_leaves_no_brace(code: str) -> None:
    assert set(rules()[code]) == set(LANGUAGES)
    problem = Problem(code, "data/occurred_on", "2024-01-01..")
    sentences = [describe(problem, language) for language in LANGUAGES]
    assert len(set(sentences)) == len(LANGUAGES)
    for sentence in sentences:
        assert not set("{}") & set(sentence)
        assert sentence.endswith(".")
        assert sentence == sentence.strip()


@pytest.mark.parametrize("code", sorted(rules()))
def test_all_languages_name_the_same_things(code: str) -> None:
    named = {frozenset(re.findall(r"\{(\w+)\}", sentence)) for sentence in rules()[code].values()}
    assert len(named) == 1


@pytest.mark.parametrize("code", sorted(rules()))
def test_a_sentence_names_what_is_allowed_only_where_every_caller_says_it(code: str) -> None:
    if "{allowed}" in rules()[code]["en"]:
        assert [where for allowed, where in USED[code] if not allowed] == []


def test_what_is_allowed_may_hold_braces_of_its_own() -> None:
    assert "[a-z]{2}" in describe(Problem("wrong_form", "data/project", "[a-z]{2}"), "fr")
