"""Receipts of three services read as one list: each once, in order, whatever the page's size and however they grow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miriam_front.paging import BadCursor, Page, merged, read, write

FORM = re.compile(r"[A-Za-z0-9._~=,-]{1,200}")  # as published
OWNERS = ("intake", "sessions", "groups")
Lists = dict[str, list[dict[str, Any]]]


def fetch_from(lists: Lists) -> Any:
    """What the services would answer that hold these receipts; their cursor is the number of receipts before it."""

    def fetch(wanted: Mapping[str, tuple[str, int]]) -> dict[str, Page]:
        pages = {}
        for owner, (after, limit) in wanted.items():
            begin = int(after or "0")
            taken = lists[owner][begin : begin + limit]
            pages[owner] = Page(taken, str(begin + len(taken)))
        return pages

    return fetch


def walk(lists: Lists, limit: int) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    cursor = ""
    while True:
        page = merged(read(cursor, OWNERS), limit, fetch_from(lists))
        assert len(page.receipts) <= limit
        assert FORM.fullmatch(page.next)
        if not page.receipts:
            return found
        found += page.receipts
        cursor = page.next


@given(st.lists(st.tuples(st.sampled_from(OWNERS), st.integers(0, 9)), max_size=30), st.integers(1, 12))
def test_every_receipt_is_read_once_and_each_services_in_its_order(written: list[tuple[str, int]], limit: int) -> None:
    lists: Lists = {owner: [] for owner in OWNERS}
    for number, (owner, time) in enumerate(written):
        lists[owner].append({"number": number, "owner": owner, "time": f"2024-01-01T00:00:0{time}Z"})
    found = walk(lists, limit)
    assert len(found) == len(written)
    for owner in OWNERS:
        assert [each for each in found if each["owner"] == owner] == lists[owner]


@given(st.lists(st.tuples(st.sampled_from(OWNERS), st.integers(0, 3)), max_size=30), st.integers(1, 12))
def test_the_oldest_comes_first_over_all_pages(written: list[tuple[str, int]], limit: int) -> None:
    lists: Lists = {owner: [] for owner in OWNERS}
    hour = 0
    for owner, later in written:
        hour += later
        lists[owner].append({"time": f"2024-01-01T{hour:05}"})
    times = [each["time"] for each in walk(lists, limit)]
    assert times == sorted(times)


def test_where_nothing_is_new_the_cursor_stays() -> None:
    lists: Lists = {owner: [{"time": "1"}] for owner in OWNERS}
    page = merged(read("", OWNERS), 10, fetch_from(lists))
    assert merged(read(page.next, OWNERS), 10, fetch_from(lists)) == Page([], page.next)


def test_what_a_services_cursor_holds_does_not_matter() -> None:
    places = {"intake": "a.b_c=,-", "sessions": "", "groups": "9" * 64}
    assert read(write(places), OWNERS) == places
    assert FORM.fullmatch(write(dict.fromkeys(OWNERS, "9" * 64)))


@pytest.mark.parametrize("text", ["~", "~~~", "a", "é~~", "1~2~3\n", "~~+", " ~~", "x" * 65 + "~~", "~~/"])
def test_a_cursor_that_is_none_of_ours_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        read(text, OWNERS)
