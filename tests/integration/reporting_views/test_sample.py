"""Samples for on-the-spot checks: anybody draws the same, each CPAS is looked at, and what was drawn tends to stay."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter

import pytest
from click.testing import CliRunner
from history_defaults import person
from hypothesis import given
from hypothesis import strategies as st
from indicator_history import EDITION, History

from miriam_cli.exits import Exit
from miriam_reporting.audit.sample import BadSample, Sample, sample
from miriam_reporting.audit.sample.draw import allocate, draw
from miriam_reporting.commands.sample import sample_command

_POPULATIONS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 60), min_size=1)


def drawn(history: History, size: int, seed: str = "7", as_of: int | None = None, **asked: str) -> Sample:
    history.report()
    return sample(history.database.app, EDITION, size, seed, as_of, **asked)


def units(found: Sample, kind: str = "women") -> list[str]:
    return [unit.drawn.unit for unit in found.units if unit.kind == kind]


def outsiders_draw(populations: dict[str, list[str]], kind: str, sizes: dict[str, int], seed: str) -> list[str]:
    """The formula of the README, in other words."""
    found = []
    for cpas in sorted(populations):
        hashed = {
            hashlib.sha256("\n".join(["miriam-sample-v1", seed, kind, u]).encode()).digest(): u
            for u in populations[cpas]
        }
        found += [hashed[key] for key in sorted(hashed)][: sizes[cpas]]
    return found


@pytest.fixture
def crowd(history: History) -> History:
    """Ten women in alpha, four in beta, each with two sessions; one group session."""
    for number in range(1, 15):
        cpas = "alpha" if number <= 10 else "beta"
        history.enrol(f"{cpas}:w{number}")
        history.fact("session.held", participation=f"{cpas}:w{number}")
        history.fact("session.held", participation=f"{cpas}:w{number}")
    history.fact("group.formed", group="alpha:g1")
    history.fact("groupsession.held", group="alpha:g1")
    return history


def test_the_strata_are_the_cpas_and_each_gets_its_share(crowd: History) -> None:
    found = drawn(crowd, 6)
    assert [(s.cpas, s.population, s.drawn) for s in found.strata["women"]] == [("alpha", 10, 4), ("beta", 4, 2)]
    assert [(s.cpas, s.population, s.drawn) for s in found.strata["sessions"]] == [("alpha", 20, 4), ("beta", 8, 2)]
    assert [(s.cpas, s.population, s.drawn) for s in found.strata["groupsessions"]] == [("alpha", 1, 1)]
    assert len(set(units(found))) == 6


def test_an_outsider_draws_the_same_from_the_formula(crowd: History) -> None:
    populations = {"alpha": [person(n) for n in range(1, 11)], "beta": [person(n) for n in range(11, 15)]}
    assert units(drawn(crowd, 6)) == outsiders_draw(populations, "women", {"alpha": 4, "beta": 2}, "7")


def test_the_population_is_what_the_evidence_of_figures_holds(crowd: History) -> None:
    crowd.enrol("beta:w1", on="2023-10-05", woman=1)  # a woman of alpha who moved: she stays in alpha's stratum
    crowd.fact("session.held", participation="alpha:w99")  # does not count, so it cannot be drawn
    found = drawn(crowd, 1000)
    sessions = {row.unit for row in crowd.explain("I08").evidence if row.counted == "numerator"}
    assert set(units(found, "sessions")) == sessions
    held = {row.unit for row in crowd.explain("I09", "measure=mean_present").evidence if row.counted == "denominator"}
    assert set(units(found, "groupsessions")) == held
    women = crowd.explain("D06", "kind=re_entry").evidence
    assert set(units(found)) == {row.unit for row in women}
    assert Counter(unit.drawn.stratum for unit in found.units if unit.kind == "women") == {"alpha": 10, "beta": 4}
    moved = next(unit for unit in found.units if unit.drawn.unit == person(1))
    assert moved.about["participation"] == "alpha:w1 beta:w1"


def test_the_same_seed_and_position_draw_the_same_after_more_came(crowd: History) -> None:
    at = crowd.head
    before = drawn(crowd, 6, as_of=at).as_json()
    crowd.enrol(*(f"beta:w{number}" for number in range(20, 40)))
    assert drawn(crowd, 6, as_of=at).as_json() == before
    assert drawn(crowd, 6).as_json()["populations"]["women"]["population"] == 34


def test_another_seed_draws_others(crowd: History) -> None:
    assert len({tuple(units(drawn(crowd, 6, seed=str(seed)), "sessions")) for seed in range(8)}) == 8


def test_more_cpas_than_the_size_are_drawn_from_together(crowd: History) -> None:
    found = drawn(crowd, 1)
    assert [(s.cpas, s.population, s.drawn) for s in found.strata["women"]] == [("", 14, 1)]


def test_one_cpas_alone_can_be_sampled(crowd: History) -> None:
    found = drawn(crowd, 3, cpas="beta")
    assert {unit.about["cpas"] for unit in found.units} == {"beta"}
    assert len(units(found)) == 3


@pytest.mark.parametrize(("size", "seed"), [(0, "7"), (5, ""), (5, "7\n8"), (5, " 7")])
def test_a_bad_size_or_seed_is_an_error(crowd: History, size: int, seed: str) -> None:
    with pytest.raises(BadSample):
        drawn(crowd, size, seed)


_PROGRAM = """
from miriam_reporting.audit.sample.draw import draw
units = [(f"c{n % 5}", f"prs-{n:032x}") for n in range(200)]
print([each.unit for each in draw(set(units), "women", 23, "2026-11-22 4 5 1 6")[1]])
"""


def test_no_hash_of_python_and_no_order_of_the_rows_plays_a_part() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", _PROGRAM], env={**os.environ, "PYTHONHASHSEED": seed}, stdout=subprocess.PIPE,
            text=True, check=True,
        ).stdout
        for seed in ("0", "1", "42")
    }  # fmt: skip
    assert len(told) == 1


@given(_POPULATIONS, st.integers(1, 200))
def test_every_stratum_gets_one_none_more_than_it_has_and_all_add_up(populations: dict[str, int], size: int) -> None:
    if size < len(populations):
        with pytest.raises(ValueError, match="strata"):
            allocate(populations, size)
        return
    found = allocate(populations, size)
    assert sum(found.values()) == min(size, sum(populations.values()))
    assert all(1 <= found[name] <= populations[name] for name in populations)
    # In proportion to what is left after one of each, by less than one unit.
    pool, more = sum(populations.values()) - len(populations), sum(found.values()) - len(populations)
    assert all(abs((found[n] - 1) * pool - more * (populations[n] - 1)) < max(pool, 1) for n in populations)


@given(st.sets(st.integers(0, 10**6), min_size=1, max_size=60), st.sets(st.integers(0, 10**6), max_size=30), st.data())
def test_what_was_drawn_stays_drawn_but_for_those_who_left_and_who_came(
    first: set[int], came: set[int], data: st.DataObject
) -> None:
    left = data.draw(st.sets(st.sampled_from(sorted(first))))
    size = data.draw(st.integers(1, len(first)))
    _, before = draw([("a", str(n)) for n in first], "women", size, "7")
    later = (first - left) | came
    if not later:
        return
    _, after = draw([("a", str(n)) for n in later], "women", size, "7")
    then, now = {each.unit for each in before}, {each.unit for each in after}
    gone = then - {str(n) for n in left - came}
    # Each newcomer drives out one at most; nobody is replaced without need.
    assert len(gone - now) <= len({str(n) for n in came - first} & now)
    assert all(unit in then or int(unit) in came or len(gone) < len(then) for unit in now)


def test_every_unit_has_the_same_chance() -> None:
    women = [("a", f"prs-{number:032x}") for number in range(20)]
    chosen = Counter(each.unit for seed in range(2000) for each in draw(women, "women", 5, f"seed {seed}")[1])
    # 500 expected of each, with a standard deviation of 19: six of them is a chance of one in 20 million for all.
    assert set(chosen) == {unit for _, unit in women}
    assert all(abs(count - 500) < 120 for count in chosen.values())


def test_the_command_prints_strata_and_units(crowd: History, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd.report()
    monkeypatch.setenv("MIRIAM_REPORTING_DATABASE_URL", crowd.app_url)
    asked = [EDITION, "--size", "6", "--seed", "7", "--purpose", "check", "--actor", "auditor.jan"]
    told = json.loads(CliRunner().invoke(sample_command, [*asked, "--json"]).stdout)
    assert [unit["unit"] for unit in told["units"] if unit["kind"] == "women"] == units(drawn(crowd, 6))
    assert told["populations"]["women"]["strata"][0] == {"cpas": "alpha", "population": 10, "drawn": 4}
    table = CliRunner().invoke(sample_command, [*asked, "--lang", "fr"]).output
    assert "Strate (CPAS)" in table
    assert CliRunner().invoke(sample_command, [EDITION, "--seed", "7"]).exit_code == Exit.USAGE
