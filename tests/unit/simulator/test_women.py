"""Women who do not exist: their numbers are valid, nobody shares one, and nothing of them leaves a personal block."""

from __future__ import annotations

import datetime as dt

import orjson
import pytest
from stdnum.be import ssn

from miriam_contracts.envelope import personal_of, without_personal
from miriam_simulator import leaves, scenario
from miriam_simulator.editions import day
from miriam_simulator.people import MOST_WOMEN, national_number, woman

FIRST_DAY = day("2023-07-01")


@pytest.mark.parametrize("index", [0, 1, 498, 499, 20_000, MOST_WOMEN - 1])
def test_both_her_numbers_are_valid(index: int) -> None:
    her = woman(1, index, "fr", FIRST_DAY)
    assert ssn.is_valid(her.niss)
    assert ssn.is_valid(her.bis)
    assert her.niss != her.bis


def test_no_two_women_share_a_number() -> None:
    numbers = {woman(1, index, "nl", FIRST_DAY).niss for index in range(3000)}
    assert len(numbers) == 3000


def test_a_number_of_somebody_born_from_2000_has_a_2_before_it() -> None:
    assert national_number(dt.date(2001, 2, 3).toordinal(), 4) == f"010203004{97 - 2_010_203_004 % 97:02d}"


def test_there_are_only_so_many_women() -> None:
    with pytest.raises(ValueError, match="numbered"):
        woman(1, MOST_WOMEN, "de", FIRST_DAY)


def test_nothing_personal_stands_outside_a_personal_block() -> None:
    """Names, numbers and notes of some CPAS, searched in every event without its block, and in every leaf."""
    played = scenario("2023-2024", 1, 0.12)
    secrets: set[bytes] = set()
    bare: list[bytes] = []
    for diary in played.diaries():
        for item in diary.items:
            block = personal_of(item.event["data"])
            if block:
                secrets |= {value.encode() for name, value in block.items() if name in ("niss", "last_name", "text")}
            bare.append(orjson.dumps({**item.event, "data": without_personal(item.event["data"])}))
    assert len(secrets) > 300
    everything = b"\n".join([*bare, *leaves(played)])
    assert [secret for secret in secrets if secret in everything] == []
