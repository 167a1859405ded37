"""A diff that is served as it was kept is to the letter the one that is computed, whatever was recorded since."""

from __future__ import annotations

import random

import orjson
import pytest
from histories import histories, seeded
from history_defaults import person
from history_ledger import LedgerBuilder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reporting_database import ReportingDatabase
from test_two_implementations_agree import UNSHRUNK

from miriam_reporting.facts.projection import project
from miriam_reporting.ledger.load import load_leaves
from miriam_reporting.reports import LEVELS, UnknownEdition
from miriam_reporting.reports.diff import Diff, diff, kept
from miriam_reporting.reports.diff.kept import kept_diff

QUESTIONS = ((("total",), None, 0), (LEVELS, None, 3), (("total", "cpas"), ("I08", "D01"), 200))


def rows(reporting: ReportingDatabase) -> list[tuple[str, int]]:
    """What is kept: question and number."""
    with reporting.app, reporting.app.cursor() as cursor:
        cursor.execute("select question, number from kept.diff order by number")
        return cursor.fetchall()


def again(reporting: ReportingDatabase, before: int, after: int, number: int) -> None:
    """Asked twice and computed anew: the same, and of the same types."""
    levels, codes, most = QUESTIONS[number]
    try:
        computed = diff(reporting.app, "2023", before, after, levels, codes, most=most)
    except UnknownEdition:
        with pytest.raises(UnknownEdition):
            kept_diff(reporting.app, "2023", before, after, levels, codes, most)
        return
    told = orjson.dumps(computed.as_json())
    for _ in range(2):
        found = kept_diff(reporting.app, "2023", before, after, levels, codes, most)
        assert orjson.dumps(found.as_json()) == told
        assert orjson.dumps(found.figures[0].turned().as_json() if found.figures else None) == orjson.dumps(
            computed.figures[0].turned().as_json() if computed.figures else None
        )


@pytest.mark.timeout(1200)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=UNSHRUNK)
@given(bodies=histories(), chance=st.randoms(use_true_random=False))
def test_after_every_batch_a_kept_diff_is_the_computed_one(
    reporting: ReportingDatabase, bodies: list[bytes], chance: random.Random
) -> None:
    reporting.load([])
    with reporting.owner:
        load_leaves(reporting.owner, bodies)
    reached, asked = 0, list[tuple[int, int, int]]()
    while count := _step(reporting, chance.choice((10, 40, 120))):
        reached += count
        asked.append((chance.randint(0, reached), chance.randint(0, reached), chance.randrange(len(QUESTIONS))))
        for each in asked[-3:]:
            again(reporting, *each)


def _step(reporting: ReportingDatabase, count: int) -> int:
    with reporting.app:
        return project(reporting.app, count)


def test_who_asks_again_is_given_what_was_kept_and_nobody_else_is(reporting: ReportingDatabase) -> None:
    reporting.load(seeded(14, 250))
    first = kept_diff(reporting.app, "2023", 80, 250, ("total",), None, 0)
    assert len(first.figures) > 10
    (before,) = rows(reporting)
    with reporting.owner, reporting.owner.cursor() as cursor:
        cursor.execute("select answer from kept.diff")
        ((answer,),) = cursor.fetchall()
        assert Diff.from_json(orjson.loads(answer)).as_json() == first.as_json()
        cursor.execute("update kept.diff set answer = %s", (answer.replace('"position":80', '"position":81', 1),))
    forged = kept_diff(reporting.app, "2023", 80, 250, ("total",), None, 0)
    assert forged.before.position == 81, "it was not served from what is kept"
    assert rows(reporting) == [before]
    # Each is asked otherwise in one thing alone.
    others: tuple[tuple[int, int, tuple[str, ...], tuple[str, ...] | None, int], ...] = (
        (81, 250, ("total",), None, 0),
        (80, 249, ("total",), None, 0),
        (80, 250, ("total", "cpas"), None, 0),
        (80, 250, ("total",), ("I08",), 0),
        (80, 250, ("total",), None, 1),
    )
    for low, high, levels, codes, most in others:
        found = kept_diff(reporting.app, "2023", low, high, levels, codes, most)
        assert found.as_json() == diff(reporting.app, "2023", low, high, levels, codes, most=most).as_json()


def test_other_facts_definitions_or_code_answer_for_themselves(
    reporting: ReportingDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporting.load(seeded(14, 200))
    told = kept_diff(reporting.app, "2023", 80, 200, ("total",), None, 0).as_json()
    with reporting.owner, reporting.owner.cursor() as cursor:
        cursor.execute("update kept.diff set facts = '1/0', answer = 'of other tables'")
    assert kept_diff(reporting.app, "2023", 80, 200, ("total",), None, 0).as_json() == told
    assert len(rows(reporting)) == 1, "what was computed from other facts goes"
    monkeypatch.setattr(kept, "made_by", lambda: "another")
    with reporting.owner, reporting.owner.cursor() as cursor:
        cursor.execute("update kept.diff set answer = 'of other code'")
    assert kept_diff(reporting.app, "2023", 80, 200, ("total",), None, 0).as_json() == told


def test_what_is_kept_stays_small(reporting: ReportingDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    reporting.load(seeded(14, 200))
    monkeypatch.setattr(kept, "ANSWERS", 3)
    for before in range(80, 86):
        kept_diff(reporting.app, "2023", before, 200, ("total",), ("I08",), 0)
    assert [orjson.loads(question)["from"] for question, _ in rows(reporting)] == [83, 84, 85]
    monkeypatch.setattr(kept, "LARGEST", 100)
    kept_diff(reporting.app, "2023", 90, 200, ("total",), ("I08",), 0)
    assert len(rows(reporting)) == 3


def test_an_erasure_changes_no_diff_that_is_kept_nor_one_that_is_not(reporting: ReportingDatabase) -> None:
    """It destroys nothing of reporting, so nothing that is kept here outlives it: no more is kept than facts hold."""
    ledger = LedgerBuilder()
    ledger.record("edition.opened", edition="2023")
    ledger.record("cpas.registered", cpas="alpha", region="brussels")
    ledger.record("project.approved", project="spp:p1", cpas="alpha")
    of_her = {"participation": "alpha:w1", "project": "spp:p1"}
    ledger.record("participation.enrolled", person=person(1), **of_her)
    ledger.record("session.held", **of_her)
    reporting.load(ledger.bodies)
    told = kept_diff(reporting.app, "2023", 3, 5, LEVELS, None, 200).as_json()
    assert person(1) in str(told)
    ledger.record("person.erased", person=person(1))
    with reporting.owner:
        load_leaves(reporting.owner, ledger.bodies[5:])
    assert _step(reporting, 10) == 1
    assert kept_diff(reporting.app, "2023", 3, 5, LEVELS, None, 200).as_json() == told
    assert diff(reporting.app, "2023", 3, 5, LEVELS, most=200).as_json() == told
