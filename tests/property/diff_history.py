"""What tests of diffs share: the parts of every changed figure, added up again."""

from __future__ import annotations

from collections import Counter

from reporting_database import ReportingDatabase

from miriam_reporting.reports import LEVELS, Figure, UnknownEdition, compute
from miriam_reporting.reports.diff import CAUSES, Changed, Diff, Part, diff


def between(reporting: ReportingDatabase, before: int, after: int, edition: str = "2023") -> Diff | None:
    """The diff at every level; None where the edition is not opened at one of the two."""
    try:
        return diff(reporting.app, edition, before, after, LEVELS)
    except UnknownEdition:
        return None


def by_key(reporting: ReportingDatabase, position: int, edition: str = "2023") -> dict[str, Figure]:
    """Every figure at every level as of a position."""
    return {f"{f.code} {dict(f.by)}": f for f in compute(reporting.app, edition, position, LEVELS).figures}


def hold_against(found: Diff, reporting: ReportingDatabase) -> None:
    """The diff names exactly the figures that differ between the two reports, and its parts are the differences."""
    old = by_key(reporting, found.before.position, found.edition)
    new = by_key(reporting, found.after.position, found.edition)
    named = {f"{c.after.code} {dict(c.after.by)}": c for c in found.figures}
    assert len(named) == len(found.figures)
    for key in {*old, *new}:
        if key in named:
            assert named[key].before == old.get(key, named[key].before)
            assert named[key].after == new.get(key, named[key].after)
            assert named[key].before != named[key].after
        elif key in old and key in new:
            assert old[key] == new[key], key
        else:
            # It stands on one side alone, and there it says that nothing counts.
            assert not (old.get(key) or new[key]).numerator, key
    low, high = sorted((found.before.position, found.after.position))
    for changed in found.figures:
        add_up(changed)
        for change in changed.changes:
            assert change.cause in CAUSES
            assert change.before != change.after
            assert change.events, (changed.after.code, changed.after.by, change)
            assert all(low < event.position <= high for event in change.events)


def add_up(changed: Changed) -> None:
    """By words of its own: what the units add is the difference, in all and by cause."""
    above = sum((c.after.numerator or 0) - (c.before.numerator or 0) for c in changed.changes)
    below = sum((c.after.denominator or 0) - (c.before.denominator or 0) for c in changed.changes)
    assert above == (changed.after.numerator or 0) - (changed.before.numerator or 0)
    assert below == (changed.after.denominator or 0) - (changed.before.denominator or 0)
    parts = changed.causes.values()
    assert (sum(part.numerator for part in parts), sum(part.denominator for part in parts)) == (above, below)
    assert sum(part.units for part in parts) == len(changed.changes)
    assert changed.omitted == Part()
    left_out = Counter(dict(changed.after.excluded or ()))
    left_out.subtract(dict(changed.before.excluded or ()))
    for change in changed.changes:
        left_out.subtract(change.after.excluded)
        left_out.update(change.before.excluded)
    assert not any(left_out.values())
