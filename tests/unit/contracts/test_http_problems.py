from __future__ import annotations

import pytest

from miriam_contracts.http_problems import HttpProblem, language_of
from miriam_contracts.problems import Problem


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("fr", "fr"),
        ("nl-BE, fr;q=0.8", "nl"),
        ("fr;q=0.4, de-DE;q=0.9", "de"),
        ("es, it;q=0.9, fr;q=0.2", "fr"),
        ("fr;q=0", "en"),
        ("FR", "fr"),
        ("*", "en"),
        ("fr;q=high", "en"),
        ("," * 10_000, "en"),
    ],
)
def test_the_language_is_the_one_that_is_liked_best(header: str | None, language: str) -> None:
    assert language_of(header) == language


def test_a_problem_says_what_is_wrong_where_and_what_would_do() -> None:
    refused = HttpProblem(400, Problem("http_bad_argument", "limit", "1..1000"))
    assert refused.body("fr") == {
        "type": "urn:miriam:http:bad_argument",
        "title": "L'argument limit n'est pas valable ; autorisé : 1..1000.",
        "status": 400,
        "code": "bad_argument",
        "detail": "L'argument limit n'est pas valable ; autorisé : 1..1000.",
        "field": "limit",
        "allowed": "1..1000",
    }


def test_what_was_settled_all_the_same_stands_in_the_answer() -> None:
    body = HttpProblem(503, Problem("http_unavailable"), "tell").body("de", [{"receipt": "recorded"}])
    assert (body["receipts"], body["detail"]) == ([{"receipt": "recorded"}], "tell")
