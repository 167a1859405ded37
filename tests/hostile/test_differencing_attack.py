"""An attacker has everything that was published of an edition, and takes it apart by adding, subtracting, comparing.

She works out no small count: each may be 1 or less, may be 5 or more, and may be anything of a range that is 5 wide.
The same attack succeeds at once where the publisher forgets one of his rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import migrated
import pytest
from differencing import Attack, Key, Row, numbers
from public_editions import REPORT, Edition, Figures, office, publish, true_figures

from miriam_local.databases import DatabaseAccess
from miriam_reporting.indicators.definitions import indicators
from miriam_reporting.reports.model import Figure
from miriam_reporting.reports.withholding import pattern, rules
from miriam_reporting.reports.withholding.places import Places
from miriam_reporting.reports.withholding.public import given, public_report

NewDatabase = Callable[..., DatabaseAccess]
SMALL = range(1, 5)
WIDTH = 5
# What the code of a figure means to the attacker: of these, 0 % and 100 % tell of everybody.
PERCENT = {"I04", "I05", "I07", "I10", "I11", "I12", "I15", "I16", "D01", "D02", "D03", "D04", "D05", "D06"}


def true_numbers(figures: Figures) -> dict[Key, int]:
    return {key: value for key, value in numbers(figures).items() if value is not None}


def secrets(true: dict[Key, int]) -> Iterator[tuple[Row, int]]:
    """Every count that is small, and every share of nobody or everybody, at any level."""
    for key, value in true.items():
        if value in SMALL:
            yield {key: 1}, value
        if key.side == "n" and (whole := Key(key.code, key.part, key.level, key.place, "d")) in true:
            rest = true[whole] - value
            percentage = key.code in PERCENT and true[whole] > 0
            if rest in SMALL or (rest == 0 and percentage):
                yield {whole: 1, key: -1}, rest
            if value == 0 and percentage:
                yield {key: 1}, 0


def attack(public: Figures, true: dict[Key, int], edition: Edition) -> Attack:
    def twice(row: Row) -> int:
        return sum(true[key] * times for key, times in row.items())

    supported = [each["by"]["project"] for each in public
                 if each["code"] == "I02" and "project" in each["by"] and each["numerator"]]  # fmt: skip
    found = Attack(numbers(public), edition.map, supported, twice)
    # She relies on nothing that is not so.
    assert all(sum(true[key] * times for key, times in row.items()) == value for row, value in found.equal)
    assert all(sum(true[key] * times for key, times in row.items()) <= room for row, room in found.at_most)
    return found


def kind_of(key: Key) -> tuple[str, str]:
    return key.code, key.part.partition("=")[0]


def worked_out(found: Attack, true: dict[Key, int], every: int = 1) -> list[tuple[Row, int, tuple[float, float]]]:
    """The secrets that she bounds closer than they may be; of `every` so many one."""
    broken = []
    shown = {(*kind_of(key), key.level) for key, value in found.told.items() if value is not None}

    def too_close(row: Row, low: float, high: float) -> bool:
        key = next(iter(row))
        if (*kind_of(key), key.level) in shown:
            return low > 1 or high < WIDTH or high - low < WIDTH
        # Of what is told at no place of the level, all that is promised is that it is not known.
        return low >= high

    for row, value in [*secrets(true)][::every]:
        # What she came upon by the way is within the range, so she need not ask for that.
        if too_close(row, *found.seen(row)) and too_close(row, *(range_ := found.range_of(row))):
            broken.append((row, value, range_))
    return broken


def small_changes(first: Figures, second: Figures) -> list[Key]:
    """What both publications show, and few units changed."""
    before, after = numbers(first), numbers(second)
    found = []
    for key, value in after.items():
        earlier = before.get(key)
        if value is not None and earlier is not None and abs(value - earlier) in SMALL:
            found.append(key)
        whole = Key(key.code, key.part, key.level, key.place, "d")
        of, of_before = after.get(whole), before.get(whole)
        if key.side == "n" and None not in (value, earlier, of, of_before):
            change = (of or 0) - (value or 0) - (of_before or 0) + (earlier or 0)
            if abs(change) in SMALL:
                found.append(key)
    return found


@pytest.mark.parametrize(("seed", "scale", "late", "every"), [(1, 0.05, 0.1, 1), (2, 0.2, 0.02, 10)])
def test_no_small_cell_of_a_report_or_its_restatement_can_be_worked_out(
    new_database: NewDatabase, seed: int, scale: float, late: float, every: int
) -> None:
    edition = Edition.simulated(seed, scale, late)
    with office(new_database("reporting", migrated.reporting)) as authority:
        published = []
        for bodies, because in ((edition.bodies[: edition.first], None), (edition.bodies[edition.first :], "Late.")):
            authority.load(list(bodies))
            event = publish(authority, because)
            told = public_report(authority.app, REPORT, event).as_json()["figures"]
            true = true_numbers(true_figures(authority))
            assert worked_out(attack(told, true, edition), true, every) == []
            published.append(told)
    first, second = published
    assert small_changes(first, second) == []
    hidden, still = ({_name(each) for each in told if each["withheld"]} for told in published)
    assert hidden <= still
    # There is something left to read.
    assert any(not each["withheld"] for each in second if each["code"] == "I08")


def test_the_attack_succeeds_where_a_rule_is_left_out(
    new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = Edition.simulated(1, 0.05, 0.1)
    versions = []
    with office(new_database("reporting", migrated.reporting)) as authority:
        for bodies in (edition.bodies[: edition.first], edition.bodies[edition.first :]):
            authority.load(list(bodies))
            versions.append(true_figures(authority))
    first, second = versions
    true = true_numbers(first)

    def broken(public: Figures) -> int:
        return len(worked_out(attack(public, true, edition), true))

    assert broken(_public(first, edition)) == 0
    # Small cells alone: sums give them away.
    assert broken(_public(first, edition, complementary=False)) > 0
    # As if each publication were the only one.
    assert small_changes(_public(first, edition), _public(second, edition)) != []
    # As if 0 % and 100 % told nothing.
    monkeypatch.setattr(rules, "is_percentage", lambda figure: False)
    assert broken(_public(first, edition)) > 0


def test_the_same_figures_have_the_same_pattern(new_database: NewDatabase) -> None:
    edition = Edition.simulated(4, 0.1, 0)
    with office(new_database("reporting", migrated.reporting)) as authority:
        authority.load(list(edition.bodies))
        figures = true_figures(authority)
    assert _public(figures, edition) == _public(figures, edition)


def _public(figures: Figures, edition: Edition, complementary: bool = True) -> Figures:
    every = [Figure.from_json(each) for each in figures]
    places = Places(edition.map.regions, edition.map.carriers)
    made = pattern.solve(every, places, indicators(), (), complementary)
    assert made.unsafe == ()
    return [given(each, made.withheld).as_json() for each in every]


def _name(figure: Mapping[str, Any]) -> tuple[str, frozenset[tuple[str, str]]]:
    return figure["code"], frozenset(figure["by"].items())
