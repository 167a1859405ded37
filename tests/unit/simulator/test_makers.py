"""Makers of two generations send at once; the edition is the same."""

from __future__ import annotations

from collections import Counter

import orjson
import pytest

import miriam_verify
from miriam_simulator import leaves, makers, scenario

EDITION = "2023-2024"


def test_both_versions_of_a_session_are_sent_and_old_ones_are_corrected_in_the_new() -> None:
    kinds: Counter[str] = Counter()
    across = 0
    for diary in scenario(EDITION).diaries():
        told = {item.recorded_id(): item.version for item in diary.items if item.type == "session.held"}
        for item in diary.items:
            if item.type.startswith("session.") and item.expect == "recorded":
                kinds[f"{item.type}.v{item.version}"] += 1
                if item.type == "session.corrected" and item.event["data"]["fact"] == "held":
                    first = told[item.event["data"]["corrects"]]
                    assert first <= item.version, "a fact is never corrected in an older version"
                    across += first < item.version
    share = kinds["session.held.v2"] / (kinds["session.held.v1"] + kinds["session.held.v2"])
    assert 0.15 < share < 0.6
    assert kinds["session.corrected.v1"] > 50
    assert kinds["session.corrected.v2"] > 50
    assert across > 5


def test_a_session_told_in_version_2_is_often_about_more_than_one_theme() -> None:
    lengths: Counter[int] = Counter()
    for diary in scenario(EDITION, scale=0.5).diaries():
        for item in diary.items:
            if item.type == "session.held" and item.version > 1 and item.expect == "recorded":
                lengths[len(item.event["data"]["themes"])] += 1
    assert set(lengths) == {1, 2, 3, 4}
    assert lengths[1] > lengths[2] > lengths[3] > lengths[4]


def test_every_figure_is_the_one_that_it_would_be_if_all_spoke_version_1(monkeypatch: pytest.MonkeyPatch) -> None:
    told = list(leaves(scenario(EDITION, 2, 0.3)))
    monkeypatch.setattr(makers, "retell", lambda desk: None)
    of_old = list(leaves(scenario(EDITION, 2, 0.3)))
    versions = Counter(orjson.loads(body)["type"] for body in told)
    assert versions["miriam.session.held.v2"] > 500
    assert not any(b"session.held.v2" in body for body in of_old)
    assert miriam_verify.figures(told, EDITION) == miriam_verify.figures(of_old, EDITION)
