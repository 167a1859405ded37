"""A part of the 2023-24 edition from CPAS to report; each test goes on where the one before it stopped."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

import miriam_verify
from miriam_simulator import leaves, scenario

EDITION, SCALE = "2023-2024", 0.1
LEVELS = ("region", "cpas", "project")
# Each recording service refused something and tallied it: events that the generator's leaves do not hold.
TALLIES, TALLIED = 3, "D07"
pytestmark = pytest.mark.timeout(600)

Key = tuple[str, tuple[tuple[str, str], ...]]


def test_every_emission_is_answered_as_foreseen_and_counted(platform: Any) -> None:
    told = platform.miriam("demo", "--scale", str(SCALE))
    assert told["surprises"] == []
    assert told["sent"] == told["emissions"] == sum(told["receipts"].values())
    assert told["receipts"]["refused"] > 0
    assert told["receipts"]["duplicate"] > 0
    assert told["position"] == told["receipts"]["recorded"] + TALLIES
    [refused] = [f for f in platform.miriam("report", EDITION)["figures"] if (f["code"], f["by"]) == (TALLIED, {})]
    assert refused["numerator"] == told["receipts"]["refused"]


def test_the_report_is_the_one_that_the_reference_computes_from_the_generator_s_own_leaves(platform: Any) -> None:
    played = list(leaves(scenario(EDITION, scale=SCALE)))
    for level in LEVELS:
        report = platform.miriam("report", EDITION, "--by", level)
        expected = _by_key(miriam_verify.figures(played, EDITION, None, ("total", level)))
        found = _by_key(report["figures"])
        assert report["position"] == len(played) + TALLIES
        assert found.keys() == expected.keys()
        assert [(found[key], value) for key, value in expected.items() if found[key] != value] == []


def test_played_again_nothing_is_sent_and_no_figure_changes(platform: Any) -> None:
    before = platform.miriam("report", EDITION)
    told = platform.miriam("demo", "--scale", str(SCALE))
    assert (told["changed"], told["sent"], told["surprises"]) == (False, 0, [])
    assert platform.miriam("report", EDITION) == before


def test_at_the_end_there_is_a_way_into_the_pages_for_each_role_and_anew_each_time(platform: Any) -> None:
    once, again = (platform.miriam("demo", "--scale", str(SCALE))["look"] for _ in range(2))
    with urllib.request.urlopen(f"{once['pages']}/", timeout=30) as answer:
        assert answer.status == 200
    assert [each["role"] for each in once["links"]] == ["cpas", "authority", "auditor", "dpo", "operator"]
    urls = [each["url"] for each in (*once["links"], *again["links"])]
    assert len(set(urls)) == 10
    assert [_signed_in(each["url"]) for each in once["links"]] == [
        "CPAS anderlecht · someone", "Programme authority", "Auditor", "Data protection officer", "Operator"
    ]  # fmt: skip


def _signed_in(link: str) -> str:
    """Follow a link and press its button; as whom the page then says that one is there."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    browser.addheaders = [("Accept-Language", "en")]
    page = browser.open(link, timeout=30).read().decode("utf-8")
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    page = browser.open(link, urllib.parse.urlencode({"csrf_token": token}).encode(), timeout=30).read().decode("utf-8")
    found: list[str] = re.findall(r'class="viewer">([^<]+)<', page)
    return found[0]


def test_another_seed_of_the_same_edition_is_turned_away_with_a_next_step(platform: Any) -> None:
    said = platform.miriam("demo", "--scale", str(SCALE), "--seed", "99", expect=1)
    assert "another seed" in said
    assert "Next:" in said


def _by_key(figures: list[dict[str, Any]]) -> dict[Key, dict[str, Any]]:
    key: Callable[[dict[str, Any]], Key] = lambda figure: (figure["code"], tuple(sorted(figure["by"].items())))  # noqa: E731
    return {key(figure): figure for figure in figures if figure["code"] != TALLIED}
