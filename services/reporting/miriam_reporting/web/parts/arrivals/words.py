"""Kinds of events, rules and families in the reader's words."""

from miriam_contracts.problems import Problem, describe, rules
from miriam_reporting.reports.words import rule_in_words
from miriam_reporting.web.asked import Asked
from miriam_reporting.web.parts.evidence.saying import title
from miriam_reporting.web.parts.outcomes.places import Place, names


def kind(type_: str, fact: str, asked: Asked) -> str:
    """What an event is called: `Individual session held`."""
    return title(type_, {"fact": fact}, asked.language)


def called(cpas: str, asked: Asked) -> str:
    """The name of a CPAS."""
    return names(asked).of(Place("cpas", cpas))


def rule(code: str, asked: Asked) -> str:
    """What a rule refuses, where field and value are not known; its code where this code does not know it."""
    return rule_in_words(code, asked.language)


def refusal(told: dict[str, str], asked: Asked) -> str:
    """Why one event was refused; a rule of a later version by its code."""
    problem = Problem(told["code"], told["field"], told["allowed"])
    return describe(problem, asked.language) if problem.code in rules() else f"{problem.code} {problem.field}"
