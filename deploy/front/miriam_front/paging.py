"""The receipts of all services as one list, oldest first, and a cursor that holds a place in each of them."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_BETWEEN = "~"
# Three of them make a cursor of the published form: [A-Za-z0-9._~=,-]{1,200}.
_PLACE = re.compile(r"[A-Za-z0-9._=,-]{0,64}", re.ASCII)


class BadCursor(Exception):
    """No cursor of ours."""


@dataclass(frozen=True)
class Page:
    """Receipts of one service behind a cursor, and its cursor behind them."""

    receipts: Sequence[Mapping[str, Any]]
    next: str


# (after, limit) by owner -> page by owner; `after` is empty for the beginning.
Fetch = Callable[[Mapping[str, tuple[str, int]]], dict[str, Page]]


def read(cursor: str, owners: Sequence[str]) -> dict[str, str]:
    """The place in each owner's list that a cursor holds; the beginning of each where it is empty.

    Raises:
        BadCursor: it is none of ours.
    """
    if not cursor:
        return dict.fromkeys(owners, "")
    parts = cursor.split(_BETWEEN)
    if len(parts) != len(owners) or not all(fits(part) for part in parts):
        raise BadCursor
    return dict(zip(owners, parts, strict=True))


def write(places: Mapping[str, str]) -> str:
    """The cursor that holds these places."""
    return _BETWEEN.join(places.values())


def fits(place: str) -> bool:
    """Whether a service's cursor can be a part of ours."""
    return _PLACE.fullmatch(place) is not None


def merged(after: Mapping[str, str], limit: int, fetch: Fetch) -> Page:
    """The next `limit` receipts of all owners by their time, each owner's in its own order.

    An owner tells its cursor at the end of what it gave. Where only some of that is taken, it is asked again for as
    many, so that its cursor stands exactly behind them.
    """
    pages = fetch({owner: (place, limit) for owner, place in after.items()})
    taken = Counter(owner for owner, _ in _by_time(pages)[:limit])
    some = [owner for owner, page in pages.items() if 0 < taken[owner] < len(page.receipts)]
    cut = {owner: (after[owner], taken[owner]) for owner in some}
    left = {owner: Page([], after[owner]) for owner, page in pages.items() if page.receipts and not taken[owner]}
    pages |= left | (fetch(cut) if cut else {})
    return Page([receipt for _, receipt in _by_time(pages)], write({owner: pages[owner].next for owner in after}))


def _by_time(pages: Mapping[str, Page]) -> list[tuple[str, Mapping[str, Any]]]:
    lists = [[(owner, receipt) for receipt in page.receipts] for owner, page in pages.items()]
    # A merge, not a sort: each owner's order stays, whatever its clock did.
    return list(heapq.merge(*lists, key=lambda pair: str(pair[1].get("time", ""))))
