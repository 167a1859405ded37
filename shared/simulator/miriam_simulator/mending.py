"""Corrections and retractions: no fact is changed, so a mistake is answered by an event that names the first one."""

from typing import Any

from miriam_simulator.diary import Diary, Event, Item
from miriam_simulator.editions import iso


def correct(diary: Diary, item: Item, replacement: Event, *, noted: int, reason: str, supersedes: str = "") -> Item:
    """Correct a fact by its whole replacement. Correcting again supersedes the correction before.

    `supersedes` overrides the version that was seen, to make a stale one.
    """
    return _mend(diary, item, "corrected", "corrects", noted, reason, supersedes, replacement=replacement)


def retract(diary: Diary, item: Item, *, noted: int, reason: str) -> Item:
    """Say that a fact should never have been sent. It is final."""
    return _mend(diary, item, "retracted", "retracts", noted, reason, "")


def _mend(
    diary: Diary, item: Item, verb: str, names: str, noted: int, reason: str, supersedes: str, **more: Any
) -> Item:
    family, _, fact = item.type.partition(".")
    first = item.recorded_id()
    times = sum(1 for other in diary.items if other.event["data"].get(names) == first) if item.latest else 0
    suffix = f"c{times + 1}" if verb == "corrected" else "x"
    data = {
        "occurred_on": "",
        names: first,
        "supersedes": supersedes or item.latest or first,
        "fact": fact,
        "reason": reason,
        **more,
    }
    # Two CPAS number alike, so what the authority mends at each of them carries the CPAS in its id.
    minted = item.event["source"].rpartition("/")[2]
    owner = "" if minted == diary.id else f"{minted}-"
    made = diary.note(
        f"{family}.{verb}",
        f"{owner}{item.event['id']}-{suffix}",
        item.event["subject"],
        data,
        noted=noted,
        after=item,
        version=item.version if verb == "corrected" else 1,
    )
    data["occurred_on"] = iso(made.day)
    if not supersedes:
        item.latest = made.recorded_id()
    return made
