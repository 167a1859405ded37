"""What a restatement may tell beside what was published before: nothing that is small, not even as a change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from miriam_reporting.reports.withholding import rules
from miriam_reporting.reports.withholding.counts import Count
from miriam_reporting.reports.withholding.sensitive import Guarded
from miriam_reporting.reports.withholding.tables import Tables, Terms


@dataclass(frozen=True, slots=True)
class Earlier:
    """A publication that the public has: the names of what it withheld, and the counts that it showed."""

    withheld: frozenset[str]
    shown: Mapping[Count, int]


def earlier(found: Tables, withheld: frozenset[str]) -> Earlier:
    """What the public has of a publication with these tables."""
    shown = {
        count: value for count, value in found.values.items() if any(n not in withheld for n in found.shown_by[count])
    }
    return Earlier(withheld, shown)


def changed_a_little(found: Tables, before: Sequence[Earlier]) -> list[Guarded]:
    """Counts that the public knew and that few units changed: shown, the change would tell of those few."""
    changed: dict[tuple[tuple[Count, int], ...], Guarded] = {}
    for each in before:
        for name, (numerator, denominator) in found.counts_of.items():
            known = [count for count in (numerator, denominator) if count is not None and count in each.shown]
            looked_at: list[Terms] = [{count: 1} for count in known]
            if len(known) == 2:
                looked_at.append({known[1]: 1, known[0]: -1})
            for terms in looked_at:
                value = sum(found.values[count] * times for count, times in terms.items())
                change = value - sum(each.shown[count] * times for count, times in terms.items())
                if 0 < abs(change) < rules.THRESHOLD and not rules.counts_no_person(found.figures[name]):
                    changed.setdefault(tuple(terms.items()), _guarded(found, terms, value, name))
    return [*changed.values()]


def _guarded(found: Tables, terms: Terms, value: int, name: str) -> Guarded:
    if len(terms) > 1:
        return Guarded(terms, value, rules.WIDTH, False, (name,))
    return Guarded(terms, value, rules.WIDTH, False, tuple(found.shown_by[next(iter(terms))]))


def taken_for_unchanged(found: Tables, before: Sequence[Earlier]) -> set[Count]:
    """Counts that are as they were published: whoever has them may take them for unchanged, so they hide nothing."""
    return {count for each in before for count, value in each.shown.items() if found.values.get(count) == value}
