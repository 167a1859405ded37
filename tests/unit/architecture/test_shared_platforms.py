"""Test files that share a platform are there under their names, and run together in the order that is given."""

from __future__ import annotations

from pathlib import Path

import sharing

TESTS = Path(__file__).parents[2]


def test_every_file_that_shares_a_platform_exists() -> None:
    named = [file for files in sharing.TOGETHER.values() for file in files]
    assert named
    assert [file for file in named if not (TESTS / file).is_file()] == []
    assert len(set(named)) == len(named)


def test_a_group_runs_together_in_its_order_and_all_others_stay_where_they_are() -> None:
    first, second = (f"tests/{file}" for file in sharing.TOGETHER["edition"])
    files = ["tests/a.py", second, "tests/b.py", first, second]
    assert [files[number] for number in sharing.in_order(files)] == ["tests/a.py", first, second, second, "tests/b.py"]
    assert sharing.group_of(first) == sharing.group_of(second) == "edition"
    assert sharing.group_of("tests/b.py") == "tests/b.py"


def test_the_hostile_share_theirs_and_those_below_need_none() -> None:
    assert sharing.group_of("tests/hostile/test_bounds.py") == sharing.group_of("tests/hostile/test_malformed.py")
    below = "tests/hostile/tampering/test_tampering.py"
    assert sharing.group_of(below) == below
